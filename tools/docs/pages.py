"""Pages of Markdown: their fenced blocks, and what the words after a block's language ask for.

- `yaml file=hello.yaml`: a workflow, saved under this name beside the page's other files; it has to validate
- `yaml file=bad.yaml wrong`: a workflow with mistakes on purpose
- `python file=tools.py`: any other file, saved as well
- `python run`: a session of Python's prompt, which has to give what it shows
- `console run`: commands after `$ `, recorded: what they print is written by `python -m tools.docs`
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<info>\w+[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the words after it, its text, and where that text starts in the page."""

    language: str
    words: tuple[str, ...]
    text: str
    start: int
    line: int

    @property
    def file(self) -> str | None:
        """The name to save it under."""
        return next((word.removeprefix("file=") for word in self.words if word.startswith("file=")), None)

    @property
    def runs(self) -> bool:
        return "run" in self.words

    @property
    def is_workflow(self) -> bool:
        """Whether it is a whole workflow, not a part of one."""
        return self.language == "yaml" and re.search(r"^version: 2$", self.text, re.MULTILINE) is not None


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    found = []
    for match in _FENCE.finditer(page):
        language, *words = match["info"].split()
        line = page.count("\n", 0, match.start()) + 1
        found.append(Block(language, tuple(words), match["text"], match.start("text"), line))
    return found


def save_files(page: str, folder: Path) -> None:
    """Save what a page has a name for, so that the rest of it can be run there."""
    for block in blocks(page):
        if block.file:
            target = folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
