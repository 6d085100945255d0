"""One execution of a node, or of one item of a map: tried within its timeout, and again where `retry` says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configurable_agents.errors import ConfigurableAgentsError, NodeError, RunError
from configurable_agents.events import ErrorInfo, NodeRetried
from configurable_agents.graph.context import Context
from configurable_agents.graph.execution import Instance, Key
from configurable_agents.spec.jinja import RenderError

if TYPE_CHECKING:
    from configurable_agents.graph.nodes import CompiledNode


@dataclass(slots=True)
class Work:
    """An execution under way. `left_behind` counts the threads that could not be stopped, of all its attempts."""

    instance: Instance
    node: CompiledNode
    key: Key
    names: Mapping[str, Any]
    fields: Mapping[str, Any]
    attempt: int = 0
    left_behind: int = 0

    async def done(self, settle: Callable[[Any, Context], Any]) -> Any:
        """What `settle` makes of the node's result, in the first attempt in which both succeed.

        Raises:
            RunError: the last attempt failed.
        """
        while True:
            self.attempt += 1
            context = Context(self.instance, self.node, self.key, self.attempt, self._names(), self.fields)
            before = self.left_behind
            try:
                result = await self._once(context)
                raise_if_cancelled()
                return settle(result, context)
            except Exception as error:  # the boundary to the plugin that the kind is
                raise_if_cancelled()
                failed = as_failure(error, self.node, self.key)
                delay = self.node.retries.delay(self.attempt, failed)
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

    def _names(self) -> Mapping[str, Any]:
        if self.attempt == 1:
            return self.names
        return {**self.names, "run": {**self.names["run"], "attempt": self.attempt}}

    async def _once(self, context: Context) -> Any:
        node, timeout = self.node, self.node.spec.config.timeout
        # A graph in a node takes no place itself: its nodes do.
        slots = self.instance.slots if node.inner is None else ()
        if timeout is None and not slots:
            return await node.kind.run(node.render(self._names()), context)
        async with AsyncExitStack() as stack:
            for slot in slots:
                await stack.enter_async_context(slot)
            limit, result = asyncio.timeout(timeout), None  # its time begins here, not while it waits for its turn
            try:
                async with limit:
                    result = await node.kind.run(node.render(self._names()), context)
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
