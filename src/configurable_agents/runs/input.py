"""The input of a run as texts: each read by the type of its field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from configurable_agents.errors import InputProblem
from configurable_agents.spec.inputs import Fields, describe, unknown_input
from configurable_agents.spec.types import DictOf, EnumOf, ListOf, ObjectOf, OptionalOf, Scalar, Type
from configurable_agents.spec.validation import show


def parse_pairs(fields: Fields, pairs: Sequence[str]) -> tuple[dict[str, Any], list[InputProblem]]:
    """The values of `k=v` texts, each read by its field's type; a list may be given as JSON or item by item.

    Also what is wrong with them: a text is no pair, names no field, or can't be read as the field's type.
    """
    texts: dict[str, list[str]] = {}
    problems: list[InputProblem] = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            problems.append(InputProblem(name, f"The input '{pair}' has no value.", "Write it as --input name=value."))
        elif name not in fields:
            problems.append(unknown_input(name, fields))
        else:
            texts.setdefault(name, []).append(value)
    values = {}
    for name, listed in texts.items():
        try:
            values[name] = read_texts(fields[name].type, listed)
        except ValueError as error:
            message = f"The input '{name}' {error}."
            problems.append(InputProblem(name, message, f"It is {describe(fields[name])}."))
    return values, problems


def read_texts(a_type: Type, texts: list[str]) -> Any:
    """The value of one field, given by such texts. Raises ValueError, with the rest of a sentence about it."""
    if isinstance(a_type, OptionalOf):
        return None if texts in ([""], ["null"]) else read_texts(a_type.of, texts)
    if isinstance(a_type, ListOf):
        return _list(a_type, texts)
    if len(texts) > 1:
        raise ValueError(f"is given {len(texts)} times, but takes one value")
    return _one(a_type, texts[0])


def _list(a_type: ListOf, texts: list[str]) -> list[Any]:
    if len(texts) == 1 and texts[0].lstrip().startswith("["):
        parsed = _json(texts[0], "a list in JSON, or repeated")
        if isinstance(parsed, list):
            return parsed
    return [read_texts(a_type.item, [text]) for text in texts]


def _one(a_type: Type, text: str) -> Any:
    match a_type:
        case Scalar(name="int"):
            return _number(int, text, "an integer")
        case Scalar(name="float"):
            return _number(float, text, "a number")
        case Scalar(name="bool"):
            lowered = text.strip().lower()
            if lowered not in ("true", "false", "yes", "no", "1", "0"):
                raise ValueError(f"should be true or false, not {show(text)}")
            return lowered in ("true", "yes", "1")
        case Scalar(name="any"):
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                return text
        case ObjectOf() | DictOf():
            return _json(text, "an object in JSON")
        case Scalar() | EnumOf():
            return text
        case _:
            return read_texts(a_type, [text])


def _number(kind: type[int | float], text: str, called: str) -> int | float:
    try:
        return kind(text.strip())
    except ValueError:
        raise ValueError(f"should be {called}, not {show(text)}") from None


def _json(text: str, called: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"should be {called}, not {show(text)} ({error})") from None
