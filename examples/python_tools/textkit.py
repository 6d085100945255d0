"""Counting and checking text. Ordinary Python: no import of Configurable Agents, nothing to register."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass
class Figures:
    words: int
    sentences: int
    longest_sentence: int


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", text.strip()) if sentence]


def measure(text: str) -> Figures:
    """Dataclasses and Pydantic models become plain objects, and are checked against the field's type."""
    lengths = [len(sentence.split()) for sentence in _sentences(text)]
    return Figures(words=sum(lengths), sentences=len(lengths), longest_sentence=max(lengths, default=0))


class Checker:
    """Finds what plain text should not have."""

    def __init__(self) -> None:
        self.jargon = re.compile(r"\b(?:leverage|synergy|utili[sz]e|paradigm)\w*", re.IGNORECASE)

    def __call__(self, text: str, most_words: int) -> list[str]:
        long = [s for s in _sentences(text) if len(s.split()) > most_words]
        problems = [f"{len(s.split())} words in one sentence: {s[:40]}..." for s in long]
        return problems + [f"jargon: {match[0]}" for match in self.jargon.finditer(text)]
