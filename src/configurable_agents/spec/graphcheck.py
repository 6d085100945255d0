"""Checks the graph as a whole: unreachable nodes, nodes with no way out, branches that do not stay apart."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from configurable_agents.spec.edges import END, START, Outgoing
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.topology import Fork, branches, forks, may_fail, reachable, reaching, successors
from configurable_agents.spec.types import Field
from configurable_agents.spec.workflow import NodeSpec


def check_graph(
    report: Report, edges: Mapping[str, Outgoing], nodes: Mapping[str, NodeSpec], state: Mapping[str, Field]
) -> None:
    """Report what is wrong with the graph. The edges must name nodes that exist."""
    following = successors(edges)
    reached = reachable(following, START)
    for name in nodes:
        if name not in reached:
            hint = (
                f"Lead an edge to it: {_before(edges, name)} -> {name}"
                if name in edges
                else "Lead an edge to it, or remove it."
            )
            report.add("unreachable_node", f"No edge leads to '{name}'.", hint, ("nodes", name), on_key=True)
    if not _ends(report, edges, nodes, following, reached):
        return
    for fork in forks(edges):
        if fork.source in reached:
            _branches(report, fork, edges, following, nodes, state)


def _before(edges: Mapping[str, Outgoing], name: str) -> str:
    names = [START, *(other for other in edges if other not in (START, name))]
    return names[-1]


def _ends(
    report: Report,
    edges: Mapping[str, Outgoing],
    nodes: Mapping[str, NodeSpec],
    following: Mapping[str, set[str]],
    reached: set[str],
) -> bool:
    """Whether every node that is reached has a way out; those that have none are reported."""
    ends = {END} | {name for name, outgoing in edges.items() if may_fail(outgoing)}
    ending = reaching(following, ends)
    stuck = [name for name in nodes if name in reached and name not in ending]
    last = [name for name in stuck if name not in edges]
    for name in last:
        hint = f"Add the edge: {name} -> END"
        report.add("no_way_out", f"No edge leaves '{name}'.", hint, ("nodes", name), on_key=True)
    if stuck and not last:
        circle = _circle(following, stuck[0])
        where = edges[circle[0]].path
        message = f"The edges go round without a way to END: {' -> '.join((*circle, circle[0]))}."
        hint = "Make one of them a route: {when: condition, to: …} and {else: END}."
        report.add("endless_cycle", message, hint, where)
    return not stuck


def _circle(following: Mapping[str, set[str]], start: str) -> list[str]:
    """A cycle that can be reached from `start`, where every way ends in one."""
    way = [start]
    while True:
        name = min(following[way[-1]])
        if name in way:
            return way[way.index(name) :]
        way.append(name)


def _branches(
    report: Report,
    fork: Fork,
    edges: Mapping[str, Outgoing],
    following: Mapping[str, set[str]],
    nodes: Mapping[str, NodeSpec],
    state: Mapping[str, Field],
) -> None:
    parts = branches(fork, following)
    where: DataPath = edges[fork.source].path
    for (head, one), (other_head, other) in combinations(zip(fork.heads, parts, strict=True), 2):
        shared = sorted((one & other) - {END})
        if shared:
            names = ", ".join(f"'{name}'" for name in shared[:3])
            both = f"The branches '{head}' and '{other_head}' of '{fork.source}'"
            message = f"{both} both run {names} before they join at {fork.join}."
            hint = "Branches share no node before their join, and leave only through it."
            report.add("shared_branch", message, hint, where)
            return
        for first in sorted(one & set(nodes), key=lambda name: nodes[name].rank):
            for second in sorted(other & set(nodes), key=lambda name: nodes[name].rank):
                _parallel_writes(report, fork, nodes[first], nodes[second], state)


def _parallel_writes(report: Report, fork: Fork, first: NodeSpec, second: NodeSpec, state: Mapping[str, Field]) -> None:
    for name in first.written:
        if name in second.written and name in state and state[name].merge == "replace":
            both = f"'{first.name}' and '{second.name}'"
            message = f"{both} run in parallel (branches of '{fork.source}') and both write '{name}'."
            hint = f"Give '{name}' a merge (append, update, add, …), or let them write fields of their own."
            path = second.written[name]
            report.add("parallel_writes", message, hint, ("nodes", second.name, *path), on_key=True)
