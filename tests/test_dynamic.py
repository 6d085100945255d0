"""Workflows that Python made: the same checks and runs, with the path of keys where a file has lines."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents import UsageError, WorkflowError
from configurable_agents.events import Event, RunSucceeded
from configurable_agents.spec.source import Source
from configurable_agents.spec.yamltree import read_tree, to_data
from tests.bad_files import workflow as yaml_workflow
from tests.bad_files import write
from tests.workflows import data, functions, load


def test_a_workflow_may_be_made_by_python() -> None:
    nodes = {f"n{i}": {"set": {"total": i}} for i in range(10)}
    made = data(nodes, state={"total": {"type": "int", "merge": "add"}})
    assert configurable_agents.load(made).run().output == {"total": 45}


def test_it_runs_as_the_same_file_does(tmp_path: Path) -> None:
    text = yaml_workflow(
        nodes="\n  ask: {set: {text: '{{ topic }}!'}}\n  sort: {set: {kind: bug, maybe: '{{ text | upper }}'}}"
    )
    given = {"topic": "x", "count": 1, "tags": []}
    tree, _ = read_tree(Source.of(text, "w", tmp_path))
    assert tree is not None
    made = to_data(tree)
    assert (
        configurable_agents.load(made).run(given).output
        == configurable_agents.load(write(tmp_path, text)).run(given).output
    )


def test_python_values_are_what_yaml_has_for_them() -> None:
    state = {"d": {"type": "date", "default": date(2026, 1, 31)}, "t": "list[int]", "nothing": "any"}
    nodes = {"a": {"set": {"t": (1, 2), "nothing": None}}, "b": {"set": {"t": [3]}}}
    edges = ["START -> a", {"from": "a", "switch": "t | length", "cases": {2: "b"}, "else": "END"}, "b -> END"]
    result = configurable_agents.load(data(nodes, edges, state=state)).run()
    assert result.output == {"d": date(2026, 1, 31), "t": [3], "nothing": None}


def test_its_paths_are_relative_to_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    functions(tmp_path)
    (tmp_path / "prompt.md").write_text("From a file: {{ n }}", "utf-8")
    nodes = {"a": {"python": "f:twice", "with": {"x": 4}, "writes": "n"}}
    nodes["b"] = {"prompt": {"file": "prompt.md"}, "writes": "x"}
    sections: dict[str, Any] = {"state": {"n": "int", "x": "str"}, "models": {"m": {"model": "demo"}}}
    assert load(tmp_path, nodes, **sections).run().state["n"] == 8
    with pytest.raises(WorkflowError, match=r"There is no module 'f'|There is no file"):
        configurable_agents.load(data(nodes, **sections))
    monkeypatch.chdir(tmp_path)
    assert configurable_agents.load(data(nodes, **sections)).run().state["n"] == 8


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a name in a template": (
        data({"a": {"prompt": "One\nof {{ zz }}", "writes": "x"}}),
        "unknown_name",
        "test:nodes.a.prompt:2:7",
    ),
    "a misspelled key": (data({"a": {"set": {"x": 1}, "wehn": "x"}}), "unknown_key", "test:nodes.a.wehn"),
    "an edge": (data({"a": {"set": {"x": 1}}}, ["START -> b"]), "unknown_node", "test:edges[0]:1:10"),
    "a condition": (
        data({"a": {"set": {"x": 1}}}, ["START -> a", {"from": "a", "route": [{"when": "y", "to": "END"}]}]),
        "unknown_name",
        "test:edges[1].route[0].when",
    ),
    "two outgoing": (
        data({"a": {"set": {"x": 1}}}, ["START -> a -> END", "a -> END"]),
        "two_outgoing",
        "test:edges[1]",
    ),
    "a type": (data({"a": {"set": {"x": 1}}}, state={"x": "list[itn]"}), "unknown_type", "test:state.x:1:6"),
    "a node in a group": (
        data({"g": {"state": {"y": "int"}, "nodes": {"a": {"set": {"z": 1}}}}}),
        "unknown_field",
        "test:nodes.g.nodes.a.set.z",
    ),
    "a Python object": (data({"a": {"set": {"x": object()}}}), "wrong_shape", "test:nodes.a.set.x"),
    "no number that JSON has": (data({"a": {"set": {"x": float("nan")}}}), "wrong_shape", "test:nodes.a.set.x"),
    "a number too large to write": (data({"a": {"set": {"x": 10**6000}}}), "wrong_shape", "test:nodes.a.set.x"),
    "a key that is no text": (data({"a": {"set": {None: 1}}}), "complex_key", "test:nodes.a.set"),
    "no version": ({"name": "test", "nodes": {"a": {"set": {"x": 1}}}, "state": {"x": "int"}}, "missing_key", "test:."),
    "no nodes": (data({}), "no_nodes", "test:nodes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_located_by_its_keys(name: str) -> None:
    made, code, where = WRONG[name]
    checked = configurable_agents.check(made)
    assert [finding.code for finding in checked.findings] == [code], checked.findings
    [finding] = checked.findings
    assert str(finding.location) == where
    assert finding.hint
    assert finding.as_dict()["path"] == finding.location.path or not finding.location.path
    with pytest.raises(WorkflowError) as caught:
        configurable_agents.load(made)
    assert str(caught.value).startswith(f"{code}: {where}: ")


def test_data_without_end_is_refused() -> None:
    made = data({"a": {"set": {"x": []}}})
    made["nodes"]["a"]["set"]["x"].append(made["nodes"])
    assert [finding.code for finding in configurable_agents.check(made).findings] == ["too_deep"]


async def test_events_are_streamed_as_they_happen(tmp_path: Path) -> None:
    nodes = {"a": {"python": "f:wait", "with": {"seconds": 0.01}, "writes": "x"}}
    workflow = load(functions(tmp_path), nodes)
    seen: list[Event] = [event async for event in workflow.stream()]
    assert [event.type for event in seen] == ["run_started", "node_started", "node_succeeded", "run_succeeded"]
    assert isinstance(seen[-1], RunSucceeded)
    assert seen[-1].output == {"x": "waited"}


async def test_a_stream_that_can_not_begin_raises(tmp_path: Path) -> None:
    workflow = load(tmp_path, {"a": {"set": {"x": 1}}}, input={"n": "int"})
    with pytest.raises(UsageError, match="'n' is missing"):
        [event async for event in workflow.stream()]
