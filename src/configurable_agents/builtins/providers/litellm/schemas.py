"""JSON Schemas as the providers' structured outputs take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# OpenAI's strict mode refuses these; the reply is checked against them all the same.
_AS_WORDS = {"minLength": "at least {} characters", "maxLength": "at most {} characters"}


def portable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` with the rules that providers refuse told in descriptions instead."""
    rules = [words.format(schema[rule]) for rule, words in _AS_WORDS.items() if isinstance(schema.get(rule), int)]
    told = {name: _portable(name, value) for name, value in schema.items() if not (rules and name in _AS_WORDS)}
    if rules:
        described = [schema["description"]] if schema.get("description") else []
        told["description"] = "; ".join([*described, *rules])
    return told


def _portable(name: str, value: Any) -> Any:
    match value:
        case dict() if name == "properties":
            return {key: portable(part) for key, part in value.items()}
        case dict():
            return portable(value)
        case list() if name == "anyOf":
            return [portable(part) for part in value]
        case _:
            return value


def is_strict(schema: Mapping[str, Any]) -> bool:
    """Whether OpenAI's strict mode takes `schema`: objects with known properties only, and a type everywhere."""
    if "anyOf" in schema:
        return all(is_strict(part) for part in schema["anyOf"])
    match schema.get("type"):
        case None:
            return False
        case "object":
            closed = schema.get("additionalProperties") is False
            return closed and all(is_strict(part) for part in schema.get("properties", {}).values())
        case "array":
            return is_strict(schema.get("items", {}))
        case _:
            return True
