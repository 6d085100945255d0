"""A checked graph, compiled to one of LangGraph's; the graphs in its nodes are compiled with it.

Every node is LangGraph's own, with the wrapper for its function; where it goes is said by the `Command` it returns,
so that LangGraph has no edges but those that begin. LangGraph runs the graph; what decides and counts is ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, TypedDict

from langgraph.graph import START as LANGGRAPH_START
from langgraph.graph import StateGraph
from langgraph.runtime import Runtime

from configurable_agents.errors import InputError, LimitError, NodeError, RunError
from configurable_agents.events import path_within
from configurable_agents.graph.execution import Instance, Run
from configurable_agents.graph.merging import Merger, Writes
from configurable_agents.graph.nodes import CompiledNode, compile_node
from configurable_agents.graph.output import compute_output
from configurable_agents.graph.past import Key
from configurable_agents.graph.routing import Decision, compile_failures, compile_routing
from configurable_agents.graph.state import StateChannel
from configurable_agents.graph.wrapper import gone, wrap
from configurable_agents.spec.edges import START, Goto
from configurable_agents.spec.inputs import check_input
from configurable_agents.spec.topology import successors
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec

# LangGraph counts supersteps against a limit of its own; `max_steps` is ours, so its is set out of reach.
_OUT_OF_REACH = 1_000_000_000


class CompiledGraph:
    """A graph that can be run any number of times, at once too. `workflow` is the one that it is, or is in."""

    def __init__(self, spec: GraphSpec, workflow: WorkflowSpec) -> None:
        self.spec = spec
        self.workflow = workflow
        self.merger = Merger(spec.state, spec.directory)
        self._decide = compile_routing(spec)
        failures = compile_failures(spec)
        self.inner = {name: self._inner(node.inner) for name, node in spec.nodes.items() if node.inner is not None}
        self.nodes: dict[str, CompiledNode] = {
            name: compile_node(
                node, self.merger, self._decide[name], failures.get(name), self.inner.get(name), workflow
            )
            for name, node in spec.nodes.items()
        }
        self._initial = self.merger.initial()
        self._files = {"files": dict(workflow.files)} if workflow.files else {}

    def _inner(self, spec: GraphSpec) -> CompiledGraph:
        return CompiledGraph(spec, spec if isinstance(spec, WorkflowSpec) else self.workflow)

    def prepare(self) -> None:
        """Load what may take its time, so that no run waits for it while others go on.

        Raises:
            NodeError: a function that merges can't be loaded.
        """
        _ = self.merger.functions
        for inner in self.inner.values():
            inner.prepare()

    def begin(self, run: Run, given: Mapping[str, Any]) -> Instance:
        """The run of a workflow, ready to begin with a checked input."""
        limits = self.workflow.limits
        about = {"id": run.id, "started_at": run.started_at, "attempt": 1, "session": run.session}
        about["idempotency_key"] = run.id
        base = {**given, "run": about, **self._files}
        steps, depth, slots = limits.max_steps, limits.max_depth, _slots(limits.max_parallel)
        return Instance(run, self.spec, self.workflow, "", given, base, steps, depth, slots)

    async def run_within(
        self,
        outer: Instance,
        key: Key,
        tries: int,
        *,
        names: Mapping[str, Any],
        fields: Mapping[str, Any],
        arguments: Mapping[str, Any] | None,
    ) -> Any:
        """Run the graph in a node; give its one output, or an object of all.

        Raises:
            RunError: it failed.
        """
        if outer.depth_left < 1:
            depth = key.node.count("/") + 1
            message = f"'{key}' holds a graph, which would be nested {depth} deep, and max_depth allows less."
            hint = f"Nest less deeply, or raise the limit: limits: {{max_depth: {depth}}}."
            raise LimitError("max_depth", message, hint, key.node)
        prefix = path_within(key.node, key.visit, key.item, tries) + "/"
        limits, slots, depth = self.workflow.limits, outer.slots, outer.depth_left - 1
        if self.spec is self.workflow:
            readable = self._given(key, fields, arguments)
            base = {**readable, "run": names["run"], **self._files}
            depth = min(depth, limits.max_depth)
            slots = (*_slots(limits.max_parallel), *slots)
        else:
            # Its own fields hide those of the outside from the beginning, while they are unset.
            own, more = self.spec.state, arguments or {}
            readable = {name: value for name, value in {**fields, **more}.items() if name not in own}
            base = {name: value for name, value in {**names, **more}.items() if name not in own}
        inner = Instance(outer.run, self.spec, self.workflow, prefix, readable, base, limits.max_steps, depth, slots)
        state = await self.run(inner)
        output = compute_output(self.spec, {**inner.base, **state})
        if len(self.spec.output) != 1:
            return output
        for name in self.spec.output:
            if name not in output:
                message = f"'{key}' gives '{name}', which was not written on the way that was taken."
                hint = f"Declare it T? if it may be missing, give it a default, or write '{name}' on every way."
                raise NodeError("unset_output", message, hint, key.node)
        return next(iter(output.values()))

    async def run(self, instance: Instance) -> dict[str, Any]:
        """Run the graph to its end and give the fields of the state that are set.

        Raises:
            RunError: it failed.
        """
        timeout = self.workflow.limits.timeout if self.spec is self.workflow else None
        if timeout is None:
            return await self._run(instance)
        if not instance.prefix:
            timeout = max(timeout - instance.run.active_s, 0)
        limit, state = asyncio.timeout(timeout), self._initial
        try:
            async with limit:
                state = await self._run(instance)
        except (TimeoutError, RunError):  # what was stopped may fail because of it
            if not limit.expired():
                raise
        if not limit.expired():
            return state
        who = f"'{instance.prefix.rstrip('/')}'" if instance.prefix else "The run"
        going = f"; it was executing {', '.join(instance.going)}" if instance.going else ""
        steps = "step" if instance.steps == 1 else "steps"
        whole = self.workflow.limits.timeout
        message = f"{who} took longer than its limit of {whole:g}s, after {instance.steps} {steps}{going}."
        hint = "Raise limits: {timeout: …}, or give slow nodes a timeout of their own."
        raise LimitError("run_timeout", message, hint, instance.prefix.rstrip("/") or None)

    def _given(self, key: Key, fields: Mapping[str, Any], arguments: Mapping[str, Any] | None) -> dict[str, Any]:
        """The input of a workflow in a node: what `with` says, else the fields that it is named after."""
        inputs = self.spec.input
        given = arguments if arguments is not None else {name: fields[name] for name in inputs if name in fields}
        try:
            return check_input(inputs, given)
        except InputError as error:
            message = f"The workflow '{self.workflow.name}' can't be given this: {error.message}"
            raise NodeError("invalid_input", message, error.hint, key.node) from None

    async def _run(self, instance: Instance) -> dict[str, Any]:
        initial = {**self._initial, **instance.initial}
        decision = self._decide[START]
        if not isinstance(decision, Decision):
            decision = await gone(decision, {**instance.base, **initial}, instance, START, 1)
        instance.heads = instance.branches.leave(START, decision.targets)
        if not instance.heads:
            return initial
        begin = {"fields": Writes(START, -1, initial)}
        # In its first version LangGraph collects what each step changed as well, which nobody here reads.
        about: Any = {"recursion_limit": _OUT_OF_REACH}
        ended = await self._langgraph.ainvoke(begin, about, context=instance, version="v2")
        fields: dict[str, Any] = ended.value["fields"]
        return fields

    @cached_property
    def _langgraph(self) -> Any:
        spec = self.spec
        channel = StateChannel(self.merger)
        schema = TypedDict("schema", {"fields": Annotated[dict, channel]})  # type: ignore[type-arg]  # noqa: UP013
        builder: Any = StateGraph(schema, context_schema=Instance)
        following = successors(spec.edges)
        for name, node in self.nodes.items():
            destinations = tuple(to for to in following.get(name, ()) if to in self.nodes)
            builder.add_node(name, wrap(node, self.merger), destinations=destinations)
        heads = [head for head in following[START] if head in self.nodes]
        if isinstance(spec.edges[START], Goto) and len(heads) == 1:
            builder.add_edge(LANGGRAPH_START, heads[0])
        else:  # of several heads, one may be the join, which waits for the others
            builder.add_conditional_edges(LANGGRAPH_START, _heads, heads)
        return builder.compile(name=self.workflow.name)


def _slots(most: int | None) -> tuple[asyncio.Semaphore, ...]:
    return () if most is None else (asyncio.Semaphore(most),)


async def _heads(state: Any, runtime: Runtime[Instance]) -> list[str]:
    return runtime.context.heads
