"""A node, compiled: everything about it that is the same in each execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from configurable_agents.graph.execution import Inner
from configurable_agents.graph.merging import Merger
from configurable_agents.graph.rendering import compile_config, compile_handling
from configurable_agents.graph.retries import Retries
from configurable_agents.graph.routing import Decide, DecideFailure, Decision
from configurable_agents.graph.writes import ResultWriter
from configurable_agents.plugins.nodes import NodeKind
from configurable_agents.spec.nodeshapes import NodeConfig
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.workflow import NodeSpec

Names = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompiledNode:
    """`decide` is where the node goes, `decide_failure` where when it fails; `handle` gives what its `on_error` sets.

    `when` is its condition, `inner` the graph that it holds.
    """

    spec: NodeSpec
    kind: NodeKind[Any]
    render: Callable[[Names], NodeConfig]
    when: Expression | None
    retries: Retries
    writer: ResultWriter
    handle: Callable[[Names], Mapping[str, Any]] | None
    decide: Decide | Decision
    decide_failure: DecideFailure | None
    inner: Inner | None


def compile_node(
    spec: NodeSpec,
    merger: Merger,
    decide: Decide | Decision,
    decide_failure: DecideFailure | None,
    inner: Inner | None,
) -> CompiledNode:
    """The node, ready to be executed any number of times."""
    if not isinstance(spec.kind, NodeKind):
        raise TypeError(f"{spec.name}: a {type(spec.kind).__name__} can be checked but not run")
    when = spec.texts.get(("nodes", spec.name, "when"))
    return CompiledNode(
        spec,
        spec.kind,
        compile_config(spec),
        when if isinstance(when, Expression) else None,
        Retries.of(spec.config.retry),
        ResultWriter(spec, merger.fields),
        compile_handling(spec),
        decide,
        decide_failure,
        inner,
    )
