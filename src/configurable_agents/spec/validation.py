"""What a type means to a value: checking it, and making any Python value plain JSON-like data first.

Values in a run are plain: dict, list, str, int, float, bool, None, and date and datetime where a type says so.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError, SchemaError, SchemaValidator, ValidationError, core_schema

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

_RULE_NAMES = {
    "minimum": "ge", "maximum": "le", "minLength": "min_length", "maxLength": "max_length",
    "minItems": "min_length", "maxItems": "max_length", "pattern": "pattern",
}  # fmt: skip


# Python refuses to write or read integers of more than 4300 digits.
_MAX_BITS = 14_000

_EXPECTED = {
    "dict_type": "should be an object", "typed_dict_type": "should be an object", "mapping_type": "should be an object",
    "model_type": "should be a mapping", "list_type": "should be a list", "string_type": "should be text",
    "int_type": "should be an integer", "float_type": "should be a number", "bool_type": "should be true or false",
    "string_pattern_mismatch": "should match the pattern {pattern}",
    "string_unicode": "should be text of valid characters",
}  # fmt: skip


class TypeMismatch(ValueError):
    """A value does not fit a type; the text says where in the value and what was expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def check_value(a_type: Type, value: Any) -> Any:
    """`value` as `a_type` has it: dates read from text, 5.0 as the integer 5, absent `T?` fields of objects as null.

    Nothing else is converted: text is no number, a number no text, 1 no bool.

    Raises:
        TypeMismatch: it does not fit.
    """
    try:
        return _validator(a_type).validate_python(value)
    except ValidationError as error:
        raise TypeMismatch([say(detail) for detail in error.errors(include_url=False)]) from None


def check_pattern(pattern: str) -> str | None:
    """What is wrong with a regular expression, None if it can be used (Rust's syntax: no look-around)."""
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError as error:
        return str(error).strip().splitlines()[-1].strip()
    return None


_PLAIN_SCALARS = frozenset({str, int, float, bool, type(None)})


MAX_VALUE_DEPTH = 200


def plain(value: Any, depth: int = 0) -> Any:
    """`value` as plain data, copied: Pydantic models, dataclasses and mappings become dicts; tuples and sets lists.

    What has no plain form is returned as it is, and fails the check of its type.

    Raises:
        TypeMismatch: it is nested more than `MAX_VALUE_DEPTH` levels deep, or holds itself.
    """
    if type(value) in _PLAIN_SCALARS:
        return value
    if depth > MAX_VALUE_DEPTH:
        raise TypeMismatch([f"is nested too deeply, more than {MAX_VALUE_DEPTH} levels"])
    depth += 1
    match value:
        case enum.Enum():
            return value.value
        case dict() | Mapping():
            return {(k.value if isinstance(k, enum.Enum) else k): plain(v, depth) for k, v in value.items()}
        case list() | tuple():
            return [plain(v, depth) for v in value]
        case set() | frozenset():
            return sorted((plain(v, depth) for v in value), key=repr)
        case BaseModel():
            return plain(value.model_dump(), depth)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name), depth) for f in dataclasses.fields(value)}
    return value


@lru_cache(maxsize=4096)
def _validator(a_type: Type) -> SchemaValidator:
    return SchemaValidator(_schema(a_type))


def _schema(a_type: Type) -> core_schema.CoreSchema:
    match a_type:
        case Scalar():
            return _scalar(a_type)
        case ListOf(item=item, rules=rules):
            return core_schema.list_schema(_schema(item), strict=True, **_rules(rules))
        case DictOf(value=value):
            return core_schema.dict_schema(core_schema.str_schema(strict=True), _schema(value), strict=True)
        case OptionalOf(of=of):
            return core_schema.nullable_schema(_schema(of))
        case EnumOf(values=values):
            return core_schema.literal_schema(list(values))
        case ObjectOf(fields=fields):
            members = {f.name: _member(f) for f in fields}
            return core_schema.typed_dict_schema(members, extra_behavior="forbid", strict=True)


