"""Counting votes. Ordinary Python: Pydantic checks what comes in, and plain functions can be tested without a run."""

from __future__ import annotations

import re
from collections import Counter

from pydantic import BaseModel


class Sheet(BaseModel):
    place: str
    votes: list[str]
    comments: list[str]


class Count(BaseModel):
    people: int
    comments: list[str]
    places: dict[str, int]
    votes: dict[str, int]


def count(sheet: Sheet) -> Count:
    """A parameter that is annotated with a model is given one, and a model may be returned."""
    people = len(sheet.votes)
    return Count(people=people, comments=sheet.comments, places={sheet.place: people}, votes=Counter(sheet.votes))


def plus(there: dict[str, int] | None, written: dict[str, int]) -> dict[str, int]:
    """Merges a write: what is there is None before the first."""
    return Counter(there or {}) + Counter(written)


class Themes:
    """What a comment is about. The expressions are compiled when the class is made: once per process."""

    def __init__(self) -> None:
        known = {"noise": r"loud|noise|quiet", "traffic": r"\bcars?\b|traffic|park", "shops": r"\bshops?\b|customers"}
        self.known = {theme: re.compile(words, re.IGNORECASE) for theme, words in known.items()}

    def __call__(self, comment: str) -> list[str]:
        return [theme for theme, words in self.known.items() if words.search(comment)]
