"""The nearest valid name for a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Self

from configurable_agents.errors import Fix, Location

_DIGITS = re.compile(r"\d+")
_HARMLESS = re.compile(r"\w[\w ./?~+-]*")  # in a plain text, in quotes and between brackets alike
_NEARLY = 0.1  # a name that is less like a word than another by no more than this may be meant as well


class Hint(str):
    """A hint that says exactly what to write, so that `validate --fix` can write it."""

    __slots__ = ()

    def fix(self, location: Location, line: str) -> Fix | None:
        """The edit, for a finding at a location; `line` is the text of its line."""
        raise NotImplementedError


class Edit(Hint):
    """A hint with its edit."""

    __slots__ = ("made",)
    made: Fix | None

    def __new__(cls, hint: str, made: Fix | None) -> Self:
        edit = super().__new__(cls, hint)
        edit.made = made
        return edit

    def fix(self, location: Location, line: str) -> Fix | None:
        return self.made


class Suggestion(Hint):
    """A hint to write something in the place of a word, which stands where the finding is."""

    __slots__ = ("instead", "word")
    word: str
    instead: str

    def __new__(cls, hint: str, word: str, instead: str) -> Self:
        made = super().__new__(cls, hint)
        made.word, made.instead = word, instead
        return made

    def fix(self, location: Location, line: str) -> Fix | None:
        start = location.column - 1
        shown = line[start : start + location.width]
        if shown == self.word:
            return Fix(location.line, location.column, location.width, self.instead)
        found = list(re.finditer(rf"(?<!\w){re.escape(self.word)}(?!\w)", shown))
        if len(found) != 1:
            return None
        return Fix(location.line, location.column + found[0].start(), len(self.word), self.instead)


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, or None where none is like it enough to be meant.

    Letters swapped, missing or doubled count as like; case and `-` for `_` do not count at all.
    """
    best, score = None, 0.0
    for name in names:
        ratio = _score(word, name)
        if ratio > score:
            best, score = name, ratio
    return best if score >= 0.7 else None


def _score(word: str, name: str) -> float:
    """How much a name is like a word: 1 where it is the same but for case, `-` and an `s` at its end."""
    wanted, folded = _fold(word), _fold(name)
    if folded == wanted:
        return 1.0
    ratio = max(_likeness(wanted, folded), _likeness(word.lower(), name.lower()))
    if len(wanted) > 2 and (folded.startswith(wanted) or wanted.startswith(folded)) and len(folded) > 2:
        ratio = max(ratio, 0.75)
    if len(wanted) > 3 and wanted in folded:
        ratio = max(ratio, 0.75)
    if len(word) == len(name) > 2 and sorted(word.lower()) == sorted(name.lower()):
        ratio = max(ratio, 0.75)
    return ratio


def sure(hint: str, word: str, near: str, names: Iterable[str]) -> str:
    """A hint to write the nearest of these names, as an edit where no other may be meant; `part2` is never `part1`.

    Nor is it an edit where the name, put in the place of the word, may be read as something else there.
    """
    numbered = _DIGITS.findall(word) != _DIGITS.findall(near) and _DIGITS.sub("", word) == _DIGITS.sub("", near)
    computed = word.isidentifier() and not near.isidentifier()  # in an expression, `a-b` is not a name
    other = not _HARMLESS.fullmatch(near) or near.lower() in ("null", "true", "false")
    return hint if numbered or computed or other or rivals(word, near, names) else Suggestion(hint, word, near)


def rivals(word: str, near: str, names: Iterable[str]) -> list[str]:
    """The other names that may be meant as well: they are nearly as much like the word as the nearest is."""
    score = _score(word, near)
    least = score if near.lower() == word.lower() else max(score - _NEARLY, 0.7)
    return [name for name in names if name != near and _score(word, name) >= least]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _fold(word: str) -> str:
    return word.lower().replace("-", "_").rstrip("s")


def did_you_mean(word: str, names: Iterable[str], otherwise: str = "") -> str:
    """A hint: the nearest name where there is one, else the names there are, else `otherwise`."""
    known = list(names)
    near = nearest(word, known)
    if near:
        others = rivals(word, near, known)
        also = f" or '{others[0]}'" if len(others) == 1 else ""
        return sure(f"Did you mean '{near}'{also}?", word, near, known)
    if known and len(known) <= 12:
        return f"There is {', '.join(known)}."
    return otherwise
