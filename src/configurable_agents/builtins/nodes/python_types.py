"""Arguments in the types of a function's annotations: a parameter that is a model of Pydantic's is given one."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from configurable_agents.errors import NodeError
from configurable_agents.spec.validation import say

# By the function itself, which is kept for as long as the process lasts.
_ADAPTERS: dict[int, tuple[object, Mapping[str, TypeAdapter[Any]]]] = {}


def typed_arguments(function: Callable[..., Any], reference: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, plain data, with those made into objects whose parameters are annotated with a class of objects.

    Raises:
        NodeError: one does not fit its annotation.
    """
    for name, adapter in _adapters(function).items():
        if name in arguments:
            try:
                arguments[name] = adapter.validate_python(arguments[name])
            except ValidationError as error:
                wrong = "; ".join(say(detail) for detail in error.errors(include_url=False))
                message = f"{reference} can't be given '{name}' as it is annotated: {wrong}."
                raise NodeError("python_signature", message, "Change the annotation, or what is given.") from None
    return arguments


def _adapters(function: Callable[..., Any]) -> Mapping[str, TypeAdapter[Any]]:
    known = _ADAPTERS.get(id(function))
    if known is None or known[0] is not function:
        known = _ADAPTERS[id(function)] = (function, _compiled(function))
    return known[1]


def _compiled(function: Callable[..., Any]) -> dict[str, TypeAdapter[Any]]:
    called = function if hasattr(function, "__annotations__") else type(function).__call__
    try:
        hints = typing.get_type_hints(called)
        return {name: TypeAdapter(hint) for name, hint in hints.items() if name != "return" and _makes_objects(hint)}
    except Exception:  # noqa: BLE001  # annotations are the user's own code: what can't be read asks for nothing
        return {}


def _makes_objects(hint: Any) -> bool:
    """Whether an annotation is, or holds, a class that plain data has to be made into."""
    if isinstance(hint, type) and (dataclasses.is_dataclass(hint) or issubclass(hint, BaseModel | enum.Enum)):
        return True
    return any(map(_makes_objects, typing.get_args(hint)))
