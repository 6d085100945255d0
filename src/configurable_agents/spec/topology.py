"""The graph of a workflow: what can be reached, what reaches END, and where branches join.

A join is structural: the first node that all branches of a fan-out must pass, their nearest common post-dominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from configurable_agents.spec.edges import END, START, Fail, Outgoing, targets_of


@dataclass(frozen=True, slots=True)
class Fork:
    """A fan-out: the node that splits, the heads of its branches, and the node (or END) where they join."""

    source: str
    heads: tuple[str, ...]
    join: str


def successors(edges: Mapping[str, Outgoing]) -> dict[str, set[str]]:
    """Where each node may lead; a `fail` leads nowhere."""
    following: dict[str, set[str]] = {}
    for name, outgoing in edges.items():
        targets = targets_of(outgoing)
        following[name] = {to for target in targets if not isinstance(target, Fail) for to in target}
    return following


def may_fail(outgoing: Outgoing) -> bool:
    """Whether a declaration may end the run by `fail`."""
    return any(isinstance(target, Fail) for target in targets_of(outgoing))


def reachable(following: Mapping[str, set[str]], start: str, until: str | None = None) -> set[str]:
    """The nodes that can be reached from `start`, itself included, without passing `until`."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen or name == until:
            continue
        seen.add(name)
        waiting.extend(following.get(name, ()))
    return seen


def reaching(following: Mapping[str, set[str]], ends: set[str]) -> set[str]:
    """The nodes from which one of `ends` can be reached, those included."""
    before: dict[str, set[str]] = {}
    for name, targets in following.items():
        for target in targets:
            before.setdefault(target, set()).add(name)
    seen: set[str] = set()
    waiting = list(ends)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(before.get(name, ()))
    return seen


def forks(edges: Mapping[str, Outgoing]) -> list[Fork]:
    """Every fan-out of a graph, in the order of the nodes, with its join."""
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for name, outgoing in edges.items():
        for target in targets_of(outgoing):
            if not isinstance(target, Fail) and len(target) > 1:
                found[name, target] = None
    if not found:
        return []
    following = successors(edges)
    bit, passing = _post_dominators(following)
    ending = reaching(following, {END})
    return [Fork(name, heads, _join(heads, ending, bit, passing)) for name, heads in found]


def branches(fork: Fork, following: Mapping[str, set[str]]) -> list[set[str]]:
    """The nodes of each branch of a fork, from its head to before the join."""
    return [reachable(following, head, until=fork.join) for head in fork.heads]


def _join(heads: tuple[str, ...], ending: set[str], bit: Mapping[str, int], passing: Mapping[str, int]) -> str:
    # A branch that always fails the run comes to no join, so it has no say in where the others meet.
    leading = [head for head in heads if head in ending]
    if len(leading) < 2:
        return END
    everywhere = -1
    for head in leading:
        everywhere &= passing[head]
    common = [name for name in bit if everywhere & bit[name]]
    # Post-dominators of one node lie on one line: the nearest of them is passed before, and so must pass, the others.
    return max(common, key=lambda name: (passing[name].bit_count(), name), default=END)


def _post_dominators(following: Mapping[str, set[str]]) -> tuple[dict[str, int], dict[str, int]]:
    """A bit for each node, and for each node the bits of those that every way from it to END passes, its own included.

    The usual fixed point (Aho, Sethi, Ullman: Compilers, 10.9), on the graph turned round. A node from which END
    can't be reached keeps all bits: no way through it leads to END, so it takes none from the ways of others.
    """
    names = [START, *(name for name in following if name != START), END]
    names = list(dict.fromkeys([*names, *(to for targets in following.values() for to in targets)]))
    bit = {name: 1 << index for index, name in enumerate(names)}
    everything = (1 << len(names)) - 1
    passing = dict.fromkeys(names, everything)
    passing[END] = bit[END]
    order = list(reversed(names))
    changed = True
    while changed:
        changed = False
        for name in order:
            if name == END:
                continue
            common = everything
            for target in following.get(name, ()):
                common &= passing[target]
            new = bit[name] | common
            if new != passing[name]:
                passing[name], changed = new, True
    return bit, passing
