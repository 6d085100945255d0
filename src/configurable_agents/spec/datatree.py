"""A workflow that Python made, as the tree that a YAML file would give: checked by the same rules.

Findings are located by the path of keys, since there are no lines.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from configurable_agents.errors import Finding, Location
from configurable_agents.spec.source import Source
from configurable_agents.spec.validation import is_number
from configurable_agents.spec.yamltree import MAX_DEPTH, YamlList, YamlMap, YamlNode, YamlScalar, path_text

_NOWHERE = (0, 0)


def data_source(data: Mapping[str, Any], directory: Path) -> Source:
    """What stands for the file: its paths are relative to `directory`."""
    name = data.get("name")
    called = name if isinstance(name, str) and name else "workflow"
    text = json.dumps(data, ensure_ascii=False, default=str)  # in its order, which is that of the nodes
    return Source(called, directory, text, [], is_file=False)


def data_tree(data: Mapping[str, Any]) -> tuple[YamlNode, list[Finding]]:
    """The tree of some data, and what in it could not stand in a file."""
    builder = _Builder(str(data.get("name") or "workflow"))
    return builder.node(data, ()), builder.findings


class _Builder:
    def __init__(self, name: str) -> None:
        self.name = name
        self.findings: list[Finding] = []

    def node(self, value: Any, path: tuple[str | int, ...]) -> YamlNode:
        if len(path) > MAX_DEPTH:
            self.say("too_deep", f"This is nested more than {MAX_DEPTH} levels deep.", "Name the inner parts.", path)
            return _scalar("null", plain=True)
        match value:
            case str():
                return _scalar(value, plain=False)
            case bool() | None:
                return _scalar(json.dumps(value), plain=True)
            case int() | float() if is_number(value):
                return _scalar(repr(value), plain=True)
            case int() | float():
                self.say("wrong_shape", "This number can't be written in a file.", "Write a finite number.", path)
                return _scalar("null", plain=True)
            case date():
                return _scalar(value.isoformat(), plain=False)
            case os.PathLike():
                return _scalar(os.fspath(value), plain=False)
            case Mapping():
                return YamlMap(
                    _NOWHERE, {text: pair for key, item in value.items() for text, pair in self.pair(key, item, path)}
                )
            case list() | tuple():
                return YamlList(_NOWHERE, [self.node(item, (*path, index)) for index, item in enumerate(value)])
        message = f"A Python {type(value).__name__} has no form in a workflow."
        self.say("wrong_shape", message, "Write text, numbers, lists and dicts.", path)
        return _scalar("null", plain=True)

    def pair(self, key: Any, item: Any, path: tuple[str | int, ...]) -> list[tuple[str, tuple[YamlScalar, YamlNode]]]:
        if isinstance(key, bool | int):
            key = json.dumps(key)  # `cases: {1: a, true: b}`
        if not isinstance(key, str) or not key:
            self.say("complex_key", "A key must be text.", "Write it in quotes.", path)
            return []
        return [(key, (_scalar(key, plain=False), self.node(item, (*path, key))))]

    def say(self, code: str, message: str, hint: str, path: tuple[str | int, ...]) -> None:
        self.findings.append(Finding(code, message, Location(self.name, 1, 1, 1, path_text(path)), hint))


def _scalar(text: str, *, plain: bool) -> YamlScalar:
    return YamlScalar(text, "" if plain else "data", _NOWHERE, 0, 0, plain)
