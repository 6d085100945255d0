"""Which nodes run, how often and in which order: branches, joins, routes, switches, merges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents import RunResult
from configurable_agents.events import RouteTaken

# Each node says in `seen` that it ran, and what it saw: the order of the file decides how parallel ones are merged.
HEAD = """\
version: 2
name: graph
input:
  flag: {type: bool, default: false}
  kind: {type: "enum[x, y, z]", default: x}
  number: {type: int, default: 1}
state:
  seen: {type: "list[str]", merge: append}
  n: {type: int, merge: add}
"""


def run(folder: Path, nodes: str, *edges: str, **given: Any) -> RunResult:
    """Run a graph of these nodes; each writes its name to `seen` and adds 1 to `n`."""
    written = "".join(f"  {name}: {{set: {{seen: {name}, n: 1}}}}\n" for name in nodes.split())
    path = folder / "graph.yaml"
    path.write_text(HEAD + f"nodes:\n{written}edges:\n" + "".join(f"  - {edge}\n" for edge in edges), "utf-8")
    return configurable_agents.load(path).run(given)


def ran(folder: Path, nodes: str, *edges: str, **given: Any) -> str:
    """The nodes in the order in which they were merged."""
    result = run(folder, nodes, *edges, **given)
    assert result.status == "succeeded", result.view.error
    assert result.state.get("n", 0) == len(result.view.finished)
    assert sorted(result.state["seen"]) == sorted(result.view.finished)
    return " ".join(result.state["seen"])


def again(node: str, then: str, otherwise: str, turns: int) -> str:
    """A route that leads from `node` to `then` until `node` has run `turns` times."""
    rule = f"{{when: {turns} > 1, to: {then}, max_times: {max(turns - 1, 1)}}}"
    return f"{{from: {node}, route: [{rule}, {{else: {otherwise}}}]}}"


JOINS: Mapping[str, tuple[list[str], str]] = {
    "two branches of one length": (["START -> a & b -> c -> END"], "a b c"),
    "two branches, one longer": (["START -> a & b", "a -> d -> e -> c", "b -> c -> END"], "a b d e c"),
    "a branch that is the join": (["START -> a", "a -> b & c", "b -> c -> END"], "a b c"),
    "a branch of START that is the join": (["START -> a & b & c", "a & b -> c -> END"], "a b c"),
    "a branch with a way that always fails the run": (
        [
            "START -> a -> b & c",
            "{from: b, route: [{when: flag, to: e}, {else: d}]}",
            "{from: e, route: [{else: {fail: no}}]}",
            "c -> d -> END",
        ],
        "a b c d",
    ),
    "three branches of three lengths": (
        ["START -> a & b & c", "a -> d", "b -> e -> d", "c -> f -> g -> d -> END"],
        "a b c e f g d",
    ),
    "a fan-out after a fan-out": (["START -> a & b -> c", "c -> d & e -> f -> END"], "a b c d e f"),
    "a fan-out within a branch": (
        ["START -> a & b", "a -> c & d -> e -> f", "b -> f -> END"],
        "a b c d e f",
    ),
    "a fan-out within a branch, with one join for both": (
        ["START -> a & b", "a -> c & d -> f", "b -> f -> END"],
        "a b c d f",
    ),
    "a fan-out within both branches": (
        ["START -> a & b", "a -> c & d -> e", "b -> f & g -> h -> i", "e -> i -> END"],
        "a b c d f g e h i",
    ),
    "branches that only meet at END": (["START -> a & b", "a -> END", "b -> c -> END"], "a b c"),
    "a branch with an exclusive choice": (
        ["START -> a & b", "{from: a, route: [{when: flag, to: c}, {else: d}]}", "c & d -> e", "b -> e -> END"],
        "a b d e",
    ),
    "a branch that may skip a node": (
        ["START -> a & b", "{from: a, route: [{when: flag, to: c}, {else: d}]}", "c -> d", "b -> d -> END"],
        "a b d",
    ),
    "branches that may both end": (
        [
            "START -> a & b",
            "{from: a, route: [{when: flag, to: c}, {else: END}]}",
            "{from: b, route: [{when: flag, to: END}, {else: d}]}",
            "c -> END",
            "d -> END",
        ],
        "a b d",
    ),
    "an exclusive choice of fan-outs": (
        ["START -> a", "{from: a, route: [{when: flag, to: b & c}, {else: c & d}]}", "b & c & d -> e -> END"],
        "a c d e",
    ),
    "a choice between one node and a fan-out": (
        ["START -> a", "{from: a, route: [{when: not flag, to: b & c}, {else: d}]}", "b & c -> d -> END"],
        "a b c d",
    ),
    "a fan-out to END": (["START -> a", "a -> b & c", "b & c -> END"], "a b c"),
    "a node without a successor of its own in a chain": (["START -> a -> b & c -> d -> END"], "a b c d"),
}


@pytest.mark.parametrize("name", JOINS)
def test_a_join_runs_once_when_every_branch_has_arrived(name: str, tmp_path: Path) -> None:
    edges, expected = JOINS[name]
    nodes = " ".join(sorted(set(re.findall(r"\b[a-i]\b", " ".join(edges)))))
    assert ran(tmp_path, nodes, *edges) == expected


def test_a_branch_with_a_loop_is_waited_for(tmp_path: Path) -> None:
    for turns, expected in ((1, "a b d"), (2, "a b c a d"), (4, "a b c a c a c a d")):
        edges = ["START -> a & b", again("a", "c", "d", turns), "c -> a", "b -> d -> END"]
        assert ran(tmp_path, "a b c d", *edges) == expected


def test_a_fan_out_in_a_loop_joins_anew_at_each_turn(tmp_path: Path) -> None:
    edges = ["START -> a -> b & c", "b -> d", "c -> e -> d", again("d", "a", "END", 3)]
    assert ran(tmp_path, "a b c d e", *edges) == "a b c e d " * 2 + "a b c e d"


def test_nested_fan_outs_in_loops_within_branches(tmp_path: Path) -> None:
    edges = ["START -> a & b", "a -> c & d -> e", again("e", "a", "f", 2), "b -> f -> END"]
    assert ran(tmp_path, "a b c d e f", *edges) == "a b c d e a c d e f"


@pytest.mark.parametrize(("flag", "expected"), [(True, "a b c e"), (False, "a b d e")])
def test_a_choice_made_in_a_branch_sees_what_its_own_node_wrote(flag: bool, expected: str, tmp_path: Path) -> None:
    # `n` is 1 for a: the sibling's write, of the same step, is not seen.
    edges = [
        "START -> a & b",
        "{from: a, route: [{when: \"n == 1 and seen == ['a'] and flag\", to: c}, {else: d}]}",
        "c & d -> e",
        "b -> e -> END",
    ]
    assert ran(tmp_path, "a b c d e", *edges, flag=flag) == expected


def test_parallel_branches_are_merged_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import time\n\ndef work(name, seconds):\n    time.sleep(seconds)\n    return name\n", "utf-8"
    )
    nodes = "".join(
        f"  {name}: {{python: 'slow:work', with: {{name: {name}, seconds: {seconds}}}, writes: seen}}\n"
        for name, seconds in (("z", 0.2), ("a", 0.1), ("m", 0))
    )
    path = tmp_path / "graph.yaml"
    path.write_text(f"{HEAD}nodes:\n{nodes}edges: [START -> m & a & z -> END]\n", "utf-8")
    result = configurable_agents.load(path).run()
    assert result.view.finished == ["m", "a", "z"]
    assert result.state["seen"] == ["z", "a", "m"]
    assert result.output["seen"] == ["z", "a", "m"]


@pytest.mark.parametrize(("flag", "expected"), [(True, "a c"), (False, "b c")])
def test_start_may_have_a_route(flag: bool, expected: str, tmp_path: Path) -> None:
    edges = ["{from: START, route: [{when: flag, to: a}, {else: b}]}", "a & b -> c -> END"]
    assert ran(tmp_path, "a b c", *edges, flag=flag) == expected


@pytest.mark.parametrize(("kind", "expected"), [("x", "a b c"), ("y", "b c"), ("z", "c")])
def test_start_may_have_a_switch_with_fan_outs(kind: str, expected: str, tmp_path: Path) -> None:
    edges = ["{from: START, switch: kind, cases: {x: a & b, y: b}, else: c}", "a & b -> c -> END"]
    assert ran(tmp_path, "a b c", *edges, kind=kind) == expected


def test_a_run_may_end_before_it_begins(tmp_path: Path) -> None:
    result = run(tmp_path, "a", "{from: START, route: [{when: flag, to: a}, {else: END}]}", "a -> END")
    assert (result.status, result.view.finished, result.state) == ("succeeded", [], {"seen": [], "n": 0})


SWITCHES = [
    ("number", "{1: b, 2: c}", 1, "a b"),
    ("number", "{1: b, 2: c}", 2, "a c"),
    ("number", "{1: b, 2: c}", -7, "a d"),
    ("flag", "{true: b, false: c}", True, "a b"),
    ("flag", "{true: b, false: c}", False, "a c"),
    ("kind", "{x: b, y: c}", "z", "a d"),
]


@pytest.mark.parametrize(("field", "cases", "value", "expected"), SWITCHES)
def test_a_switch_goes_by_a_value(field: str, cases: str, value: Any, expected: str, tmp_path: Path) -> None:
    edges = ["START -> a", f"{{from: a, switch: {field}, cases: {cases}, else: d}}", "b & c & d -> END"]
    assert ran(tmp_path, "a b c d", *edges, **{field: value}) == expected


def test_a_rule_is_taken_max_times_in_a_run(tmp_path: Path) -> None:
    edges = ["START -> a", "{from: a, route: [{when: 'true', to: a, max_times: 3}, {else: b}]}", "b -> END"]
    result = run(tmp_path, "a b", *edges)
    assert result.view.finished == ["a", "a", "a", "a", "b"]
    routes = [event for event in result.events if isinstance(event, RouteTaken)]
    assert [(event.rule, event.count, event.targets) for event in routes] == [
        (0, 1, ["a"]),
        (0, 2, ["a"]),
        (0, 3, ["a"]),
        (1, 1, ["b"]),
    ]


def test_the_nodes_of_one_route_share_its_counts(tmp_path: Path) -> None:
    rules = "{when: \"seen | last == 'a'\", to: b, max_times: 2}, {when: \"seen | last == 'b'\", to: a, max_times: 1}"
    edges = ["START -> a", f"{{from: [a, b], route: [{rules}, {{else: c}}]}}", "c -> END"]
    assert ran(tmp_path, "a b c", *edges) == "a b a b c"


def test_counts_and_barriers_begin_anew_with_each_run(tmp_path: Path) -> None:
    path = tmp_path / "graph.yaml"
    nodes = "".join(f"  {name}: {{set: {{seen: {name}}}}}\n" for name in "abc")
    route = "{from: c, route: [{when: 'true', to: a & b, max_times: 1}, {else: END}]}"
    path.write_text(f"{HEAD}nodes:\n{nodes}edges:\n  - START -> a & b -> c\n  - {route}\n", "utf-8")
    workflow = configurable_agents.load(path)
    for _ in range(3):
        assert workflow.run().state["seen"] == ["a", "b", "c", "a", "b", "c"]


def test_without_edges_the_nodes_run_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "graph.yaml"
    path.write_text(HEAD + "nodes:\n" + "".join(f"  {name}: {{set: {{seen: {name}}}}}\n" for name in "cab"), "utf-8")
    assert configurable_agents.load(path).run().state["seen"] == ["c", "a", "b"]
