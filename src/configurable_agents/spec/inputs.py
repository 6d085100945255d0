"""The input of a workflow: checked against its declaration before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from configurable_agents.errors import InputError, InputProblem
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.types import MISSING, Field, OptionalOf
from configurable_agents.spec.validation import TypeMismatch, check_value, plain, show

Fields = Mapping[str, Field]


def check_input(fields: Fields, given: Mapping[str, Any], found: Sequence[InputProblem] = ()) -> dict[str, Any]:
    """The input as the run sees it: checked, defaults filled in.

    `found` are problems that reading it had already; about their fields nothing more is said.

    Raises:
        InputError: fields are unknown, missing or ill-typed; all of them are named.
    """
    untyped: Any = given  # programs that use the Python API may be unchecked
    if not isinstance(untyped, Mapping):
        problem = InputProblem("", f"The input is {show(untyped)}, not an object of fields.", "Give a dict.")
        raise InputError((problem,))
    problems = [*found, *(unknown_input(name, fields) for name in given if name not in fields)]
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if any(problem.field == name for problem in found):
            continue
        if name in given:
            try:
                values[name] = check_value(field.type, plain(given[name]))
            except TypeMismatch as mismatch:
                message = f"The input '{name}' {_joined(mismatch)}."
                problems.append(InputProblem(name, message, f"It is {describe(field)}."))
        elif field.default is not MISSING:
            values[name] = plain(field.default)
        elif isinstance(field.type, OptionalOf):
            values[name] = None
        else:
            hint = f"It is {describe(field)}. Give it: --input {name}=…"
            problems.append(InputProblem(name, f"The input '{name}' is missing.", hint))
    if problems:
        raise InputError(tuple(problems))
    return values


def describe(field: Field) -> str:
    """A field's type and rules for a person: `int (minimum 1)`."""
    bare = field.type.of if isinstance(field.type, OptionalOf) else field.type
    rules = ", ".join(f"{name} {value}" for name, value in getattr(bare, "rules", ()))
    text = f"{field.type} ({rules})" if rules else str(field.type)
    return f"{text}: {field.description}" if field.description else text


def unknown_input(name: str, fields: Fields) -> InputProblem:
    """What to say of an input that is not declared."""
    name = str(name)
    hint = did_you_mean(name, fields, "The workflow takes no input.")
    return InputProblem(name, f"There is no input '{name}'.", hint)


def _joined(mismatch: TypeMismatch) -> str:
    text = str(mismatch)
    return text if text.startswith(("should", "is ", "has ", "holds ")) else f"does not fit: {text}"
