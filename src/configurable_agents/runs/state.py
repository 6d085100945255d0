"""What the events of a run add up to, for going on with it: its past, its input, its state."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from configurable_agents.errors import RunError
from configurable_agents.events import Event, NodeSucceeded, RunForked, RunResumed, RunStarted
from configurable_agents.graph.merging import Merger, Writes
from configurable_agents.graph.past import Past
from configurable_agents.spec.workflow import WorkflowSpec


def past_of(events: Sequence[Event], *, alike: bool = False) -> Past:
    """What a run has behind it that goes on; once it has gone on with something else, only what is alike counts."""
    resumed = [event for event in events if isinstance(event, RunResumed)]
    changed = any(event.workflow_hash is not None or event.input is not None for event in resumed)
    return Past.of(events, "alike" if alike or changed else "same")


def input_of(events: Sequence[Event]) -> dict[str, Any]:
    """The input that a run has by now."""
    given: dict[str, Any] = {}
    for event in events:
        if isinstance(event, RunStarted | RunResumed) and event.input is not None:
            given = event.input
    return given


def final_state(workflow: WorkflowSpec, events: Sequence[Event]) -> dict[str, Any]:
    """The state that the events of a run add up to: superstep by superstep, in the order of the file.

    Where a superstep could not be merged, which failed the run, it is the state before that.
    """
    merger = Merger(workflow.state, workflow.directory)
    steps: dict[int, dict[tuple[str, int], Writes]] = {}
    sets: dict[tuple[str, int], dict[str, Any]] = {}
    state = merger.initial()
    for event in events:
        if isinstance(event, RunStarted):
            state |= event.messages
        elif isinstance(event, RunForked):
            sets[event.node, event.visit] = event.set
        # What is inside of a node has a state of its own.
        elif isinstance(event, NodeSucceeded) and event.node in workflow.nodes:
            key = (event.node, event.visit)
            write = Writes(event.node, workflow.nodes[event.node].rank, event.writes, sets.get(key, {}))
            for others in steps.values():
                others.pop(key, None)  # it was made again, with another file or input
            steps.setdefault(event.superstep, {})[key] = write
    with suppress(RunError):
        for step in sorted(steps):
            if steps[step]:
                state = merger.in_order(state, list(steps[step].values()))
    return state
