"""The limits of a run: reaching one fails it, with which limit it was, where it stood, and how to raise it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.workflows import count, findings, functions, run, succeeded, told


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    return functions(tmp_path)


LOOP = ["START -> a", {"from": "a", "route": [{"when": "true", "to": "a"}, {"else": "END"}]}]


def test_max_steps_is_a_hundred_unless_it_is_said(folder: Path) -> None:
    result = run(folder, {"a": {"set": {"x": 1}}}, LOOP)
    error = result.view.error
    assert error is not None
    assert (error.code, error.node) == ("max_steps", "a")
    assert "made 100 steps" in error.message
    assert "a 100 times" in error.message
    assert "max_steps: 1000" in error.hint
    assert len(result.view.finished) == 100


def test_a_skipped_node_counts_as_a_step(folder: Path) -> None:
    result = run(folder, {"a": {"set": {"x": 1}, "when": "false"}}, LOOP, limits={"max_steps": 5})
    assert result.view.error is not None
    assert result.view.error.code == "max_steps"
    assert len(told(result, "node_skipped")) == 5


def test_reaching_max_steps_is_no_failure_that_a_node_could_handle(folder: Path) -> None:
    edges = ["START -> a", {"from": "a", "route": [{"on_error": "any", "to": "b"}, {"else": "a"}]}, "b -> END"]
    nodes = {"a": {"set": {"x": 1}, "on_error": {"set": {"x": 2}}}, "b": {"set": {"x": 3}}}
    error = run(folder, nodes, edges, limits={"max_steps": 3}).view.error
    assert error is not None
    assert error.code == "max_steps"


def test_the_timeout_of_a_run_stops_everything_in_it(folder: Path) -> None:
    group = {"state": {"y": "any"}, "nodes": {"inside": {"python": "f:wait", "writes": "y"}}, "output": ["y"]}
    nodes = {"a": {"set": {"x": 1}}, "b": {"python": "f:wait", "writes": "y"}, "c": {**group, "writes": "z"}}
    result = run(
        folder, nodes, ["START -> a -> b & c -> END"], state={"x": "any", "y": "any", "z": "any"},
        limits={"timeout": "200ms"},
    )  # fmt: skip
    error = result.view.error
    assert error is not None
    assert error.code == "run_timeout"
    assert "limit of 0.2s, after 3 steps" in error.message
    assert "b, c" in error.message
    assert "limits: {timeout: …}" in error.hint
    assert sorted(told(result, "node_cancelled")) == ["b", "c", "c/inside"]
    assert count(folder, "stopped") == 2
    assert result.state == {"x": 1}


def test_the_timeout_of_a_run_reports_a_thread_that_it_left_behind(folder: Path) -> None:
    nodes = {"a": {"python": "f:block", "writes": "x"}}
    result = run(folder, nodes, limits={"timeout": "50ms"})
    assert result.view.error is not None
    assert result.view.error.code == "run_timeout"
    assert [event.left_behind for event in result.events if event.type == "node_cancelled"] == [True]


def test_max_parallel_bounds_nodes_and_items_together(folder: Path) -> None:
    item = {"for_each": "x in range(8)", "concurrency": 8, "python": "f:busy"}
    group: dict[str, Any] = {
        "for_each": "y in range(4)",
        "state": {"z": "int"},
        "nodes": {"one": {"python": "f:busy", "with": {"x": "{{ y }}"}, "writes": "z"}},
        "output": ["z"],
    }
    nodes = {
        "a": {**item, "writes": "p"},
        "b": {**item, "writes": "q"},
        "c": {**group, "writes": "r"},
        "d": {"python": "f:most", "writes": "most"},
    }
    state = {"p": "list[int]", "q": "list[int]", "r": "list[int]", "most": "int"}
    edges = ["START -> a & b & c -> d -> END"]
    unbounded = succeeded(folder, nodes, edges, state=state).state
    assert unbounded["most"] == 20
    bounded = succeeded(folder, nodes, edges, state=state, limits={"max_parallel": 3}).state
    assert bounded["most"] == 3
    assert {**bounded, "most": 20} == unbounded


def test_waiting_for_a_place_is_no_part_of_a_timeout(folder: Path) -> None:
    node = {"python": "f:wait", "with": {"seconds": 0.2}, "timeout": "500ms"}
    nodes = {name: {**node, "writes": name} for name in "pqrs"}
    state = dict.fromkeys("pqrs", "any")
    succeeded(folder, nodes, ["START -> p & q & r & s -> END"], state=state, limits={"max_parallel": 1})


def test_a_node_that_waits_to_be_tried_again_takes_no_place(folder: Path) -> None:
    nodes = {
        "a": {
            "python": "f:flaky",
            "with": {"failures": 1},
            "retry": {"attempts": 2, "backoff": "2s"},
            "writes": "x",
        },
        "b": {"python": "f:busy", "writes": "y"},
    }
    result = succeeded(
        folder, nodes, ["START -> a & b -> END"], state={"x": "any", "y": "any"}, limits={"max_parallel": 1}
    )
    times = {(event.type, event.node): event.time for event in result.events if hasattr(event, "node")}
    assert times["node_succeeded", "b"] < times["node_succeeded", "a"]


def nested(levels: int) -> dict[str, Any]:
    """Groups in groups, so many of them."""
    node: dict[str, Any] = {"set": {"y": 1}}
    for _ in range(levels):
        node = {"state": {"y": "any"}, "nodes": {"g": node}, "output": ["y"], "writes": "y"}
    return {"g": {**node, "writes": "x"}}


def test_graphs_may_be_nested_so_deep(folder: Path) -> None:
    assert succeeded(folder, nested(3), limits={"max_depth": 3}).state["x"] == 1
    error = run(folder, nested(3), limits={"max_depth": 2}).view.error
    assert error is not None
    assert (error.code, error.node) == ("max_depth", "g/g/g")
    assert "'g/g/g'" in error.message
    assert "max_depth: 3" in error.hint
    assert succeeded(folder, nested(10)).state["x"] == 1
    assert run(folder, nested(11)).status == "failed"


WRONG = {
    "no step": ({"max_steps": 0}, "wrong_shape", ""),
    "a timeout without a unit": ({"timeout": 30}, "wrong_shape", "30s"),
    "none at once": ({"max_parallel": 0}, "wrong_shape", ""),
    "too deep for Python": ({"max_depth": 1000}, "wrong_shape", ""),
    "a word of another tool": ({"concurrency": 3}, "unknown_key", "max_parallel"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_limit_is_shown(name: str, folder: Path) -> None:
    limits, code, hint = WRONG[name]
    found = findings(folder, {"a": {"set": {"x": 1}}}, limits=limits)
    assert [finding.code for finding in found] == [code], found
    assert hint in found[0].hint
