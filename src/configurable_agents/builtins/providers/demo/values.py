"""JSON Schema → a value that fits it, made from what a prompt says; but for a rare `pattern` it may not fit."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from configurable_agents.builtins.providers.demo import facts, prose, words
from configurable_agents.builtins.providers.demo.reading import Reading

_TAKING = frozenset(("extract", "classify"))  # tasks whose values stand in the text
# The tasks of `prose` that a property's name asks for; "own" is the prompt's.
_NAMES = {
    "title": "title headline tagline slogan",
    "summarise": "summary abstract overview gist",
    "answer": "reply answer response",
    "judge": "feedback critique verdict comment reason reasoning explanation",
    "own": "draft article text body content message paragraph report output result translation letter review value",
}
_TASK_OF = {name: task for task, names in _NAMES.items() for name in names.split()}
_SCORES = words.word_set("score rating grade quality stars")
_CERTAINTIES = words.word_set("sure confidence confident certainty probability")
_YES = words.word_set("approved approve accepted accept good ok pass passed ready done publish valid yes true keep")
_NO = words.word_set("no false reject rejected revise fail failed bad redo rework improve invalid")
_NEUTRAL = ("other", "neutral", "mixed", "unknown", "none", "unclear", "medium", "normal")
_MADE_UP = {"email": "jane@example.com", "url": "https://example.com", "phone": "+1 555 0100", "person": "Jane Doe"}


@dataclass(frozen=True, slots=True)
class _Slot:
    """A property or an item that needs a value from `text`; `known` is what was found, by name or by kind of fact."""

    reading: Reading
    text: str
    name: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    index: int | None = None
    optional: bool = False  # it gets None where the text is silent

    @property
    def fact(self) -> Any:
        known = self.known.get(self.name.lower(), self.known.get(facts.kind_of(self.name)))
        return known if known is not None else facts.labelled(self.name, self.text)


def value(schema: Mapping[str, Any], reading: Reading) -> Any:
    """What the demo model answers `reading` with, in `schema`."""
    return _value(schema, _Slot(reading, reading.material))


def _value(schema: Mapping[str, Any], slot: _Slot) -> Any:
    if "anyOf" in schema:
        real = [option for option in schema["anyOf"] if option.get("type") != "null"]
        return _value(real[0], replace(slot, optional=True)) if real else None
    if "enum" in schema:
        return _choice(schema["enum"], slot)
    made = _TYPES.get(schema.get("type", ""))
    return made(schema, slot) if made else words.parse_json(slot.text) or prose.compose(slot.reading)


def _choice(values: list[str], slot: _Slot) -> str | None:
    no = [text for text in values if _NO & set(words.name_words(text))]
    yes = [text for text in values if _YES & set(words.name_words(text)) and text not in no]
    if yes and no:
        is_judged = slot.reading.task in {"judge", "review", "revise"}
        return (yes if (prose.revisions(slot.reading) if is_judged else _bool({}, slot)) else no)[0]
    found = facts.favoured(values, str(slot.fact)) or facts.favoured(values, slot.text)
    if not found and slot.optional:
        return None
    found = found or [text for neutral in _NEUTRAL for text in values if text.lower() == neutral]
    every = [*found, *(text for text in values if text not in found)]
    return every[(slot.index or 0) % len(every)]


def _bool(schema: Mapping[str, Any], slot: _Slot) -> bool:
    said, names = str(slot.fact).lower(), set(words.name_words(slot.name))
    if said in {"yes", "true", "no", "false"}:
        return said in {"yes", "true"}
    if names & _YES:
        return prose.revisions(slot.reading) > 0
    asked = {*names, *words.content_words(slot.reading.instruction)}
    return bool(slot.reading.passages) and any(facts.speaks_for(word, slot.text) for word in asked)


def _object(schema: Mapping[str, Any], slot: _Slot) -> dict[str, Any] | None:
    if slot.name and isinstance(slot.fact, Mapping):
        slot = replace(slot, known={str(key).lower(): item for key, item in slot.fact.items()})
    properties: Mapping[str, Any] = schema.get("properties", {})
    if not properties and schema.get("additionalProperties") is not False:
        names = re.findall(r"(?m)^[ \t]*([A-Za-z]\w{0,30})[:=]", slot.text) or words.content_words(slot.text)[:3]
        properties = dict.fromkeys(names, schema.get("additionalProperties", {}))
    found = {name: _value(part, replace(slot, name=name)) for name, part in properties.items()}
    if slot.optional and all(item in (None, [], False) for item in found.values()):
        return None
    return {name: _value(part, replace(slot, name=name, optional=False)) for name, part in properties.items()}


def _array(schema: Mapping[str, Any], slot: _Slot) -> list[Any] | None:
    item, reading = schema.get("items", {}), slot.reading
    least, most = schema.get("minItems", 0), schema.get("maxItems", 100)
    asked = max(least, min(reading.count(slot.name) or reading.count() or 3, most))
    if item.get("type") == "string" and not {"enum", "format", "pattern"} & set(item):
        found = _found_texts(slot) or ([] if slot.optional else prose.listed(reading, slot.name, asked))
        found = [*found, *(f"{words.capitalised(slot.name)} {n + 1}" for n in range(len(found), least))][:most]
        low, high = item.get("minLength", 0), item.get("maxLength", words.LONGEST)
        return None if slot.optional and not found else [words.fitted(text, low, high) for text in found]
    known = facts.records(item["properties"], slot.text) if item.get("properties") else []
    if item.get("type") in {"integer", "number"}:
        known = [{slot.name.lower(): number} for number in facts.numbers("", slot.text)]
    if "enum" in item:
        known = [{} for _ in facts.favoured(item["enum"], slot.text)] or [{}]
    count = max(least, min(len(known) or asked, most))
    known = [*(known or [{}] * asked), *[{}] * least][: 0 if slot.optional and not known else count]
    slots = (replace(slot, text=str(k.get("text", slot.text)), known=k, index=i) for i, k in enumerate(known))
    return [_value(item, replace(inner, optional=False)) for inner in slots] or (None if slot.optional else [])


def _found_texts(slot: _Slot) -> list[str]:
    if slot.fact:
        listed = slot.fact if isinstance(slot.fact, list) else re.split(r",\s*(?:and\s+)?|\s+and\s+", str(slot.fact))
        return list(dict.fromkeys(map(str, listed)))
    text = slot.reading.text or slot.text
    found = facts.find(facts.kind_of(slot.name), text) or words.points(text) or words.sentences(text)
    return found if slot.reading.task in _TAKING else []


def _number(schema: Mapping[str, Any], slot: _Slot) -> float | None:
    is_whole, names = schema["type"] == "integer", set(words.name_words(slot.name))
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if names & (_SCORES | _CERTAINTIES):
        first = low if low > -math.inf else min(high - 1, float(is_whole))
        last = high if high < math.inf else first + (9 if is_whole else 1)
        wanted = first + (last - first) * (prose.judged if names & _SCORES else prose.certain)(slot.reading)[0]
    else:
        said = [slot.fact] if isinstance(slot.fact, (int, float)) else facts.numbers(slot.name, slot.text)
        found = [number for number in said if low <= number <= high and abs(number) < 1e15]
        if slot.optional and not found:
            return None
        wanted = found[0] if found else 2026 if "year" in names else (slot.index or 0) + 1
    if is_whole:
        return int(min(max(math.floor(wanted + 0.5), low if low == -math.inf else math.ceil(low)), high))
    return float(min(max(round(wanted, 2), low), high))


def _str(schema: Mapping[str, Any], slot: _Slot) -> str | None:
    if "format" in schema:
        return _date(slot, with_time=schema["format"] == "date-time")
    text, low, high = _text(slot), schema.get("minLength", 0), schema.get("maxLength", words.LONGEST)
    if text is None or "pattern" not in schema:
        return None if text is None else words.fitted(text, low, high)
    found = words.matching(schema["pattern"], text, f"{slot.text}\n{slot.reading.instruction}")
    return next((made for made in found if low <= len(made) <= high), text)


def _text(slot: _Slot) -> str | None:
    reading, kind, takes = slot.reading, facts.kind_of(slot.name), slot.reading.task in _TAKING
    names = words.name_words(slot.name)
    task = next((_TASK_OF[name] for name in names if name in _TASK_OF), "")
    if takes or slot.known or not task:
        found = [slot.fact] if slot.fact and isinstance(slot.fact, str) else facts.find(kind, slot.text)
        if found or slot.optional:
            return found[0] if found else None
    if kind in _MADE_UP and not (takes or task):
        return _MADE_UP[kind]
    if slot.index is not None or prose.FAULTS.search(slot.name):
        if slot.text != reading.material:
            return slot.text
        return next(reversed(prose.listed(reading, slot.name, (slot.index or 0) + 1)), "Nothing.")
    if task == "judge":
        return (prose.judged if reading.task in {"judge", "revise"} else prose.certain)(reading)[1]
    if task == "own" and reading.task == "judge":
        return reading.text
    if not task and (takes or kind):
        return "not stated" if takes else f"the {' '.join(names)}"
    whole = prose.compose(reading, task.replace("own", ""))
    said = words.sentences(whole)
    return whole if task else said[sum(map(ord, slot.name)) % len(said)]  # each unknown name gets a sentence of its own


def _date(slot: _Slot, *, with_time: bool) -> str | None:
    """A date that stands near the name (`due on 2 June 2026`), else the first of the text."""
    near = re.findall(rf"(?i)\b{(words.name_words(slot.name) or ['on'])[0]}\w*\b(.{{0,40}})", slot.text)
    found = [day for text in (str(slot.fact), *near, slot.text) for day in facts.find("date", text)]
    if not found and slot.optional:
        return None
    time = re.search(r"\b(?:[01]\d|2[0-3]):[0-5]\d\b", slot.text)
    return (found[0] if found else "2026-01-01") + (f"T{time[0] if time else '00:00'}:00Z" if with_time else "")


_TYPES = {"object": _object, "array": _array, "string": _str, "integer": _number, "number": _number, "boolean": _bool}
