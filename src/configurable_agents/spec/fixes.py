"""Applies the edits that mend findings to the text of their file; all that they don't name stays as it is."""

from __future__ import annotations

from collections.abc import Iterable

from configurable_agents.errors import Fix
from configurable_agents.spec.source import LINE_END


def index_of(text: str, fix: Fix) -> int:
    """Where an edit begins in the text."""
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    return starts[min(fix.line, len(starts)) - 1] + fix.column - 1


def apply_fixes(text: str, fixes: Iterable[Fix]) -> tuple[str, list[Fix]]:
    """The text with the edits made, and those that were: of edits of the same characters only the first is.

    Lines are counted as YAML counts them; a line that is added ends as the first line of the text does.
    """
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    first = LINE_END.search(text)
    newline = first.group() if first else "\n"
    made: list[tuple[int, int, Fix]] = []
    for fix in fixes:
        if fix.line > len(starts):
            continue
        start = starts[fix.line - 1] + fix.column - 1
        end = start + fix.width
        if end <= len(text) and not any(
            (start < other_end and begin < end) or start == begin for begin, other_end, _ in made
        ):
            made.append((start, end, fix))
    for start, end, fix in sorted(made, key=lambda edit: edit[0], reverse=True):
        text = text[:start] + fix.text.replace("\n", newline) + text[end:]
    return text, [fix for _, _, fix in made]
