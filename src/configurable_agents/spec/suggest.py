"""The nearest valid name for a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, or None where none is like it enough to be meant.

    Letters swapped, missing or doubled count as like; case and `-` for `_` do not count at all.
    """
    wanted = _fold(word)
    best, score = None, 0.0
    for name in names:
        folded = _fold(name)
        if folded == wanted:
            return name
        ratio = max(_likeness(wanted, folded), _likeness(word.lower(), name.lower()))
        if len(wanted) > 2 and (folded.startswith(wanted) or wanted.startswith(folded)) and len(folded) > 2:
            ratio = max(ratio, 0.75)
        if len(wanted) > 3 and wanted in folded:
            ratio = max(ratio, 0.75)
        if len(word) == len(name) > 2 and sorted(word.lower()) == sorted(name.lower()):
            ratio = max(ratio, 0.75)
        if ratio > score:
            best, score = name, ratio
    return best if score >= 0.7 else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _fold(word: str) -> str:
    return word.lower().replace("-", "_").rstrip("s")


def did_you_mean(word: str, names: Iterable[str], otherwise: str = "") -> str:
    """A hint: the nearest name where there is one, else the names there are, else `otherwise`."""
    known = list(names)
    near = nearest(word, known)
    if near:
        return f"Did you mean '{near}'?"
    if known and len(known) <= 12:
        return f"There is {', '.join(known)}."
    return otherwise