def _member(a_field: Field) -> core_schema.TypedDictField:
    schema = _schema(a_field.type)
    default = a_field.default
    if default is MISSING and isinstance(a_field.type, OptionalOf):
        default = None
    if default is MISSING:
        return core_schema.typed_dict_field(schema)
    return core_schema.typed_dict_field(
        core_schema.with_default_schema(schema, default_factory=lambda: plain(default)), required=False
    )


def _scalar(scalar: Scalar) -> core_schema.CoreSchema:
    rules = _rules(scalar.rules)
    match scalar.name:
        case "str":
            return core_schema.no_info_before_validator_function(_text, core_schema.str_schema(strict=True, **rules))
        case "int":
            return core_schema.no_info_before_validator_function(
                _integral, core_schema.int_schema(strict=True, **rules)
            )
        case "float":
            return core_schema.float_schema(strict=True, allow_inf_nan=False, **rules)
        case "bool":
            return core_schema.bool_schema(strict=True)
        case "date":
            return core_schema.no_info_plain_validator_function(_date)
        case "datetime":
            return core_schema.no_info_plain_validator_function(_datetime)
        case _:
            return core_schema.no_info_plain_validator_function(_anything)


def _rules(rules: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return {_RULE_NAMES[name]: value for name, value in rules}


def _text(value: Any) -> Any:
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise PydanticCustomError("any", "holds text of invalid characters (surrogates)")
    return value


def _integral(value: Any) -> Any:
    # JSON has one kind of number: a model's 5.0 is the integer 5, as JSON Schema has it too.
    if type(value) is int and not is_number(value):
        raise PydanticCustomError("any", "is a number of thousands of digits")
    return int(value) if type(value) is float and value.is_integer() else value


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("date", "should be a date like 2026-01-31")


def _datetime(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("datetime", "should be a date and time like 2026-01-31T12:00:00Z")


def _anything(value: Any) -> Any:
    _refuse_what_is_not_plain(value)
    return value


def _refuse_what_is_not_plain(value: Any) -> None:
    match value:
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise PydanticCustomError("any", "has a key that is no text, as JSON needs")
                _refuse_what_is_not_plain(item)
        case list():
            for item in value:
                _refuse_what_is_not_plain(item)
        case int() | float():
            if not is_number(value):
                problem = (
                    "that JSON does not have (NaN or infinity)"
                    if isinstance(value, float)
                    else "of thousands of digits"
                )
                raise PydanticCustomError("any", "holds a number {problem}", {"problem": problem})
        case str():
            _text(value)
        case date() | None:
            pass
        case _:
            name = type(value).__name__
            raise PydanticCustomError("any", "holds a Python {name}, which has no form in JSON", {"name": name})


def describe(detail: Any) -> str:
    """What one of Pydantic's error details says, in the language's own words: `should be text, not 5`."""
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is no field of this type"
        case "any":
            return str(detail["msg"])
        case kind if kind in _EXPECTED:
            message = _EXPECTED[kind].format(**detail.get("ctx", {}))
        case _:
            message = re.sub(r"^\w+ should", "should", str(detail["msg"])).partition(" after validation")[0]
    return f"{message}, not {show(detail['input'])}"


def say(detail: Any) -> str:
    """The same with where in the value it is: `[0].name should be text, not 5`."""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]).lstrip(".")
    return f"{where} {describe(detail)}" if where else describe(detail)


def is_number(value: Any) -> bool:
    """Whether a number can be written in JSON and read again."""
    return math.isfinite(value) if isinstance(value, float) else value.bit_length() <= _MAX_BITS


def show(value: Any, limit: int = 80) -> str:
    """A value as an error shows it: like JSON, cut short."""
    match value:
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case str():
            text = f"'{value}'"
        case dict() | list():
            try:
                text = json.dumps(value, ensure_ascii=False, default=str)
            except (TypeError, ValueError, RecursionError):
                text = "an object" if isinstance(value, dict) else "a list"
        case float():
            text = repr(value)
        case int():
            text = repr(value) if is_number(value) else "a number of thousands of digits"
        case _:
            text = f"a Python {type(value).__name__}"
    return text if len(text) <= limit else text[: limit - 1] + "…"
