"""Checks literal and computed values against the fields that they are for: in `set` and in `with`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from configurable_agents.spec.merging import written_type
from configurable_agents.spec.nodeshapes import NodeProblem
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.typerules import assignable, bare
from configurable_agents.spec.types import (
    ANY,
    MISSING,
    STR,
    DictOf,
    Field,
    ListOf,
    ObjectOf,
    OptionalOf,
    Type,
    is_conversation,
)
from configurable_agents.spec.validation import TypeMismatch, check_value


def misfits(
    values: Mapping[str, Any], fields: Mapping[str, Field], gives: Mapping[DataPath, Type], path: DataPath, code: str
) -> Iterator[NodeProblem]:
    """The values that can't fit their fields. `path` is where they stand, `gives` the types that their texts give."""
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            continue
        may_be = (field.type, written_type(field))
        if not _computes(value):
            problem = None if is_conversation(field.type) else _misfit(value, *may_be)
            if problem:
                yield NodeProblem(code, f"'{name}' {problem}.", f"'{name}' is {field.type}.", (*path, name))
            continue
        first: NodeProblem | None = None
        for wanted in may_be:
            problem_here = next(_within(value, wanted, gives, (*path, name), name, code), None)
            if problem_here is None:
                first = None
                break
            first = first or problem_here
        if first is not None:
            yield first


def _within(
    value: Any, wanted: Type, gives: Mapping[DataPath, Type], at: DataPath, called: str, code: str
) -> Iterator[NodeProblem]:
    """What keeps a value with templates in it from fitting a type, part by part."""
    of = bare(wanted)
    if of == ANY or is_conversation(of):
        return
    if not _computes(value):
        problem = _misfit(value, wanted)
        message = f"'{called}' {problem}." if problem else ""
    elif isinstance(value, list) and isinstance(of, ListOf):
        for index, item in enumerate(value):
            yield from _within(item, of.item, gives, (*at, index), f"{called}[{index}]", code)
        return
    elif isinstance(value, dict) and isinstance(of, DictOf | ObjectOf):
        yield from _members(value, of, gives, at, called, code)
        return
    else:
        given = gives.get(at, ANY) if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"
        shown = "text" if given == STR else given
        fits = not isinstance(given, str) and assignable(given, wanted)
        message = "" if fits else f"This gives {shown}, but '{called}' is {wanted}."
    if message:
        yield NodeProblem(code, message, f"'{called}' is {wanted}.", at)


def _members(
    value: Mapping[str, Any],
    of: DictOf | ObjectOf,
    gives: Mapping[DataPath, Type],
    at: DataPath,
    called: str,
    code: str,
) -> Iterator[NodeProblem]:
    """The same for the values of an object."""
    for key, item in value.items():
        member = of.value if isinstance(of, DictOf) else known.type if (known := of.get(key)) else None
        if member is not None:
            yield from _within(item, member, gives, (*at, key), f"{called}.{key}", code)
        elif isinstance(of, ObjectOf):
            hint = did_you_mean(key, (field.name for field in of.fields))
            yield NodeProblem(code, f"{of.name} has no field '{key}'.", hint, (*at, key), on_key=True)
    for field in of.fields if isinstance(of, ObjectOf) else ():
        if field.name not in value and field.default is MISSING and not isinstance(field.type, OptionalOf):
            message = f"'{called}' lacks '{field.name}', a field of {of}."
            yield NodeProblem(code, message, f"Add {field.name}: … to it.", at)


def _computes(value: Any) -> bool:
    return "{{" in str(value) or "{%" in str(value)


def _misfit(value: Any, *types: Type) -> str | None:
    """What keeps a literal from fitting any of the types; None where it fits one."""
    problem = None
    for a_type in types:
        try:
            check_value(a_type, value)
        except TypeMismatch as mismatch:
            problem = problem or str(mismatch)
        else:
            return None
    return problem
