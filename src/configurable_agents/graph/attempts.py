"""One execution of a node, or of one item of a map: tried within its timeout, and again where `retry` says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from configurable_agents.errors import ConfigurableAgentsError, NodeError, RunError
from configurable_agents.events import ErrorInfo, ItemSucceeded, NodeRetried, NodeSucceeded
from configurable_agents.graph.context import Context
from configurable_agents.graph.execution import Instance, Suspended
from configurable_agents.graph.past import Key
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.nodeshapes import NodeConfig

if TYPE_CHECKING:
    from configurable_agents.graph.nodes import CompiledNode


@dataclass(slots=True)
class Work:
    """An execution under way. `left_behind` counts the threads that could not be stopped, of all its attempts.

    `attempt` is the number of the last attempt that was begun, of all that the execution has had, before a crash as
    well; `tries` counts those since it began, without those that a crash ended. `fingerprint` is that of its result.
    """

    instance: Instance
    node: CompiledNode
    key: Key
    names: Mapping[str, Any]
    fields: Mapping[str, Any]
    attempt: int = field(init=False)
    tries: int = field(init=False)
    left_behind: int = 0
    fingerprint: str = ""

    def __post_init__(self) -> None:
        past = self.instance.run.past
        self.attempt = 0 if past.use == "replay" else past.attempts(self.key)
        self.tries = 0 if past.use == "replay" else past.failed.get(self.key, 0)

    async def done(self, settle: Callable[[Any, Context], Any]) -> Any:
        """What `settle` makes of the node's result, in the first attempt in which both succeed.

        Raises:
            RunError: the last attempt failed.
        """
        if self.instance.run.past.use == "replay" and (known := self._replayed()) is not None:
            return known.value if isinstance(known, ItemSucceeded) else known.writes
        first = True
        while True:
            self.attempt += 1
            self.tries += 1
            names = self._names(self.tries)
            attempt, tries, fields = self.attempt, self.tries, self.fields
            context = Context(
                self.instance, self.node, self.key, names, fields, attempt=attempt, tries=tries, first=first
            )
            before, first = self.left_behind, False
            try:
                result = await self._once(context, names)
                raise_if_cancelled()
                return settle(result, context)
            except Exception as error:  # the boundary to the plugin that the kind is
                raise_if_cancelled()
                failed = as_failure(error, self.node, self.key)
                delay = self.node.retries.delay(self.tries, failed)
                if delay is None:
                    raise failed from error
            finally:
                self.left_behind += context.left_behind
            await self.instance.run.emit(
                NodeRetried,
                node=self.key.node,
                visit=self.key.visit,
                item=self.key.item,
                attempt=self.attempt,
                error=error_info(failed),
                delay_s=delay,
                left_behind=self.left_behind > before,
            )
            await asyncio.sleep(delay)

    def _replayed(self) -> NodeSucceeded | ItemSucceeded | None:
        """The recorded result of what acts on the outside; None where it is made again, from recorded replies.

        Raises:
            RunError: it failed then, or there is nothing on record.
        """
        past, key, name = self.instance.run.past, self.key, self.key.node
        success = past.successes.get(key) if key.item is None else past.items.get(key)
        failure = past.last_failures.get(key)
        if self.node.kind.effects == "none":
            late = failure is not None and failure.error.code == "timeout" and failure.error.node == name
            if self.node.inner is not None and success is None and failure is not None and late:
                raise recorded_error(failure.error)
            return None
        if isinstance(success, NodeSucceeded) and success.error is not None:
            raise recorded_error(success.error)
        if success is not None:  # what a fork took over has no replies of its own
            return success if self.node.kind.effects == "outside" or key not in past.calls else None
        if failure is not None:
            raise recorded_error(failure.error)
        message = f"The run that is replayed ended before '{key}' had a result."
        raise NodeError("not_recorded", message, "Go on with it from there: runs fork, or runs resume.", name)

    def _names(self, tries: int) -> Mapping[str, Any]:
        run = self.instance.run
        about = {**self.names["run"], "attempt": tries, "idempotency_key": f"{run.id}/{self.key}"}
        return {**self.names, "run": about}

    def _config(self, names: Mapping[str, Any]) -> NodeConfig:
        config = self.node.render(names)
        if self.instance.run.fingerprints:
            self.fingerprint = self.node.fingerprint(config, self.fields)
        return config

    def now(self) -> str:
        """The fingerprint that the result would have if it were made now; empty where that can't be told."""
        try:
            self._config(self._names(self.tries + 1))
        except Exception:  # noqa: BLE001  # it is told where it is executed
            return ""
        return self.fingerprint

    async def _once(self, context: Context, names: Mapping[str, Any]) -> Any:
        node, timeout = self.node, self.node.spec.config.timeout
        if self.instance.run.rehearse and node.kind.effects != "none":
            self.instance.run.due.append(self.key)
            raise Suspended
        # A graph in a node takes no place itself: its nodes do.
        slots = self.instance.slots if node.inner is None else ()
        if node.kind.waits or (timeout is None and not slots):
            return await node.kind.run(self._config(names), context)
        async with AsyncExitStack() as stack:
            for slot in slots:
                await stack.enter_async_context(slot)
            limit, result = asyncio.timeout(timeout), None  # its time begins here, not while it waits for its turn
            try:
                async with limit:
                    result = await node.kind.run(self._config(names), context)
            except Exception:  # what is stopped may raise something of its own
                if not limit.expired():
                    raise
        if not limit.expired():
            return result
        left = " Its function can't be stopped, and goes on in its thread." if context.left_behind else ""
        message = f"'{self.key}' took longer than its timeout of {timeout:g}s.{left}"
        raise NodeError("timeout", message, "Raise its timeout, or let it do less.", self.key.node)


def raise_if_cancelled() -> None:
    """Go on with a cancellation that a node did not let through: what it gave or raised instead counts for nothing."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def as_failure(error: Exception, node: CompiledNode, key: Key) -> RunError:
    """The failure of an execution as a typed error that names it."""
    if isinstance(error, RunError):
        if error.node is None or (error.node == key.node and key.item is not None):
            error.node = key.node if key.item is None else f"{key.node}[{key.item}]"
        return error
    where = key.node if key.item is None else f"{key.node}[{key.item}]"
    if isinstance(error, RenderError | ConfigurableAgentsError):
        return NodeError(error.code, error.message, error.hint, where)
    message = f"The kind '{node.kind.kind}' raised {type(error).__name__}: {error}"
    return NodeError("node_error", message, "This is an error of the plugin, not of the workflow.", where)


def error_info(error: RunError) -> ErrorInfo:
    """A failure as events tell it."""
    return ErrorInfo(code=error.code, message=error.message, node=error.node, hint=error.hint)


def recorded_error(info: ErrorInfo) -> RunError:
    """The failure that events tell."""
    return NodeError(info.code, info.message, info.hint, info.node)
