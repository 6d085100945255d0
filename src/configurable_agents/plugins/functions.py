"""Functions of users: found beside a workflow or where Python finds them, loaded once per process."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from configurable_agents.errors import NodeError
from configurable_agents.spec.signatures import module_file

# Raised by a function, these would say something to the event loop that waits for its thread.
SIGNALS = (StopIteration, asyncio.CancelledError, SystemExit, KeyboardInterrupt, GeneratorExit)

_LOCK = threading.Lock()
_LOADED: dict[tuple[Path, str], Callable[..., Any]] = {}


def loaded_function(reference: str, directory: Path) -> Callable[..., Any] | None:
    """What `user_function` gives, where it has been loaded before."""
    return _LOADED.get((directory, reference))


def user_function(reference: str, directory: Path) -> Callable[..., Any]:
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
    except (Exception, *SIGNALS) as error:  # the boundary to the user's code: importing it may raise anything
        message = f"{reference} can't be loaded: {told(error)}{where(error, directory)}."
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


def told(error: BaseException) -> str:
    """An error as a message names it: its class and its words."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  # their own class of error may fail at this, too
        said = ""
    words = " ".join(said.split())  # on one line, as all that is told
    return f"{type(error).__name__}: {words[:500]}" if words else type(error).__name__


def where(error: BaseException, directory: Path) -> str:
    """The line of the user's own code that an error came from."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(directory.resolve())]
    return f" ({Path(inside[-1].filename).name}, line {inside[-1].lineno})" if inside else ""
