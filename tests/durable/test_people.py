"""Runs that wait for a person: asked once, answered later, by the type of the field; and when nobody answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents.errors import InputError, RunError, UsageError
from configurable_agents.plugins.stores import RunStore
from tests.durable.kept import calls, gapless, replay, resume, start
from tests.workflows import data

OK = {"x": "bool", "n": {"type": "int", "default": 0}, "y": "any"}


def test_a_run_waits_and_goes_on_with_the_answer(tmp_path: Path, store: RunStore) -> None:
    nodes = {
        "before": {"python": "g:step", "writes": "n"},
        "person": {"human": "Is {{ n }} right?", "writes": "x"},
        "after": {"python": "g:step", "with": {"n": "{{ 10 if x else 0 }}"}, "writes": "n"},
    }
    waiting = start(tmp_path, store, nodes, state=OK)
    assert (waiting.status, waiting.state) == ("waiting", {"n": 1})
    assert [q.text for q in waiting.view.questions] == ["Is 1 right?"]
    assert store.find(waiting.run_id).status == "waiting"
    with pytest.raises(RunError, match="waits for a person") as caught:
        _ = waiting.output
    assert caught.value.code == "run_waiting"
    done = resume(store, waiting, {"person": True})
    assert (done.status, done.state["x"], done.state["n"]) == ("succeeded", True, 11)
    assert calls(tmp_path) == ["step 0", "step 10"]
    assert [e.type for e in done.events].count("node_asked") == 1
    assert gapless(done)


def test_without_an_answer_it_goes_on_waiting(tmp_path: Path, store: RunStore) -> None:
    waiting = start(tmp_path, store, {"person": {"human": "Well?", "writes": "x"}}, state=OK)
    with pytest.raises(UsageError, match=r"person: Well\?") as caught:
        resume(store, waiting)
    assert caught.value.code == "run_waiting"
    assert [event.seq for event in store.events(waiting.run_id)] == [event.seq for event in waiting.events]


@pytest.mark.parametrize(
    ("declared", "answer", "problem"),
    [
        ("bool", "perhaps", "true or false"),
        ("int", "many", "an integer"),
        ("enum[yes, no]", "maybe", "'yes', 'no'|yes"),
        ({"type": "int", "minimum": 3}, "2", "3"),
        ("list[int]", "[1, two]", "list in JSON"),
    ],
)
def test_an_answer_is_checked_by_the_type_of_the_field(
    tmp_path: Path, store: RunStore, declared: Any, answer: str, problem: str
) -> None:
    waiting = start(tmp_path, store, {"person": {"human": "Well?", "writes": "x"}}, state={"x": declared})
    with pytest.raises(InputError, match=problem):
        resume(store, waiting, [answer])
    assert store.find(waiting.run_id).status == "waiting"


def test_an_enum_gives_choices_and_an_object_a_form(tmp_path: Path, store: RunStore) -> None:
    state = {"x": "enum[go, stop]", "a": "str", "b": {"type": "int", "minimum": 1}}
    nodes = {"p": {"human": "Go?", "writes": "x"}, "q": {"human": "Who?", "writes": ["a", "b"]}}
    waiting = start(tmp_path, store, nodes, state=state)
    assert waiting.view.questions[0].choices == ["go", "stop"]
    waiting = resume(store, waiting, ["stop"])
    schema = waiting.view.questions[0].answer_schema
    assert (sorted(schema["properties"]), schema["required"]) == (["a", "b"], ["a", "b"])
    with pytest.raises(InputError, match="b"):
        resume(store, waiting, ['{"a": "me", "b": 0}'])
    done = resume(store, waiting, ['{"a": "me", "b": 2}'])
    assert done.output == {"x": "stop", "a": "me", "b": 2}


def test_what_goes_on_beside_a_question_is_finished_first(tmp_path: Path, store: RunStore) -> None:
    functions = {"slow": {"python": "f:wait", "with": {"seconds": 0.3, "value": "slow"}, "writes": "y"}}
    nodes = {"p": {"human": "One?", "writes": "x"}, **functions, "q": {"human": "Two?", "writes": "z"}}
    from tests import workflows

    workflows.functions(tmp_path)
    edges = ["START -> p & slow & q -> END"]
    waiting = start(tmp_path, store, nodes, edges, state={"x": "bool", "y": "str", "z": "str"})
    assert [e.node for e in waiting.events if e.type == "node_succeeded"] == ["slow"]
    assert [q.node for q in waiting.view.questions] == ["p", "q"]
    with pytest.raises(UsageError, match="2 questions are open"):
        resume(store, waiting, ["yes"])
    waiting = resume(store, waiting, ["q=of course = yes"])
    assert [q.node for q in waiting.view.questions] == ["p"]
    done = resume(store, waiting, ["no"])
    assert done.output == {"x": False, "y": "slow", "z": "of course = yes"}
    assert [e.type for e in done.events].count("node_asked") == 2
    assert not (tmp_path / "stopped.count").exists()


def test_items_of_a_map_and_nodes_of_groups_ask_too(tmp_path: Path, store: RunStore) -> None:
    each = {
        "for_each": "i in [1, 2]",
        "nodes": {"p": {"human": "Is {{ i }} odd?", "writes": "a"}},
        "state": {"a": "bool"},
        "output": ["a"],
        "writes": "x",
    }
    waiting = start(tmp_path, store, {"each": each}, state={"x": "list[bool]"})
    assert sorted(q.text for q in waiting.view.questions) == ["Is 1 odd?", "Is 2 odd?"]
    done = resume(store, waiting, {"each[0]/p": True, "each[1]/p": False})
    assert done.output == {"x": [True, False]}
    mapped = {"p": {"for_each": "i in [1, 2, 3]", "concurrency": 1, "human": "{{ i }}?", "writes": "x"}}
    waiting = start(tmp_path, store, mapped, state={"x": "list[int]"})
    assert len(waiting.view.questions) == 3
    waiting = resume(store, waiting, {"p[1]": 5})
    assert [q.item for q in waiting.view.questions] == [0, 2]
    assert resume(store, waiting, {"p[0]": 4, "p[2]": 6}).output == {"x": [4, 5, 6]}


def test_nobody_answers_in_time(tmp_path: Path, store: RunStore) -> None:
    nodes = {
        "p": {"human": "Quick?", "timeout": "100ms", "writes": "x"},
        "late": {"set": {"y": "{{ error.code }}"}},
    }
    edges = [
        "START -> p",
        {"from": "p", "route": [{"on_error": "timeout", "to": "late"}, {"else": "END"}]},
        "late -> END",
    ]
    waiting = start(tmp_path, store, nodes, edges, state=OK)
    assert waiting.status == "waiting"
    time.sleep(0.15)
    with pytest.raises(UsageError, match="was over") as caught:
        resume(store, waiting, {"p": True})
    assert caught.value.code == "too_late"
    done = resume(store, waiting)
    assert (done.status, done.state["y"]) == ("succeeded", "timeout")


def test_the_question_of_another_attempt_is_another(tmp_path: Path, store: RunStore) -> None:
    nodes = {"p": {"human": "Quick?", "timeout": "50ms", "retry": {"attempts": 2, "backoff": "1ms"}, "writes": "x"}}
    waiting = start(tmp_path, store, nodes, state=OK)
    time.sleep(0.1)
    waiting = resume(store, waiting)
    assert waiting.status == "waiting"
    assert [e.attempt for e in waiting.events if e.type == "node_asked"] == [1, 3]


def test_a_loop_asks_again_each_time(tmp_path: Path, store: RunStore) -> None:
    edges = ["START -> p", {"from": "p", "route": [{"when": "not x", "to": "p", "max_times": 5}, {"else": "END"}]}]
    waiting = start(tmp_path, store, {"p": {"human": "Now?", "writes": "x"}}, edges, state=OK)
    waiting = resume(store, waiting, ["no"])
    assert [(q.node, q.visit) for q in waiting.view.questions] == [("p", 2)]
    assert resume(store, waiting, {"p#2": True}).status == "succeeded"


def test_a_replay_takes_the_answers_of_then(tmp_path: Path, store: RunStore) -> None:
    waiting = start(tmp_path, store, {"p": {"human": "Now?", "writes": "x"}}, state=OK)
    done = resume(store, waiting, ["yes"])
    again = replay(store, done)
    assert (again.status, again.output, again.view.parent) == ("succeeded", done.output, done.run_id)


def test_without_a_store_it_waits_as_well(tmp_path: Path) -> None:
    workflow = configurable_agents.load(data({"p": {"human": "Now?", "writes": "x"}}, state=OK), directory=tmp_path)
    result = workflow.run()
    assert (result.status, [q.text for q in result.view.questions]) == ("waiting", ["Now?"])


def test_answers_go_to_questions(tmp_path: Path, store: RunStore) -> None:
    waiting = start(tmp_path, store, {"p": {"human": "Now?", "writes": "x"}}, state=OK)
    with pytest.raises(UsageError, match="no question called 'q'") as caught:
        resume(store, waiting, {"q": True})
    assert caught.value.code == "no_question"
    done = resume(store, waiting, {"p": True})
    assert done.status == "succeeded"
