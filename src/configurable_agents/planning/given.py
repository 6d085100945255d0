"""What is known of a run's input before it is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from configurable_agents.errors import InputProblem
from configurable_agents.spec.inputs import Fields, check_input, unknown_input


def check_given(fields: Fields, given: Mapping[str, Any], found: Sequence[InputProblem] = ()) -> dict[str, Any]:
    """The input as far as it is given, checked; nothing is said of what is missing. `found` is as for `check_input`.

    Raises:
        InputError: fields are unknown or ill-typed; all of them are named.
    """
    untyped: Any = given
    if not isinstance(untyped, Mapping):
        return check_input(fields, given)
    unknown = [unknown_input(name, fields) for name in given if name not in fields]
    known = {name: value for name, value in given.items() if name in fields}
    return check_input({name: fields[name] for name in known}, known, [*found, *unknown])
