"""Expressions of which parts are known before a run: the names they read, and their values where all are known."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from jinja2 import nodes

from configurable_agents.spec.inference import infer_expression
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.types import ANY, MISSING, Type

_ALWAYS = frozenset({"range", "null"})


def part(tree: nodes.Node) -> Expression:
    """A part of a parsed text as an expression of its own."""
    return Expression("", lambda: cast("nodes.Expr", deepcopy(tree)))


def names_in(tree: nodes.Node) -> set[str]:
    """The names that a part of a text reads."""
    found = {name.name for name in tree.find_all(nodes.Name)} | ({tree.name} if isinstance(tree, nodes.Name) else set())
    return found - _ALWAYS


def evaluated(expression: Expression, known: Mapping[str, Any]) -> Any:
    """The value of an expression; MISSING where it reads what is not known, or can't be computed."""
    if not names_in(expression.tree) <= known.keys():
        return MISSING
    try:
        return expression.evaluate(known)
    except RenderError:
        return MISSING  # the run will say so


def type_of(tree: nodes.Node, types: Mapping[str, Type]) -> Type:
    """The type of a part of a text; `any` where it is not known."""
    return infer_expression(part(tree), {**dict.fromkeys(names_in(tree), ANY), **types}).type
