"""The form a reply is asked to have: so many sentences, words, things; bullets, paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from configurable_agents.builtins.providers.demo_model.words import name_words, stem

_NUMBERS = {
    "a single": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12,
}  # fmt: skip
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_SENTENCES = re.compile(rf"\b{_NUMBER}(?:(?: to |-| or ){_NUMBER})?[ -](?:\w+ )?sentences?\b", re.IGNORECASE)
_PARAGRAPHS = re.compile(rf"\b{_NUMBER} (?:\w+ )?paragraphs?\b", re.IGNORECASE)
_WORDS = re.compile(r"\b(\d{1,4})[ -]words?\b", re.IGNORECASE)
_BULLETS = re.compile(r"\bbullet|\bas a (?:markdown )?list\b", re.IGNORECASE)
_UNITS = r"(?:sentence|word|paragraph|line|character|minute|hour|day|week|year|syllable)s?\b|percent\b|points? of\b"
_THINGS = re.compile(rf"\b{_NUMBER} (?!{_UNITS})(?:[\w-]+ ){{0,2}}?(?!{_UNITS})([\w-]+s)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """The form a reply is asked to have; None where the prompt doesn't say.

    `counts` are the numbers of things it asks for, by the stems of their names: `five titles`.
    """

    sentences: int | None = None
    paragraphs: int | None = None
    words: int | None = None
    counts: tuple[tuple[str, int], ...] = ()
    bullets: bool = False

    @property
    def count(self) -> int | None:
        """How many things are asked for."""
        return self.counts[0][1] if self.counts else None

    def count_of(self, name: str) -> int | None:
        """How many things of this name are asked for."""
        asked = {stem(word) for word in name_words(name)}
        return next((number for thing, number in self.counts if thing in asked), None)


def find_form(text: str) -> Form:
    """The form that the instructions in `text` ask for."""
    paragraphs = _PARAGRAPHS.search(text)
    words = _WORDS.search(text)
    asked = _SENTENCES.search(text)
    return Form(
        sentences=_number(asked[2] or asked[1]) if asked else None,
        paragraphs=_number(paragraphs[1]) if paragraphs else None,
        words=_number(words[1]) if words else None,
        counts=tuple((stem(match[2]), _number(match[1])) for match in _THINGS.finditer(text)),
        bullets=bool(_BULLETS.search(text)),
    )


def asks_for_several(text: str) -> bool:
    """Whether `text` begins with a number of things: `three reasons`."""
    return bool(_THINGS.match(text.strip()))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text.lower()]
