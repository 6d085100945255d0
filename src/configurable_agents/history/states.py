"""The state of a run at its end, or as one execution saw it when it began."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from configurable_agents.errors import UsageError
from configurable_agents.events import Event, NodeSkipped, NodeStarted
from configurable_agents.graph.merging import ERROR
from configurable_agents.history.walk import walk
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec


def state_at_end(workflow: WorkflowSpec, events: Sequence[Event]) -> dict[str, Any]:
    """The fields that are set after the last event."""
    return _fields(walk(workflow, events).end)


def state_at(workflow: WorkflowSpec, events: Sequence[Event], place: str) -> dict[str, Any]:
    """The fields that were set when an execution began: `NODE` the first time, `NODE#2` the second.

    A node in a group or another workflow is named by its path as events name it (`review[2]/score`); what is given is
    the state of that graph.

    Raises:
        UsageError: there was no such execution.
    """
    path, visit = parse_place(place)
    outside, _, name = path.rpartition("/")
    graph: GraphSpec | None = workflow
    if outside:
        holder = workflow.find(outside)
        graph = holder[0].inner if holder is not None else None
    prefix = f"{outside}/" if outside else ""
    before = walk(graph, events, prefix).before(name, visit) if graph is not None and _began(events, prefix) else None
    if before is None:
        raise _unknown(place, events)
    return _fields(before)


def parse_place(place: str) -> tuple[str, int]:
    """The path and the visit of `NODE` or `NODE#VISIT`.

    Raises:
        UsageError: the visit is no number.
    """
    outside, slash, last = place.rpartition("/")
    name, sign, visit = last.partition("#")
    if sign and not re.fullmatch(r"[1-9]\d{0,8}", visit):
        message = f"'{place}' names no execution: the visit after # is a number from 1."
        raise UsageError("unknown_execution", message, f"Write it like: {name or 'node'}#2")
    return f"{outside}{slash}{name}", int(visit) if sign else 1


def _began(events: Sequence[Event], prefix: str) -> bool:
    return any(getattr(event, "node", "").startswith(prefix) for event in events)


def _fields(state: Mapping[str, Any]) -> dict[str, Any]:
    # The last failure that was handled is kept beside the fields.
    return {name: value for name, value in state.items() if name != ERROR}


def _unknown(place: str, events: Sequence[Event]) -> UsageError:
    known = [
        event.node if event.visit == 1 else f"{event.node}#{event.visit}"
        for event in events
        if isinstance(event, NodeStarted | NodeSkipped)
    ]
    shown = ", ".join(list(dict.fromkeys(known))[:12])
    fallback = f"These were executed: {shown}{', …' if len(known) > 12 else ''}" if known else "Nothing was executed."
    return UsageError("unknown_execution", f"The run did not execute '{place}'.", did_you_mean(place, known, fallback))
