"""Calling the functions of users: loading them once per process, giving them copies, telling what they raise."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from configurable_agents.builtins.nodes.python_types import typed_arguments
from configurable_agents.errors import ConfigurableAgentsError, NodeError
from configurable_agents.plugins.functions import loaded_function, told, user_function, where
from configurable_agents.plugins.nodes import NodeContext
from configurable_agents.spec.validation import plain


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a function looks like to its caller; `parameters` is None where they can't be found out."""

    function: Callable[..., Any]
    parameters: Mapping[str, inspect.Parameter] | None
    is_async: bool

    @classmethod
    def of(cls, function: Callable[..., Any]) -> _Shape:
        known = _SHAPES.get(id(function))
        if known is None or known.function is not function:
            try:
                parameters: Mapping[str, inspect.Parameter] | None = inspect.signature(function).parameters
            except (TypeError, ValueError):
                parameters = None
            is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
            known = _SHAPES[id(function)] = cls(function, parameters, is_async)
        return known


# By the function itself, which is kept for as long as the process lasts.
_SHAPES: dict[int, _Shape] = {}


async def call_function(reference: str, given: Mapping[str, Any] | None, ctx: NodeContext) -> Any:
    """What `module:name` returns, as plain data; `given` are its arguments, by default the fields they are named after.

    Raises:
        NodeError: it can't be loaded, an argument is missing, or it raised an error of its own.
    """
    function = loaded_function(reference, ctx.directory)
    if function is None:  # in a thread: a module may take its time to import, or block
        function = await ctx.in_thread(lambda: user_function(reference, ctx.directory))
    call = _Call(function, reference, _arguments(function, reference, given, ctx), ctx)
    try:
        return plain(await call.value())
    except ConfigurableAgentsError:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise call.failed(error) from error  # nobody cancelled the node: the function raised it by itself
    except BaseException as error:  # the boundary to the user's code
        raise call.failed(error) from error


class _Call:
    """One call of a function."""

    def __init__(
        self, function: Callable[..., Any], reference: str, arguments: dict[str, Any], ctx: NodeContext
    ) -> None:
        self.function, self.reference, self.arguments, self.ctx = function, reference, arguments, ctx

    def failed(self, error: BaseException) -> NodeError:
        message = f"{self.reference} raised {told(error)}{where(error, self.ctx.directory)}."
        return NodeError("python_error", message, "The function's own error; mend it there.")

    async def value(self) -> Any:
        self.arguments = typed_arguments(self.function, self.reference, self.arguments)
        # What is async runs in a task of its own, so that a function that cancels its task does not cancel the node's.
        if _Shape.of(self.function).is_async:
            return await asyncio.ensure_future(self.awaited())
        result = await self.ctx.in_thread(self.blocking)
        if not inspect.isawaitable(result):
            return result
        try:
            return await asyncio.ensure_future(self.awaited(result))
        finally:
            if inspect.iscoroutine(result):
                result.close()  # where it was stopped before it began

    def blocking(self) -> Any:
        try:
            return self.function(**self.arguments)
        except BaseException as error:  # whatever it raises must not reach the event loop as a word of its own
            raise self.failed(error) from error

    async def awaited(self, result: Awaitable[Any] | None = None) -> Any:
        try:
            return await (self.function(**self.arguments) if result is None else result)
        except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:  # a task would hand these to the event loop
            raise self.failed(error) from error


def _arguments(
    function: Callable[..., Any], reference: str, given: Mapping[str, Any] | None, ctx: NodeContext
) -> dict[str, Any]:
    """The arguments of a call, copied: what a function does to them changes nothing."""
    if given is not None:
        return {name: plain(value) for name, value in given.items()}
    arguments = {}
    parameters = _Shape.of(function).parameters
    if parameters is None:
        message = f"The parameters of {reference} can't be found out."
        raise NodeError("python_signature", message, "Give its arguments by name: with: {…}")
    for name, parameter in parameters.items():
        if name in ctx.fields:
            arguments[name] = plain(ctx.fields[name])
        elif parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        ):
            message = f"{reference} needs '{name}', which nothing has written yet."
            raise NodeError("unset_field", message, f"Give '{name}' a default, or write it before this node.")
    return arguments
