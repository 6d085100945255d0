"""A node, compiled: everything about it that is the same in each execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from configurable_agents.events import to_json
from configurable_agents.graph.execution import Inner
from configurable_agents.graph.merging import Merger
from configurable_agents.graph.rendering import compile_config, compile_handling
from configurable_agents.graph.retries import Retries
from configurable_agents.graph.routing import Decide, DecideFailure, Decision
from configurable_agents.graph.writes import ResultWriter
from configurable_agents.plugins.nodes import NodeKind
from configurable_agents.spec.nodeshapes import NodeConfig
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.workflow import NodeSpec, WorkflowSpec

Names = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompiledNode:
    """`decide` is where the node goes, `decide_failure` where when it fails; `handle` gives what its `on_error` sets.

    `when` is its condition, `inner` the graph that it holds.
    """

    spec: NodeSpec
    kind: NodeKind[Any]
    render: Callable[[Names], NodeConfig]
    directory: Path
    when: Expression | None
    retries: Retries
    writer: ResultWriter
    handle: Callable[[Names], Mapping[str, Any]] | None
    decide: Decide | Decision
    decide_failure: DecideFailure | None
    inner: Inner | None
    definition: bytes

    def fingerprint(self, config: NodeConfig, fields: Names) -> str:
        """A hash of what an execution is and of all that it reads: its rendered config, and what its kind adds."""
        said = config.model_dump()
        depends = self.kind.depends(config, fields, self.directory)
        digest = sha256(self.definition)
        digest.update(to_json([said, depends]).encode())
        return digest.hexdigest()[:24]


def compile_node(
    spec: NodeSpec,
    merger: Merger,
    decide: Decide | Decision,
    decide_failure: DecideFailure | None,
    inner: Inner | None,
    workflow: WorkflowSpec,
) -> CompiledNode:
    """The node, ready to be executed any number of times. `workflow` is the one whose file it stands in."""
    if not isinstance(spec.kind, NodeKind):
        raise TypeError(f"{spec.name}: a {type(spec.kind).__name__} can be checked but not run")
    when = spec.texts.get(("nodes", spec.name, "when"))
    return CompiledNode(
        spec,
        spec.kind,
        compile_config(spec),
        workflow.directory,
        when if isinstance(when, Expression) else None,
        Retries.of(spec.config.retry),
        ResultWriter(spec, merger.fields),
        compile_handling(spec),
        decide,
        decide_failure,
        inner,
        _definition(spec, spec.kind, merger, workflow),
    )


def _definition(spec: NodeSpec, kind: NodeKind[Any], merger: Merger, workflow: WorkflowSpec) -> bytes:
    """What an execution of a node is, whatever it reads: its kind, what it must give, and the models that it asks."""
    models = [workflow.models.get(asked or next(iter(workflow.models), "")) for asked in kind.models(spec.config)]
    fields = [merger.fields.get(name) for name in sorted(spec.written)]
    return repr((kind.kind, spec.returns, fields, [model.model_dump() if model else None for model in models])).encode()
