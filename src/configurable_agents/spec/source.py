"""A text file as the analysis sees it: its lines, and findings that point into it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from configurable_agents.errors import Finding, Location, Severity, UsageError, WorkflowError
from configurable_agents.spec.suggest import Hint

MAX_BYTES = 1_000_000

# libyaml ends lines where YAML 1.1 does; str.splitlines knows other separators too, which would shift every line.
LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text; `name` is how messages call it, `directory` what paths in it are relative to.

    `is_file`: it is one; else it is data that Python made, written out. `kept` are the texts that are read in place of
    files, by their paths, where a workflow is read as it was once.
    """

    name: str
    directory: Path
    text: str
    lines: list[str] = field(repr=False)
    is_file: bool = True
    kept: Mapping[Path, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, text: str, name: str, directory: Path, kept: Mapping[Path, str] | None = None) -> Source:
        return cls(name, directory, text, lines_of(text), kept=kept)

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return (self.directory / Path(self.name).name).resolve()

    def place(self, index: int) -> tuple[int, int]:
        """The line and the column, from 0, of the character at `index`."""
        return place_in_text(self.text, index)

    def rest_of_line(self, index: int) -> str:
        """What stands from `index` to the end of its line."""
        end = LINE_END.search(self.text, index)
        return self.text[index : end.start() if end else None]

    def finding(
        self,
        code: str,
        message: str,
        hint: str,
        place: tuple[int, int],
        width: int = 1,
        severity: Severity = "error",
    ) -> Finding:
        """A finding at `place`, a line and a column counted from 0 as YAML's marks are."""
        location = self.location(place, width)
        text = self.lines[location.line - 1]
        fix = hint.fix(location, text) if isinstance(hint, Hint) else None
        return Finding(code, message, location, hint, severity, text, fix)

    def location(self, place: tuple[int, int], width: int = 1) -> Location:
        """Such a place as messages name it."""
        line = min(place[0], len(self.lines) - 1)
        text = self.lines[line]
        column = min(place[1], len(text)) if line == place[0] else len(text)  # libyaml may name a line after the last
        return Location(self.name, line + 1, column + 1, max(1, min(width, len(text) - column)))


def lines_of(text: str) -> list[str]:
    """The lines of a text, as YAML counts them."""
    return LINE_END.split(text)


def place_in_text(text: str, index: int) -> tuple[int, int]:
    """The line and the column, from 0, of the character at `index` of a text."""
    ends = [match.end() for match in LINE_END.finditer(text, 0, index)]
    return len(ends), index - (ends[-1] if ends else 0)


def read_source(path: str | os.PathLike[str], kept: Mapping[Path, str] | None = None) -> Source:
    """The workflow file at `path`; its text of once where there are `kept` ones.

    Raises:
        UsageError: there is no such file, or it can't be read.
        WorkflowError: it is empty, too large, or no UTF-8 text.
    """
    file = Path(path)
    name = os.fspath(path)
    if kept is not None and (text := kept.get(file.resolve())) is not None:
        return Source.of(text, name, file.parent.resolve(), kept)
    try:
        if file.is_dir():
            found = sorted(p.name for pattern in ("*.yaml", "*.yml") for p in file.glob(pattern))
            hint = f"It holds {', '.join(found[:5])}." if found else "Name a workflow's YAML file."
            raise UsageError("not_a_file", f"{name} is a directory, not a workflow file.", hint)
        size = file.stat().st_size
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)  # no more than that, for /dev/zero has no size and no end
    except (FileNotFoundError, ValueError):  # a path with a NUL names no file
        raise UsageError("file_not_found", f"There is no file {name}.", _nearby(file)) from None
    except OSError as error:
        message = f"{name} can't be read: {error.strerror}."
        raise UsageError("file_unreadable", message, "Check the file's permissions.") from None
    empty = Source.of("", name, file.parent)
    if len(data) > MAX_BYTES:
        size = max(size, len(data))
        message = f"The file has {size / 1e6:.1f} MB; a workflow file may have {MAX_BYTES // 1_000_000} MB."
        hint = "Move long prompts and data into files of their own: prompt: {file: prompt.md}."
        raise WorkflowError((empty.finding("file_too_large", message, hint, (0, 0)),))
    return Source.of(_decode(data, empty), name, file.parent.resolve())


def _decode(data: bytes, empty: Source) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, bad = "\0", data[error.start]
        what = f"byte {error.start + 1} is 0x{bad:02X}, which is not UTF-8"
    else:
        what = "it holds NUL bytes"
    if "\0" in text:
        message = f"This is no text file: {what}."
        hint = "A workflow is a YAML file in UTF-8. If it is text in another encoding, save it as UTF-8."
        raise WorkflowError((empty.finding("not_text", message, hint, (0, 0)),))
    if not text.strip():
        hint = "Start one with: configurable-agents init"
        raise WorkflowError((empty.finding("empty_file", "The file is empty.", hint, (0, 0)),))
    return text


def _nearby(file: Path) -> str:
    folder = file.parent
    if not folder.is_dir():
        return f"There is no directory {folder} either." if os.fspath(folder) != "." else ""
    found = sorted(p.name for pattern in ("*.yaml", "*.yml") for p in folder.glob(pattern))
    if found:
        return f"{'This directory' if os.fspath(folder) == '.' else folder} holds {', '.join(found[:5])}."
    return "Make a workflow with: configurable-agents init"
