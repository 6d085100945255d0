"""Calling the functions of users: loading them once per process, giving them copies, telling what they raise."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from configurable_agents.builtins.nodes.signatures import module_file
from configurable_agents.errors import ConfigurableAgentsError, NodeError
from configurable_agents.plugins.nodes import NodeContext
from configurable_agents.spec.validation import plain

# Raised by a function, these would say something to the event loop that waits for its thread.
_SIGNALS = (StopIteration, asyncio.CancelledError, SystemExit, KeyboardInterrupt, GeneratorExit)

_LOCK = threading.Lock()
_LOADED: dict[tuple[Path, str], Callable[..., Any]] = {}


async def call_function(reference: str, given: Mapping[str, Any] | None, ctx: NodeContext) -> Any:
    """What `module:name` returns, as plain data; `given` are its arguments, by default the fields they are named after.

    Raises:
        NodeError: it can't be loaded, an argument is missing, or it raised an error of its own.
    """
    function = _LOADED.get((ctx.directory, reference))
    if function is None:  # in a thread: a module may take its time to import, or block
        function = await ctx.in_thread(lambda: _function(reference, ctx.directory))
    arguments = _arguments(function, reference, given, ctx)

    def failed(error: BaseException) -> NodeError:
        message = f"{reference} raised {_told(error)}{_where(error, ctx.directory)}."
        return NodeError("python_error", message, "The function's own error; mend it there.")

    def call() -> Any:
        try:
            return function(**arguments)
        except _SIGNALS as error:
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


def _function(reference: str, directory: Path) -> Callable[..., Any]:
    """The function, or an instance of the class, that `module:name` names; made once per process."""
    key = (directory, reference)
    with _LOCK:
        if key not in _LOADED:
            _LOADED[key] = _load(reference, directory.resolve())
        return _LOADED[key]


def _load(reference: str, directory: Path) -> Callable[..., Any]:
    module_name, _, name = reference.partition(":")
    file = module_file(module_name, directory)
    try:
        module = importlib.import_module(module_name) if file is None else _beside(module_name, file, directory)
        found = getattr(module, name)
        made = found() if inspect.isclass(found) else found
    except (Exception, *_SIGNALS) as error:  # the boundary to the user's code: importing it may raise anything
        message = f"{reference} can't be loaded: {_told(error)}{_where(error, directory)}."
        raise NodeError("python_import", message, "Mend the module, or install what it imports.") from error
    if not callable(made):
        message = f"{reference} is a {type(made).__name__}, which can't be called."
        raise NodeError("python_import", message, "Name a function, or a class with __call__.")
    call: Callable[..., Any] = made
    return call


def _beside(module_name: str, file: Path, directory: Path) -> Any:
    # Under a name of its own, so that two workflows may each have a `tools.py`; what it imports from beside it
    # is found by the path.
    unique = f"_configurable_agents_workflow.{abs(hash(str(directory))):x}.{module_name}"
    if unique in sys.modules:
        return sys.modules[unique]
    spec = importlib.util.spec_from_file_location(unique, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    try:
        spec.loader.exec_module(module)
    except BaseException:  # raised again: a module that broke while it was imported must not stay half there
        del sys.modules[unique]
        raise
    return module


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


def _told(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  # their own class of error may fail at this, too
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _where(error: BaseException, directory: Path) -> str:
    """The line of the user's own code that an error came from."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(directory.resolve())]
    return f" ({Path(inside[-1].filename).name}, line {inside[-1].lineno})" if inside else ""
