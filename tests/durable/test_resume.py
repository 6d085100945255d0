"""Runs that failed or were stopped go on from where they were; what had succeeded is not done again."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents.app import due_again, resuming
from configurable_agents.errors import UsageError
from configurable_agents.plugins.stores import RunStore
from configurable_agents.projection import project
from tests.durable.kept import FUNCTIONS, calls, functions, gapless, go, mend, resume, start
from tests.workflows import data

NUMBERS = {"x": "any", "n": {"type": "int", "default": 0}, "xs": {"type": "list[any]", "merge": "append"}}
KEY = "{{ run.idempotency_key }}"


def test_a_failed_run_goes_on_where_it_failed(tmp_path: Path, store: RunStore) -> None:
    nodes = {
        "one": {"python": "g:step", "writes": "n"},
        "two": {"python": "g:broken", "writes": "x"},
        "three": {"python": "g:step", "writes": "n"},
    }
    failed = start(tmp_path, store, nodes, state=NUMBERS)
    assert failed.status == "failed"
    assert calls(tmp_path) == ["step 0", "broken"]
    mend(tmp_path)
    done = resume(store, failed)
    assert (done.status, done.state["x"], done.state["n"]) == ("succeeded", "mended", 2)
    assert calls(tmp_path) == ["broken", "step 1"]
    assert gapless(done)
    assert store.find(failed.run_id).status == "succeeded"
    assert [event.seq for event in store.events(failed.run_id)] == [event.seq for event in done.events]


def test_what_runs_again_has_the_same_key_and_the_next_attempt(tmp_path: Path, store: RunStore) -> None:
    nodes = {"two": {"python": "g:broken", "with": {"key": KEY}, "writes": "x"}}
    failed = start(tmp_path, store, nodes)
    mend(tmp_path)
    done = resume(store, failed)
    first, second = calls(tmp_path)
    assert first == second == f"broken {failed.run_id}/two"
    assert [e.attempt for e in done.events if e.type == "node_started"] == [1, 2]
    assert [e.attempt for e in done.events if e.type == "node_succeeded"] == [2]


def test_loops_go_on_with_the_counts_they_had(tmp_path: Path, store: RunStore) -> None:
    nodes = {"a": {"python": "g:step", "writes": "n"}, "b": {"python": "g:broken", "writes": "x"}}
    edges = [
        "START -> a",
        {"from": "a", "route": [{"when": "n < 99", "to": "a", "max_times": 3}, {"else": "b"}]},
        {"from": "b", "route": [{"when": "n < 6", "to": "a", "max_times": 1}, {"else": "END"}]},
    ]
    failed = start(tmp_path, store, nodes, edges, state=NUMBERS)
    assert calls(tmp_path) == ["step 0", "step 1", "step 2", "step 3", "broken"]
    mend(tmp_path)
    done = resume(store, failed)
    # The rule of a has been taken three times already, so it does not hold again.
    assert (done.state["n"], calls(tmp_path)) == (5, ["broken", "step 4", "broken"])
    assert [(e.node, e.count) for e in done.events if e.type == "route_taken"] == [
        ("a", 1), ("a", 2), ("a", 3), ("a", 1), ("b", 1), ("a", 2), ("b", 1),
    ]  # fmt: skip


def test_steps_are_counted_on(tmp_path: Path, store: RunStore) -> None:
    nodes = {"a": {"python": "g:step", "writes": "n"}, "b": {"python": "g:broken", "writes": "x"}}
    edges = ["START -> a", {"from": "a", "route": [{"when": "n < 3", "to": "a"}, {"else": "b"}]}, "b -> a"]
    edges = ["START -> b -> a", {"from": "a", "route": [{"when": "n < 9", "to": "a"}, {"else": "END"}]}]
    failed = start(tmp_path, store, nodes, edges, state=NUMBERS, limits={"max_steps": 4})
    mend(tmp_path)
    done = resume(store, failed)
    assert done.view.error is not None
    assert done.view.error.code == "max_steps"
    assert done.state["n"] == 3


def test_a_map_goes_on_with_the_items_that_are_missing(tmp_path: Path, store: RunStore) -> None:
    nodes = {"each": {"for_each": "i in range(6)", "concurrency": 1, "python": "g:odd_only", "writes": "x"}}
    edges = None
    failed = start(tmp_path, store, {"each": {**nodes["each"], "for_each": "i in [1, 3, 4, 5]"}}, edges)
    assert calls(tmp_path) == ["odd_only 1", "odd_only 3", "odd_only 4"]
    mend(tmp_path)
    done = resume(store, failed)
    assert (done.state["x"], calls(tmp_path)) == ([1, 3, 4, 5], ["odd_only 4", "odd_only 5"])


def test_items_that_were_left_out_stay_so(tmp_path: Path, store: RunStore) -> None:
    state = {"x": "any", "failed": "list[ItemError]", "y": "any"}
    each = {
        "for_each": "i in [1, 2, 3]", "python": "g:odd_only", "writes": "x", "on_item_error": {"collect": "failed"},
    }  # fmt: skip
    failed = start(tmp_path, store, {"each": each, "b": {"python": "g:broken", "writes": "y"}}, state=state)
    mend(tmp_path)
    done = resume(store, failed)
    assert done.state["x"] == [1, 3]
    assert [error["index"] for error in done.state["failed"]] == [1]
    assert calls(tmp_path).count("odd_only 2") == 1


def test_graphs_in_nodes_go_on_inside(tmp_path: Path, store: RunStore) -> None:
    inner = {
        "state": {"a": "any", "b": "any"},
        "nodes": {
            "one": {"python": "g:item", "with": {"i": "{{ i }}"}, "writes": "a"},
            "two": {"python": "g:odd_only", "with": {"i": "{{ i }}"}, "writes": "b"},
        },
        "output": ["a"],
    }
    nodes = {"each": {**inner, "for_each": "i in [1, 2]", "concurrency": 1, "writes": "x"}}
    failed = start(tmp_path, store, nodes)
    assert calls(tmp_path) == ["item 1", "odd_only 1", "item 2", "odd_only 2"]
    mend(tmp_path)
    done = resume(store, failed)
    assert (done.state["x"], calls(tmp_path)) == ([1, 4], ["odd_only 2"])


def test_a_failure_that_a_route_took_stays_one(tmp_path: Path, store: RunStore) -> None:
    nodes = {
        "a": {"python": "g:broken", "with": {"name": "never"}, "writes": "x"},
        "b": {"set": {"x": "{{ error.code }} of {{ error.node }}"}},
        "c": {"python": "g:broken", "writes": "n"},
    }
    edges = ["START -> a", {"from": "a", "route": [{"on_error": "any", "to": "b"}, {"else": "END"}]}, "b -> c -> END"]
    failed = start(tmp_path, store, nodes, edges, state={"x": "any", "n": "any"})
    mend(tmp_path)
    done = resume(store, failed)
    assert (done.status, done.state["x"]) == ("succeeded", "python_error of a")
    assert calls(tmp_path) == ["broken", "broken", "broken"]
    assert [e.node for e in done.events if e.type == "route_taken"] == ["a"]


def test_what_a_route_refused_is_tried_again(tmp_path: Path, store: RunStore) -> None:
    nodes = {"a": {"python": "g:broken", "writes": "x"}}
    edges = ["START -> a", {"from": "a", "route": [{"on_error": "any", "to": {"fail": "no"}}, {"else": "END"}]}]
    failed = start(tmp_path, store, nodes, edges)
    assert failed.view.error is not None
    assert failed.view.error.code == "failed_by_route"
    mend(tmp_path)
    assert resume(store, failed).state["x"] == "mended"


def test_dates_and_conversations_come_back_as_they_were(tmp_path: Path, store: RunStore) -> None:
    state = {"day": "date", "chat": "messages", "x": "any", "any": "any"}
    nodes = {
        "when": {"set": {"day": "2026-01-31", "any": [{"$date": "no date"}, 1.5, None]}},
        "ask": {"prompt": "Hello", "conversation": "chat", "writes": "x"},
        "b": {"python": "g:broken", "writes": "x"},
    }
    failed = start(tmp_path, store, nodes, state=state)
    mend(tmp_path)
    done = resume(store, failed)
    assert done.state["day"] == date(2026, 1, 31)
    assert {name: done.state[name] for name in ("day", "chat", "any")} == {
        name: failed.state[name] for name in ("day", "chat", "any")
    }
    assert done.view.spent.model_calls == 1


def test_replies_within_a_node_are_not_paid_for_twice(tmp_path: Path, store: RunStore) -> None:
    """The run is cut off after a reply is recorded, before the node has succeeded."""
    nodes = {"ask": {"prompt": "Hello", "writes": "x"}, "b": {"python": "g:step", "writes": "n"}}
    state = {"x": "str", "n": "int"}
    functions(tmp_path)
    workflow = configurable_agents.load(data(nodes, state=state), directory=tmp_path)

    async def stopped() -> str:
        task: asyncio.Task[Any]
        ids: list[str] = []

        def stop(event: Any) -> None:
            ids.append(event.run_id)
            if event.type == "model_called":
                task.cancel()

        run = workflow.arun({}, model="demo", store=store, subscribers=(stop,))
        task = asyncio.ensure_future(run)
        with pytest.raises(asyncio.CancelledError):
            await task
        return ids[0]

    run_id = asyncio.run(stopped())
    assert store.find(run_id).status == "cancelled"
    done = go(resuming(store, run_id))
    assert done.status == "succeeded"
    assert [e.type for e in done.events].count("model_called") == 1
    assert done.view.spent.model_calls == 1


def test_the_file_may_have_changed_since(tmp_path: Path, store: RunStore) -> None:
    """A run goes on with the workflow as it was, prompts in files included."""
    functions(tmp_path)
    file, prompt = tmp_path / "w.yaml", tmp_path / "p.md"
    prompt.write_text("Say {{ n }}")
    file.write_text(
        "version: 2\nname: w\nstate: {n: int, t: str, x: any}\nnodes:\n"
        "  one: {python: 'g:step', with: {n: 4}, writes: n}\n"
        "  two: {python: 'g:broken', writes: x}\n"
        "  ask: {prompt: {file: p.md}, writes: t}\n"
    )
    failed = configurable_agents.load(file).run({}, store=store, model="demo")
    file.write_text("version: 2\nname: other\n")
    prompt.unlink()
    mend(tmp_path)
    done = resume(store, failed)
    assert (done.status, done.view.workflow) == ("succeeded", "w")


CHANGEABLE = """\
version: 2
name: w
input: {n: int}
state: {a: int, b: int, xs: "list[int]", t: str, x: any}
nodes:
  a: {python: "g:step", with: {n: "{{ n }}"}, writes: a}
  b: {python: "g:step", with: {n: "{{ a }}"}, writes: b}
  xs: {for_each: "i in [1, 2, 3]", python: "g:item", with: {i: "{{ i }}", key: "KEY"}, writes: xs}
  t: {prompt: "Say {{ b }}", writes: t}
  x: {python: "g:broken", writes: x}
