"""A run's input from a file or from stdin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from configurable_agents.errors import InputError, InputProblem, UsageError

_MOST_CHARACTERS = 100_000_000


def read_input(path: str) -> dict[str, Any]:
    """The fields in a JSON or YAML file, or in the JSON on stdin for `-`.

    Raises:
        UsageError: there is no such file, or it can't be read.
        InputError: it holds no mapping of fields.
    """
    called = "the input on stdin" if path == "-" else path
    try:
        text = sys.stdin.read() if path == "-" else _read(path)
    except FileNotFoundError:
        raise UsageError("file_not_found", f"There is no file {path}.", "It is the input, as JSON or YAML.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError("file_unreadable", f"{called} can't be read: {why}.", "It must be UTF-8 text.") from None
    if Path(path).suffix in (".yaml", ".yml"):
        return _yaml(text, path)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = InputProblem("", f"{called} is no JSON: {error}.", 'Write an object, like {"topic": "tides"}.')
        raise InputError((problem,)) from None
    return _mapping(found, called)


def _read(path: str) -> str:
    # Read to a bound, for a device has no end.
    with Path(path).open(encoding="utf-8-sig") as file:
        text = file.read(_MOST_CHARACTERS + 1)
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"it has more than {_MOST_CHARACTERS:,} characters")
    return text


def _yaml(text: str, path: str) -> dict[str, Any]:
    from configurable_agents.spec.source import Source
    from configurable_agents.spec.yamltree import read_tree, to_data

    root, findings = read_tree(Source.of(text, path, Path(path).parent))
    if root is None or findings:
        message = str(findings[0]) if findings else f"{path} is empty."
        raise InputError((InputProblem("", message, "Write the fields as a mapping."),))
    return _mapping(to_data(root), path)


def _mapping(found: Any, called: str) -> dict[str, Any]:
    if isinstance(found, dict):
        return found
    kind = {list: "a list", str: "text", type(None): "null"}.get(type(found), "a number")
    problem = InputProblem("", f"{called} holds {kind}, not an object.", 'Write an object, like {"topic": "tides"}.')
    raise InputError((problem,))
