"""Filters and operators know what they are applied to: what would fail in a run is shown, at its place."""

from __future__ import annotations

from typing import Any

import pytest

import configurable_agents

TYPES = {"File": {"path": "str", "size": "int"}, "Dir": {"main": "File"}}
INPUT: dict[str, Any] = {
    "text": "str", "n": "int", "x": "float", "flag": "bool", "kind": "enum[p, q]", "words": "list[str]",
    "numbers": "list[int]", "files": "list[File]", "file": "File", "dir": "Dir", "maybe": "int?", "day": "date",
    "moment": "datetime", "sizes": "dict[str, int]", "thing": "any", "what": "any?",
    "small": {"type": "int", "minimum": 1},
}  # fmt: skip
GIVEN: dict[str, Any] = {
    "text": "some, words", "n": 3, "x": 0.5, "flag": True, "kind": "p", "words": ["a", "b"], "numbers": [1, 2],
    "files": [{"path": "a", "size": 1}, {"path": "b", "size": 2}], "file": {"path": "a", "size": 1},
    "dir": {"main": {"path": "a", "size": 1}}, "maybe": 4, "day": "2026-01-01", "moment": "2026-01-01T10:00:00Z",
    "sizes": {"a": 1}, "thing": [1], "small": 2, "what": 5,
}  # fmt: skip


def data(expression: str) -> dict[str, Any]:
    nodes = {"a": {"set": {"out": f"{{{{ {expression} }}}}"}}}
    shape = {"version": 2, "name": "w", "types": TYPES, "input": INPUT, "state": {"out": "any"}, "output": ["out"]}
    return {**shape, "nodes": nodes}


WRONG = {
    "«text» + n": "compare_types",
    "«n» - text": "compare_types",
    "«file» + n": "compare_types",
    "«words» / n": "compare_types",
    "-«text»": "compare_types",
    "«day» < '2026-01-01'": "compare_types",
    "«day» < moment": "compare_types",
    "«file» < file": "compare_types",
    "«n» in words": "compare_types",
    "«n» + day": "compare_types",
    "text in «n»": "compare_types",
    "«n»[0]": "unknown_attribute",
    "words | «map»": "filter_arguments",
    "files | «selectattr» | list": "filter_arguments",
    "n | «truncate»": "filter_type",
    "sizes | «sum»": "filter_type",
    "n if «file» else x": "condition_type",
    "n | «length»": "filter_type",
    "file | «upper»": "filter_type",
    "words | «int»": "filter_type",
    "text | «round»": "filter_type",
    "n | «items»": "filter_type",
    "files | «sort»": "filter_type",
    "files | «unique»": "filter_type",
    "words | «sum»": "filter_type",
    "numbers | sum(start=«''»)": "filter_type",
    "words | sum(start=«''»)": "filter_type",
    "files | sum('size', «text»)": "filter_type",
    "numbers | sum(start=«words»)": "filter_type",
    "[words, words] | sum(start=«1»)": "filter_type",
    "[numbers] | map('sum', start=«''») | list": "filter_type",
    "[day] | «sum»": "filter_type",
    "text | «replace»('a')": "filter_arguments",
    "n | «round»(digits=2)": "filter_arguments",
    "text | «bucket»(3, 4)": "filter_arguments",
    "files | «groupby»": "filter_arguments",
    "words | last | «lenght»": "unknown_filter",
    "words | map(«'uper'») | list": "unknown_filter",
    "words | select(«'matches'») | list": "unknown_test",
    "text is «defind»": "unknown_test",
    "files | sort(attribute=«'siez'»)": "unknown_attribute",
    "files | map(attribute=«'pth'») | list": "unknown_attribute",
    "files | selectattr(«'siez'», 'gt', 1)": "unknown_attribute",
    "files | groupby(«'pth'»)": "unknown_attribute",
    "files | join(', ', «'pth'»)": "unknown_attribute",
    "(files | first).«siez»": "unknown_attribute",
    "files[0].«pth»": "unknown_attribute",
    "dir.main.«main»": "unknown_attribute",
    "text.«upper»()": "method_call",
    "kind in ['p', «'r'»]": "enum_value",
}


