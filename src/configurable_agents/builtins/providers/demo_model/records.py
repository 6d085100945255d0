"""The items of a list in a text: bullets, order lines, objects in JSON, people, changed lines of code."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from configurable_agents.builtins.providers.demo_model import facts
from configurable_agents.builtins.providers.demo_model.holding import parse_json

_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s+(\S.*)$", re.MULTILINE)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
           "nine": 9, "ten": 10, "dozen": 12}  # fmt: skip
_QUANTITY = rf"\b(?P<n>\d{{1,4}}|{'|'.join(_COUNTS)})\b\s*(?:[x\u00d7]\s*|(?:pcs|pieces|boxes|packs)\.?\s+(?:of\s+)?)?"
_THING = r"(?P<thing>[A-Za-zÀ-ž][\w'\u2019-]*(?:\s+(?!for\b|at\b|and\b|on\b|to\b)[\w'\u2019-]+){0,4}?)"
_ORDERED = re.compile(
    rf"{_QUANTITY}\s*{_THING}\s*(?:[,:(\u2013-]|for|at|@|costing|priced at)?\s*"
    rf"(?P<price>{facts.MONEY})(?P<each>\s*(?:each|apiece|per\b))?",
    re.IGNORECASE,
)
_UNITS = "g|kg|mg|ml|cl|dl|l|cups?|tbsp|tsp|oz|lbs?|cm|mm|m|km|pieces|packs"
_TIMES = "seconds?|minutes?|hours?|days?|weeks?|months?|years?|percent"
_COUNTED = re.compile(
    rf"\b(?P<n>\d{{1,4}})\s*(?:[x\u00d7]\s*)?(?:(?P<unit>{_UNITS})\s+(?:of\s+)?|\s+)(?!(?:{_TIMES})\b){_THING}(?=\s*(?:[,.;)\n]|$|and\b|on\b|to\b|for\b|at\b|please\b))",
    re.IGNORECASE,
)
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)")
_CODE = re.compile(
    r"^(?:\+(?!\+)|@@ |\s*(?:def|class|import|from|function|const|let|var|if|for|while|return|public)\b.*[:;{(=]"
    r"|.*[;{}]\s*$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Record:
    """One item: its text, and what is known of it by kind of fact or by name."""

    text: str
    known: dict[str, Any] = field(default_factory=dict)


def bullets(text: str) -> list[str]:
    """The items of a bulleted or numbered list."""
    return [item.strip() for item in _BULLET.findall(text)]


def points(text: str) -> list[str]:
    """What a text says item by item: its bullets, or the texts in its JSON."""
    data = parse_json(text.strip())
    if isinstance(data, list):
        return [item for item in map(_as_text, data) if item]
    if isinstance(data, dict):
        return [f"{key}: {_as_text(value)}" for key, value in data.items() if _as_text(value)]
    return bullets(text)


def readable(text: str) -> str:
    """`text` as it is, or the texts in it if it is JSON."""
    data = parse_json(text.strip()) if text.lstrip().startswith(("{", "[")) else None
    return "; ".join(points(text)) if isinstance(data, (dict, list)) else text


def pairs(text: str) -> dict[str, str]:
    """`name=Ada, age=36` as keys and values."""
    return {key: value.strip() for key, value in re.findall(r"\b([A-Za-z]\w*)\s*=\s*([^,;\n]+)", text)}


def order_lines(text: str) -> list[Record]:
    """Things with a number and maybe a price: `2 lamps for 39.90 EUR each`."""
    found = list(_ORDERED.finditer(text)) or list(_COUNTED.finditer(text))
    return [Record(match[0], _order_line(match)) for match in found]


def _order_line(match: re.Match[str]) -> dict[str, Any]:
    parts = match.groupdict()
    word = parts["n"].lower()
    known: dict[str, Any] = {"quantity": _COUNTS.get(word) or int(word), "name": parts["thing"].strip()}
    known["product"] = known["name"]
    if parts.get("unit"):
        known["unit"] = parts["unit"]
    if parts.get("price"):
        known["money"] = facts.to_number(parts["price"])
        known["each"] = bool(parts["each"])
    return known


def total(text: str) -> float | None:
    """What the order lines of `text` cost together, None if it has none."""
    lines = [line.known for line in order_lines(text) if "money" in line.known]
    costs = [line["money"] * (line["quantity"] if line["each"] else 1) for line in lines]
    return round(sum(costs), 2) if costs else None


def code_lines(text: str) -> list[Record]:
    """The lines of code in `text` with their numbers; of a diff, only those that were added."""
    if not _CODE.search(text):
        return []
    is_diff = bool(re.search(r"^@@ |^\+[^+]", text, re.MULTILINE))
    found: list[Record] = []
    number = 0
    for line in text.splitlines():
        hunk = _HUNK.match(line)
        if hunk:
            number = int(hunk[1]) - 1
            continue
        number += not line.startswith("-")
        code = line[1:] if is_diff else line
        counts = line.startswith("+") and not line.startswith("+++") if is_diff else True
        if counts and len(code.strip()) > 3 and not code.strip().startswith(("#", "//", "```")):
            found.append(Record(code.strip(), {"line": max(number, 1)}))
    return found


def find(names: Collection[str], text: str) -> list[Record]:
    """The records in `text` that a list of objects with these properties would hold."""
    kinds = {facts.kind_of(name) for name in names}
    data = _objects_in(text)
    if data:
        return [Record(_as_text(item), {str(k).lower(): v for k, v in item.items()}) for item in data]
    if kinds & {"quantity", "money"}:
        lines = order_lines(text)
        if lines:
            return lines
    if kinds & {"path"} or "line" in {name.lower() for name in names}:
        return code_lines(text)
    listed = bullets(text)
    if listed:
        return [Record(item) for item in listed]
    return _people(text) if "person" in kinds else []


def _people(text: str) -> list[Record]:
    """One record for each person, up to where the next begins."""
    names = facts.find("person", text)
    starts = [text.index(name) for name in names]
    ends = [*starts[1:], len(text)][: len(starts)]
    return [Record(text[a:b], {"person": name}) for name, a, b in zip(names, starts, ends, strict=True) if a < b]


def _objects_in(text: str) -> list[dict[str, Any]]:
    for match in re.finditer(r"\[\s*\{", text):
        end = text.rfind("]") + 1
        data = parse_json(text[match.start() : end])
        if isinstance(data, list):
            return [item for item in data if isinstance(item, dict)]
    return []


def _as_text(value: Any) -> str:
    match value:
        case str():
            return " ".join(value.split())
        case dict():
            texts = [item for item in value.values() if isinstance(item, str) and item]
            return ": ".join(texts[:3]) or ", ".join(f"{k} {v}" for k, v in list(value.items())[:3])
        case list():
            return ", ".join(filter(None, map(_as_text, value)))
        case bool() | None:
            return ""
        case _:
            return str(value)
