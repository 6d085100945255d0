"""Applies the edits that mend findings to the text of their file; all that they don't name stays as it is."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from configurable_agents.errors import Finding, Fix
from configurable_agents.spec.source import LINE_END, Source
from configurable_agents.spec.yamltree import read_tree

# Of edits, each of which lets the next mistake be seen; in a large file fewer are tried, for each is read anew.
MOST_ROUNDS = 500
_MOST_CHARACTERS = 5_000_000


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
    places: list[tuple[int, int]] = []  # of the edits that are made, in the order of the text
    made: dict[tuple[int, int], Fix] = {}
    for fix in fixes:
        if fix.line > len(starts):
            continue
        start = starts[fix.line - 1] + fix.column - 1
        place = start, start + fix.width
        at = bisect(places, place)
        neighbours = places[max(at - 1, 0) : at + 1]
        if place[1] <= len(text) and not any(_overlap(place, other) for other in neighbours):
            places.insert(at, place)
            made[place] = fix
    parts, done = [], 0
    for place in places:
        parts += [text[done : place[0]], made[place].text.replace("\n", newline)]
        done = place[1]
    return "".join((*parts, text[done:])), list(made.values())


def without_vain_fixes(source: Source, findings: list[Finding]) -> list[Finding]:
    """Findings of a file's YAML; without their edits, where the file can't be read even with all of them made."""
    text, found = source.text, findings
    for _ in range(min(MOST_ROUNDS, 1 + _MOST_CHARACTERS // max(len(text), 1))):
        text, made = apply_fixes(text, [finding.fix for finding in found if finding.fix is not None])
        if not made:
            break
        root, found = read_tree(Source.of(text, source.name, source.directory))
        if root is not None:
            return findings
    return [replace(finding, fix=None) for finding in findings]


def harmless_fixes(text: str, fixes: Iterable[Fix]) -> list[Fix]:
    """The edits without those after which YAML reads the text worse: not at all, or with a key that stands twice."""
    wanted = list(fixes)
    before = _complaints(text)
    if before is None or _is_no_worse(text, wanted, before):
        return wanted
    kept: list[Fix] = []
    for fix in wanted:
        if _is_no_worse(text, [*kept, fix], before):
            kept.append(fix)
    return kept


def _is_no_worse(text: str, fixes: list[Fix], before: int) -> bool:
    after = _complaints(apply_fixes(text, fixes)[0])
    return after is not None and after <= before


def _complaints(text: str) -> int | None:
    """How many findings there are of a text's YAML; None where it can't be read."""
    root, findings = read_tree(Source.of(text, "", Path()))
    return None if root is None else len(findings)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return (one[0] < other[1] and other[0] < one[1]) or one[0] == other[0]
