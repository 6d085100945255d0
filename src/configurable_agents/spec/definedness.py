"""What a condition says of which names are set: `x is defined`, and what follows from it by and, or, not."""

from __future__ import annotations

from jinja2 import nodes

Names = frozenset[str]

_NONE: Names = frozenset()


def defined_names(test: nodes.Node | None) -> tuple[Names, Names]:
    """The names that are surely set where the condition holds, and those where it does not."""
    match test:
        case nodes.Test(name="defined", node=nodes.Name(name=name)):
            return frozenset((name,)), _NONE
        case nodes.Test(name="undefined", node=nodes.Name(name=name)):
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
