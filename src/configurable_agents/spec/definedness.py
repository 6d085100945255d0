"""What a condition says of which names are set: `x is defined`, and what follows from it by and, or, not."""

from __future__ import annotations

from jinja2 import nodes

Names = frozenset[str]

_NONE: Names = frozenset()


def read_name(node: nodes.Node | None) -> str | None:
    """The name that is read at a name, or at a part of what it names: x.y, x[0]. What is unset has unset parts."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else None


def defined_names(test: nodes.Node | None) -> tuple[Names, Names]:
    """The names that are surely set where the condition holds, and those where it does not."""
    match test:
        case nodes.Test(name="defined", node=of) if (name := read_name(of)) is not None:
            return frozenset((name,)), _NONE
        case nodes.Test(name="undefined", node=of) if (name := read_name(of)) is not None:
            return _NONE, frozenset((name,))
        case nodes.Not(node=of):
            holds, fails = defined_names(of)
            return fails, holds
        case nodes.And(left=left, right=right):
            one, other = defined_names(left), defined_names(right)
            return one[0] | other[0], one[1] & other[1]
        case nodes.Or(left=left, right=right):
            one, other = defined_names(left), defined_names(right)
            return one[0] & other[0], one[1] | other[1]
    return _NONE, _NONE
