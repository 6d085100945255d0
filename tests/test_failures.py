"""What a node may say of its failing: try again, stop after a time, write something else, lead elsewhere; skipping."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from configurable_agents.events import NodeRetried
from tests.workflows import count, findings, functions, load, run, succeeded, told


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    return functions(tmp_path)


def flaky(failures: int, **more: Any) -> dict[str, Any]:
    return {"python": "f:flaky", "with": {"failures": failures}, "writes": "x", **more}


def test_a_node_is_tried_again_until_it_succeeds(folder: Path) -> None:
    result = succeeded(folder, {"a": flaky(2, retry={"attempts": 5, "backoff": "1ms"})})
    assert result.state["x"] == "done"
    assert count(folder, "flaky") == 3
    retried = [event for event in result.events if isinstance(event, NodeRetried)]
    assert [(event.node, event.attempt, event.error.code) for event in retried] == [
        ("a", 1, "python_error"),
        ("a", 2, "python_error"),
    ]
    assert [event.attempt for event in result.events if event.type == "node_succeeded"] == [3]
    assert result.view.step("a", 1).retries == 2


def test_the_first_attempt_counts(folder: Path) -> None:
    error = run(folder, {"a": flaky(3, retry={"attempts": 3, "backoff": "1ms"})}).view.error
    assert error is not None
    assert "not yet" in error.message
    assert count(folder, "flaky") == 3


def test_the_wait_doubles_up_to_a_bound_and_half_of_it_is_left_to_chance(folder: Path) -> None:
    retry = {"attempts": 6, "backoff": "10ms", "max_backoff": "40ms"}
    result = succeeded(folder, {"a": flaky(5, retry=retry)})
    waits = [event.delay_s for event in result.events if isinstance(event, NodeRetried)]
    for wait, full in zip(waits, [0.01, 0.02, 0.04, 0.04, 0.04], strict=True):
        assert full / 2 <= wait <= full


@pytest.mark.parametrize(
    ("codes", "calls"), [(["timeout"], 1), (["timeout", "python_error"], 3), (["any"], 3), (None, 3)]
)
def test_only_the_failures_that_are_named_are_tried_again(codes: list[str] | None, calls: int, folder: Path) -> None:
    retry: dict[str, Any] = {"attempts": 3, "backoff": "1ms"}
    if codes is not None:
        retry["for"] = codes
    assert run(folder, {"a": flaky(9, retry=retry)}).status == "failed"
    assert count(folder, "flaky") == calls


# Some way writes y, so that reading it is no mistake to a check; this one does not.
MAYBE = {"before": {"when": "1 > 2", "set": {"y": 1}}}


def test_what_would_fail_again_is_not_tried_again(folder: Path) -> None:
    nodes = {**MAYBE, "a": {"set": {"x": "{{ y }}"}, "retry": {"attempts": 3, "backoff": "1ms"}}}
    result = run(folder, nodes, state={"x": "any", "y": "any"})
    assert result.view.error is not None
    assert result.view.error.code == "unset_field"
    assert told(result, "node_retried") == []


def test_a_node_can_tell_its_attempts_apart(folder: Path) -> None:
    node = {"python": "f:flaky", "with": {"failures": 2, "name": "try{{ run.attempt }}"}, "writes": "x"}
    run(folder, {"a": {**node, "retry": {"attempts": 3, "backoff": "1ms"}}})
    assert [count(folder, f"try{n}") for n in (1, 2, 3)] == [1, 1, 1]


def test_a_timeout_stops_what_can_be_stopped(folder: Path) -> None:
    result = run(folder, {"a": {"python": "f:wait", "timeout": "50ms", "writes": "x"}})
    error = result.view.error
    assert error is not None
    assert (error.code, error.node) == ("timeout", "a")
    assert "0.05s" in error.message
    assert count(folder, "stopped") == 1


def test_what_a_function_gives_after_its_timeout_is_dropped(folder: Path) -> None:
    (folder / "stubborn.py").write_text(
        "import asyncio\n\nasync def work():\n"
        " try: await asyncio.sleep(30)\n except asyncio.CancelledError: return 'late'\n",
        "utf-8",
    )
    node = {"python": "stubborn:work", "writes": "x"}
    error = run(folder, {"a": {**node, "timeout": "50ms"}}).view.error
    assert error is not None
    assert error.code == "timeout"
    error = run(folder, {"a": node}, limits={"timeout": "50ms"}).view.error
    assert error is not None
    assert error.code == "run_timeout"


def test_a_blocking_function_is_left_behind_and_reported(folder: Path) -> None:
    nodes = {"a": {"python": "f:block", "timeout": "50ms", "on_error": {"set": {"x": "early"}}, "writes": "x"}}
    nodes["b"] = {"python": "f:wait", "with": {"seconds": 0.8}, "writes": "y"}
    result = succeeded(folder, nodes, state={"x": "any", "y": "any"})
    assert count(folder, "blocked") == 1, "its thread went on to its end"
    assert result.view.step("a", 1).left_behind
    assert result.state["x"] == "early", "what it gave came too late"
    failed = run(folder, {"a": {"python": "f:block", "timeout": "50ms", "writes": "x"}})
    assert [event.left_behind for event in failed.events if event.type == "node_failed"] == [True]
    assert failed.view.step("a", 1).left_behind == 1
    assert failed.view.error is not None
    assert "goes on in its thread" in failed.view.error.message


def test_a_timeout_is_that_of_one_attempt(folder: Path) -> None:
    node = {"python": "f:wait", "timeout": "50ms", "retry": {"attempts": 2, "backoff": "1ms", "for": ["timeout"]}}
    result = run(folder, {"a": {**node, "writes": "x"}})
    assert told(result, "node_retried") == ["a"]
    assert count(folder, "stopped") == 2


def test_on_error_writes_something_else(folder: Path) -> None:
    text = "{{ error.code }} of {{ error.node }}: {{ error.message }}"
    nodes = {
        "a": {"python": "f:fail", "writes": "x", "on_error": {"set": {"x": text, "bad": True}}},
        "b": {"set": {"y": "{{ x }}"}},
    }
    result = succeeded(folder, nodes, state={"x": "str", "y": "str", "bad": {"type": "bool", "default": False}})
    assert result.state["y"].startswith("python_error of a: f:fail raised ValueError: broken")
    assert result.state["bad"] is True
    [event] = [event for event in result.events if event.type == "node_succeeded" and event.node == "a"]
    assert event.error is not None
    assert event.error.code == "python_error"
    assert told(result, "node_failed") == []


def test_on_error_fail_is_what_happens_anyway(folder: Path) -> None:
    assert run(folder, {"a": {"python": "f:fail", "writes": "x", "on_error": "fail"}}).status == "failed"


def test_an_on_error_that_fails_itself_fails_the_node_with_that(folder: Path) -> None:
    nodes = {**MAYBE, "a": {"python": "f:fail", "writes": "x", "on_error": {"set": {"x": "{{ y }}"}}}}
    error = run(folder, nodes, state={"x": "any", "y": "any"}).view.error
    assert error is not None
    assert (error.code, error.node) == ("unset_field", "a")


def route(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"from": "a", "route": list(rules)}


HANDLED = {
    "by its code": (
        [{"on_error": "timeout", "to": "c"}, {"on_error": "python_error", "to": "b"}, {"else": "END"}],
        "b",
    ),
    "by any": ([{"on_error": "any", "to": "b"}, {"on_error": "python_error", "to": "c"}, {"else": "END"}], "b"),
    "not by its conditions": ([{"when": "true", "to": "c"}, {"on_error": "any", "to": "b"}, {"else": "c"}], "b"),
}


@pytest.mark.parametrize("name", HANDLED)
def test_a_failure_is_routed(name: str, folder: Path) -> None:
    rules, taken = HANDLED[name]
    told_of = {"set": {"x": "{{ error.node }} {{ error.code }}"}}
    nodes = {"a": {"python": "f:fail", "writes": "x"}, "b": told_of, "c": {"set": {"x": "not here"}}}
    result = succeeded(folder, nodes, ["START -> a", route(*rules), "b & c -> END"])
    assert result.view.finished == [taken]
    assert result.state == {"x": "a python_error"}
    [failed] = [event for event in result.events if event.type == "node_failed"]
    assert failed.handled
    [taken_route] = [event for event in result.events if event.type == "route_taken"]
    assert (taken_route.targets, taken_route.values) == ([taken], {"error.code": "python_error"})


def test_a_node_that_succeeds_does_not_take_the_rules_for_failures(folder: Path) -> None:
    nodes = {"a": {"set": {"x": 1}}, "b": {"set": {"x": 2}}}
    edges = ["START -> a", route({"on_error": "any", "to": "b"}, {"else": "END"}), "b -> END"]
    assert succeeded(folder, nodes, edges).state["x"] == 1


def test_a_failure_that_no_rule_takes_fails_the_run(folder: Path) -> None:
    nodes = {"a": {"python": "f:fail", "writes": "x"}, "b": {"set": {"x": 2}}}
    result = run(folder, nodes, ["START -> a", route({"on_error": "timeout", "to": "b"}, {"else": "b"}), "b -> END"])
    assert result.view.error is not None
    assert result.view.error.code == "python_error"
    assert [event.handled for event in result.events if event.type == "node_failed"] == [False]


def test_a_rule_for_failures_may_lead_back_a_few_times(folder: Path) -> None:
    rules = route({"on_error": "any", "to": "a", "max_times": 3}, {"else": "END"})
    assert succeeded(folder, {"a": flaky(3)}, ["START -> a", rules]).state["x"] == "done"
    assert count(folder, "flaky") == 4
    again = run(folder, {"a": flaky(9, **{"with": {"failures": 9, "name": "other"}})}, ["START -> a", rules])
    assert again.status == "failed"
    assert count(folder, "other") == 4


def test_a_rule_for_failures_may_fail_the_run_with_words_of_its_own(folder: Path) -> None:
    rules = route({"on_error": "any", "to": {"fail": "No source: {{ error.message }}"}}, {"else": "END"})
    error = run(folder, {"a": {"python": "f:fail", "writes": "x"}}, ["START -> a", rules]).view.error
    assert error is not None
    assert error.code == "failed_by_route"
    assert "No source: f:fail raised ValueError: broken" in error.message


TWO = {"a": {"python": "f:fail", "writes": "x"}, "b": {"python": "f:wait", "writes": "y"}}
FIELDS = {"x": "any", "y": "any"}


def test_a_failing_branch_stops_the_others(folder: Path) -> None:
    result = run(folder, TWO, ["START -> a & b -> END"], state=FIELDS)
    assert result.status == "failed"
    assert told(result, "node_cancelled") == ["b"]
    assert count(folder, "stopped") == 1
    assert result.events[-1].type == "run_failed"


def test_a_branch_that_handles_its_failure_does_not_stop_the_others(folder: Path) -> None:
    nodes: dict[str, Any] = {**TWO, "c": {"set": {"x": "instead"}}, "d": {"set": {"z": "{{ x }}, {{ y }}"}}}
    nodes["b"] = {**nodes["b"], "with": {"seconds": 0.1}}
    edges = ["START -> a & b", route({"on_error": "any", "to": "c"}, {"else": "d"}), "c & b -> d -> END"]
    result = succeeded(folder, nodes, edges, state={**FIELDS, "z": "str"})
    assert result.state["z"] == "instead, waited"
    assert told(result, "node_cancelled") == []


async def test_cancelling_a_run_stops_items_and_what_is_in_groups(folder: Path) -> None:
    node = {"for_each": "i in [1, 2]", "state": {"y": "any"}, "nodes": {"b": {"python": "f:wait", "writes": "y"}}}
    stream = load(folder, {"a": node}).stream()
    async for event in stream:
        if event.type == "node_started" and event.node == "a[1]/b":
            break
    await asyncio.sleep(0.3)  # both are loaded, and wait
    await stream.aclose()
    assert count(folder, "stopped") == 2


def test_a_skipped_node_writes_nothing_and_its_successors_run(folder: Path) -> None:
    nodes = {"a": {"python": "f:fail", "when": "n > 3", "writes": "x"}, "b": {"set": {"y": "{{ x is none }}"}}}
    given = {"n": {"type": "int", "default": 1}}
    result = succeeded(folder, nodes, input=given, state={"x": "str?", "y": "bool"})
    assert result.state == {"x": None, "y": True}
    assert told(result, "node_skipped") == ["a"]
    assert result.view.finished == ["b"]
    assert [step.status for step in result.view.steps] == ["skipped", "succeeded"]


def test_a_skipped_node_takes_its_route_and_its_place_at_a_join(folder: Path) -> None:
    nodes: dict[str, Any] = {name: {"set": {"seen": name}} for name in "abcd"}
    nodes["a"]["when"] = "false"
    edges = ["START -> a & b", route({"when": "seen", "to": "c"}, {"else": "d"}), "b & c -> d -> END"]
    state = {"seen": {"type": "list[str]", "merge": "append"}}
    assert succeeded(folder, nodes, edges, state=state).state["seen"] == ["b", "d"]


def test_a_when_that_can_not_be_computed_fails_its_node(folder: Path) -> None:
    nodes = {**MAYBE, "a": {"set": {"x": 1}, "when": "y > 1", "on_error": {"set": {"x": "{{ error.code }}"}}}}
    result = succeeded(folder, nodes, state={"x": "any", "y": "any"})
    assert result.state["x"] == "unset_field"
    assert told(result, "node_started", "node_succeeded") == ["a", "a"]


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a number of retries": ({"retry": 3}, "wrong_shape", "{attempts: 3}"),
    "seconds without a unit": ({"timeout": 60}, "wrong_shape", "60s"),
    "a code that no error has": ({"retry": {"attempts": 2, "for": ["time_out"]}}, "unknown_code", "'timeout'"),
    "what Python calls an error": (
        {"retry": {"attempts": 2, "for": ["ConnectionError"]}},
        "unknown_code",
        "python_error",
    ),
    "a word of another tool": ({"retry": {"attempts": 2, "delay": "1s"}}, "unknown_key", "backoff"),
    "a field that is not there": ({"on_error": {"set": {"y": 1}}}, "unknown_field", "There is x"),
    "a value of the wrong type": ({"on_error": {"set": {"x": "many"}}}, "write_type", "'x' is int"),
    "a text for a number": ({"on_error": {"set": {"x": "{{ error.message }}"}}}, "write_type", "'x' is int"),
    "what no error has": ({"on_error": {"set": {"x": "{{ error.kind }}"}}}, "unknown_attribute", "code, message, node"),
    "another way to go on": ({"on_error": "ignore"}, "wrong_shape", "fail"),
    "text as a condition": ({"when": "run.id"}, "condition_type", "Compare"),
    "braces in a condition": ({"when": "{{ x > 1 }}"}, "braces_in_expression", "x > 1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_about_failing_is_shown(name: str, folder: Path) -> None:
    more, code, hint = WRONG[name]
    found = findings(folder, {"a": {"python": "f:most", "writes": "x", **more}}, state={"x": "int"})
    assert [finding.code for finding in found] == [code], found
    assert hint in found[0].hint


WRONG_ROUTES = {
    "a code that no error has": ([{"on_error": "tiemout", "to": "b"}, {"else": "END"}], "unknown_code", "'timeout'"),
    "a condition as well": ([{"on_error": "any", "when": "x", "to": "b"}], "wrong_rule_of_route", "two rules"),
    "no target": ([{"on_error": "any"}, {"else": "b"}], "wrong_rule_of_route", "'to'"),
    "nothing for success": ([{"on_error": "any", "to": "b"}], "wrong_rule_of_route", "else: END"),
}


@pytest.mark.parametrize("name", WRONG_ROUTES)
def test_a_wrong_rule_for_failures_is_shown(name: str, folder: Path) -> None:
    rules, code, hint = WRONG_ROUTES[name]
    nodes = {"a": {"set": {"x": 1}}, "b": {"set": {"x": 1}}}
    found = findings(folder, nodes, ["START -> a", route(*rules), "b -> END"])
    assert [finding.code for finding in found] == [code], found
    assert hint in found[0].hint


def test_start_does_not_fail(folder: Path) -> None:
    edges = [{"from": "START", "route": [{"on_error": "any", "to": "a"}, {"else": "a"}]}, "a -> END"]
    assert [finding.code for finding in findings(folder, {"a": {"set": {"x": 1}}}, edges)] == ["wrong_rule_of_route"]


def test_error_can_only_be_read_where_something_may_have_failed(folder: Path) -> None:
    nodes = {"a": {"set": {"x": "{{ error.code }}"}}}
    assert [finding.code for finding in findings(folder, nodes)] == ["unknown_name"]


async def test_many_blocking_functions_wait_for_their_turn(folder: Path) -> None:
    from configurable_agents.plugins.threads import MOST

    (folder / "held.py").write_text(
        "import threading, time\nLOCK, NOW, TOP = threading.Lock(), [0], [0]\n\n"
        "def work(i):\n with LOCK:\n  NOW[0] += 1\n  TOP[0] = max(TOP)\n  TOP[0] = max(TOP[0], NOW[0])\n"
        " time.sleep(0.02)\n with LOCK: NOW[0] -= 1\n return i\n\ndef top(): return TOP[0]\n",
        "utf-8",
    )
    nodes = {
        "a": {"for_each": "i in range(400)", "concurrency": 400, "python": "held:work", "writes": "x"},
        "b": {"python": "held:top", "writes": "y"},
    }
    result = await load(folder, nodes, state={"x": "list[int]", "y": "int"}).arun()
    assert result.state["x"] == list(range(400))
    assert 1 < result.state["y"] <= MOST
    await asyncio.sleep(0)
