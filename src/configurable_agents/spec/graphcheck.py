"""Checks the graph as a whole: unreachable nodes, nodes with no way out, loops without a bound."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from configurable_agents.spec.branchcheck import check_branches
from configurable_agents.spec.edges import END, START, Fail, Goto, Outgoing, Route, Switch, Target, targets_of
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.topology import Fork, may_fail, reachable, reaching, successors
from configurable_agents.spec.types import Field
from configurable_agents.spec.workflow import NodeSpec

_MOST_LOOPS = 10


def check_graph(
    report: Report,
    edges: Mapping[str, Outgoing],
    nodes: Mapping[str, NodeSpec],
    state: Mapping[str, Field],
    forks: tuple[Fork, ...],
) -> bool:
    """Report what is wrong with the graph; whether it is sound. The edges must name nodes that exist."""
    following = successors(edges)
    reached = reachable(following, START)
    ends = {END} | {name for name, outgoing in edges.items() if may_fail(outgoing)}
    ending = reaching(following, ends)
    stuck = [name for name in _by_distance(following) if name in nodes and name not in ending]
    if stuck and all(name in edges for name in stuck):
        # Nodes that nothing leads to are then mostly those that should come after the circle.
        _endless(report, edges, following, stuck)
        return False
    for name in nodes:
        if name not in reached:
            hint = (
                f"Lead an edge to it: {_before(edges, name)} -> {name}"
                if name in edges
                else "Lead an edge to it, or remove it."
            )
            report.add("unreachable_node", f"No edge leads to '{name}'.", hint, ("nodes", name), on_key=True)
        elif name in stuck and name not in edges:
            hint = f"Add the edge: {name} -> END"
            report.add("no_way_out", f"No edge leaves '{name}'.", hint, ("nodes", name), on_key=True)
    if stuck or not check_branches(report, edges, nodes, state, [fork for fork in forks if fork.source in reached]):
        return False
    _loops(report, edges, following, reached)
    return True


def _before(edges: Mapping[str, Outgoing], name: str) -> str:
    names = [START, *(other for other in edges if other not in (START, name))]
    return names[-1]


def _by_distance(following: Mapping[str, set[str]]) -> dict[str, int]:
    """The nodes that are reached from START, nearest first, each with its distance."""
    found = {START: 0}
    level = [START]
    while level:
        level = [to for name in level for to in sorted(following.get(name, ())) if to not in found]
        for name in level:
            found.setdefault(name, len(found))
        level = list(dict.fromkeys(level))
    return found


def _endless(
    report: Report, edges: Mapping[str, Outgoing], following: Mapping[str, set[str]], stuck: list[str]
) -> None:
    circle = _circle(edges, following, stuck)
    path, offset = place_of(report, edges[circle[-1]], circle[0])
    message = f"The edges go round without a way to END: {' -> '.join((*circle, circle[0]))}."
    hint = "Make one of them a route: {when: condition, to: …} and {else: END}."
    report.add("endless_cycle", message, hint, path, offset=offset, width=len(circle[0]))


def _circle(edges: Mapping[str, Outgoing], following: Mapping[str, set[str]], stuck: list[str]) -> list[str]:
    """A cycle that no way leaves, of nodes with no way to END, nearest to START first; its last leads to its first.

    Of several it is one that an edge without a condition closes, for a route may well be meant as it is.
    """
    ahead = {name: reachable(following, name) for name in stuck}
    first = next(name for name in stuck if all(name in ahead[other] for other in ahead[name]))
    before = {first: ""}
    level = [first]
    while level:
        name = level.pop(0)
        for to in sorted(following[name] - before.keys()):
            before[to] = name
            level.append(to)
    closing = [name for name in before if first in following[name]]
    way = [next((name for name in reversed(closing) if isinstance(edges[name], Goto)), closing[-1])]
    while before[way[0]]:
        way.insert(0, before[way[0]])
    return way


def _loops(report: Report, edges: Mapping[str, Outgoing], following: Mapping[str, set[str]], reached: set[str]) -> None:
    """Warn of loops that no `max_times` bounds."""
    before: dict[str, set[str]] = {name: set() for name in reached}
    for name in reached & set(edges):
        for target in _unbounded(edges[name]):
            for to in target:
                before[to].add(name)
    for _ in range(_MOST_LOOPS):
        circle = _one_circle(before, _by_distance(following))
        if circle is None:
            return
        steps = list(zip(circle, [*circle[1:], circle[0]], strict=True))
        choosing = [step for step in steps if isinstance(edges[step[0]], Route)]
        name, to = choosing[-1] if choosing else next(step for step in steps if isinstance(edges[step[0]], Switch))
        path, offset = place_of(report, edges[name], to)
        message = f"Only max_steps bounds this loop: {' -> '.join((*circle, circle[0]))}."
        hint = (
            f"Add max_times to the rule: {{when: …, to: {to}, max_times: 3}}"
            if choosing
            else f"Make the switch a route, whose rules take max_times: {{when: …, to: {to}, max_times: 3}}"
        )
        report.add("unbounded_loop", message, hint, path, offset=offset, width=len(to), severity="warning")
        before[to].discard(name)


def _one_circle(before: Mapping[str, set[str]], distance: Mapping[str, int]) -> list[str] | None:
    """A cycle of a graph, from the node of it that is nearest to START; `before` has those that lead to each node."""
    try:
        TopologicalSorter({name: sorted(of) for name, of in before.items()}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][:-1]
        first = circle.index(min(circle, key=lambda name: distance[name]))
        return circle[first:] + circle[:first]
    return None


def _unbounded(outgoing: Outgoing) -> list[tuple[str, ...]]:
    """Where a declaration may lead any number of times."""
    targets: list[Target] = (
        [rule.to for rule in outgoing.rules if rule.max_times is None]
        if isinstance(outgoing, Route)
        else targets_of(outgoing)
    )
    return [target for target in targets if not isinstance(target, Fail)]


def place_of(report: Report, outgoing: Outgoing, to: str) -> tuple[DataPath, int | None]:
    """Where a declaration names a node that it leads to: the place of the text, and the offset in it."""
    if isinstance(outgoing, Goto):
        places = dict(zip(outgoing.to, outgoing.offsets, strict=False))
        return outgoing.path, places.get(to)
    found: list[tuple[DataPath, Target]]
    if isinstance(outgoing, Route):
        found = [((*rule.path, rule.key), rule.to) for rule in outgoing.rules]
    else:
        found = [((*outgoing.path, "cases", value), target) for value, target in outgoing.cases]
        found += [((*outgoing.path, "else"), outgoing.otherwise)] if outgoing.otherwise is not None else []
    path = next(path for path, target in found if not isinstance(target, Fail) and to in target)
    return path, report.offset_of(path, to)
