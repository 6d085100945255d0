"""How many calls a plan counts: exactly for plain graphs, and for any graph no fewer and no more than a run makes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import configurable_agents
from configurable_agents.planning.plan import Range
from tests.random_workflows import FUNCTIONS, Workflow, graphs

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))

STATE = {
    "a": "str",
    "b": "str",
    "c": "str",
    "list": "list[str]",
    "kind": {"type": "enum[x, y]", "default": "x"},
    "flag": {"type": "bool", "default": False},
    "n": {"type": "int", "default": 0},
}
ASK = {"prompt": "Say something.", "writes": "a"}
ASK_B = {"prompt": "Say something.", "writes": "b"}
SET = {"set": {"n": 1}}


def calls(nodes: dict[str, Any], edges: Any = None, given: Any = None, **more: Any) -> list[float | None]:
    data = {
        "version": 2,
        "name": "planned",
        "state": STATE,
        "nodes": nodes,
        **({"edges": edges} if edges else {}),
        **more,
    }
    counted = configurable_agents.load(data).plan(given, model="demo").total.calls
    return [counted.least, counted.likely, counted.most]


def test_a_reply_that_does_not_fit_is_asked_for_twice_and_retries_multiply_that() -> None:
    assert calls({"one": ASK}) == [1, 1, 2]
    assert calls({"one": ASK, "two": ASK_B}) == [2, 2, 4]
    assert calls({"one": {**ASK, "retry": {"attempts": 3}}}) == [1, 1, 6]
    assert calls({"silent": SET}) == [0, 0, 0]


def test_a_schema_that_the_provider_refuses_costs_one_more_call_however_often_it_is_asked() -> None:
    assert calls({"one": {**ASK, "writes": ["a", "b"]}}) == [1, 1, 3]
    assert calls({"one": {**ASK, "writes": "kind", "retry": {"attempts": 4}}}) == [1, 1, 9]


def test_a_loop_is_bounded_by_the_max_times_of_its_rule() -> None:
    back = {"from": "judge", "route": [{"when": "n > 1", "to": "write", "max_times": 3}, {"else": "close"}]}
    nodes = {"first": ASK, "write": ASK_B, "judge": SET, "close": ASK}
    # 3 times back is 4 times through it; what comes before and after it is asked once.
    assert calls(nodes, ["START -> first -> write -> judge", back, "close -> END"]) == [3, 3, 2 + 4 * 2 + 2]
    alone = {"from": "write", "route": [{"when": "n > 1", "to": "write", "max_times": 2}, {"else": "END"}]}
    assert calls({"write": ASK}, ["START -> write", alone]) == [1, 1, 6]


def test_loops_in_loops_are_bounded_by_the_counts_of_their_rules_which_are_a_run_s() -> None:
    inner = {"from": "b", "route": [{"when": "n > 1", "to": "b", "max_times": 2}, {"else": "c"}]}
    outer = {"from": "c", "route": [{"when": "n > 2", "to": "a", "max_times": 3}, {"else": "END"}]}
    # `a` and `c` are each run 4 times, `b` 4 times and twice more.
    most = 2 * (4 + 6 + 4)
    assert calls({"a": ASK, "b": ASK_B, "c": ASK}, ["START -> a -> b", inner, outer]) == [3, 3, most]


def test_two_nodes_that_share_a_route_share_its_count() -> None:
    nodes = {"x": SET, "a": ASK, "b": ASK_B}
    first = {"from": "x", "route": [{"when": "n > 1", "to": "a"}, {"else": "b"}]}
    shared = {"from": ["a", "b"], "route": [{"when": "n > 1", "to": "x", "max_times": 2}, {"else": "END"}]}
    assert calls(nodes, ["START -> x", first, shared]) == [1, 1, 6]


def test_a_loop_that_nothing_else_bounds_is_bounded_by_max_steps_and_named() -> None:
    nodes = {"ask": ASK, "count": SET}
    back = {"from": "count", "route": [{"when": "n > 1", "to": "ask"}, {"else": "END"}]}
    data = {"version": 2, "name": "p", "state": STATE, "nodes": nodes, "edges": ["START -> ask -> count", back]}
    plan = configurable_agents.load(data).plan(model="demo")
    assert plan.total.calls == Range(1, 1, 100)  # of 100 steps every second one asks, twice
    (gap,) = [gap for gap in plan.unbounded if gap.field == "edges"]
    assert gap.node == "ask"
    assert "max_steps (100)" in gap.why
    assert "max_times" in gap.hint
    assert calls(nodes, data["edges"], limits={"max_steps": 7}) == [1, 1, 8]


def test_of_a_choice_one_way_is_gone() -> None:
    nodes = {"choose": SET, "one": ASK, "two": ASK, "three": ASK_B}
    switch = {"from": "choose", "switch": "kind", "cases": {"x": "one", "y": "two"}}
    edges = ["START -> choose", switch, "one -> END", "two -> three -> END"]
    assert calls(nodes, edges) == [1, 2, 4]
    route = {
        "from": "choose",
        "route": [{"when": "n > 1", "to": {"fail": "No."}}, {"when": "flag", "to": "END"}, {"else": "two"}],
    }
    assert calls({**nodes, "one": SET}, ["START -> choose", route, "two -> three -> one -> END"]) == [0, 2, 4]


def test_of_a_fan_out_all_branches_are_gone_also_those_that_end() -> None:
    nodes = {"one": ASK, "two": ASK_B, "more": {**ASK, "writes": "c"}, "join": {**ASK, "writes": "kind"}}
    assert calls(nodes, ["START -> one & two", "two -> more", "one & more -> join -> END"]) == [4, 4, 9]
    assert calls(nodes, ["START -> one & two", "two -> more -> join -> END", "one -> END"]) == [4, 4, 9]


def test_a_fan_out_in_a_loop_is_gone_as_often_as_the_loop() -> None:
    nodes = {"begin": SET, "one": ASK, "two": ASK_B, "join": {**ASK, "writes": "c"}}
    back = {"from": "join", "route": [{"when": "n > 1", "to": "begin", "max_times": 2}, {"else": "END"}]}
    assert calls(nodes, ["START -> begin -> one & two -> join", back]) == [3, 3, 3 * 3 * 2]


def test_what_the_input_decides_is_decided() -> None:
    more: dict[str, Any] = {"input": {"deep": "bool", "depth": {"type": "enum[low, high]", "default": "low"}}}
    route = {"from": "START", "route": [{"when": "deep", "to": "two"}, {"else": "one"}]}
    nodes = {"one": ASK, "two": ASK, "three": ASK_B}
    edges = [route, "one -> END", "two -> three -> END"]
    assert calls(nodes, edges, **more) == [1, 2, 4]
    assert calls(nodes, edges, {"deep": True}, **more) == [2, 2, 4]
    assert calls(nodes, edges, {"deep": False}, **more) == [1, 1, 2]
    switch = {"from": "START", "switch": "depth", "cases": {"low": "one", "high": "two"}}
    assert calls(nodes, [switch, *edges[1:]], **more) == [1, 1, 2]
    assert calls(nodes, [switch, *edges[1:]], {"depth": "high"}, **more) == [2, 2, 4]
    when = {"one": ASK, "two": {**ASK_B, "when": "deep"}}
    assert calls(when, None, **more) == [1, 2, 4]
    assert calls(when, None, {"deep": False}, **more) == [1, 1, 2]


def test_maps_have_the_size_that_is_given_or_that_their_types_allow() -> None:
    node = {"for_each": "x in xs", "prompt": "{{ x }}", "writes": "list"}
    bounded: dict[str, Any] = {"input": {"xs": {"type": "list[str]", "minItems": 1, "maxItems": 5}}}
    assert calls({"map": node}, **bounded) == [1, 3, 10]
    assert calls({"map": node}, None, {"xs": ["a", "b", "c", "d"]}, **bounded) == [4, 4, 8]
    assert calls({"map": {**node, "when": "x != 'a'"}}, None, {"xs": ["a", "b", "a", "d"]}, **bounded) == [2, 2, 4]
    assert calls({"map": {**node, "when": "x != a"}, "first": ASK}, ["START -> first -> map -> END"], **bounded)[0] == 1
    assert calls({"map": {**node, "on_item_error": "skip"}}, None, {"xs": ["a", "b"]}, **bounded) == [1, 2, 4]
    product = {**node, "for_each": ["x in xs", "y in range(3)"]}
    assert calls({"map": product}, None, {"xs": ["a", "b"]}, **bounded) == [6, 6, 12]
    assert calls({"map": product}, **bounded) == [3, 9, 30]
    nested = {**node, "for_each": ["x in xs", "y in x | split"]}
    assert calls({"map": nested}, None, {"xs": ["a b", "c"]}, **bounded) == [3, 3, 6]


def test_a_map_over_a_list_of_any_size_is_unbounded_and_named() -> None:
    node = {"for_each": "x in xs", "prompt": "Say {{ x }}", "writes": "list"}
    data = {
        "version": 2,
        "name": "p",
        "input": {"xs": "list[int]"},
        "state": STATE,
        "nodes": {"first": SET, "map": node},
    }
    plan = configurable_agents.load(data).plan(model="demo")
    assert plan.total.calls == Range(0, 3, None)
    (gap,) = [gap for gap in plan.unbounded if gap.field == "xs"]
    assert (gap.node, gap.why) == ("map", "is a list without maxItems")
    assert gap.hint == "Give it maxItems, or --input xs=…."
    assert "likely: map has 3 items (x in xs)" in plan.assumed


def test_a_list_that_a_map_wrote_is_as_long_as_what_it_went_over() -> None:
    first = {"for_each": "x in range(4)", "prompt": "{{ x }}", "writes": "list"}
    second = {"for_each": "y in list", "prompt": "{{ y }}", "writes": "more"}
    state = {"list": "list[str]", "more": "list[str]"}
    assert calls({"first": first, "second": second}, state=state) == [4, 8, 16]


def test_groups_and_workflows_are_counted_with_all_that_is_in_them(tmp_path: Path) -> None:
    group = {"state": {"a": "str"}, "nodes": {"one": ASK, "two": {**ASK, "retry": {"attempts": 2}}}, "writes": "b"}
    assert calls({"group": group}) == [2, 2, 6]
    assert calls({"group": {**group, "retry": {"attempts": 3}}}) == [2, 2, 18]
    mapped = {**group, "for_each": "x in range(3)", "writes": "list"}
    assert calls({"map": mapped}) == [6, 6, 18]
    skipped = {**group, "with": {"deep": False}, "nodes": {"one": ASK, "two": {**ASK, "when": "deep"}}}
    assert calls({"group": skipped}) == [1, 1, 2]
    inner = {
        "version": 2, "name": "inner", "input": {"n": "int"}, "state": {"s": "list[str]"}, "output": ["s"],
        "nodes": {"map": {"for_each": "i in range(n)", "prompt": "{{ i }}", "writes": "s"}},
    }  # fmt: skip
    (tmp_path / "inner.yaml").write_text(json.dumps(inner), "utf-8")
    outer = {
        "version": 2, "name": "outer", "input": {"n": "int"}, "state": {"list": "list[str]"},
        "nodes": {"it": {"workflow": "inner.yaml", "with": {"n": "{{ n * 2 }}"}, "writes": "list"}},
    }  # fmt: skip
    plan = configurable_agents.load(outer, directory=tmp_path).plan({"n": 2}, model="demo")
    assert plan.total.calls == Range(4, 4, 8)
    assert configurable_agents.load(outer, directory=tmp_path).plan(model="demo").total.calls == Range(0, 3, None)


def test_a_failure_that_is_handled_may_come_before_the_call() -> None:
    assert calls({"one": {**ASK, "on_error": {"set": {"a": "none"}}}}) == [0, 1, 2]
    rescue = {"from": "one", "route": [{"on_error": "any", "to": "two"}, {"else": "END"}]}
    assert calls({"one": ASK, "two": ASK_B}, ["START -> one", rescue, "two -> END"]) == [1, 1, 4]


# ----------------------------------------------------------------------------------------------------------------------


def asking(node: dict[str, Any]) -> dict[str, Any]:
    """The node with a prompt in the place of a function, where one can stand there."""
    if "nodes" in node:
        return {**node, "nodes": {name: asking(inner) for name, inner in node["nodes"].items()}}
    given = node.get("with", {})
    if "python" in node and node["writes"] == "seen" and "fails" not in given and "flatten" not in node:
        kept = {key: value for key, value in node.items() if key not in ("python", "with")}
        return {**kept, "prompt": given.get("value", "n is {{ n }}, i is {{ i }}, last {{ last | default('-') }}")}
    if node.get("set") == {"seen": "{{ facts.missing }}"}:  # it fails
        return {
            **{key: value for key, value in node.items() if key != "set"},
            "prompt": "{{ facts.missing }}",
            "writes": "seen",
        }
    return node


def spent_within(result: configurable_agents.RunResult, plan: Any, *, least: bool) -> Iterator[str]:
    spent, total = result.view.spent, plan.total
    for name, used, planned in (
        ("calls", spent.model_calls, total.calls),
        ("input", spent.input_tokens, total.input_tokens),
        ("output", spent.output_tokens, total.output_tokens),
    ):
        if least and used < planned.least:
            yield f"{name}: {used} are fewer than {planned.least}"
        if planned.most is not None and used > planned.most:
            yield f"{name}: {used} are more than {planned.most}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("random")
    (made / "f.py").write_text(FUNCTIONS, "utf-8")
    return made


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(found=graphs(), unknown=st.booleans())
def test_a_run_is_never_outside_of_its_plan(folder: Path, found: Workflow, unknown: bool) -> None:
    data = asking({**found.data, "models": {"main": {"model": "demo", "max_tokens": 500}}})
    if unknown:  # a plan takes defaults for what is not given
        data["input"] = {name: shape["type"] for name, shape in data["input"].items()}
    with contextlib.suppress(configurable_agents.WorkflowError):
        workflow = configurable_agents.load(data, directory=folder)
        plan = workflow.plan({} if unknown else found.given)
        result = workflow.run(found.given)
        assert not list(spent_within(result, plan, least=result.status == "succeeded"))
        for planned in (plan.total.calls, plan.total.input_tokens, plan.total.output_tokens):
            assert planned.least <= planned.likely
            assert planned.most is None or planned.likely <= planned.most
