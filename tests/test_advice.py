"""Advice about what nothing uses and keys that are missing, and routes that leave a case out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents import Finding

ASK = {"prompt": "Hello", "writes": "x"}


def findings(**more: Any) -> list[Finding]:
    data = {"version": 2, "name": "w", "state": {"x": "str"}, "nodes": {"a": ASK}, "output": ["x"], **more}
    return list(configurable_agents.check(data).findings)


UNUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a type": ({"types": {"Thing": {"a": "str"}}}, "types.Thing"),
    "a model": ({"models": {"main": {"model": "demo"}, "other": {"model": "demo"}}}, "models.other"),
    "an input": ({"input": {"n": "int"}}, "input.n"),
    "a field": ({"state": {"x": "str", "y": "str?"}}, "state.y"),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_nothing_uses_is_told(name: str) -> None:
    more, path = UNUSED[name]
    [finding] = findings(**more)
    assert (finding.code, finding.severity, finding.location.path) == ("unused", "advice", path)


USED: dict[str, dict[str, Any]] = {
    "a type in another": {
        "types": {"A": {"b": "B"}, "B": {"c": "str"}}, "state": {"x": "str", "y": "A?"}, "output": None,
    },
    "a type of a reply": {
        "types": {"R": {"x": "str"}},
        "nodes": {"a": {**ASK, "returns": "R", "writes": {"x": "result.x"}}},
    },
    "a model in a group": {
        "models": {"main": {"model": "demo"}, "other": {"model": "demo"}},
        "nodes": {"a": ASK, "g": {"nodes": {"b": {**ASK, "model": "other", "writes": "y"}}, "state": {"y": "str"}}},
    },
    "a model by default": {
        "models": {"main": {"model": "demo"}, "other": {"model": "demo"}},
        "defaults": {"llm": {"model": "other"}},
        "nodes": {"a": ASK, "b": {**ASK, "model": "main"}},
    },
    "an input in a map": {"input": {"ns": "list[int]"}, "nodes": {"a": {**ASK, "for_each": "n in ns"}},
                          "state": {"x": "list[str]"}},
    "an input of a condition": {"input": {"n": "int"}, "nodes": {"a": ASK, "b": {**ASK, "when": "n > 1"}}},
    "an input in a group": {
        "input": {"n": "int"},
        "nodes": {"a": ASK, "g": {"nodes": {"b": {"set": {"y": "{{ n }}"}}}, "state": {"y": "any"}}},
    },
    "a conversation": {"state": {"x": "str", "talk": "messages"}, "nodes": {"a": {**ASK, "conversation": "talk"}}},
    "everything, where everything is the output": {"input": {"n": "int"}, "output": None},
}  # fmt: skip


@pytest.mark.parametrize("name", USED)
def test_nothing_is_said_of_what_is_used(name: str) -> None:
    given = {key: value for key, value in USED[name].items() if value is not None}
    data = {"version": 2, "name": "w", "state": {"x": "str"}, "nodes": {"a": ASK}, **given}
    if "output" not in USED[name]:
        data["output"] = ["x"]
    assert configurable_agents.check(data).findings == ()


def test_a_function_reads_what_its_parameters_are_named_after(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(n, m=1):\n    return n\n", "utf-8")
    nodes = {"a": {"python": "f:f", "writes": "x"}}
    data = {"version": 2, "name": "w", "input": {"n": "int", "m": "int"}, "state": {"x": "any"}, "output": ["x"]}
    assert configurable_agents.check({**data, "nodes": nodes}, directory=tmp_path).findings == ()


def test_advice_is_given_where_nothing_else_is_wrong() -> None:
    assert [finding.code for finding in findings(input={"n": "int"}, output=["y"])] == ["unknown_field"]


def test_a_key_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    path = tmp_path / "w.yaml"
    path.write_text(
        "version: 2\nname: w\nmodels:\n  main: {model: openai/gpt-5.4-mini}\nstate: {x: str}\n"
        "nodes: {a: {prompt: Hello, writes: x}}\n",
        "utf-8",
    )
    [finding] = configurable_agents.check(path).findings
    assert (finding.code, finding.severity) == ("missing_api_key", "advice")
    assert (finding.location.line, finding.location.column) == (4, 17)
    assert "OPENAI_API_KEY" in finding.hint
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    assert configurable_agents.check(path).findings == ()


INPUT = {"kind": "enum[p, q, r]", "flag": "bool", "maybe": "bool?", "n": "int"}


def rules(*conditions: str, **more: Any) -> list[dict[str, Any]]:
    return [{"when": condition, "to": "END", **more} for condition in conditions]


COVERED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a value is left out": (rules("kind == 'p'", "kind == 'q'"), "error kind is r"),
    "all values": (rules("kind == 'p'", "kind in ['q', 'r']"), ""),
    "the others": (rules("kind == 'p'", "kind != 'p'"), ""),
    "a bool": (rules("flag"), "error flag is false"),
    "a bool and its opposite": (rules("flag", "not flag"), ""),
    "a bool that may be null": (rules("maybe", "maybe == false"), "error maybe is null"),
    "both": (rules("flag and kind == 'p'", "not flag"), "error flag is true and kind is q"),
    "what can't be known": (rules("n > 3", "kind == 'p'"), ""),
    "nothing ever": (rules("false"), "error None of the rules ever holds"),
    "until it is used up": ([*rules("flag"), *rules("not flag", max_times=2)], "warning flag is false"),
    "failures": ([{"on_error": "any", "to": "END"}, *rules("flag")], "error flag is false"),
    "with an else": ([*rules("flag"), {"else": "END"}], ""),
}


@pytest.mark.parametrize("name", COVERED)
def test_a_route_that_leaves_a_case_out_is_shown(name: str) -> None:
    route, said = COVERED[name]
    shape = {"version": 2, "name": "w", "input": INPUT, "state": {"x": "str"}}
    data = {**shape, "nodes": {"a": ASK}, "edges": ["START -> a", {"from": "a", "route": route}]}
    found = [finding for finding in configurable_agents.check(data).findings if finding.code == "route_incomplete"]
    severity, _, words = said.partition(" ")
    assert [finding.severity for finding in found] == ([severity] if said else [])
    assert all(words in finding.message for finding in found)
