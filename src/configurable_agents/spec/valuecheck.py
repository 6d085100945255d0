"""Checks literal and computed values against the fields that they are for: in `set` and in `with`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from configurable_agents.spec.merging import written_type
from configurable_agents.spec.nodeshapes import NodeProblem
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.typerules import assignable
from configurable_agents.spec.types import STR, Field, Type, is_conversation
from configurable_agents.spec.validation import TypeMismatch, check_value


def misfits(
    values: Mapping[str, Any], fields: Mapping[str, Field], gives: Mapping[DataPath, Type], path: DataPath, code: str
) -> Iterator[NodeProblem]:
    """The values that can't fit their fields. `path` is where they stand, `gives` the types that their texts give."""
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            continue
        at: DataPath = (*path, name)
        hint = f"'{name}' is {field.type}."
        given = gives.get(at)
        may_be = (field.type, written_type(field))
        if given is not None and (given != STR or _computes(value)):
            if not any(assignable(given, wanted) for wanted in may_be):
                called = "text" if given == STR else given
                yield NodeProblem(code, f"This gives {called}, but '{name}' is {field.type}.", hint, at)
        elif not _computes(value) and not is_conversation(field.type):
            problem = _misfit(value, *may_be)
            if problem:
                yield NodeProblem(code, f"'{name}' {problem}.", hint, at)


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
