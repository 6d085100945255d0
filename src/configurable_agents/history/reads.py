"""What an expression read, as values: `judgement.score` of `judgement.score < 0.7`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

from configurable_agents.spec.templates import Expression


def values_read(expression: Expression, names: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the names in it and of their parts, as far as they are known, by how they are written there."""
    found = {}
    for keys in _chains(expression.tree):
        value = _at(names, keys)
        if value is not _MISSING:
            found[_written(keys)] = value
    return found


_MISSING = object()
Keys = tuple[str | int, ...]


def _chains(node: nodes.Node) -> Iterator[Keys]:
    keys = _chain(node)
    if keys is not None:
        yield keys
        return
    for child in node.iter_child_nodes():
        yield from _chains(child)


def _chain(node: nodes.Node) -> Keys | None:
    match node:
        case nodes.Name(name=name):
            return (name,)
        case nodes.Getattr(node=of, attr=attr) if (before := _chain(of)) is not None:
            return (*before, attr)
        case nodes.Getitem(node=of, arg=nodes.Const(value=str() | int() as key)) if (before := _chain(of)) is not None:
            return (*before, key)
    return None


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value


def _written(keys: Keys) -> str:
    first, *rest = keys
    return str(first) + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in rest)
