"""Maps: a node executed for each item of a list, so many at once, its results in the order of the items."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tests.workflows import findings, functions, load, run, succeeded, told

NUMBERS = {"xs": {"type": "list[int]", "default": [1, 2, 3, 4]}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    return functions(tmp_path)


def mapped(folder: Path, node: dict[str, Any], of: str = "list[int]", **given: Any) -> Any:
    """What a map writes to a field of this type."""
    node = {"for_each": "x in xs", "writes": "out", **node}
    return succeeded(folder, {"a": node}, given=given, input=NUMBERS, state={"out": of}).state["out"]


def test_the_results_are_in_the_order_of_the_items(folder: Path) -> None:
    late_first = {"python": "f:wait", "with": {"seconds": "{{ (5 - x) / 100 }}", "value": "{{ x }}"}}
    assert mapped(folder, late_first) == [1, 2, 3, 4]


def test_a_map_over_nothing_gives_nothing(folder: Path) -> None:
    assert mapped(folder, {"python": "f:twice"}, xs=[]) == []
    state = {"out": "list[int]", "nothing": "list[int]?"}
    nodes = {"a": {"for_each": "x in nothing", "python": "f:twice", "writes": "out"}}
    assert succeeded(folder, nodes, state=state).state["out"] == []


def test_two_loops_are_each_with_each_and_the_last_turns_fastest(folder: Path) -> None:
    node = {"for_each": ["x in xs", "word in ['a', 'b']"], "set": {"out": "{{ word }}{{ x }}{{ item.index }}"}}
    nodes = {"a": node}
    result = succeeded(folder, nodes, given={"xs": [1, 2]}, input=NUMBERS, state={"out": "list[str]"})
    assert result.state["out"] == ["a10", "b11", "a22", "b23"]


def test_a_later_loop_may_go_over_what_an_earlier_one_names(folder: Path) -> None:
    nodes = {"a": {"for_each": ["line in lines", "word in line"], "set": {"out": "{{ word }}"}}}
    given = {"lines": {"type": "list[list[str]]", "default": [["a", "b"], [], ["c"]]}}
    assert succeeded(folder, nodes, input=given, state={"out": "list[str]"}).state["out"] == ["a", "b", "c"]


def test_an_item_whose_when_does_not_hold_is_left_out(folder: Path) -> None:
    node = {"for_each": "x in xs", "when": "x % 2 == 0", "python": "f:twice", "writes": "out"}
    result = succeeded(folder, {"a": node}, input=NUMBERS, state={"out": "list[int]"})
    assert result.state["out"] == [4, 8]
    assert sorted(told(result, "item_succeeded")) == ["a[1]", "a[3]"]
    assert told(result, "node_skipped") == []


def test_flatten_joins_the_lists_that_the_items_give(folder: Path) -> None:
    (folder / "lists.py").write_text("def upto(x): return list(range(x))\n", "utf-8")
    assert mapped(folder, {"python": "lists:upto", "flatten": True}) == [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]


def test_flatten_of_what_is_no_list_says_so(folder: Path) -> None:
    node = {"for_each": "x in xs", "python": "f:twice", "flatten": True, "writes": {"out": "result"}}
    error = run(folder, {"a": node}, input=NUMBERS, state={"out": "any"}).view.error
    assert error is not None
    assert (error.code, error.node) == ("write_type", "a")
    assert "gave 2, which is no list" in error.message


def test_several_fields_take_a_list_each(folder: Path) -> None:
    (folder / "pairs.py").write_text("def both(x): return {'low': x, 'high': str(x * 10)}\n", "utf-8")
    nodes = {"a": {"for_each": "x in xs", "python": "pairs:both", "writes": ["low", "high"]}}
    state = succeeded(folder, nodes, input=NUMBERS, state={"low": "list[int]", "high": "list[str]"}).state
    assert state == {"low": [1, 2, 3, 4], "high": ["10", "20", "30", "40"]}


def test_a_mapping_of_writes_sees_the_results_as_a_list(folder: Path) -> None:
    nodes = {"a": {"for_each": "x in xs", "python": "f:twice", "writes": {"sum": "result | sum", "last": "result[-1]"}}}
    state = succeeded(folder, nodes, input=NUMBERS, state={"sum": "int", "last": "int"}).state
    assert state == {"sum": 20, "last": 8}


def test_a_field_that_appends_takes_the_items_of_every_map(folder: Path) -> None:
    node = {"for_each": "x in xs", "python": "f:twice", "writes": "out"}
    state = {"out": {"type": "list[int]", "merge": "append"}}
    result = succeeded(folder, {"a": node, "b": node}, given={"xs": [1, 2]}, input=NUMBERS, state=state)
    assert result.state["out"] == [2, 4, 2, 4]
    lists = {"out": {"type": "list[any]", "merge": "append"}}
    nodes = {"a": {"for_each": "x in xs", "set": {"out": ["{{ x }}"]}}}
    assert succeeded(folder, nodes, given={"xs": [1, 2]}, input=NUMBERS, state=lists).state["out"] == [[1], [2]]


FAILING = {"for_each": "x in xs", "python": "f:odd_only", "writes": "out"}


def test_an_item_that_fails_fails_the_node_and_stops_the_others(folder: Path) -> None:
    (folder / "mixed.py").write_text(
        "import asyncio\nfrom f import wait\n\n"
        "async def work(x):\n if x != 2: return await wait()\n"
        " await asyncio.sleep(0.05)\n raise ValueError('two')\n",
        "utf-8",
    )
    node = {"for_each": "x in xs", "python": "mixed:work", "writes": "out"}
    result = run(folder, {"a": node}, input=NUMBERS, state={"out": "list[any]"})
    error = result.view.error
    assert error is not None
    assert (error.code, error.node) == ("python_error", "a[1]")
    assert "ValueError: two" in error.message
    assert told(result, "item_failed") == ["a[1]"]
    assert (folder / "stopped.count").read_text("utf-8") == "3"


def test_skip_leaves_failed_items_out(folder: Path) -> None:
    node = {**FAILING, "on_item_error": "skip"}
    result = succeeded(folder, {"a": node}, input=NUMBERS, state={"out": "list[int]"})
    assert result.state["out"] == [1, 3]
    assert sorted(told(result, "item_failed")) == ["a[1]", "a[3]"]
    assert (result.view.steps[0].items, result.view.steps[0].failed_items) == (4, 2)


def test_collect_writes_the_failures_to_a_field(folder: Path) -> None:
    node = {**FAILING, "on_item_error": {"collect": "bad"}}
    state = succeeded(folder, {"a": node}, input=NUMBERS, state={"out": "list[int]", "bad": "list[ItemError]"}).state
    assert state["out"] == [1, 3]
    assert [(bad["index"], bad["code"], bad["item"]) for bad in state["bad"]] == [
        (1, "python_error", 2),
        (3, "python_error", 4),
    ]
    assert "2 is even" in state["bad"][0]["message"]


def test_what_failed_of_several_loops_is_told_by_their_variables(folder: Path) -> None:
    node = {**FAILING, "for_each": ["x in xs", "y in [5, 6]"], "on_item_error": {"collect": "bad"}}
    state = {"out": "list[int]", "bad": "list[ItemError]"}
    found = succeeded(folder, {"a": node}, given={"xs": [2, 3]}, input=NUMBERS, state=state).state["bad"]
    assert [bad["item"] for bad in found] == [{"x": 2, "y": 5}, {"x": 2, "y": 6}]


def test_a_map_of_which_every_item_fails_fails(folder: Path) -> None:
    node = {**FAILING, "on_item_error": "skip"}
    error = run(folder, {"a": node}, given={"xs": [2, 4]}, input=NUMBERS, state={"out": "list[int]"}).view.error
    assert error is not None
    assert (error.code, error.node) == ("items_failed", "a")
    assert "All 2 items" in error.message
    assert "2 is even" in error.message


def test_the_nodes_own_on_error_comes_after_its_items(folder: Path) -> None:
    node = {**FAILING, "on_item_error": "skip", "on_error": {"set": {"out": [0]}}}
    result = succeeded(folder, {"a": node}, given={"xs": [2, 4]}, input=NUMBERS, state={"out": "list[int]"})
    assert result.state["out"] == [0]


def test_an_item_is_tried_again_by_itself(folder: Path) -> None:
    node = {
        "for_each": "x in xs",
        "python": "f:flaky",
        "with": {"failures": "{{ x - 1 }}", "name": "item{{ x }}"},
        "retry": {"attempts": 4, "backoff": "1ms"},
        "writes": "out",
    }
    result = succeeded(folder, {"a": node}, input=NUMBERS, state={"out": "list[str]"})
    assert result.state["out"] == ["done"] * 4
    assert sorted(told(result, "node_retried")) == ["a[1]", *["a[2]"] * 2, *["a[3]"] * 3]
    attempts = {event.item: event.attempt for event in result.events if event.type == "item_succeeded"}
    assert attempts == {0: 1, 1: 2, 2: 3, 3: 4}


def test_an_item_of_the_wrong_type_fails_as_an_item(folder: Path) -> None:
    node = {"for_each": "x in xs", "python": "f:twice", "writes": "out", "on_item_error": {"collect": "bad"}}
    state = {"out": "list[str]", "bad": "list[ItemError]"}
    error = run(folder, {"a": node}, input=NUMBERS, state=state).view.error
    assert error is not None
    assert error.code == "items_failed"
    assert "should be text, not 2" in error.message


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1), (3, 3), (None, 10)])
def test_so_many_items_run_at_once(concurrency: int | None, most: int, folder: Path) -> None:
    node: dict[str, Any] = {"for_each": "x in xs", "python": "f:busy", "writes": "out"}
    if concurrency is not None:
        node["concurrency"] = concurrency
    nodes = {"a": node, "b": {"python": "f:most", "writes": "most"}}
    state = {"out": "list[int]", "most": "int"}
    result = succeeded(folder, nodes, given={"xs": list(range(30))}, input=NUMBERS, state=state)
    assert result.state == {"out": list(range(30)), "most": most}


def test_a_model_is_asked_for_what_one_item_gives(folder: Path) -> None:
    types = {"Point": {"x": "int", "label": "str"}}
    asked = {"for_each": "word in words", "prompt": "A point for {{ word }}."}
    nodes = {"a": {**asked, "writes": "points"}, "b": {**asked, "writes": "more", "flatten": True}}
    state = {"points": "list[Point]", "more": "list[Point]"}
    words = {"words": {"type": "list[str]", "default": ["here", "there"]}}
    result = succeeded(folder, nodes, input=words, types=types, state=state, models={"m": {"model": "demo"}})
    assert len(result.state["points"]) == 2
    assert all(set(point) == {"x", "label"} for point in (*result.state["points"], *result.state["more"]))
    calls = [(event.node, event.item) for event in result.events if event.type == "model_called"]
    assert sorted(calls) == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert result.view.step("a", 1).spent.model_calls == 2


def test_items_may_be_messages_or_lists_of_them(folder: Path) -> None:
    (folder / "talks.py").write_text(
        "def one(x): return {'role': 'user', 'content': str(x)}\n\ndef two(x): return [one(x), f'{x}!']\n", "utf-8"
    )
    for function, flatten, said in (
        ("one", False, "1234"),
        ("two", False, "11!22!33!44!"),
        ("two", True, "11!22!33!44!"),
    ):
        node = {"for_each": "x in xs", "python": f"talks:{function}", "flatten": flatten, "writes": "talk"}
        state = succeeded(folder, {"a": node}, input=NUMBERS, state={"talk": "messages"}).state
        assert "".join(message["content"] for message in state["talk"]) == said
        assert len({message["id"] for message in state["talk"]}) == len(state["talk"])


def test_a_map_counts_as_one_step(folder: Path) -> None:
    node = {"for_each": "x in xs", "python": "f:twice", "writes": "out"}
    limits = {"max_steps": 1}
    given = {"xs": list(range(200))}
    result = succeeded(folder, {"a": node}, given=given, input=NUMBERS, state={"out": "list[int]"}, limits=limits)
    assert len(result.state["out"]) == 200


def test_what_has_no_end_yet_is_not_taken_ahead(folder: Path) -> None:
    # The product has a hundred million items: it must not be made before its items run.
    many = "range(10000)"
    node = {"for_each": [f"x in {many}", f"y in {many}"], "python": "f:fail", "writes": "out"}
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        assert run(folder, {"a": node}, state={"out": "list[int]"}).status == "failed"
        most = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert most < 20_000_000


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no loop": ({"for_each": "xs"}, "wrong_loop", "for_each: file in files"),
    "loops that are no list": ({"for_each": "x in xs, y in xs"}, "wrong_loop", "Several loops are a list"),
    "another word": ({"for_each": "x of xs"}, "wrong_loop", "for_each"),
    "a reserved name": ({"for_each": "run in xs"}, "reserved_name", "another name"),
    "no name": ({"for_each": "x.y in xs"}, "bad_name", "letter"),
    "a field's name": ({"for_each": "xs in xs"}, "duplicate_name", "another name"),
    "a name twice": ({"for_each": ["x in xs", "x in xs"]}, "duplicate_name", "another name"),
    "an unknown list": ({"for_each": "x in xss"}, "unknown_name", "'xs'"),
    "a number": ({"for_each": "x in number"}, "not_a_list", "Name a list"),
    "a dict": ({"for_each": "x in facts"}, "not_a_list", "items"),
    "braces": ({"for_each": "x in {{ xs }}"}, "braces_in_expression", "xs"),
    "no such field to collect in": (
        {"for_each": "x in xs", "on_item_error": {"collect": "bad"}},
        "unknown_field",
        "There is",
    ),
    "a field that can't collect": (
        {"for_each": "x in xs", "on_item_error": {"collect": "number"}},
        "write_type",
        "list[ItemError]",
    ),
    "a word for a mapping": ({"for_each": "x in xs", "on_item_error": "collect"}, "wrong_shape", "{collect: field}"),
    "braces round a field": ({"writes": "{{ out }}"}, "braces_in_expression", "bare here: out"),
    "errors where the results go": (
        {"for_each": "x in xs", "on_item_error": {"collect": "out"}},
        "duplicate_name",
        "list[ItemError]",
    ),
    "another word for errors": ({"for_each": "x in xs", "on_item_error": "ignore"}, "wrong_shape", "skip"),
    "concurrency without items": ({"concurrency": 3}, "not_a_map", "for_each"),
    "flatten without items": ({"flatten": True}, "not_a_map", "for_each"),
    "on_item_error without items": ({"on_item_error": "skip"}, "not_a_map", "for_each"),
    "a field that is no list": ({"for_each": "x in xs", "writes": "number"}, "write_type", "list[int]"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_map_is_shown(name: str, folder: Path) -> None:
    node, code, hint = WRONG[name]
    state = {
        "out": "list[int]",
        "number": {"type": "int", "default": 1},
        "facts": {"type": "dict[str, int]", "merge": "update"},
    }
    found = findings(folder, {"a": {"python": "f:most", "writes": "out", **node}}, input=NUMBERS, state=state)
    assert [finding.code for finding in found] == [code], found
    assert hint in found[0].hint


def test_a_failing_loop_fails_its_node(folder: Path) -> None:
    nodes = {"a": {"for_each": "x in thing", "set": {"out": "{{ x }}"}}}
    given = {"thing": {"type": "any", "default": 3}}
    error = load(folder, nodes, input=given, state={"out": "list[any]"}).run().view.error
    assert (error.code, error.node) == ("not_a_list", "a")
    assert "goes over 3" in error.message
