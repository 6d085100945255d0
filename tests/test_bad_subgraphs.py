"""Mistakes about workflows and groups in nodes: found before anything runs, each at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents import WorkflowError
from tests.workflows import findings, functions, save


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    return functions(tmp_path)


@pytest.fixture
def greeter(folder: Path) -> Path:
    return save(
        folder,
        "greeter.yaml",
        {"say": {"set": {"text": "{{ word }}, {{ name }}"}}, "mark": {"set": {"x": 1}}},
        input={"name": "str", "word": {"type": "str", "default": "Hello"}},
        state={"text": "str", "x": "int"},
        output=["text"],
    )


SUB: dict[str, tuple[dict[str, Any], str, str]] = {
    "an input it lacks": ({"with": {"name": "x", "nmae": "y"}}, "wrong_argument", "'name'"),
    "a missing input": ({"with": {"word": "x"}}, "missing_argument", "Add name"),
    "an input of the wrong type": ({"with": {"name": 5}}, "wrong_argument", "'name' is str"),
    "an expression of the wrong type": ({"with": {"name": "{{ n }}"}}, "wrong_argument", "'name' is str"),
    "an unknown field": ({"with": {"name": "{{ m }}"}}, "unknown_name", "n"),
    "no field of its name": ({}, "missing_argument", "with: {name: …}"),
    "a result of the wrong type": ({"with": {"name": "x"}, "writes": "n"}, "write_type", "'n'"),
    "a result that is no object": ({"with": {"name": "x"}, "writes": ["x"]}, "unknown_attribute", "writes: x"),
    "a file that is not there": ({"workflow": "greeetr.yaml"}, "file_not_found", "greeter.yaml"),
    "a directory": ({"workflow": "."}, "not_a_file", ""),
    "braces": ({"workflow": "{{ x }}.yaml"}, "template_here", "${NAME}"),
    "a variable that is not set": ({"workflow": "${NO_SUCH_DIR}/a.yaml"}, "missing_variable", "NO_SUCH_DIR"),
}


@pytest.mark.parametrize("name", SUB)
def test_a_wrong_workflow_node_is_shown(name: str, greeter: Path, folder: Path) -> None:
    more, code, hint = SUB[name]
    nodes = {"w": {"workflow": "greeter.yaml", "writes": "x", **more}}
    found = findings(folder, nodes, state={"x": "any", "n": {"type": "int", "default": 1}})
    assert [finding.code for finding in found] == [code], found
    assert hint in found[0].hint


GROUPS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no nodes": ({"nodes": {}}, "no_nodes", "Add one"),
    "a node without a kind": ({"nodes": {"a": {"writes": "y"}}}, "no_kind", "prompt"),
    "an unknown field": ({"nodes": {"a": {"set": {"y": "{{ zz }}"}}}}, "unknown_name", "y"),
    "a field of the outside": ({"nodes": {"a": {"set": {"x": 1}}}}, "unknown_field", "y"),
    "a name of with": ({"with": {"k": 1}, "nodes": {"a": {"set": {"k": 1}}}}, "writes_input", "state"),
    "an edge to nowhere": ({"edges": ["START -> a -> b"]}, "unknown_node", "a"),
    "an unknown key": ({"sate": {}}, "unknown_key", "'state'"),
    "a type that is not there": ({"state": {"y": "Widget"}}, "unknown_type", "Types are"),
    "an output that is not there": ({"output": ["z"]}, "unknown_field", "y"),
    "a field to write that is not there": ({"writes": "zz"}, "unknown_field", "x, n"),
    "objects with other fields": (
        {"output": {"a": "y", "b": "y"}, "writes": "thing"},
        "write_type",
        "type of 'thing'",
    ),
    "what it does not give": ({"output": ["y"], "writes": "n"}, "write_type", "'n'"),
}


@pytest.mark.parametrize("name", GROUPS)
def test_a_wrong_group_is_shown(name: str, folder: Path) -> None:
    more, code, hint = GROUPS[name]
    group = {"state": {"y": "str"}, "nodes": {"a": {"set": {"y": "z"}}}, "output": ["y"], "writes": "x", **more}
    types = {"Thing": {"a": "str", "c": "str?"}}
    found = findings(folder, {"g": group}, types=types, state={"x": "str", "n": "int", "thing": "Thing"})
    assert [finding.code for finding in found] == [code], found
    assert hint in found[0].hint


MISTAKE_IN_A_GROUP = """\
version: 2
name: w
state: {x: str}
nodes:
  g:
    state: {y: str}
    nodes:
      a:
        prompt: |
          One
          and {{ tow }}
        writes: y
    output: [y]
    writes: x
"""


def test_a_mistake_in_a_group_is_shown_at_its_line(folder: Path) -> None:
    path = folder / "w.yaml"
    path.write_text(MISTAKE_IN_A_GROUP, "utf-8")
    [finding] = configurable_agents.check(path).findings
    assert (finding.code, finding.location.line, finding.location.column) == ("unknown_name", 11, 18)


def test_a_mistake_in_another_file_is_shown_in_that_file(folder: Path) -> None:
    save(folder, "inner.yaml", {"a": {"set": {"y": 1}}})
    path = save(folder, "outer.yaml", {"w": {"workflow": "inner.yaml"}, "v": {"workflow": "inner.yaml"}})
    with pytest.raises(WorkflowError) as caught:
        configurable_agents.load(path)
    [finding] = caught.value.findings
    assert (finding.code, finding.location.file) == ("unknown_field", str(folder / "inner.yaml"))


@pytest.mark.parametrize("names", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_workflows_that_run_each_other_are_refused(names: list[str], folder: Path) -> None:
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        group = {"state": {"x": "any"}, "nodes": {"w": {"workflow": f"{other}.yaml"}}}
        save(folder, f"{name}.yaml", {"g": group})
    [finding] = configurable_agents.check(folder / "a.yaml").findings
    assert finding.code == "workflow_cycle"
    assert " -> ".join(f"{name}.yaml" for name in (*names, "a")) in finding.message
    assert finding.location.file == str(folder / f"{names[-1]}.yaml")


def test_a_circle_is_found_behind_links(folder: Path) -> None:
    save(folder, "real.yaml", {"w": {"workflow": "link.yaml"}})
    (folder / "link.yaml").symlink_to("real.yaml")
    for name in ("real.yaml", "link.yaml"):
        assert [finding.code for finding in configurable_agents.check(folder / name).findings] == ["workflow_cycle"]


def test_a_chain_of_files_without_end_is_cut_off(folder: Path) -> None:
    for number in range(300):
        save(folder, f"w{number}.yaml", {"w": {"workflow": f"w{number + 1}.yaml"}})
    assert [finding.code for finding in configurable_agents.check(folder / "w0.yaml").findings] == ["too_deep"]
