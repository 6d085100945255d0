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
from configurable_agents.graph.execution import Instance, Suspended
from configurable_agents.graph.maps import Map
from configurable_agents.graph.merging import ERROR, Merger, Writes, accept
from configurable_agents.graph.nodes import CompiledNode
from configurable_agents.graph.past import Key
from configurable_agents.graph.routing import Decide, Decision, as_taken


def wrap(node: CompiledNode, merger: Merger) -> Callable[..., Any]:
    """The function that LangGraph calls for a node."""
    spec = node.spec

    async def run(state: Mapping[str, Any], runtime: Runtime[Instance]) -> Command[str]:
        instance = runtime.context
        visit = instance.enter(spec.name)
        key = Key(instance.prefix + spec.name, visit)
        sets = instance.run.past.sets.get(key, {})
        execution = _Execution(instance, node, merger, key, {**state["fields"], **sets} if sets else state["fields"])
        try:
            values = await execution.writes()
        except Suspended:
            await execution.suspended()
            raise
        instance.leave(spec.name)
        decision = execution.decision
        if decision is None:
            decide = node.decide
            if isinstance(decide, Decision):
                decision = decide
            else:
                decision = await gone(decide, {**instance.base, **execution.merged}, instance, spec.name, visit)
        following = instance.branches.leave(spec.name, decision.targets)
        return Command(update={"fields": Writes(key.node, spec.rank, values, sets)}, goto=following)

    return run


class _Execution:
    """One execution of a node. `merged` is the state with its writes; `decision` is set where it failed and goes on."""

    def __init__(
        self, instance: Instance, node: CompiledNode, merger: Merger, key: Key, fields: dict[str, Any]
    ) -> None:
        self.instance = instance
        self.node = node
        self.merger = merger
        self.key = key
        self.fields = fields
        self.names: dict[str, Any] = {**instance.base, **fields}
        self.merged = fields
        self.decision: Decision | None = None
        past = instance.run.past
        self.attempt = 1 if past.use == "replay" else past.attempts(key) + 1
        self.left_behind = 0
        self.fingerprint = ""
        self.started = time.perf_counter()

    async def writes(self) -> dict[str, Any]:
        """What the node adds to the state; all that happens on the way is told.

        Raises:
            RunError: it failed, and nothing says how to go on.
        """
        emit = self.instance.run.emit
        about: dict[str, Any] = {"node": self.key.node, "visit": self.key.visit}
        try:
            if await self._is_skipped():
                return {}
            known = await self._known()
            if known is not None:
                return known
            # What acts on the outside begins when that is on record: then no other process can have the run.
            await emit(NodeStarted, **about, attempt=self.attempt, soon=self.node.kind.effects == "none")
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
        run = self.instance.run
        about: dict[str, Any] = {"node": self.key.node, "visit": self.key.visit}
        try:
            skipped = not self.node.when.holds(self.names)
        except Exception:
            await run.emit(NodeStarted, **about, attempt=self.attempt)
            raise
        if skipped and (self.key not in run.past.skipped or run.past.use == "replay"):
            await run.emit(NodeSkipped, **about, soon=True)
        return skipped

    async def _known(self) -> dict[str, Any] | None:
        """What a recorded execution wrote, where it is not to be executed again."""
        past = self.instance.run.past
        success = past.successes.get(self.key)
        if past.use == "replay" or (past.use == "alike" and (self.node.spec.loops or self.node.inner is not None)):
            return None  # it is executed, and what is in it is known
        if success is not None and (past.use == "same" or self._work().now() == success.fingerprint):
            self.instance.run.kept.add(self.key)
            self.merged = self.merger.merged(self.fields, success.writes, self.key.node)
            return success.writes
        failure = past.failures.get(self.key)
        if failure is None or past.use != "same":
            return None
        told = {"code": failure.error.code, "message": failure.error.message, "node": self.node.spec.name}
        self._decide_failure(failure.error.code, told)
        if self.decision is not None and (self.key.node, self.key.visit) not in past.routes:
            await tell_route(self.instance, self.node.spec.name, self.key.visit, self.decision)
        return {ERROR: told}

    def _work(self) -> Work:
        return Work(self.instance, self.node, self.key, self.names, {**self.instance.readable, **self.fields})

    async def suspended(self) -> None:
        """Wait for what goes on beside this execution, which waits for a person."""
        try:
            await self.instance.suspend(self.node.spec.name)
        except asyncio.CancelledError:
            node, visit = self.key.node, self.key.visit
            await self.instance.run.emit(NodeCancelled, node=node, visit=visit, attempt=self.attempt)
            raise

    async def _alone(self) -> dict[str, Any]:
        work = self._work()
        node, key = self.key.node, self.instance.said_by(self.key)

        def settle(result: Any, context: Context) -> dict[str, Any]:
            writer = self.node.writer
            values = writer.of_result(result, self.names, node, key)
            for name, value in context.extra.items():
                values[name] = accept(node, writer.fields[name], value, key)
            return values

        try:
            values: dict[str, Any] = await work.done(settle)
        finally:
            self.attempt, self.left_behind = max(work.attempt, self.attempt), work.left_behind
        self.fingerprint = work.fingerprint
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
            fingerprint=self.fingerprint,
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
            self._decide_failure(failed.code, told)
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

    def _decide_failure(self, code: str, told: dict[str, Any]) -> None:
        """Find out where the node goes after a failure; nowhere, if no rule of its route takes it."""
        if self.node.decide_failure is not None:
            self.merged = {**self.fields, ERROR: told}
            names = {**self.instance.base, **self.merged}
            self.decision = self.node.decide_failure(code, names, self.instance.rules)

    def _handled(self, names: Mapping[str, Any]) -> dict[str, Any]:
        set_values = self.node.handle(names) if self.node.handle is not None else {}
        node, fields = self.key.node, self.node.writer.fields
        key = self.instance.said_by(self.key)
        return {name: accept(node, fields[name], value, key) for name, value in set_values.items()}


async def gone(decide: Decide, names: Mapping[str, Any], instance: Instance, node: str, visit: int) -> Decision:
    """Where a node goes, as its route or switch decides, which is recorded; the way it went before, where it did.

    Raises:
        RunError: it can't be decided, or it chose to fail the run. The error names the node by its path.
    """
    past = instance.run.past
    taken = past.routes.get((instance.prefix + node, visit)) if past.use == "same" else None
    # Branches may share the counts of a list's rules: which was first then is not decided by the order of now.
    if taken is not None and (decision := as_taken(instance.spec.edges[node], taken, instance.rules)) is not None:
        return decision
    try:
        decision = decide(names, instance.rules)
    except RunError as error:
        error.node = instance.prefix + node
        raise
    await tell_route(instance, node, visit, decision)
    return decision


async def tell_route(instance: Instance, node: str, visit: int, decision: Decision) -> None:
    """Record which way a route or a switch went.

    Raises:
        RunError: it chose to fail the run.
    """
    await instance.run.emit(
        RouteTaken,
        soon=True,
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
