"""What is read before it is written: on no way (an error), on some ways only (a warning), on all of them (nothing)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import configurable_agents

STATE = {"x": "str", "y": "str", "z": "str", "log": {"type": "list[str]", "merge": "append"}}
INPUT = {"n": "int", "flag": "bool", "kind": "enum[p, q]"}
SET_X, READ_X = {"set": {"x": "1"}}, {"set": {"log": "{{ x }}"}}
IDLE = {"set": {"log": "-"}}
FAILS = {"python": "f:give", "writes": "x"}
BACK = {"when": "n > 1", "to": "a", "max_times": 2}


def said(folder: Path, nodes: Any, edges: Sequence[Any] | None = None, output: Any = None, **more: Any) -> list[str]:
    """What is found: code and place, `never_written nodes.b.set.log:1:4`."""
    (folder / "f.py").write_text("def give(y='-'):\n    return y\n\ndef take(x):\n    return x\n", "utf-8")
    data = {"version": 2, "name": "w", "input": INPUT, "state": STATE, "output": output or ["log"], "nodes": nodes}
    data |= {"edges": edges} if edges is not None else {}
    found = configurable_agents.check({**data, **more}, directory=folder).findings
    told = [finding for finding in found if finding.severity != "advice"]
    return [f"{finding.code} {str(finding.location).removeprefix('w:')}" for finding in told]


def route(source: str, *rules: Any) -> dict[str, Any]:
    return {"from": source, "route": list(rules)}


def choice(source: str, one: str, other: str) -> dict[str, Any]:
    return route(source, {"when": "n > 1", "to": one}, {"else": other})


AT_B = "nodes.b.set.log:1:4"

FINE: dict[str, tuple[dict[str, Any], list[Any] | None]] = {
    "before, in the order of the file": ({"a": SET_X, "b": READ_X}, None),
    "on both ways": ({"a": SET_X, "c": SET_X, "b": READ_X}, [choice("START", "a", "c"), "a & c -> b -> END"]),
    "by a branch that joins": ({"a": SET_X, "c": IDLE, "b": READ_X}, ["START -> a & c -> b -> END"]),
    "by a branch of unequal length": (
        {"a": IDLE, "c": IDLE, "d": SET_X, "b": READ_X},
        ["START -> a & c", "c -> d", "a & d -> b -> END"],
    ),
    "by a branch within a branch with the same join": (
        {"a": IDLE, "c": IDLE, "d": SET_X, "e": IDLE, "b": READ_X},
        ["START -> a & c", "a -> d & e", "d & e & c -> b -> END"],
    ),
    "by both ways of a branch": (
        {"a": IDLE, "c": SET_X, "d": SET_X, "e": IDLE, "b": READ_X},
        ["START -> a & e", choice("a", "c", "d"), "c & d & e -> b -> END"],
    ),
    "beside, in an earlier step": (
        {"a": SET_X, "c": IDLE, "b": READ_X, "d": IDLE},
        ["START -> a & c", "c -> b", "a & b -> d -> END"],
    ),
    "in a loop, before the loop": ({"c": SET_X, "a": READ_X}, ["START -> c -> a", route("a", BACK, {"else": "END"})]),
    "where a condition says that it is set": ({"a": SET_X, "b": READ_X}, [
        route("START", {"when": "n > 1", "to": "a"}, {"else": "b"}), "a -> END", "b -> END",
    ]),
    "only if it is set": (
        {"a": {**SET_X, "when": "flag"}, "b": {**READ_X, "when": "x is defined"}},
        None,
    ),
    "in a route, only if it is set": (
        {"a": {**SET_X, "when": "flag"}, "b": READ_X},
        ["START -> a", route("a", {"when": "x is defined and x != ''", "to": "b"}, {"else": "END"}), "b -> END"],
    ),
    "in a later rule, for it is set there": (
        {"a": {**SET_X, "when": "flag"}, "b": READ_X},
        ["START -> a", route("a", {"when": "x is not defined", "to": "END"}, {"else": "b"}), "b -> END"],
    ),
    "with a default": ({"b": {"set": {"log": "{{ x | default('-') }}"}}}, None),
    "in a template, where it is set": ({"b": {"set": {"log": "{% if x is defined %}{{ x }}{% endif %}"}}}, None),
    "in a template, under another condition": (
        {"a": {**SET_X, "when": "flag"}, "b": {"set": {"log": "{% if flag %}{{ x }}{% endif %}"}}},
        None,
    ),
    "under the condition under which it is written": (
        {"a": {**SET_X, "when": "flag"}, "b": {**READ_X, "when": "flag"}},
        None,
    ),
    "whatever becomes of the node": ({"a": {**FAILS, "on_error": {"set": {"x": "-"}}}, "b": READ_X}, None),
    "after a failure: the error": (
        {"a": FAILS, "b": {"set": {"log": "{{ error.code }}"}}},
        ["START -> a", route("a", {"on_error": "any", "to": "b"}, {"else": "END"}), "b -> END"],
    ),
    "by an empty map": (
        {"a": {"for_each": "i in range(n)", "python": "f:give", "writes": {"x": "result | join"}}, "b": READ_X},
        None,
    ),
    "the errors of a map": (
        {
            "a": {
                "for_each": "i in range(n)",
                "python": "f:give",
                "on_item_error": {"collect": "bad"},
                "writes": {"x": "result | join"},
            },
            "b": {"set": {"log": "{{ bad | length }} failed"}},
        },
        None,
    ),
    "by a node that writes it where it is not set": (
        {"a": {**SET_X, "when": "flag"}, "c": {**SET_X, "when": "x is undefined"}, "b": READ_X},
        None,
    ),
    "in a switch, only if it is set": (
        {"a": {**SET_X, "when": "flag"}, "b": READ_X},
        ["START -> a", {"from": "a", "switch": "x is defined", "cases": {"true": "b", "false": "END"}}, "b -> END"],
    ),
    "a part of it with a default": ({"b": {"set": {"log": "{{ x[0] | default('-') }}"}}}, None),
    "in a template, where a part of it is set": (
        {"a": {**SET_X, "when": "flag"}, "b": {"set": {"log": "{% if x[0] is defined %}{{ x }}{% endif %}"}}},
        None,
    ),
    "in a template's loop, where it is set": (
        {
            "a": {**SET_X, "when": "flag"},
            "c": {"set": {"y": "-"}},
            "b": {"set": {"log": "{% for i in y if x is defined %}{{ x }}{% endfor %}"}},
        },
        None,
    ),
    "in a group, only if it is set": (
        {
            "a": {**SET_X, "when": "flag"},
            "b": {"when": "x is defined", "state": {"s": "str"}, "nodes": {"i": {"set": {"s": "{{ x }}"}}}},
        },
        None,
    ),
    "a group's own": (
        {"b": {"state": {"s": "str"}, "nodes": {"i": {"set": {"s": "1"}}, "j": {"set": {"s": "{{ s }}"}}}}},
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_nothing_is_said_of_what_is_written_before(name: str, tmp_path: Path) -> None:
    nodes, edges = FINE[name]
    if name == "where a condition says that it is set":
        nodes = {**nodes, "b": IDLE}
    state = {**STATE, "bad": "list[ItemError]"} if name == "the errors of a map" else STATE
    assert said(tmp_path, nodes, edges, state=state) == []


GROUP = {"nodes": {"i": {"set": {"s": "{{ x }}"}}}, "state": {"s": "str"}, "writes": "y"}

WRONG: dict[str, tuple[dict[str, Any], list[Any] | None, str]] = {
    "never": ({"b": READ_X}, None, f"never_written {AT_B}"),
    "later": ({"b": READ_X, "a": SET_X}, None, f"never_written {AT_B}"),
    "on another way": (
        {"a": SET_X, "b": READ_X},
        [choice("START", "a", "b"), "a & b -> END"],
        f"never_written {AT_B}",
    ),
    "on one of two ways": (
        {"a": SET_X, "c": IDLE, "b": READ_X},
        [choice("START", "a", "c"), "a & c -> b -> END"],
        f"maybe_unset {AT_B}",
    ),
    "only under a condition": ({"a": {**SET_X, "when": "flag"}, "b": READ_X}, None, f"maybe_unset {AT_B}"),
    "by one way of a branch": (
        {"a": IDLE, "c": SET_X, "d": IDLE, "e": IDLE, "b": READ_X},
        ["START -> a & e", choice("a", "c", "d"), "c & d & e -> b -> END"],
        f"maybe_unset {AT_B}",
    ),
    "beside, in the same step": (
        {"a": SET_X, "b": READ_X, "d": IDLE},
        ["START -> a & b -> d -> END"],
        f"maybe_unset {AT_B}",
    ),
    "in a loop, only from its second turn on": (
        {"a": READ_X, "c": SET_X},
        ["START -> a -> c", route("c", BACK, {"else": "END"})],
        "maybe_unset nodes.a.set.log:1:4",
    ),
    "by a node that failed": (
        {"a": FAILS, "b": READ_X},
        ["START -> a", route("a", {"on_error": "any", "to": "b"}, {"else": "END"}), "b -> END"],
        f"never_written {AT_B}",
    ),
    "by itself": ({"b": {"set": {"x": "{{ x }}!"}}}, None, "never_written nodes.b.set.x:1:4"),
    "in when": ({"b": {"when": "x == '1'", **IDLE}}, None, "never_written nodes.b.when"),
    "in a route": (
        {"a": IDLE},
        ["START -> a", route("a", {"when": "x == '1'", "to": "END"}, {"else": "END"})],
        "never_written edges[1].route[0].when",
    ),
    "in a message to fail with": (
        {"a": IDLE},
        ["START -> a", route("a", {"when": "flag", "to": {"fail": "It is {{ x }}"}}, {"else": "END"})],
        "never_written edges[1].route[0].to.fail:1:10",
    ),
    "by a function's parameter": ({"b": {"python": "f:take", "writes": "y"}}, None, "never_written nodes.b.python"),
    "in a group": ({"b": GROUP}, None, "never_written nodes.b.nodes.i.set.s:1:4"),
    "in a group, the group's own": (
        {"b": {"state": {"s": "str"}, "nodes": {"i": {"set": {"s": "{{ s }}"}}}, "writes": "y"}},
        None,
        "never_written nodes.b.nodes.i.set.s:1:4",
    ),
    "an error, where nothing failed": (
        {"a": FAILS, "b": IDLE, "c": {"set": {"log": "{{ error.code }}"}}},
        ["START -> a", route("a", {"on_error": "any", "to": "b"}, {"else": "c"}), "b & c -> END"],
        "never_written nodes.c.set.log:1:4",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_read_too_early_is_shown(name: str, tmp_path: Path) -> None:
    nodes, edges, expected = WRONG[name]
    assert [finding.split(":1:1 ")[0] for finding in said(tmp_path, nodes, edges)] == [expected]


@pytest.mark.parametrize(
    ("nodes", "output", "expected"),
    [
        ({"a": IDLE}, ["x"], ["never_written output[0]"]),
        ({"a": {**SET_X, "when": "flag"}}, ["x"], ["maybe_unset output[0]"]),
        ({"a": IDLE}, {"o": "x ~ '!'"}, ["never_written output.o"]),
        ({"a": SET_X}, ["x"], []),
        ({"a": {**SET_X, "when": "flag"}}, {"o": "x | default('')"}, []),
    ],
)
def test_the_output_is_read_at_the_end(nodes: Any, output: Any, expected: list[str], tmp_path: Path) -> None:
    assert said(tmp_path, nodes, output=output) == expected


def test_an_output_that_may_be_null_may_be_unset(tmp_path: Path) -> None:
    assert said(tmp_path, {"a": IDLE}, output=["x"], state={**STATE, "x": "str?"}) == []


def test_the_way_on_which_nothing_writes_it_is_told(tmp_path: Path) -> None:
    nodes = {"a": SET_X, "c": IDLE, "b": READ_X}
    edges = [choice("START", "a", "c"), "a & c -> b -> END"]
    data = {"version": 2, "name": "w", "input": INPUT, "state": STATE, "nodes": nodes, "edges": edges}
    [finding] = [found for found in configurable_agents.check(data).findings if found.severity == "warning"]
    assert "START -> c -> b" in finding.message
    assert "default(" in finding.hint


def test_a_field_that_nothing_writes_is_shown_once(tmp_path: Path) -> None:
    assert said(tmp_path, {"a": READ_X, "b": READ_X}, output=["x"]) == ["never_written nodes.a.set.log:1:4"]


@pytest.mark.parametrize("wrong", [{"set": {"xx": "1"}}, {"set": {"x": "1"}, "wen": "flag"}, {"x": 1}])
def test_a_node_whose_mistake_hides_what_it_writes_is_all_that_is_shown(wrong: Any, tmp_path: Path) -> None:
    [found] = said(tmp_path, {"a": wrong, "b": READ_X})
    assert "a" in found
    assert "b" not in found.split()[1]


LOOPS = {
    "no bound": (["START -> a -> b", route("b", {"when": "n > 1", "to": "a"}, {"else": "END"})], True),
    "a bound": (["START -> a -> b", route("b", {"when": "n > 1", "to": "a", "max_times": 3}, {"else": "END"})], False),
    "a bound on another way": (
        ["START -> a", route("a", {"when": "n > 1", "to": "a", "max_times": 3}, {"when": "n > 0", "to": "b"},
                             {"else": "END"}), "b -> a"],
        True,
    ),
    "a switch": (["START -> a -> b", {"from": "b", "switch": "kind", "cases": {"p": "a", "q": "END"}}], True),
    "failures": (["START -> a -> b", route("b", {"on_error": "any", "to": "b"}, {"else": "END"})], True),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_that_nothing_bounds_is_warned_of(name: str, tmp_path: Path) -> None:
    edges, unbounded = LOOPS[name]
    found = said(tmp_path, {"a": IDLE, "b": {"python": "f:give", "writes": "y"}}, edges)
    assert [finding.split()[0] for finding in found] == (["unbounded_loop"] if unbounded else [])
