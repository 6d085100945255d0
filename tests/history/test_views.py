"""What a view tells of runs that were resumed, forked, replayed, or wait for an answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from configurable_agents.events import (
    Event,
    ModelCalled,
    NodeAnswered,
    NodeAsked,
    Question,
    RunCancelled,
    RunForked,
    RunResumed,
    RunWaiting,
)
from configurable_agents.projection import RunView, project
from tests.history.kept import after, joined, until
from tests.workflows import functions, load

NODES: dict[str, Any] = {
    "first": {"prompt": "Say something.", "writes": "a"},
    "second": {"prompt": "Say more than {{ a }}", "writes": "b"},
    "third": {"for_each": "i in range(4)", "python": "f:odd_only", "with": {"x": "{{ i * 2 + 1 }}"}, "writes": "c"},
}
STATE = {"a": "str", "b": "str", "c": "list[any]"}


@pytest.fixture
def events(tmp_path: Path) -> list[Event]:
    result = load(functions(tmp_path), NODES, state=STATE).run(model="demo")
    assert result.status == "succeeded"
    found: list[Event] = result.events
    return found


def later(event: Event, minutes: float) -> Any:
    return {"run_id": event.run_id, "seq": event.seq + 1, "time": event.time + timedelta(minutes=minutes)}


def moved(events: list[Event], minutes: float) -> list[Event]:
    return [event.model_copy(update={"time": event.time + timedelta(minutes=minutes)}) for event in events]


def shown(view: RunView) -> list[tuple[str, str]]:
    return [(step.node, step.status) for step in view.steps]


def test_a_run_that_was_interrupted_and_resumed_is_one_run(events: list[Event]) -> None:
    before = until(events, "model_called", "second")
    view = project(before)
    view.interrupt()
    assert view.status == "interrupted"
    assert shown(view) == [("first", "succeeded"), ("second", "interrupted")]

    again = moved(after(events, "node_started", "second"), 60)
    view = project(joined(before, [RunResumed(**later(before[-1], 59))], again))
    assert view.status == "succeeded"
    assert shown(view) == [("first", "succeeded"), ("second", "succeeded"), ("third", "succeeded")]
    assert view.finished == ["first", "second", "third"]
    # The call that was under way is paid twice, for it was made twice.
    calls = [event for event in events if isinstance(event, ModelCalled)]
    assert view.spent.model_calls == len(calls) + 1
    assert view.step("second", 1).spent.model_calls == 2
    assert sum(step.spent.input_tokens for step in view.steps) == view.spent.input_tokens


def test_the_hour_in_which_nothing_ran_is_no_part_of_the_duration(events: list[Event]) -> None:
    before = until(events, "model_called", "second")
    whole = project(events).duration_s
    resumed = [RunResumed(**later(before[-1], 60))]
    rest = moved(after(events, "node_started", "second"), 60)
    assert project(joined(before, resumed, rest)).duration_s == pytest.approx(whole, abs=1)


def test_items_that_were_done_before_are_counted_once(events: list[Event]) -> None:
    before = until(events, "item_succeeded", "third")
    resumed: list[Event] = [RunResumed(**later(before[-1], 1))]
    rest = [event for event in moved(after(events, "node_started", "third"), 1) if event != before[-1]]
    first_item = before[-1].item  # type: ignore[union-attr]
    rest = [event for event in rest if event.type != "item_succeeded" or event.item != first_item]
    view = project(joined(before, resumed, rest))
    assert view.step("third", 1).items == 4
    assert len([event for event in rest if event.type == "item_succeeded"]) == 3


def test_a_failed_run_that_is_resumed_has_no_error_any_more(tmp_path: Path, events: list[Event]) -> None:
    failed = load(functions(tmp_path), {"a": {"python": "f:flaky", "with": {"failures": 1}, "writes": "x"}})
    one, other = failed.run(), failed.run()
    assert (one.status, other.status) == ("failed", "succeeded")
    changed = RunResumed(**later(one.events[-1], 1), input={}, model="openai/other", workflow_hash="another")
    view = project(joined(one.events, [changed]))
    assert (view.status, view.error, view.model, view.workflow_hash) == ("running", None, "openai/other", "another")
    view = project(joined(one.events, [changed], other.events[1:]))
    assert (view.status, view.error, shown(view)) == ("succeeded", None, [("a", "succeeded")])
    assert view.output == other.output


def test_what_a_fork_took_over_was_paid_by_its_parent(events: list[Event]) -> None:
    begun = events[0].model_copy(update={"run_id": "the-fork", "parent": "the-parent", "relation": "fork"})
    before = [begun, *until(events, "node_succeeded", "first")[1:]]
    fork = RunForked(**later(before[-1], 5), parent="the-parent", node="second", visit=1, set={"a": "x"})
    rest = moved(after(events, "node_started", "second"), 5)
    view = project(joined(before, [fork], rest))
    assert (view.run_id, view.parent, view.relation, view.status) == ("the-fork", "the-parent", "fork", "succeeded")
    assert view.finished == ["first", "second", "third"]
    assert view.step("first", 1).spent.model_calls == 0
    assert view.spent.model_calls == view.step("second", 1).spent.model_calls == 1
    assert 0 <= view.duration_s < 60


def test_a_replayed_reply_costs_nothing(events: list[Event]) -> None:
    calls = [event for event in events if isinstance(event, ModelCalled)]
    replay = [event.model_copy(update={"replayed": True}) if event in calls else event for event in events]
    view = project(replay)
    assert (view.spent.model_calls, view.spent.input_tokens, view.spent.cost_usd) == (0, 0, 0)
    assert view.spent.replayed == len(calls)


def asked(event: Event, item: int | None) -> NodeAsked:
    question = Question(node="third", visit=1, item=item, text="Go on?", answer_type="str", asked_at=event.time)
    return NodeAsked(**later(event, 0), node="third", visit=1, item=item, question=question)


def test_a_run_waits_until_all_its_questions_are_answered_and_it_is_resumed(events: list[Event]) -> None:
    before = until(events, "node_started", "third")
    one, other = asked(before[-1], 0), asked(before[-1], 1)
    waiting = RunWaiting(**later(before[-1], 1), questions=[one.question, other.question])
    told: list[Event] = [*before, one, other, waiting]
    view = project(joined(told))
    assert (view.status, view.step("third", 1).status, len(view.questions)) == ("waiting", "waiting", 2)
    active = view.duration_s
    answers = [NodeAnswered(**later(waiting, 90), node="third", visit=1, item=item, answer="yes") for item in (0, 1)]
    view = project(joined(told, answers))
    assert (view.status, view.step("third", 1).status, view.questions) == ("waiting", "waiting", [])
    assert view.duration_s == active, "an answer is no work"
    rest = moved(after(events, "node_started", "third"), 120)
    view = project(joined(told, answers, [RunResumed(**later(waiting, 119))], rest))
    assert (view.status, view.step("third", 1).status) == ("succeeded", "succeeded")


def test_an_answer_in_a_run_that_goes_on_lets_its_node_go_on(events: list[Event]) -> None:
    before = until(events, "node_started", "third")
    one = asked(before[-1], None)
    answered = NodeAnswered(**later(one, 1), node="third", visit=1, answer="yes", by="Ada")
    view = project(joined(before, [one, answered]))
    assert (view.status, view.step("third", 1).status, view.questions) == ("running", "running", [])


def test_a_cancelled_run_has_nothing_under_way(events: list[Event]) -> None:
    before = until(events, "node_started", "third")
    end: list[Event] = [RunResumed(**later(before[-1], 1)), RunCancelled(**later(before[-1], 1))]
    view = project(joined(before, [asked(before[-1], None)], end))
    assert (view.status, view.questions) == ("cancelled", [])
    assert shown(view)[-1] == ("third", "cancelled")


def test_a_route_of_start_is_no_step(tmp_path: Path) -> None:
    edges = [{"from": "START", "route": [{"when": "true", "to": "a"}, {"else": "END"}]}, "a -> END"]
    view = load(tmp_path, {"a": {"set": {"x": 1}}}, edges).run().view
    assert (view.status, shown(view)) == ("succeeded", [("a", "succeeded")])
