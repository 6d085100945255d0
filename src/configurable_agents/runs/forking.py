"""Forks: a new run that takes over what another did before a node, and goes on by itself from there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from configurable_agents.errors import InputError, InputProblem, UsageError
from configurable_agents.events import (
    Event,
    ModelCalled,
    NodeFailed,
    NodeStarted,
    NodeSucceeded,
    RouteTaken,
    RunCancelled,
    RunFailed,
    RunForked,
    RunResumed,
    RunStarted,
    RunSucceeded,
    RunWaiting,
)
from configurable_agents.graph.past import Key
from configurable_agents.spec.inputs import describe
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.validation import TypeMismatch, check_value, plain
from configurable_agents.spec.workflow import WorkflowSpec

_Run = RunStarted | RunResumed | RunWaiting | RunSucceeded | RunFailed | RunCancelled


def fork_point(text: str, events: Sequence[Event], workflow: WorkflowSpec) -> Key:
    """The execution that `node` or `node#2` names: of a node of the workflow itself, in a run with these events.

    Raises:
        UsageError: there is no such node, or the run never came to it.
    """
    node, _, visit = text.partition("#")
    if node not in workflow.nodes:
        inside = "A run is forked at a node of its own, not inside of one." if "/" in node else ""
        hint = inside or did_you_mean(node, workflow.nodes)
        raise UsageError("unknown_node", f"The workflow has no node '{node}'.", hint)
    if visit and not re.fullmatch(r"[1-9]\d*", visit):
        raise UsageError("unknown_node", f"'{text}' names no visit.", f"Write {node}#2 for the second.")
    key = Key(node, int(visit or 1))
    begun = [e for e in events if isinstance(e, NodeStarted) and e.node == node]
    if all(event.visit != key.visit for event in begun):
        times = len({event.visit for event in begun})
        hint = f"It was executed {times} time{'' if times == 1 else 's'}." if times else "Name one that it executed."
        raise UsageError("not_executed", f"The run never came to '{key}'.", hint)
    return key


def fork_events(run_id: str, at: Key, events: Sequence[Event], sets: Mapping[str, Any]) -> list[Event]:
    """The events that a fork takes over, numbered anew from 2, and the one that says so.

    They are those of all that was done before the execution began or beside it, without the model calls: what these
    cost was paid by the other run.
    """
    began = min(e.seq for e in events if isinstance(e, NodeStarted) and (e.node, e.visit) == (at.node, at.visit))
    ended = [e for e in events if isinstance(e, NodeSucceeded) and (e.node, e.visit) == (at.node, at.visit)]
    step = ended[-1].superstep if ended else 0
    beside = {
        (e.node, e.visit)
        for e in events
        if isinstance(e, NodeSucceeded) and "/" not in e.node and e.superstep <= step
    } - {(at.node, at.visit)}  # fmt: skip
    taken: list[Event] = []
    earlier: dict[str, Any] = {}
    for event in events:
        if isinstance(event, RunForked) and (event.node, event.visit) == (at.node, at.visit):
            earlier |= event.set
        if isinstance(event, _Run | ModelCalled) or _failed_for_good(event):
            continue
        outermost = _outermost(event.node, event.visit)
        before = event.seq < began and outermost != (at.node, at.visit)
        if before or outermost in beside:
            taken.append(event)
    copies = [event.model_copy(update={"run_id": run_id, "seq": n}) for n, event in enumerate(taken, 2)]
    about: dict[str, Any] = {"node": at.node, "visit": at.visit, "set": {**earlier, **sets}}
    forked = RunForked(
        run_id=run_id, seq=len(copies) + 2, time=datetime.now(UTC), parent=events[0].run_id, **about
    )  # fmt: skip
    return [*copies, forked]


def _failed_for_good(event: Event) -> bool:
    """Whether an event tells a failure that ended the run; what failed so is done anew."""
    return (isinstance(event, NodeFailed) and not event.handled) or (
        isinstance(event, RouteTaken) and event.targets == ["fail"]
    )


def _outermost(node: str, visit: int) -> tuple[str, int]:
    """The execution of a node of the workflow itself that an event is inside of, or is of."""
    first, slash, _ = node.partition("/")
    if not slash:
        return node, visit
    name, sign, number = re.split(r"[\[~]", first)[0].partition("#")
    return name, int(number) if sign else 1


def fork_values(workflow: WorkflowSpec, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of the state, and those of the input, that a fork changes.

    Raises:
        InputError: a name is no field, or a value does not fit it.
    """
    state: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    problems = []
    for name, value in given.items():
        field = workflow.state.get(name) or workflow.input.get(name)
        if field is None:
            known = [*workflow.state, *workflow.input]
            problems.append(InputProblem(name, f"There is no field '{name}'.", did_you_mean(name, known)))
            continue
        try:
            checked = check_value(field.type, plain(value))
        except TypeMismatch as mismatch:
            message = f"The value of '{name}' {mismatch}."
            problems.append(InputProblem(name, message, f"It is {describe(field)}."))
        else:
            (state if name in workflow.state else inputs)[name] = checked
    if problems:
        raise InputError(tuple(problems))
    return state, inputs


def started_of(events: Sequence[Event]) -> RunStarted:
    """The event that a run began with."""
    return next(event for event in events if isinstance(event, RunStarted))
