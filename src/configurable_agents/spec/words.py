"""The words that keys of a file take: names, durations, numbers."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from configurable_agents.spec.suggest import Suggestion

# Patterns of the schema as well: `(?!\n)`, because Python's `$` also stands before a last newline.
DURATION = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$(?!\n)"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
NAME = r"^(?!__)[A-Za-z_][A-Za-z0-9_]*$(?!\n)"
RESERVED = (
    "START",
    "END",
    "run",
    "error",
    "result",
    "item",
    "null",
    "true",
    "false",
    "none",
    "loop",
    "range",
    # words of expressions
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "True",
    "False",
    "None",
    "self",
)
NOT_RESERVED = rf"(?!(?:{'|'.join(RESERVED)})(?![A-Za-z0-9_]))"


# From here on a number without a unit may well be meant as milliseconds.
_MILLISECONDS = 1000


def _seconds(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(DURATION, value):
        number = re.match(r"[\d.]+", value)
        unit = value[number.end() :] if number else "s"
        return float(value.removesuffix(unit)) * _UNITS[unit]
    hint = "Write it like 500ms, 30s, 5m or 24h."
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        hint = f"Write {value}s for seconds, or {value}ms."
        if value < _MILLISECONDS:
            hint = Suggestion(f"Write {value}s for seconds.", str(value), f"{value}s")
    raise PydanticCustomError("duration", "should be a duration", {"hint": hint})


DURATION_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": DURATION,
    "patternErrorMessage": "A duration is written like 500ms, 30s, 5m or 24h.",
    "examples": ["500ms", "30s", "5m", "24h"],
}
# In seconds.
Duration = Annotated[float, BeforeValidator(_seconds), WithJsonSchema(DURATION_SCHEMA)]


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
        return value
    raise PydanticCustomError("float_type", "should be a number")


Number = Annotated[Any, PlainValidator(_number), WithJsonSchema({"type": "number"})]


def _plain_name(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(NAME, value):
        hint = "A name is a letter or _ followed by letters, digits or _ (and does not begin with __)."
        mended = re.sub(r"[^A-Za-z0-9_]+", "_", str(value)).strip("_")
        hint += f" Write {mended}." if re.fullmatch(NAME, mended) else ""
        raise PydanticCustomError("bad_name", "is no name", {"hint": hint})
    return value


def _name(value: Any) -> Any:
    _plain_name(value)
    if value in RESERVED:
        hint = f"Reserved are {', '.join(RESERVED)}."
        raise PydanticCustomError("reserved_name", "is a reserved name", {"hint": hint})
    return value


_SAID = "A name is a letter or _ followed by letters, digits or _, and does not begin with __."
MEMBER_NAME_SCHEMA: dict[str, Any] = {"type": "string", "pattern": NAME, "patternErrorMessage": _SAID}
NAME_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": f"^{NOT_RESERVED}{NAME.removeprefix('^')}",
    "patternErrorMessage": f"{_SAID} Reserved are {', '.join(RESERVED)}.",
}
Name = Annotated[str, BeforeValidator(_name), WithJsonSchema(NAME_SCHEMA)]
# A field of an object is only ever read as `object.field`, so no name is reserved.
MemberName = Annotated[str, BeforeValidator(_plain_name), WithJsonSchema(MEMBER_NAME_SCHEMA)]
