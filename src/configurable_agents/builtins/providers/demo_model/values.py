"""JSON Schema → a value that fits it, made from what a prompt says.

Speaks the schemas that workflows have (see `spec/jsonschema.py`): objects, arrays, strings, numbers,
booleans, enums, null by `anyOf`, `{}` for anything, and the rules on them. What it makes for a `pattern` it
can't read may not fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from configurable_agents.builtins.providers.demo_model import (
    choosing,
    items,
    judging,
    numbers,
    prose,
    records,
    strings,
)
from configurable_agents.builtins.providers.demo_model.holding import parse_json
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.slots import Slot
from configurable_agents.builtins.providers.demo_model.words import key_phrases

_DEFAULT_ENTRIES = 3
_MOST_FOUND = 100  # items that are taken from a text


def value(schema: Mapping[str, Any], reading: Reading) -> Any:
    """What the demo model answers `reading` with, in `schema`."""
    return _value(schema, Slot(reading, "", reading.material))


def _value(schema: Mapping[str, Any], slot: Slot) -> Any:
    if "anyOf" in schema:
        return _one_of(schema, slot)
    if "enum" in schema:
        return _choice(schema, slot)
    match schema.get("type"):
        case "object":
            return _object(schema, slot)
        case "array":
            return _array(schema, slot)
        case "string":
            return strings.text(schema, slot)
        case "integer" | "number":
            return numbers.number(schema, slot)
        case "boolean":
            return _boolean(slot)
        case "null":
            return None
        case _:
            return _anything(slot)


def _one_of(schema: Mapping[str, Any], slot: Slot) -> Any:
    """Null, where that may be, only if the text is silent."""
    options = schema["anyOf"]
    real = [option for option in options if option.get("type") != "null"]
    if not real:
        return None
    return _value({**real[0]}, slot.to(optional=slot.optional or len(real) < len(options)))


def _choice(schema: Mapping[str, Any], slot: Slot) -> Any:
    values = [value for value in schema["enum"] if isinstance(value, str)]
    if not values:
        return schema["enum"][0]
    fact = slot.fact
    for text in filter(None, (str(fact) if fact is not None else "", slot.text)):
        found = choosing.favoured(values, slot.reading, text)
        if found is not None:
            return found
    return None if slot.optional else choosing.default(values)


def _boolean(slot: Slot) -> bool:
    fact = slot.fact
    if isinstance(fact, bool):
        return fact
    if isinstance(fact, str) and fact.lower().strip(" .") in {"yes", "true", "no", "false"}:
        return fact.lower().startswith(("y", "t"))
    return choosing.boolean(slot.name, slot.reading, slot.text)


def _object(schema: Mapping[str, Any], slot: Slot) -> Any:
    fact = slot.fact if slot.name else None
    known = {str(k).lower(): v for k, v in fact.items()} if isinstance(fact, Mapping) else slot.known
    properties: Mapping[str, Any] = schema.get("properties", {})
    if not properties:
        return _entries(schema, slot)
    inner = {
        name: slot.to(
            name=name, known=known, description=part.get("description", ""), optional=False,
            alone=len(properties) == 1 and not slot.name,
        )
        for name, part in properties.items()
    }  # fmt: skip
    if slot.optional:
        found = {name: _value(part, inner[name].to(optional=True)) for name, part in properties.items()}
        if all(item is None or item == [] for item in found.values()):
            return None
    return {name: _value(part, inner[name]) for name, part in properties.items()}


def _entries(schema: Mapping[str, Any], slot: Slot) -> dict[str, Any]:
    """An object of any keys: the labels of the text, else its main phrases."""
    part = schema.get("additionalProperties")
    if part is False:
        return {}
    data = parse_json(slot.text.strip())
    known = {str(k): v for k, v in data.items()} if isinstance(data, dict) else records.pairs(slot.text)
    labels = [passage.label for passage in slot.reading.passages if passage.label]
    keys = list(known) or labels or key_phrases(slot.text, _DEFAULT_ENTRIES) or ["value"]
    found = {_as_name(key): fact for key, fact in known.items()}
    plain = part if isinstance(part, Mapping) else {}
    names = [name for name in dict.fromkeys(map(_as_name, keys)) if name][:_MOST_FOUND]
    return {
        name: _value(plain, slot.to(name=name, known=found, index=i, optional=False)) for i, name in enumerate(names)
    }


def _as_name(key: str) -> str:
    return re.sub(r"\W+", "_", key.lower()).strip("_")


def _array(schema: Mapping[str, Any], slot: Slot) -> Any:
    item: Mapping[str, Any] = schema.get("items", {})
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    asked = _asked(slot)
    left = judging.faults_left(slot.reading) if items.are_faults(slot.name) or slot.alone else None
    if left is not None:
        most = max(least, left)
    if item.get("type") == "object" and item.get("properties"):
        found = records.find(item["properties"], slot.text)[:_MOST_FOUND]
        if slot.optional and not found:
            return None
        taken = found if asked is None or slot.reading.task == "extract" else found[:asked]
        if "line" in item["properties"] and not asked:
            taken = found[: items.DEFAULT_COUNT]
        slots = [slot.to(text=r.text, known=r.known, index=i, optional=False) for i, r in enumerate(taken)]
    elif item.get("type") == "string" and not set(item) & {"enum", "pattern", "format"}:
        return _texts(item, slot, least, most)
    elif "enum" in item:
        return _choices(item, slot, least, most)
    else:
        slots = _numbers(item, slot)
    count = _count(len(slots) or asked or items.DEFAULT_COUNT, least, most)
    slots += [slot.to(known={}, index=index, optional=False) for index in range(len(slots), count)]
    return [_value(item, inner) for inner in slots[:count]]


def _texts(item: Mapping[str, Any], slot: Slot, least: int, most: int | None) -> list[str] | None:
    reading = slot.reading
    fact = slot.fact
    listed = [text for text in fact if isinstance(text, str)] if isinstance(fact, list) else []
    found = (listed or items.list_items(reading, slot.name, slot.text))[:_MOST_FOUND]
    taken = bool(listed) or reading.task in {"extract", "classify", "summarise"}
    if slot.optional and not taken:
        return None
    count = _count(_asked(slot) or (len(found) if taken else min(len(found), items.DEFAULT_COUNT)), least, most)
    turn = (slot.index or 0) % len(found) if found and not taken else 0
    found = found[turn:] + found[:turn]
    found += [items.more(reading, index) for index in range(len(found), count)]
    limits = item.get("minLength", 0), item.get("maxLength")
    return [strings.fit(text, slot, *limits) for text in found[:count]]


def _choices(item: Mapping[str, Any], slot: Slot, least: int, most: int | None) -> list[str]:
    values = [value for value in item["enum"] if isinstance(value, str)]
    found = choosing.favoured_all(values, slot.text) or [choosing.default(values)]
    rest = [value for value in values if value not in found]
    count = _count(len(found), least, most)
    return ([*found, *rest] * (count // len(values) + 1))[:count]


def _numbers(item: Mapping[str, Any], slot: Slot) -> list[Slot]:
    """For a list of numbers, those of the text, one slot each."""
    if item.get("type") not in {"integer", "number"}:
        return []
    found = re.findall(r"(?<![\w.,-])-?\d+(?:\.\d+)?(?![\w]|[.,]\d)", slot.text)[:_MOST_FOUND]
    return [
        slot.to(text=number, known={slot.name.lower(): float(number)}, index=i, optional=False)
        for i, number in enumerate(found)
    ]


def _asked(slot: Slot) -> int | None:
    form = slot.reading.form
    return form.count_of(slot.name) or (form.count if slot.alone else None)


def _count(wanted: int, least: int, most: int | None) -> int:
    return max(least, wanted if most is None else min(wanted, most))


def _anything(slot: Slot) -> Any:
    data = parse_json(slot.text.strip())
    return data if data is not None else prose.compose(slot.reading)
