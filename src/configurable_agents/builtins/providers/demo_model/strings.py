"""Text by the name of a property: a fact of the text, a title, or prose; always of the length asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from configurable_agents.builtins.providers.demo_model import facts, items, patterns, phrases, prose, records
from configurable_agents.builtins.providers.demo_model.naming import TAKING, by_name, genre_of, task_of
from configurable_agents.builtins.providers.demo_model.slots import Slot
from configurable_agents.builtins.providers.demo_model.words import capitalised, name_words

_DEFAULT_DATE = "2025-01-01"
_DATE_WORDS = frozenset(("date", "day", "on", "at", "time"))
_TOPIC_WORDS = frozenset(("keyword", "tag", "topic", "theme", "word", "category", "term"))
_PLACEHOLDERS = {
    "email": "jane@example.com", "url": "https://example.com", "phone": "+1 555 0100", "currency": "EUR",
    "country": "United Kingdom", "city": "London", "company": "Example Ltd", "address": "1 Example Street, London",
    "street": "1 Example Street", "postcode": "10115", "id": "A-1001", "path": "README.md", "hashtag": "#demo",
}  # fmt: skip
_COMMON = frozenset(("path", "currency"))  # kinds of facts that all items of a list may share
_UNNAMED = frozenset(("", "value", "result"))
_TAKEN_CHARACTERS = 300
_NOT_STATED = "not stated"


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
    if len(value) < shortest:
        bank = [phrases.fill(s, items.subject_of(slot.reading)) for bank in phrases.ARTICLES for s in bank]
        for count in range(shortest):
            value = f"{value} {bank[count % len(bank)]}".strip()
            if len(value) >= shortest:
                break
    if longest is None or len(value) <= longest:
        return value
    for end in (". ", "! ", "? ", " "):
        cut = value[: longest + 1].rpartition(end)[0]
        if cut and len(cut) + (end != " ") >= max(shortest, longest // 3):
            return cut + end.strip()
    return value[:longest]


def _value(slot: Slot) -> str | None:
    task, taking = task_of(slot.name), slot.reading.task in TAKING
    fact = slot.fact
    if isinstance(fact, str) and (not task or taking or slot.known):
        return fact[:_TAKEN_CHARACTERS]
    found = _found(slot) if taking or not task else None
    if found is not None:
        return found
    if slot.optional and (taking or not task):
        return None
    return by_name(slot, task) if task else _guess(slot)


def _found(slot: Slot) -> str | None:
    """A fact of the kind that the name speaks of; for an item of a list, one of the item's own text."""
    is_own = slot.text != slot.reading.material and slot.kind not in _COMMON
    places = [slot.text] if is_own else [slot.text, slot.reading.prompt]
    return next((found[0] for place in places if (found := facts.find(slot.kind, place))), None)


def _guess(slot: Slot) -> str:
    """Something fitting for a name that the text holds nothing for."""
    reading, names = slot.reading, name_words(slot.name)
    genre = genre_of(slot.name)
    if genre:
        return prose.write_genre(reading, genre)
    if slot.index is not None:
        return _item(slot)
    if slot.name in _UNNAMED:
        return prose.compose(reading)
    if set(names) & _TOPIC_WORDS:
        return items.subject_of(reading)
    if reading.task in TAKING:
        return _NOT_STATED
    if slot.kind == "person":
        greeted = reading.task == "greet" and reading.subject
        return greeted or items.item(reading, "name", len(reading.subject))
    not_found = _NOT_STATED if reading.passages else f"{capitalised(' '.join(names))} for {items.subject_of(reading)}"
    return _PLACEHOLDERS.get(slot.kind, not_found)


def _item(slot: Slot) -> str:
    """A property of an object in a list, or an entry of a dict."""
    if slot.known:
        return _NOT_STATED
    if slot.text != slot.reading.material:
        return _PLACEHOLDERS.get(slot.kind) or records.readable(slot.text)[:_TAKEN_CHARACTERS]
    made = items.item(slot.reading, slot.name, slot.index or 0)
    numbered = f"{capitalised(' '.join(name_words(slot.name)))} {(slot.index or 0) + 1}".strip()
    return _PLACEHOLDERS.get(slot.kind) or made or numbered


def _date(slot: Slot, *, with_time: bool) -> str | None:
    """A date that stands near the name (`due on 2 June 2026`), else the first of the text."""
    found = facts.find("date", str(slot.fact)) if slot.fact else []
    for word in () if found else (w for w in name_words(slot.name) if w not in _DATE_WORDS):
        after = re.search(rf"(?i)\b{re.escape(word)}\w*\b(.{{0,40}})", slot.text)
        found = facts.find("date", after[1]) if after else []
    found = found or facts.find("date", slot.text)
    if not found and slot.optional:
        return None
    day = found[0] if found else _DEFAULT_DATE
    return f"{day}T{facts.time_of_day(slot.text)}Z" if with_time else day
