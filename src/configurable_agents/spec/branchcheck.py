"""Checks the branches of fan-outs: that they stay apart before they join, and write no field that is not merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from configurable_agents.spec.edges import END, Goto, Outgoing, Route, Target
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.topology import Fork, branches, successors
from configurable_agents.spec.types import Field
from configurable_agents.spec.workflow import NodeSpec


def check_branches(
    report: Report,
    edges: Mapping[str, Outgoing],
    nodes: Mapping[str, NodeSpec],
    state: Mapping[str, Field],
    forks: Sequence[Fork],
) -> bool:
    """Report what is wrong with the branches; whether all of them stay apart."""
    following = successors(edges)
    apart = True
    said: set[tuple[str, str]] = set()
    for fork in forks:
        parts = branches(fork, following)
        shared = _shared(fork, parts)
        if shared is None:
            _parallel_writes(report, fork, parts, nodes, state, said)
        elif apart:
            apart = False
            first, second, name = shared
            path, offset = _place_of_head(report, edges[fork.source], fork, second)
            both = f"The branches '{first}' and '{second}' of '{fork.source}'"
            message = f"{both} both run '{name}' before they join at {fork.join}."
            hint = "Branches share no node before their join, and leave only through it."
            report.add("shared_branch", message, hint, path, offset=offset, width=len(second))
    return apart


def _shared(fork: Fork, parts: list[set[str]]) -> tuple[str, str, str] | None:
    """Two branches by their heads, and a node that both run."""
    owner: dict[str, str] = {}
    for head, part in zip(fork.heads, parts, strict=True):
        for name in sorted(part - {END}):
            if name in owner:
                return owner[name], head, name
        owner.update(dict.fromkeys(part, head))
    return None


def _place_of_head(report: Report, outgoing: Outgoing, fork: Fork, head: str) -> tuple[DataPath, int | None]:
    if isinstance(outgoing, Goto):
        return outgoing.path, dict(zip(outgoing.to, outgoing.offsets, strict=False)).get(head)
    ways: list[tuple[DataPath, Target | None]]
    if isinstance(outgoing, Route):
        ways = [((*rule.path, rule.key), rule.to) for rule in outgoing.rules]
    else:
        ways = [((*outgoing.path, "cases", value), target) for value, target in outgoing.cases]
        ways.append(((*outgoing.path, "else"), outgoing.otherwise))
    path = next(path for path, target in ways if target == fork.heads)
    return path, report.offset_of(path, head)


def _parallel_writes(
    report: Report,
    fork: Fork,
    parts: list[set[str]],
    nodes: Mapping[str, NodeSpec],
    state: Mapping[str, Field],
    said: set[tuple[str, str]],
) -> None:
    written: dict[str, tuple[int, str]] = {}  # by field: the branch and the node that write it
    for branch, part in enumerate(parts):
        for node in sorted((nodes[name] for name in part if name in nodes), key=lambda node: node.rank):
            for name, where in node.written.items():
                if name not in state or state[name].merge != "replace":
                    continue
                other, first = written.setdefault(name, (branch, node.name))
                if other != branch and (node.name, name) not in said:
                    said.add((node.name, name))
                    both = f"'{first}' and '{node.name}'"
                    message = f"{both} run in parallel (branches of '{fork.source}') and both write '{name}'."
                    hint = f"Give '{name}' a merge (append, update, add, …), or let them write fields of their own."
                    on_key = where[-1] == name
                    report.add("parallel_writes", message, hint, ("nodes", node.name, *where), on_key=on_key)
