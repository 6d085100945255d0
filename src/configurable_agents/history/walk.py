"""A graph gone through again by what the events of a run tell, superstep by superstep, without executing anything.

The events alone do not say what an execution saw: of branches that run at the same time, none sees what another writes
in the same step. So the walk counts branches and joins as the graph itself does, and merges what was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from configurable_agents.errors import RunError
from configurable_agents.events import (
    Event,
    NodeFailed,
    NodeSkipped,
    NodeStarted,
    NodeSucceeded,
    RouteTaken,
    RunForked,
    RunStarted,
)
from configurable_agents.graph.branches import Branches
from configurable_agents.graph.merging import ERROR, Merger, Writes
from configurable_agents.spec.edges import START, Goto, Outgoing, Target, targets_of
from configurable_agents.spec.workflow import GraphSpec

# A node of the graph by its name, and its visit.
Execution = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Superstep:
    """Executions that ran at the same time, and the fields that were set when they began.

    `sets` are fields that a fork changed for one of them alone.
    """

    executions: tuple[Execution, ...]
    before: Mapping[str, Any]
    sets: Mapping[Execution, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Walk:
    """The supersteps of a graph in their order, and the fields that are set after all that is known."""

    supersteps: tuple[Superstep, ...]
    end: Mapping[str, Any]

    def before(self, node: str, visit: int) -> Mapping[str, Any] | None:
        """The fields as an execution saw them; None where there was none such."""
        for step in self.supersteps:
            if (node, visit) in step.executions:
                return {**step.before, **step.sets.get((node, visit), {})}
        return None


@dataclass(slots=True)
class _Told:
    """What the events say of the executions of one graph; the last word counts, for a resumed run may do one again."""

    writes: dict[Execution, Mapping[str, Any]] = field(default_factory=dict)
    done: set[Execution] = field(default_factory=set)
    routes: dict[Execution, RouteTaken] = field(default_factory=dict)
    sets: dict[Execution, Mapping[str, Any]] = field(default_factory=dict)
    messages: Mapping[str, Any] = field(default_factory=dict)


def walk(graph: GraphSpec, events: Sequence[Event], prefix: str = "") -> Walk:
    """The walk of a workflow's graph; with the prefix of its nodes' paths (`review[2]/`), of one in a node.

    Where a step could not be merged, which failed the run, it ends before that.

    Raises:
        RunError: what was merged then can't be merged now, because a function is missing or has changed.
    """
    told = _told(events, prefix)
    branches, merger, visits = Branches(graph.forks), Merger(graph.state, graph.directory), Counter[str]()
    state: dict[str, Any] = {**merger.initial(), **told.messages}
    steps: list[Superstep] = []
    following = _leave(graph, branches, told, (START, 1))
    while following:
        visits.update(following)
        executions = tuple((name, visits[name]) for name in following)
        sets = {execution: told.sets[execution] for execution in executions if execution in told.sets}
        steps.append(Superstep(executions, state, sets))
        following = [to for execution in executions for to in _leave(graph, branches, told, execution)]
        written = [
            Writes(name, graph.nodes[name].rank, told.writes[name, visit], sets.get((name, visit), {}))
            for name, visit in executions
            if (name, visit) in told.writes
        ]
        try:
            state = merger.in_order(state, written)
        except RunError:
            if any((name, visits[name] + 1) in told.done for name in following):
                raise
            break
    return Walk(tuple(steps), state)


def _told(events: Sequence[Event], prefix: str) -> _Told:
    told = _Told()
    for event in events:
        if isinstance(event, RunStarted) and not prefix:
            told.messages = event.messages
        elif isinstance(event, RunForked):
            if event.node.rpartition("/")[0] == prefix.rstrip("/"):
                told.sets[event.node.removeprefix(prefix), event.visit] = event.set
        else:
            path = getattr(event, "node", "")
            name = path.removeprefix(prefix)
            if name and path.startswith(prefix) and "/" not in name:
                _tell(told, name, event)
    return told


def _tell(told: _Told, name: str, event: Event) -> None:
    match event:
        case NodeStarted():
            key = name, event.visit
            told.done.discard(key)
            told.writes.pop(key, None)
            told.routes.pop(key, None)
        case NodeSucceeded():
            told.writes[name, event.visit] = event.writes
            told.done.add((name, event.visit))
        case NodeSkipped():
            told.done.add((name, event.visit))
        case NodeFailed(handled=True):
            error = {"code": event.error.code, "message": event.error.message, "node": name}
            told.writes[name, event.visit] = {ERROR: error}
            told.done.add((name, event.visit))
        case RouteTaken():
            told.routes[name, event.visit] = event


def chosen(outgoing: Outgoing, rule: int) -> Target | None:
    """Where the rule or case of this number leads; None where there is none, for the workflow is another by now."""
    targets = targets_of(outgoing)
    return targets[rule] if 0 <= rule < len(targets) else None


def _leave(graph: GraphSpec, branches: Branches, told: _Told, execution: Execution) -> list[str]:
    """The nodes that run next because this execution ended; none where it did not, or chose to fail the run."""
    name, _ = execution
    outgoing = graph.edges[name]
    if isinstance(outgoing, Goto):
        targets = outgoing.to if name == START or execution in told.done else ()
    else:
        route = told.routes.get(execution)
        target = chosen(outgoing, route.rule) if route is not None else None
        targets = target if isinstance(target, tuple) else ()
    return branches.leave(name, targets) if targets else []
