"""What must be true of a run that was killed and went on: it is the run that nobody killed, and nothing was lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import configurable_agents
from configurable_agents.events import (
    ItemFailed,
    ItemSucceeded,
    ModelCalled,
    NodeFailed,
    NodeRetried,
    NodeSkipped,
    NodeStarted,
    NodeSucceeded,
    RouteTaken,
    RunResumed,
    to_json,
)
from configurable_agents.graph.past import Key
from configurable_agents.projection import RunView, project
from configurable_agents.runs.state import final_state
from tests.chaos.life import HERE
from tests.chaos.trials import Trial

_ATTEMPTS = NodeStarted | NodeSucceeded | NodeFailed | NodeRetried | ItemSucceeded | ItemFailed | ModelCalled

WORKFLOW = configurable_agents.load(HERE / "crash.yaml")


def check(trial: Trial, unharmed: Trial) -> None:
    """Compare a run with the one that nobody killed."""
    events, view = trial.events, project(trial.events)
    assert [event.seq for event in events] == list(range(1, len(events) + 1)), "a gap"
    assert sum(isinstance(event, RunResumed) for event in events) <= len(trial.deaths)
    assert result(trial) == result(unharmed), trial
    missing, more = settled(unharmed) - settled(trial), settled(trial) - settled(unharmed)
    assert not missing, f"{trial}: {missing} is missing"
    assert not more, f"{trial}: {more} is there besides"
    check_attempts(trial)
    check_calls(trial, unharmed)
    check_view(trial, view)
    assert steps(view) == steps(project(unharmed.events)), trial


def result(trial: Trial) -> Any:
    """The output and the state, which name the run in what was said."""
    found = [project(trial.events).output, final_state(WORKFLOW.spec, trial.events)]
    return to_json(found).replace(trial.run_id, "RUN")


def settled(trial: Trial) -> Counter[tuple[Any, ...]]:
    """All that is recorded once and for all; how often each is there. Nothing of it is there twice."""
    found: Counter[tuple[Any, ...]] = Counter()
    for event in trial.events:
        fact: Any = None
        match event:
            case NodeSucceeded():
                fact = (event.writes, event.superstep, event.error and event.error.code, event.fingerprint)
            case ItemSucceeded():
                fact = event.value
            case NodeFailed() | ItemFailed():
                fact = (event.error.code, event.handled)
            case NodeRetried():
                fact = event.error.code
            case NodeSkipped():
                fact = "skipped"
            case RouteTaken():
                fact = (event.tried, event.rule, event.targets, event.count)
            case ModelCalled() if event.reply:
                fact = (event.call, event.error, event.reply, event.input_tokens, event.cost_usd)
            case _:
                continue
        # The fingerprint has the key of the run in it, where the node was given it.
        text = to_json(fact).replace(trial.run_id, "RUN")
        if isinstance(event, NodeSucceeded):
            text = text.replace(event.fingerprint, "")
        found[event.type, key_of(event), text] += 1
    return found


def check_attempts(trial: Trial) -> None:
    """What runs again has the next number: after all that it had in earlier lives, and those that failed in this."""
    had: Counter[str] = Counter()  # attempts, in the lives before
    ever: Counter[str] = Counter()
    failed: Counter[str] = Counter()  # in this life
    begun: set[str] = set()
    for event in trial.events:
        if isinstance(event, RunResumed):
            had = ever.copy()
            failed.clear()
            begun.clear()
        if not isinstance(event, _ATTEMPTS):
            continue
        key, whole = key_of(event), str(Key(event.node, event.visit))
        due = max(had[key], had[whole]) + 1 + failed[key]  # an item is no older than its map
        assert event.attempt == due, f"{trial}: {event.type} of {key} is of attempt {event.attempt}, not {due}"
        if isinstance(event, NodeStarted):
            assert key not in begun, f"{trial}: {key} began twice in one life"
            begun.add(key)
        failed[key] += isinstance(event, NodeRetried)
        ever[key] = max(ever[key], event.attempt + isinstance(event, NodeRetried))


def check_calls(trial: Trial, unharmed: Trial) -> None:
    """What had succeeded was not called again; what had not was, with the same key, once more a death.

    And nothing was called that is not on record to have begun.
    """
    for death in trial.deaths:
        made = {re.sub(r"\[\d+\]$", "", call.split()[1]) for call in trial.calls[: death.calls]}
        assert made <= death.begun, f"{trial}: {made - death.begun} had not begun"
        again = death.succeeded & set(trial.calls[death.calls :])
        assert not again, f"{trial}: {again} had succeeded"
    usual, called = counted(unharmed), counted(trial)
    assert called.keys() == usual.keys(), trial
    for call, times in called.items():
        assert usual[call] <= times <= usual[call] + len(trial.deaths), f"{trial}: {call} {times} times"


def check_view(trial: Trial, view: RunView) -> None:
    """What is shown of it: it has succeeded, nothing of it is under way, and what it spent is the sum of its calls."""
    calls = [event for event in trial.events if isinstance(event, ModelCalled)]
    assert (view.status, view.error, view.questions) == ("succeeded", None, [])
    assert {step.status for step in view.steps} <= {"succeeded", "skipped", "failed"}
    assert all(step.handled for step in view.steps if step.status == "failed")
    spent, kept = view.spent, trial.run
    assert kept is not None
    told = (spent.model_calls, spent.input_tokens, spent.output_tokens, spent.known_cost_usd)
    assert told[:3] == (len(calls), sum(c.input_tokens for c in calls), sum(c.output_tokens for c in calls)), trial
    assert told[3] == sum(c.cost_usd or 0.0 for c in calls)  # parts of 2^20, which add up without rounding
    assert told == (kept.model_calls, kept.input_tokens, kept.output_tokens, kept.cost_usd), trial
    assert (kept.status, kept.ended_at) == ("succeeded", trial.events[-1].time)


def steps(view: RunView) -> set[tuple[str, int, str, int, int]]:
    """The executions as they are shown."""
    return {(step.node, step.visit, step.status, step.items, step.failed_items) for step in view.steps}


def counted(trial: Trial) -> Counter[str]:
    return Counter(_by_any_run(trial.calls, trial.run_id))


def _by_any_run(calls: Iterable[str], run_id: str) -> Iterable[str]:
    return (call.replace(run_id, "RUN") for call in calls)


def key_of(event: Any) -> str:
    """The execution that an event of a node is of."""
    return str(Key(event.node, event.visit, event.item))
