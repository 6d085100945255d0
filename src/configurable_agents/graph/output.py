"""The output of a graph at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configurable_agents.errors import NodeError, RunError
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.types import OptionalOf
from configurable_agents.spec.workflow import GraphSpec


def compute_output(graph: GraphSpec, names: Mapping[str, Any]) -> dict[str, Any]:
    """The output by name. An unset field is null if it is `T?`; without `output` it is left out.

    Raises:
        RunError: a field of the output was never written, or an expression of the output can't be computed.
    """
    fields = {**graph.input, **graph.state}
    output: dict[str, Any] = {}
    for name, expression in graph.output.items():
        own = fields.get(name) if expression.text == name else None
        if own is not None and name not in names:
            if graph.whole_output:
                continue
            if isinstance(own.type, OptionalOf):
                output[name] = None
                continue
            message = f"The output '{name}' was not written on the way that the run took."
            hint = f"Declare it T? if it may be missing, give it a default, or write '{name}' on every way."
            raise RunError("unset_output", message, hint)
        if own is not None:
            output[name] = names[name]
            continue
        try:
            output[name] = expression.evaluate(names)
        except RenderError as error:
            raise NodeError(error.code, error.message, error.hint) from None
    return output
