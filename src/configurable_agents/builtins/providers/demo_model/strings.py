"""Text by the name of a property: a fact of the text, a title, or prose; always of the length asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from configurable_agents.builtins.providers.demo_model import (
    facts,
    items,
    judging,
    patterns,
    phrases,
    prose,
    reviewing,
)
from configurable_agents.builtins.providers.demo_model.slots import Slot
from configurable_agents.builtins.providers.demo_model.words import capitalised, key_phrases, name_words, sentences, word_set

_DEFAULT_DATE = "2025-01-01"
# What a property holds, by its name: a task of `prose` ("own" is the prompt's), looked through in this order.
_NAME_TASKS = {
    "title": r"title|headline|heading|tagline|slogan|subject",
    "summarise": r"summary|abstract|tldr|gist|overview|synopsis|recap",
    "answer": r"reply|answer|response",
    "reason": r"reason|reasoning|rationale|explanation|why|justification|evidence",
    "judge": r"feedback|critique|judgement|judgment|verdict|advice|assessment|note|comment|strength|weakness",
    "review": r"problem|issue|finding|remark|concern|observation|bug|flaw",
    "fix": r"fix|suggestion|recommendation|improvement|remedy|patch|change",
    "greet": r"greeting|welcome",
    "own": r"draft|article|text|body|content|message|paragraph|essay|review|report|output|result|outline|final|version"
    r"|translation|revised|improved",
}
_GENRES = {
    **phrases.GENRE_WORDS,
    "introduction": r"introduction|intro|opening|hook|lead",
    "explanation": r"description|definition",
}
_DATE_WORDS = frozenset(("date", "day", "on", "at", "time"))
_TAKING = frozenset(("extract", "classify"))
_KEPT_KINDS = word_set(
    """email url phone postcode street address city country currency company id path person hashtag"""
)
_PLACEHOLDERS = {"email": "jane@example.com", "url": "https://example.com", "phone": "+1 555 0100", "currency": "EUR",
                 "country": "United Kingdom", "city": "London", "person": "Jane Doe", "company": "Example Ltd",
                 "address": "1 Example Street, London", "street": "1 Example Street", "postcode": "10115", "id": "A-1001",
                 "path": "README.md", "hashtag": "#demo"}  # fmt: skip
_TAKEN_CHARACTERS = 300


def text(schema: Mapping[str, Any], slot: Slot) -> str | None:
    """A string that fits `schema`; None only if the slot is optional and the text is silent."""
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if schema.get("format") in {"date", "date-time"}:
        return _date(slot, with_time=schema["format"] == "date-time")
    if "pattern" in schema:
        found = patterns.fitting(schema["pattern"], f"{slot.fact or ''}\n{slot.text}", shortest, longest)
        if found is not None:
            return found
    value = _value(slot)
    return None if value is None else fit(value, slot, shortest, longest)


def fit(value: str, slot: Slot, shortest: int = 0, longest: int | None = None) -> str:
    """`value` made longer by further sentences, or cut: after a sentence if it can be, else after a word."""
    bank = [phrases.fill(s, items.subject_of(slot.reading)) for bank in phrases.ARTICLES for s in bank]
    for count in range(shortest):
        if len(value) >= shortest:
            break
        value = f"{value} {bank[count % len(bank)]}".strip()
    if longest is None or len(value) <= longest:
        return value
    for end in (". ", "! ", "? ", " "):
        cut = value[: longest + 1].rpartition(end)[0]
        if cut and len(cut) + (end != " ") >= max(shortest, longest // 3):
            return cut + (end[0] if end != " " else "")
    return value[:longest]


def _value(slot: Slot) -> str | None:
    fact = slot.fact
    task = _task_of(slot.name)
    if isinstance(fact, str) and (task == "" or slot.reading.task in _TAKING or slot.known):
        return fact[:_TAKEN_CHARACTERS]
    if slot.optional and slot.reading.task in _TAKING and not slot.kind:
        return None
    generic = slot.alone or slot.name in {"", "value", "result"}
    if (
        slot.reading.task in _TAKING
        or slot.kind in _KEPT_KINDS - {"person"}
        or (slot.kind == "person" and not generic)
    ):
        found = facts.find(slot.kind, slot.text) or facts.find(slot.kind, slot.reading.prompt)
        if found and not (slot.optional and slot.index is not None and not facts.find(slot.kind, slot.text)):
            return found[0]
    if task:
        return _prose(slot, task)
    return None if slot.optional else _guess(slot)


def _guess(slot: Slot) -> str:
    reading = slot.reading
    names = name_words(slot.name)
    genre = next((g for g, pattern in _GENRES.items() if _is_named(pattern, names)), "")
    if genre:
        return prose.write_genre(reading, genre)
    if (
        slot.index is not None
        and not slot.known
        and slot.text == reading.material
        and len(names) == 1
        and names[0]
    ):
        return f"{capitalised(names[0])} {slot.index + 1}"
    if slot.index is not None or reading.task in _TAKING:
        if slot.kind in _KEPT_KINDS - {"person"} and not slot.known:
            return _PLACEHOLDERS[slot.kind]
        return next(iter(key_phrases(slot.text, 1)), items.subject_of(reading))
    if slot.kind == "person":
        return (
            items.subject_of(reading)
            if reading.task == "greet"
            else items.turned(phrases.ITEMS["name"], reading)[0]
        )
    if slot.kind in _PLACEHOLDERS:
        return _PLACEHOLDERS[slot.kind]
    if set(names) & {"keyword", "tag", "topic", "theme", "word", "category", "term"}:
        return items.subject_of(reading)
    if slot.name in {"", "value", "result"}:
        return prose.compose(reading)
    if reading.passages:
        return "not stated"
    return f"{capitalised(' '.join(names))} for {items.subject_of(reading)}"


def _prose(slot: Slot, task: str) -> str:
    reading = slot.reading
    place = slot.text if slot.index is not None else ""
    if task == "review" and slot.index is not None:
        line = slot.known.get("line")
        shown = (
            reviewing.show_place(place, is_code=isinstance(line, int), line=line)
            if slot.known or place
            else ""
        )
        found = reviewing.remarks(reading, slot.index + 1, shown)
        return found[-1]
    if task == "title":
        titles = items.turned(phrases.TITLES, reading)
        return titles[(slot.index or 0) % len(titles)]
    if task == "judge" and reading.task in {"review", "summarise"}:
        return prose.compose(reading)
    if task in {"own", reading.task} and slot.index is not None:
        said = sentences(prose.compose(reading))
        return said[slot.index % len(said)]
    if task == "own" and reading.task in {"judge", "classify", "extract"}:
        return reading.main_text() or prose.compose(reading)
    if task == "own" and reading.task == "revise":
        return judging.revise(reading)
    if task == "judge":
        return prose.verdict(reading)
    return prose.compose(reading, "" if task in {"own", reading.task} else task)


def _task_of(name: str) -> str:
    parts = name_words(name)
    return next((task for task, pattern in _NAME_TASKS.items() if _is_named(pattern, parts)), "")


def _is_named(pattern: str, parts: list[str]) -> bool:
    return any(re.fullmatch(pattern, part) or re.fullmatch(pattern, part.removesuffix("s")) for part in parts)


def _date(slot: Slot, *, with_time: bool) -> str | None:
    fact = slot.fact
    found = facts.find("date", str(fact)) if fact else []
    for word in () if found else (w for w in name_words(slot.name) if w not in _DATE_WORDS):
        after = re.search(rf"(?i)\b{re.escape(word)}\w*\b(.{{0,40}})", slot.text)
        found = facts.find("date", after[1]) if after else []
    found = found or facts.find("date", slot.text)
    if not found and slot.optional:
        return None
    day = found[0] if found else _DEFAULT_DATE
    return f"{day}T{facts.time_of_day(slot.text)}Z" if with_time else day
