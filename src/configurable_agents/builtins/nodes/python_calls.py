"""Calling the functions of users: loading them once per process, giving them copies, telling what they raise."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from configurable_agents.builtins.nodes.python_types import typed_arguments
from configurable_agents.errors import ConfigurableAgentsError, NodeError
from configurable_agents.plugins.functions import SIGNALS, loaded_function, told, user_function, where
from configurable_agents.plugins.nodes import NodeContext
from configurable_agents.spec.validation import plain


async def call_function(reference: str, given: Mapping[str, Any] | None, ctx: NodeContext) -> Any:
    """What `module:name` returns, as plain data; `given` are its arguments, by default the fields they are named after.

    Raises:
        NodeError: it can't be loaded, an argument is missing, or it raised an error of its own.
    """
    function = loaded_function(reference, ctx.directory)
    if function is None:  # in a thread: a module may take its time to import, or block
        function = await ctx.in_thread(lambda: user_function(reference, ctx.directory))
    arguments = typed_arguments(function, reference, _arguments(function, reference, given, ctx))

    def failed(error: BaseException) -> NodeError:
        message = f"{reference} raised {told(error)}{where(error, ctx.directory)}."
        return NodeError("python_error", message, "The function's own error; mend it there.")

    def call() -> Any:
        try:
            return function(**arguments)
        except SIGNALS as error:
            raise failed(error) from error

    try:
        result = function(**arguments) if _is_async(function) else await ctx.in_thread(call)
        return plain(await result if inspect.isawaitable(result) else result)
    except ConfigurableAgentsError:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise failed(error) from error  # nobody cancelled the node: the function raised it by itself
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # the boundary to the user's code
        raise failed(error) from error


def _arguments(
    function: Callable[..., Any], reference: str, given: Mapping[str, Any] | None, ctx: NodeContext
) -> dict[str, Any]:
    """The arguments of a call, copied: what a function does to them changes nothing."""
    if given is not None:
        return {name: plain(value) for name, value in given.items()}
    arguments = {}
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        message = f"The parameters of {reference} can't be found out."
        raise NodeError("python_signature", message, "Give its arguments by name: with: {…}") from None
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


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
