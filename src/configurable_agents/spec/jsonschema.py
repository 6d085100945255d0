"""What a type is in JSON Schema (draft 2020-12), for models and for tools that read the schema of an input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from configurable_agents.spec.types import (
    MISSING,
    DictOf,
    EnumOf,
    Field,
    ListOf,
    ObjectOf,
    OptionalOf,
    Scalar,
    Type,
)

_SCALARS: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "any": {},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}


def json_schema(a_type: Type) -> dict[str, Any]:
    """The JSON Schema of `a_type`, self-contained.

    Objects list every field as required and allow no others, which the strict modes of the model providers ask
    for; a field of type `T?` may be null instead.
    """
    match a_type:
        case Scalar(name=name, rules=rules):
            return {**_SCALARS[name], **dict(rules)}
        case ListOf(item=item, rules=rules):
            return {"type": "array", "items": json_schema(item), **dict(rules)}
        case DictOf(value=value):
            return {"type": "object", "additionalProperties": json_schema(value)}
        case OptionalOf(of=of):
            return {"anyOf": [json_schema(of), {"type": "null"}]}
        case EnumOf(values=values):
            return {"type": "string", "enum": list(values)}
        case ObjectOf(fields=fields):
            return object_schema(fields)


def object_schema(fields: Iterable[Field]) -> dict[str, Any]:
    """The JSON Schema of an object with these fields, all of them required."""
    properties = {f.name: field_schema(f) for f in fields}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def input_schema(fields: Iterable[Field]) -> dict[str, Any]:
    """The JSON Schema of a workflow's input: fields with a default, or that may be null, can be left out."""
    listed = list(fields)
    schema = object_schema(listed)
    schema["required"] = [f.name for f in listed if f.default is MISSING and not isinstance(f.type, OptionalOf)]
    return schema


def field_schema(a_field: Field) -> dict[str, Any]:
    """The JSON Schema of a field: its type's, with its description."""
    schema = json_schema(a_field.type)
    if a_field.description:
        schema["description"] = a_field.description
    return schema
