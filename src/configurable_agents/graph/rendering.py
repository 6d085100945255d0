"""A node's config with its templates rendered: compiled once per workflow, filled in at each execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from configurable_agents.spec.nodeshapes import HandledShape, NodeConfig
from configurable_agents.spec.shapes import DataPath, Role, Shape, TextFile
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.texts import Site, sites
from configurable_agents.spec.workflow import NodeSpec

Render = Callable[[Mapping[str, Any]], Any]


def compile_config(node: NodeSpec) -> Callable[[Mapping[str, Any]], NodeConfig]:
    """A function from the names a node may read to its config, rendered; all of it but what a failure needs."""
    parts = _members(node.config, ("nodes", node.name), node.texts, _roles(node))
    parts.pop("on_error", None)
    if not parts:
        return lambda values: node.config
    config = node.config
    return lambda values: config.model_copy(update={name: render(values) for name, render in parts.items()})


def compile_handling(node: NodeSpec) -> Callable[[Mapping[str, Any]], Mapping[str, Any]] | None:
    """A function from the names a node may read, and `error`, to what its `on_error` sets; None where it has none."""
    handled = node.config.on_error
    if not isinstance(handled, HandledShape):
        return None
    render = _renderer(handled.set, ("nodes", node.name, "on_error", "set"), node.texts, _roles(node))
    return render or (lambda values: handled.set)


def _roles(node: NodeSpec) -> dict[DataPath, Site]:
    found = sites(node.config, ("nodes", node.name))
    return {site.path: site for site in found if site.role in (Role.TEMPLATE, Role.VALUE)}


def _members(
    shape: Shape,
    path: DataPath,
    texts: Mapping[DataPath, Template | Expression],
    roles: Mapping[DataPath, Site],
) -> dict[str, Render]:
    """Renderers for the members of a shape that hold templates, by attribute."""
    found = {}
    for name, info in type(shape).model_fields.items():
        render = _renderer(getattr(shape, name), (*path, info.alias or name), texts, roles)
        if render is not None:
            found[name] = render
    return found


def _renderer(
    value: Any,
    path: DataPath,
    texts: Mapping[DataPath, Template | Expression],
    roles: Mapping[DataPath, Site],
) -> Render | None:
    """How to render one value; None where it holds no template."""
    if isinstance(value, TextFile):
        path = (*path, "file")
    if isinstance(value, str | TextFile):
        template = texts.get(path)
        if path not in roles or not isinstance(template, Template):
            return None
        return template.evaluate if roles[path].role is Role.VALUE else template.render
    if isinstance(value, Shape):
        members = _members(value, path, texts, roles)
        shape = value
        return (lambda values: shape.model_copy(update={n: r(values) for n, r in members.items()})) if members else None
    if isinstance(value, dict):
        parts = {key: _renderer(item, (*path, key), texts, roles) for key, item in value.items()}
        if any(parts.values()):
            return lambda values: {key: r(values) if (r := parts[key]) else item for key, item in value.items()}
    if isinstance(value, list):
        items = [_renderer(item, (*path, index), texts, roles) for index, item in enumerate(value)]
        if any(items):
            return lambda values: [r(values) if r else item for r, item in zip(items, value, strict=True)]
    return None
