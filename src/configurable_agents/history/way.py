"""The way that a run took: its executions and choices in order, and what of it is marked in a picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from configurable_agents.events import Event, RouteTaken
from configurable_agents.projection import RunView, StepView, project
from configurable_agents.spec.edges import START, Goto
from configurable_agents.spec.marks import How, Mark, Marks
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec


def in_file(path: str) -> str:
    """The path of a node in the file, by the path of an execution: `review/score` for `review#2[3]/score`."""
    return re.sub(r"[#\[~][^/]*", "", path)


def marks(workflow: WorkflowSpec, events: Sequence[Event]) -> Marks:
    """What a picture of the workflow shows of a run. A failure that was handled is one all the same."""
    view = project(list(events))
    nodes: dict[str, Counter[How]] = {}
    for step in view.steps:
        nodes.setdefault(in_file(step.node), Counter())[_how(step)] += 1
    found = {path: Mark(counted) for path, counted in nodes.items()}
    return Marks(found, Counter(_ways(workflow, events, view)))


def _how(step: StepView) -> How:
    if step.error is not None:
        return "failed"
    match step.status:
        case "succeeded" | "failed" | "running" | "waiting" | "cancelled" | "skipped":
            return step.status
        case _:
            return "cancelled"


def _ways(workflow: WorkflowSpec, events: Sequence[Event], view: RunView) -> Iterator[tuple[str, int]]:
    edges = dict(_edges(workflow, ""))
    begun = {step.node.rpartition("/")[0] for step in view.steps}
    for outside in begun:
        start = f"{in_file(outside)}/{START}".lstrip("/")
        if isinstance(edges.get(start), Goto):
            yield start, 0
    for step in view.steps:
        path = in_file(step.node)
        if isinstance(edges.get(path), Goto) and step.status in ("succeeded", "skipped"):
            yield path, 0
    # A choice that was made anew, because its node was executed again, counts once.
    routes = {(event.node, event.visit): event.rule for event in events if isinstance(event, RouteTaken)}
    for (node, _), rule in routes.items():
        yield in_file(node), rule


def _edges(graph: GraphSpec, prefix: str) -> Iterator[tuple[str, object]]:
    for name, outgoing in graph.edges.items():
        yield f"{prefix}{name}", outgoing
    for node in graph.nodes.values():
        if node.inner is not None:
            yield from _edges(node.inner, f"{prefix}{node.name}/")
