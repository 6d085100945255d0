"""Numbers in range: found in the text near the property's name, graded, or plausible for the name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from configurable_agents.builtins.providers.demo_model import choosing, facts, judging, phrases, records
from configurable_agents.builtins.providers.demo_model.slots import Slot
from configurable_agents.builtins.providers.demo_model.words import (
    checksum,
    content_words,
    name_words,
    stem,
    word_set,
)

_GRADES = word_set("""score rating grade quality mark marks stars clarity relevance accuracy usefulness readability""")
_CERTAINTIES = word_set("sure confidence confident certainty certain probability likelihood similarity")
_COUNTS = word_set("count number total amount quantity length size words")
_NUMBER = re.compile(r"(?<![\w.,-])-?\d+(?:\.\d+)?(?![\w]|[.,]\d)")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_SCALE = re.compile(r"\b(\d+(?:\.\d+)?)\s*(?:to|-|\u2013|and)\s*(\d+(?:\.\d+)?)\b|\bout of (\d+)\b", re.IGNORECASE)
_TENTHS = 10
_VAGUE_WORDS = 3
_SURE, _UNSURE, _LOST = 0.9, 0.65, 0.45
_PLAUSIBLE = {
    "age": 35.0,
    "year": 2025.0,
    "line": 1.0,
    "quantity": 1.0,
    "month": 6.0,
    "day": 15.0,
    "hour": 12.0,
}


def number(schema: Mapping[str, Any], slot: Slot) -> int | float | None:
    """A number that fits `schema`; None only if the slot is optional and the text holds none."""
    whole = schema.get("type") == "integer"
    low, high = _bounds(schema, whole=whole)
    found = _found(slot, whole=whole)
    fitting = next((value for value in found if low <= value <= high), None)
    if fitting is None and slot.optional and not (_is_grade(slot) or _is_certainty(slot)):
        return None
    value = fitting if fitting is not None else _plausible(slot, low, high, whole=whole)
    return _in_range(value, low, high, whole=whole)


def _bounds(schema: Mapping[str, Any], *, whole: bool) -> tuple[float, float]:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is not None:
        low = max(low, math.floor(above) + 1 if whole else math.nextafter(above, math.inf))
    if below is not None:
        high = min(high, math.ceil(below) - 1 if whole else math.nextafter(below, -math.inf))
    if whole:
        low = low if low == -math.inf else math.ceil(low)
        high = high if high == math.inf else math.floor(high)
    return low, high


def _in_range(value: float, low: float, high: float, *, whole: bool) -> int | float:
    rounded = value if isinstance(value, int) else math.floor(value + 0.5) if whole else round(value, 2)
    kept = min(max(rounded, low), high)
    return int(kept) if whole else kept


def _is_grade(slot: Slot) -> bool:
    return bool(set(name_words(slot.name)) & _GRADES)


def _is_certainty(slot: Slot) -> bool:
    return bool(set(name_words(slot.name)) & _CERTAINTIES)


def _found(slot: Slot, *, whole: bool) -> list[float]:
    """The numbers of the text that may be meant, the likeliest first."""
    fact = slot.fact
    if isinstance(fact, (int, float)) and not isinstance(fact, bool):
        return [fact] if math.isfinite(fact) else []
    if _is_grade(slot) or _is_certainty(slot):
        return []
    names = name_words(slot.name)
    found = [facts.to_number(str(fact))] if fact is not None and re.search(r"\d", str(fact)) else []
    if "year" in names:
        found += map(float, _YEAR.findall(slot.text))
    found += _near(slot)
    if slot.kind == "money" and not ({"tax", "discount"} & set(names)):
        total = records.total(slot.text) if {"total", "sum", "amount"} & set(names) else None
        found += [total] if total is not None else []
        found += [facts.to_number(money) for money in re.findall(facts.MONEY, slot.text)]
        found += _without_money(slot, names)
    if set(names) & _COUNTS or whole:
        found += [float(text) for text in _NUMBER.findall(slot.text)] if _may_be_any(slot) else []
    return [float(value) for value in found if math.isfinite(value)]


def _without_money(slot: Slot, names: list[str]) -> list[float]:
    """For an amount in a text without money: that of the item, or the sum of all numbers."""
    if "quantity" in slot.known:
        return [float(slot.known["quantity"])]
    numbers = [float(text) for text in _NUMBER.findall(slot.text)]
    return [sum(numbers)] if len(numbers) > 1 and {"total", "sum"} & set(names) else []


def _may_be_any(slot: Slot) -> bool:
    """Whether any number of a text will do: when it has only one, or is a single item."""
    return len(_NUMBER.findall(slot.text)) == 1 and slot.kind != "money" and "year" not in name_words(slot.name)


def _near(slot: Slot) -> list[float]:
    """`line 12`, `total of 42.50`, `3 guests` for guests."""
    found: list[float] = []
    for word in (w for w in reversed(name_words(slot.name)) if w not in {"number", "count", "of", "num", "n"}):
        root = re.escape(stem(word))
        after = re.search(rf"(?i)\b{root}\w*\b[^\d\n.;]{{0,16}}?(-?\d[\d.,]*)", slot.text)
        before = re.search(rf"(?i)(?<![\w.,])(-?\d+(?:[.,]\d+)*)[ -](?:\w+ )?{root}\w*\b", slot.text)
        found += [facts.to_number(match[1]) for match in (before, after) if match]
    return found


def _plausible(slot: Slot, low: float, high: float, *, whole: bool) -> float:
    if _is_grade(slot) or _is_certainty(slot):
        low, high = _scale(slot, low, high, whole=whole)
        part = judging.grade(slot.reading) if _is_grade(slot) else _certainty(slot)
        return low + part * (high - low)
    names = name_words(slot.name)
    known = next((_PLAUSIBLE[name] for name in names if name in _PLAUSIBLE), None)
    if known is not None and low <= known <= high:
        return known
    if low == -math.inf and high == math.inf:
        made = float(1 + checksum(slot.name, slot.reading.subject, slot.index) % _TENTHS)
        return made * _TENTHS if slot.kind == "money" else made
    if high == math.inf:
        return low + 1
    if low == -math.inf:
        return high - 1
    return low / 2 + high / 2


def _scale(slot: Slot, low: float, high: float, *, whole: bool) -> tuple[float, float]:
    """From where to where a grade goes: as the schema or else the prompt says, else 0 to 1, in integers 1 to 10."""
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    said = _SCALE.search(f"{slot.description}\n{slot.reading.orders}")
    if said:
        first, last = (0.0, float(said[3])) if said[3] else (float(said[1]), float(said[2]))
        if low <= first < last <= high:
            return first, last
    start = max(low, 1.0 if whole else 0.0)
    return (start, start + 9) if whole else (start, start + 1) if high == math.inf else (high - 1, high)


def _certainty(slot: Slot) -> float:
    """High if the text speaks of something known, lower if it doesn't, lowest if there is hardly a text."""
    if slot.reading.task == "judge":
        return judging.grade(slot.reading)
    if slot.index is not None:
        return 0.6 + checksum(slot.text, slot.index) % 8 / 20
    text = slot.reading.main_text() or slot.text
    if len(content_words(text)) < _VAGUE_WORDS:
        return _LOST
    known = choosing.topic([*phrases.SUPPORT, "positive", "negative", "spam"], text)
    return _SURE if known or records.points(text) or slot.reading.task not in {"answer", "classify"} else _UNSURE
