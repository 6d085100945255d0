"""Replays and forks: another run's history gone through again, or taken over up to a node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from configurable_agents.errors import InputError, UsageError
from configurable_agents.events import Event
from configurable_agents.plugins.stores import RunStore
from tests.durable.kept import calls, fork, gapless, mend, replay, resume, start

STATE = {
    "n": {"type": "int", "default": 0},
    "t": "str",
    "xs": {"type": "list[any]", "merge": "append"},
    "x": "any",
}
NODES: dict[str, Any] = {
    "a": {"python": "g:step", "writes": "n"},
    "each": {"for_each": "i in [1, 2]", "prompt": "Number {{ i }} of {{ n }}", "writes": "xs"},
    "t": {"prompt": "Sum up {{ xs }}", "writes": "t"},
    "b": {"python": "g:step", "writes": "n"},
}
EDGES: list[Any] = [
    "START -> a",
    {"from": "a", "route": [{"when": "n < 2", "to": "a", "max_times": 3}, {"else": "each"}]},
    "each -> t -> b -> END",
]


def way(events: list[Event]) -> list[tuple[str, str, int]]:
    """What was executed and chosen, in its order."""
    kinds = ("node_started", "node_succeeded", "node_skipped", "node_failed", "route_taken")
    return [(e.type, e.node, e.visit) for e in events if e.type in kinds]  # type: ignore[union-attr]


def test_a_replay_goes_the_same_way_and_spends_nothing(tmp_path: Path, store: RunStore) -> None:
    done = start(tmp_path, store, NODES, EDGES, state=STATE)
    assert done.view.spent.model_calls == 3
    calls(tmp_path)
    again = replay(store, done)
    assert (again.status, again.output, again.state) == ("succeeded", done.output, done.state)
    assert again.run_id != done.run_id
    assert way(again.events) == way(done.events)
    assert calls(tmp_path) == []
    assert [e.replayed for e in again.events if e.type == "model_called"] == [True, True, True]
    assert (again.view.spent.model_calls, again.view.spent.cost_usd) == (0, 0.0)
    assert replay(store, again).output == done.output
    assert gapless(again)


def test_a_replay_of_a_failed_run_fails_the_same_way(tmp_path: Path, store: RunStore) -> None:
    nodes = {**NODES, "b": {"python": "g:broken", "writes": "x"}}
    failed = start(tmp_path, store, nodes, EDGES, state=STATE)
    mend(tmp_path)
    calls(tmp_path)
    again = replay(store, failed)
    assert again.status == "failed"
    assert again.view.error == failed.view.error
    assert way(again.events) == way(failed.events)
    assert calls(tmp_path) == []


def test_a_replay_repeats_what_was_caught(tmp_path: Path, store: RunStore) -> None:
    each = {
        "for_each": "i in [1, 2, 3]", "python": "g:odd_only", "on_item_error": "skip", "writes": "xs",
    }  # fmt: skip
    nodes = {
        "each": each,
        "a": {"python": "g:broken", "on_error": {"set": {"x": "{{ error.code }}"}}, "writes": "x"},
        "t": {"prompt": "Say {{ x }}", "writes": "t"},
    }
    done = start(tmp_path, store, nodes, state=STATE)
    calls(tmp_path)
    again = replay(store, done)
    assert (again.output, way(again.events), calls(tmp_path)) == (done.output, way(done.events), [])


def test_a_fork_takes_over_what_was_before(tmp_path: Path, store: RunStore) -> None:
    done = start(tmp_path, store, NODES, EDGES, state=STATE)
    calls(tmp_path)
    other = fork(store, done, "t", {"xs": ["other"], "n": 41})
    assert other.status == "succeeded"
    assert (other.state["xs"], other.state["n"]) == (["other"], 42)
    assert calls(tmp_path) == ["step 41"]
    assert other.view.spent.model_calls == 1  # what is before was paid by the other
    assert (other.view.parent, store.find(other.run_id).parent, store.find(other.run_id).relation) == (
        done.run_id, done.run_id, "fork",
    )  # fmt: skip
    assert way(other.events)[: len(way(other.events)) - 4] == way(done.events)[: len(way(done.events)) - 4]
    assert gapless(other)
    assert store.events(done.run_id) == done.events


def test_a_fork_of_a_later_visit(tmp_path: Path, store: RunStore) -> None:
    done = start(tmp_path, store, NODES, EDGES, state=STATE)
    calls(tmp_path)
    other = fork(store, done, "a#2")
    assert (other.output, calls(tmp_path)) == (done.output, ["step 1", "step 2"])


def test_a_fork_of_a_failed_run_and_of_a_fork(tmp_path: Path, store: RunStore) -> None:
    nodes = {**NODES, "b": {"python": "g:broken", "writes": "x"}}
    failed = start(tmp_path, store, nodes, EDGES, state=STATE)
    mend(tmp_path)
    calls(tmp_path)
    one = fork(store, failed, "b", {"n": 7})
    assert (one.status, one.state["n"], calls(tmp_path)) == ("succeeded", 7, ["broken"])
    two = fork(store, one, "b", {"t": "mine"})
    assert (two.state["n"], two.state["t"]) == (7, "mine")
    assert replay(store, two).output == two.output


def test_a_fork_that_fails_can_be_resumed(tmp_path: Path, store: RunStore) -> None:
    nodes = {**NODES, "b": {"python": "g:broken", "writes": "x"}}
    failed = start(tmp_path, store, nodes, EDGES, state=STATE)
    other = fork(store, failed, "t", {"n": 5})
    assert other.status == "failed"
    mend(tmp_path)
    calls(tmp_path)
    done = resume(store, other)
    assert (done.status, done.state["n"], calls(tmp_path)) == ("succeeded", 5, ["broken"])


def test_what_runs_beside_the_node_is_taken_over_too(tmp_path: Path, store: RunStore) -> None:
    nodes = {"a": {"python": "g:item", "with": {"i": 1}, "writes": "n"}, "b": {"python": "g:step", "writes": "x"}}
    done = start(tmp_path, store, nodes, ["START -> a & b -> END"], state=STATE)
    calls(tmp_path)
    other = fork(store, done, "a")
    assert (other.output, calls(tmp_path)) == (done.output, ["item 1"])


@pytest.mark.parametrize(
    ("at", "changes", "code"),
    [
        ("nowhere", {}, "unknown_node"),
        ("a#9", {}, "not_executed"),
        ("a#x", {}, "unknown_node"),
        ("each[0]/t", {}, "unknown_node"),
    ],
)
def test_a_fork_needs_a_place(tmp_path: Path, store: RunStore, at: str, changes: dict[str, Any], code: str) -> None:
    done = start(tmp_path, store, NODES, EDGES, state=STATE)
    with pytest.raises(UsageError) as caught:
        fork(store, done, at, changes)
    assert caught.value.code == code


@pytest.mark.parametrize("changes", [{"m": 1}, {"n": "many"}, ["n=many"], ["m=1"]])
def test_a_fork_changes_fields_by_their_types(tmp_path: Path, store: RunStore, changes: Any) -> None:
    done = start(tmp_path, store, NODES, EDGES, state=STATE)
    with pytest.raises(InputError):
        fork(store, done, "t", changes)
    assert len(store.runs(type_filter())) == 1


def type_filter() -> Any:
    from configurable_agents.plugins.stores import RunFilter

    return RunFilter()