"""


def test_with_the_current_file_only_what_is_alike_is_kept(tmp_path: Path, store: RunStore) -> None:
    functions(tmp_path)
    file = tmp_path / "w.yaml"
    file.write_text(CHANGEABLE)
    failed = configurable_agents.load(file).run({"n": 1}, store=store, model="demo")
    calls(tmp_path)
    mend(tmp_path)
    file.write_text(CHANGEABLE.replace("KEY", "k").replace("Say {{ b }}", "Tell {{ b }}"))
    rerun = resuming(store, failed.run_id, use_current_file=True)
    due = due_again(rerun)
    assert (due.kept, sorted(due.again)) == (2, ["t", "xs[0]", "xs[1]", "xs[2]"])
    assert due.spent.model_calls == 1
    assert calls(tmp_path) == []
    done = go(rerun)
    assert done.status == "succeeded"
    assert sorted(calls(tmp_path)) == ["broken", "item 1 k", "item 2 k", "item 3 k"]
    assert done.view.spent.model_calls == 2
    assert store.find(failed.run_id).workflow_hash == configurable_agents.load(file).spec.hash


def test_with_another_input_only_what_it_touches_is_done_again(tmp_path: Path, store: RunStore) -> None:
    functions(tmp_path)
    file = tmp_path / "w.yaml"
    file.write_text(CHANGEABLE)
    failed = configurable_agents.load(file).run({"n": 1}, store=store, model="demo")
    calls(tmp_path)
    done = resume(store, failed, given=["n=5"])
    assert calls(tmp_path) == ["step 5", "step 6", "broken"]
    assert done.status == "failed"
    mend(tmp_path)
    done = resume(store, failed)  # it goes on with that input, and so it stays
    assert (done.state["a"], done.state["b"], done.view.input, calls(tmp_path)) == (6, 7, {"n": 5}, ["broken"])


def test_a_changed_function_is_called_again(tmp_path: Path, store: RunStore) -> None:
    functions(tmp_path)
    file = tmp_path / "w.yaml"
    other = tmp_path / "h.py"
    file.write_text(CHANGEABLE.replace('b: {python: "g:step"', 'b: {python: "h:step"'))
    other.write_text(FUNCTIONS)
    failed = configurable_agents.load(file).run({"n": 1}, store=store, model="demo")
    folder = tmp_path / "later"  # a process loads a module once; so it is another one, in another place
    folder.mkdir()
    functions(folder)
    (folder / "h.py").write_text(FUNCTIONS.replace("n + 1", "n + 100"))
    (folder / "w.yaml").write_text(file.read_text())
    later = configurable_agents.load(folder / "w.yaml")
    rerun = resuming(store, failed.run_id, use_current_file=True)
    assert due_again(rerun).again == ()
    changed = due_again(type(rerun)(later, rerun.run, rerun.events, rerun.models, rerun.begin, rerun.going))
    assert {"b", "t"} <= set(changed.again)
    assert "a" not in changed.again


@pytest.mark.parametrize("state", ["succeeded", "running"])
def test_there_must_be_something_to_go_on_with(tmp_path: Path, store: RunStore, state: str) -> None:
    if state == "succeeded":
        done = start(tmp_path, store, {"a": {"set": {"x": 1}}})
        with pytest.raises(UsageError, match="there is nothing to go on with") as caught:
            resume(store, done)
        assert caught.value.code == "run_ended"
        return
    functions(tmp_path)
    workflow = configurable_agents.load(data({"a": {"set": {"x": 1}}}), directory=tmp_path)

    def meddle(event: Any) -> None:
        if event.type == "run_started":
            resuming(store, event.run_id)

    with pytest.raises(UsageError, match="is running") as caught:
        asyncio.run(workflow.arun({}, store=store, subscribers=(meddle,)))
    assert caught.value.code == "run_running"


def test_a_subscriber_that_raises_does_not_decide_how_the_run_goes(tmp_path: Path, store: RunStore) -> None:
    workflow = configurable_agents.load(data({"a": {"set": {"x": 1}}}), directory=tmp_path)
    seen = []

    def break_down(event: Any) -> None:
        seen.append(event.run_id)
        raise LookupError("of its own")

    with pytest.raises(LookupError, match="of its own"):
        asyncio.run(workflow.arun({}, store=store, subscribers=(break_down,)))
    assert len(seen) == 1
    assert store.find(seen[0]).status == "succeeded"


def test_the_view_of_a_resumed_run_is_that_of_its_events(tmp_path: Path, store: RunStore) -> None:
    nodes = {"ask": {"prompt": "Hello", "writes": "x"}, "b": {"python": "g:broken", "writes": "x"}}
    failed = start(tmp_path, store, nodes)
    mend(tmp_path)
    done = resume(store, failed)
    view = project(store.events(failed.run_id))
    assert (view.status, view.output, view.spent) == (done.view.status, done.output, done.view.spent)
    assert [(step.node, step.status) for step in view.steps] == [("ask", "succeeded"), ("b", "succeeded")]
