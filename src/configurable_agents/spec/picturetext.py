"""Text as pictures need it: on one line, without what steers a terminal, and broken by the columns it takes."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text on one line, without control characters, marks of writing direction and what no XML file may hold."""
    kept = "".join(letter if letter.isspace() or _is_shown(letter) else "" for letter in text)
    return " ".join(kept.split())


def shortened(text: str, width: int) -> str:
    """The text, cut to this many characters."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: two for a wide letter, none for an accent on another."""
    return sum(map(_columns, text))


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken at spaces, and within a word where it is longer."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and columns(line) + 1 + columns(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        line = ""
        for letter in word:
            if columns(line) + _columns(letter) > width:
                lines.append(line)
                line = ""
            line += letter
    return [*lines, line] if line else lines


def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _is_shown(letter: str) -> bool:
    # Joiners are kept: emoji and several scripts are written with them.
    category = unicodedata.category(letter)
    return letter in "\u200c\u200d" or (category not in {"Cc", "Cf", "Cs"} and letter not in "\ufffe\uffff")