@pytest.mark.parametrize("marked", WRONG)
def test_what_would_fail_is_shown_at_its_place(marked: str) -> None:
    before, word, _ = marked.replace("»", "«").split("«")
    found = configurable_agents.check(data(marked.replace("«", "").replace("»", ""))).findings
    errors = [(f.code, f.location.column) for f in found if f.severity == "error"]
    assert errors == [(WRONG[marked], len("{{ " + before) + 1)], word


def test_a_number_with_rules_stays_a_whole_number() -> None:
    switch = {"from": "START", "switch": "small % 2", "cases": {"0": "a"}, "else": "END"}
    found = configurable_agents.check({**data("n"), "edges": [switch, "a -> END"]}).findings
    assert [finding for finding in found if finding.severity == "error"] == []


RIGHT = {
    "text * 2": "some, wordssome, words",
    "words + numbers": ["a", "b", 1, 2],
    "n + maybe": 7,
    "n - x": 2.5,
    "day < day": False,
    "file == file": True,
    "files | sort(attribute='size', reverse=true) | map(attribute='path')": ["b", "a"],
    "files | map(attribute='path') | length": 2,
    "files | selectattr('size', 'gt', 1) | length": 1,
    "files | sum(attribute='size') + 1": 4,
    "(files | max(attribute='size')).path": "b",
    "words | map('upper') | join(', ')": "A, B",
    "words | unique | length": 2,
    "words | batch(1) | first | first | upper": "A",
    "sizes | items | length": 1,
    "sizes.a + 1": 2,
    "text | split(', ') | last": "words",
    "files | join(', ', 'path')": "a, b",
    "[dir] | join(', ', attribute='main.path')": "a",
    "(files | groupby('size') | first).grouper": 1,
    "(files | groupby('size') | last).list | map(attribute='path')": ["b"],
    "what > 4 and what == 5 and what is not none": True,
    "numbers | sum * 2": 6,
    "[words, words] | sum(start=[])": ["a", "b", "a", "b"],
    "numbers | sum(start=1) * 2": 8,
    "files | sum('size', n) + x": 6.5,
    "thing | sum(start=n)": 4,
    "text | reverse | length": 11,
    "words | reverse | first": "b",
    "thing | first + 1": 2,
    "n | abs | float": 3.0,
    "flag | int": 1,
    "'p' in [kind]": True,
    "small % 2 == 0 and small // 2 == 1": True,
    "day | replace('-', '.')": "2026.01.01",
}


@pytest.mark.parametrize("expression", RIGHT)
def test_what_is_right_is_computed_and_nothing_is_said(expression: str) -> None:
    workflow = configurable_agents.load(data(expression))
    assert [finding for finding in workflow.findings if finding.severity != "advice"] == []
    assert workflow.run(GIVEN).output == {"out": RIGHT[expression]}


def test_a_loop_may_call_itself() -> None:
    text = "{% for i in thing recursive %}{{ loop(i) if i is iterable else i }},{% endfor %}"
    workflow = configurable_agents.load({**data("n"), "nodes": {"a": {"set": {"out": text}}}})
    assert [finding for finding in workflow.findings if finding.severity == "error"] == []
    assert workflow.run({**GIVEN, "thing": [1, [2, 3]]}).output == {"out": "1,2,3,,"}


def test_the_if_of_a_loop_in_a_loop_reads_the_outer_one() -> None:
    text = "{% for i in numbers %}{% for j in numbers if loop.index > 1 %}{{ i }}{{ j }},{% endfor %}{% endfor %}"
    workflow = configurable_agents.load({**data("n"), "nodes": {"a": {"set": {"out": text}}}})
    assert [finding for finding in workflow.findings if finding.severity == "error"] == []
    assert workflow.run(GIVEN).output == {"out": "21,22,"}
