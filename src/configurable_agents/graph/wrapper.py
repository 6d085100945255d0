"""The wrapper round each node: runs it, checks what it writes, decides where to go, and tells all of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from configurable_agents.errors import RunError
from configurable_agents.events import (
    NodeCancelled,
    NodeFailed,
    NodeSkipped,
    NodeStarted,
    NodeSucceeded,
    RouteTaken,
)
from configurable_agents.graph.attempts import Work, as_failure, error_info
from configurable_agents.graph.context import Context
from configurable_agents.graph.execution import Instance, Key
from configurable_agents.graph.maps import Map
from configurable_agents.graph.merging import ERROR, Merger, Writes, accept
from configurable_agents.graph.nodes import CompiledNode
from configurable_agents.graph.routing import Decide, Decision


def wrap(node: CompiledNode, merger: Merger) -> Callable[..., Any]:
    """The function that LangGraph calls for a node."""
    spec = node.spec

    async def run(state: Mapping[str, Any], runtime: Runtime[Instance]) -> Command[str]:
        instance = runtime.context
        visit = instance.enter(spec.name)
        execution = _Execution(instance, node, merger, visit, state["fields"])
        instance.going[spec.name] = None
        values = await execution.writes()
        del instance.going[spec.name]
        decision = execution.decision
        if decision is None:
            decide = node.decide
            if isinstance(decide, Decision):
                decision = decide
            else:
                decision = decided(decide, {**instance.base, **execution.merged}, instance, spec.name)
                await tell_route(instance, spec.name, visit, decision)
        following = instance.branches.leave(spec.name, decision.targets)
        return Command(update={"fields": Writes(execution.key.node, spec.rank, values)}, goto=following)

    return run


class _Execution:
    """One execution of a node. `merged` is the state with its writes; `decision` is set where it failed and goes on."""

    def __init__(
        self, instance: Instance, node: CompiledNode, merger: Merger, visit: int, fields: dict[str, Any]
    ) -> None:
        self.instance = instance
        self.node = node
        self.merger = merger
        self.key = Key(instance.prefix + node.spec.name, visit)
        self.fields = fields
        self.names: dict[str, Any] = {**instance.base, **fields}
        self.merged = fields
        self.decision: Decision | None = None
        self.attempt = 1
        self.left_behind = 0
        self.started = time.perf_counter()

    async def writes(self) -> dict[str, Any]:
        """What the node adds to the state; all that happens on the way is told.

        Raises:
            RunError: it failed, and nothing says how to go on.
        """
        emit, about = self.instance.run.emit, {"node": self.key.node, "visit": self.key.visit}
        try:
            if await self._is_skipped():
                await emit(NodeSkipped, **about)
                return {}
            await emit(NodeStarted, **about)
            values = await (self._alone() if not self.node.spec.loops else self._mapped())
            self.merged = self.merger.merged(self.fields, values, self.key.node)
        except asyncio.CancelledError:
            await emit(NodeCancelled, **about, attempt=self.attempt, left_behind=self.left_behind > 0)
            raise
        except Exception as error:  # noqa: BLE001  # the boundary to the plugin that the kind is
            return await self._failed(error)
        await self._succeeded(values)
        return values

    async def _is_skipped(self) -> bool:
        # In a map, `when` is asked for each item.
        if self.node.when is None or self.node.spec.loops:
            return False
        try:
            return not self.node.when.holds(self.names)
        except Exception:
            await self.instance.run.emit(NodeStarted, node=self.key.node, visit=self.key.visit)
            raise

    async def _alone(self) -> dict[str, Any]:
        fields = {**self.instance.readable, **self.fields}
        work = Work(self.instance, self.node, self.key, self.names, fields)
        node, key = self.key.node, str(self.key)

        def settle(result: Any, context: Context) -> dict[str, Any]:
            writer = self.node.writer
            values = writer.of_result(result, self.names, node, key)
            for name, value in context.extra.items():
                values[name] = accept(node, writer.fields[name], value, key)
            return values

        try:
            values: dict[str, Any] = await work.done(settle)
        finally:
            self.attempt, self.left_behind = max(work.attempt, 1), work.left_behind
        return values

    async def _mapped(self) -> dict[str, Any]:
        fields = {**self.instance.readable, **self.fields}
        mapped = Map(self.instance, self.node, self.key.visit, self.names, fields)
        try:
            return await mapped.values()
        finally:
            self.left_behind = mapped.left_behind

    async def _succeeded(self, values: dict[str, Any], error: RunError | None = None) -> None:
        await self.instance.run.emit(
            NodeSucceeded,
            node=self.key.node,
            visit=self.key.visit,
            attempt=self.attempt,
            writes=values,
            superstep=self.instance.branches.superstep(self.node.spec.name),
            duration_s=time.perf_counter() - self.started,
            error=error_info(error) if error is not None else None,
            left_behind=self.left_behind > 0,
        )

    async def _failed(self, error: Exception) -> dict[str, Any]:
        """What is written all the same, where the node's `on_error` or a rule of its route says how to go on."""
        failed = as_failure(error, self.node, self.key)
        told = {"code": failed.code, "message": failed.message, "node": self.node.spec.name}
        problem = failed
        try:
            if self.node.handle is not None:
                values = self._handled({**self.names, ERROR: told})
                self.merged = self.merger.merged(self.fields, values, self.key.node)
                await self._succeeded(values, failed)
                return values
            if self.node.decide_failure is not None:
                self.merged = {**self.fields, ERROR: told}
                names = {**self.instance.base, **self.merged}
                self.decision = self.node.decide_failure(failed.code, names, self.instance.rules)
        except Exception as another:  # noqa: BLE001  # what should have handled the failure failed itself
            problem = as_failure(another, self.node, self.key)
        await self.instance.run.emit(
            NodeFailed,
            node=self.key.node,
            visit=self.key.visit,
            attempt=self.attempt,
            error=error_info(problem),
            duration_s=time.perf_counter() - self.started,
            handled=self.decision is not None,
            left_behind=self.left_behind > 0,
        )
        if self.decision is None:
            raise problem from error
        await tell_route(self.instance, self.node.spec.name, self.key.visit, self.decision)
        return {ERROR: told}

    def _handled(self, names: Mapping[str, Any]) -> dict[str, Any]:
        set_values = self.node.handle(names) if self.node.handle is not None else {}
        node, fields = self.key.node, self.node.writer.fields
        return {name: accept(node, fields[name], value, str(self.key)) for name, value in set_values.items()}


def decided(decide: Decide, names: Mapping[str, Any], instance: Instance, node: str) -> Decision:
    """Where a node goes. Raises RunError, which names the node by its path."""
    try:
        return decide(names, instance.rules)
    except RunError as error:
        error.node = instance.prefix + node
        raise


async def tell_route(instance: Instance, node: str, visit: int, decision: Decision) -> None:
    """Record which way a route or a switch went.

    Raises:
        RunError: it chose to fail the run.
    """
    await instance.run.emit(
        RouteTaken,
        node=instance.prefix + node,
        visit=visit,
        tried=decision.tried,
        values=decision.values,
        rule=decision.rule,
        targets=["fail"] if decision.failure else list(decision.targets),
        count=decision.count,
    )
    if decision.failure is not None:
        decision.failure.node = instance.prefix + node
        raise decision.failure
