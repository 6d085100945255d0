"""Fields that are merged: conversations, and functions beside the workflow."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents.errors import RunError
from configurable_agents.graph.merging import Merger, Writes
from configurable_agents.spec.types import STR, Field
from tests.workflows import data, findings, functions, run, succeeded

DEMO = {"main": {"model": "demo"}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    return functions(tmp_path)


def said(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in messages]


def conversation(*writes: Any, **more: Any) -> list[dict[str, Any]]:
    """What a conversation holds after these writes, one by one."""
    nodes = {f"n{place}": {"set": {"talk": write}} for place, write in enumerate(writes)}
    state = {"talk": {"type": "messages", **more}}
    found: list[dict[str, Any]] = succeeded(Path.cwd(), nodes, state=state).state["talk"]
    return found


def test_a_conversation_begins_empty_and_grows() -> None:
    nodes = {"a": {"set": {"x": "{{ talk | length }}"}}}
    assert succeeded(Path.cwd(), nodes, state={"x": "int", "talk": "messages"}).state == {"x": 0, "talk": []}
    talk = conversation({"role": "user", "content": "Hi"}, "Hello.", [{"role": "user", "content": "Bye"}, "See you."])
    assert said(talk) == [("user", "Hi"), ("assistant", "Hello."), ("user", "Bye"), ("assistant", "See you.")]
    assert len({message["id"] for message in talk}) == 4


def test_a_message_of_the_same_id_takes_the_others_place() -> None:
    first = [{"id": "a", "role": "user", "content": "one"}, {"id": "b", "role": "user", "content": "two"}]
    talk = conversation(
        first, {"id": "a", "role": "user", "content": "ONE"}, {"id": "c", "role": "user", "content": "3"}
    )
    assert [(message["id"], message["content"]) for message in talk] == [("a", "ONE"), ("b", "two"), ("c", "3")]


def turns(count: int) -> list[dict[str, str]]:
    return [{"role": role, "content": f"{n:04}"} for n in range(count) for role in ("user", "assistant")]


def test_the_last_messages_are_kept_and_those_of_the_system() -> None:
    talk = conversation({"role": "system", "content": "Be kind."}, turns(10), keep={"last": 4})
    assert [m["role"] for m in talk] == ["system", "user", "assistant", "user", "assistant"]
    assert [m["content"] for m in talk] == ["Be kind.", "0008", "0008", "0009", "0009"]


def test_what_is_kept_begins_with_a_question() -> None:
    assert [m["content"] for m in conversation(turns(10), keep={"last": 3})] == ["0009", "0009"]
    assert [m["content"] for m in conversation([f"{n}" for n in range(9)], keep={"last": 3})] == ["6", "7", "8"]


def test_about_so_many_tokens_are_kept() -> None:
    # Four bytes are a token, and a message has four more: five tokens each here.
    assert len(conversation(turns(10), keep={"tokens": 20})) == 4
    assert len(conversation(turns(10), keep={"tokens": 29})) == 4
    assert len(conversation({"role": "user", "content": "x" * 1000}, keep={"tokens": 10})) == 1


def test_a_replaced_conversation_is_no_conversation_merged() -> None:
    assert said(conversation(turns(2), [], merge="replace")) == []


def test_an_input_may_be_a_conversation(folder: Path) -> None:
    nodes = {"a": {"set": {"x": "{% for m in history %}{{ m.role }}: {{ m.content }};{% endfor %}"}}}
    given = {"history": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}
    assert succeeded(folder, nodes, given=given, input={"history": "messages"}).state["x"] == "user: Hi;assistant: Ho;"


def test_a_prompt_in_a_conversation_is_told_it_and_adds_to_it(folder: Path) -> None:
    node = {"system": "Be brief.", "conversation": "talk", "writes": "x"}
    nodes = {
        "a": {**node, "prompt": "Translate to French: bread"},
        "b": {**node, "messages": [{"role": "user", "content": "And: butter"}]},
    }
    result = succeeded(folder, nodes, state={"x": "str", "talk": "messages"}, models=DEMO)
    talk = result.state["talk"]
    assert [m["role"] for m in talk] == ["user", "assistant", "user", "assistant"]
    assert [m["content"] for m in talk if m["role"] == "user"] == ["Translate to French: bread", "And: butter"]
    assert talk[-1]["content"] == result.state["x"]
    tokens = [event.input_tokens for event in result.events if event.type == "model_called"]
    assert tokens[1] > tokens[0] + 3, "the second was told of the first"


def test_a_structured_reply_is_added_as_json(folder: Path) -> None:
    node = {"prompt": "How many?", "conversation": "talk", "writes": "n"}
    result = succeeded(folder, {"a": node}, state={"n": "int", "talk": "messages"}, models=DEMO)
    assert json.loads(result.state["talk"][-1]["content"]) == result.state["n"]


def test_a_thousand_turns_stay_bounded(folder: Path) -> None:
    """Neither the state nor the prompt grows: a turn late in a long conversation is like one early in it."""
    nodes = {
        "ask": {"prompt": "Turn {{ n }}: tell me one more thing about tides.", "conversation": "talk", "writes": "x"},
        "next": {"set": {"n": 1}},
    }
    loop = {"from": "next", "route": [{"when": "n < 1000", "to": "ask"}, {"else": "END"}]}
    state = {"x": "str", "n": {"type": "int", "merge": "add"}, "talk": {"type": "messages", "keep": {"last": 20}}}
    workflow = configurable_agents.load(
        data(nodes, ["START -> ask -> next", loop], state=state, models=DEMO, limits={"max_steps": 2000})
    )
    tracemalloc.start()
    try:
        result = workflow.run()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert result.status == "succeeded", result.view.error
    assert len(result.state["talk"]) == 20
    assert result.state["talk"][-2]["content"].startswith("Turn 999")
    prompts = [event.input_tokens for event in result.events if event.type == "model_called"]
    assert len(prompts) == 1000
    assert max(prompts[500:]) <= max(prompts[20:100]) * 1.5
    # All events are kept, each with what its node added: 1,000 turns of a few hundred bytes, not 1,000 conversations.
    assert held < 1000 * 12_000


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "keep for what is no conversation": ({"type": "list[str]", "keep": {"last": 3}}, "wrong_merge"),
    "both ways to keep": ({"type": "messages", "keep": {"last": 3, "tokens": 5}}, "wrong_merge"),
    "no way to keep": ({"type": "messages", "keep": {}}, "wrong_merge"),
    "nothing to keep": ({"type": "messages", "keep": {"last": 0}}, "wrong_shape"),
    "messages merged as a list": ({"type": "messages", "merge": "append"}, "wrong_merge"),
    "a list merged as messages": ({"type": "list[str]", "merge": "messages"}, "wrong_merge"),
    "no function": ({"type": "str", "merge": {"python": "f"}}, "wrong_shape"),
    "keep as a number": ({"type": "messages", "keep": 4}, "wrong_shape"),
    "an unknown merge": ({"type": "str", "merge": "concat"}, "wrong_shape"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_merge_is_shown(name: str, folder: Path) -> None:
    field, code = WRONG[name]
    found = findings(folder, {"a": {"set": {"x": 1}}}, state={"x": "any", "y": field})
    assert [finding.code for finding in found] == [code], found
    assert found[0].hint


ASKING: dict[str, tuple[dict[str, Any], str]] = {
    "a field that is not there": ({"conversation": "tlak"}, "unknown_field"),
    "a field of another type": ({"conversation": "x"}, "write_type"),
    "in a map": ({"conversation": "talk", "for_each": "i in range(3)", "writes": "xs"}, "not_a_map"),
    "the reply as well": ({"conversation": "talk", "writes": "talk"}, "duplicate_name"),
}


@pytest.mark.parametrize("name", ASKING)
def test_a_wrong_conversation_is_shown(name: str, folder: Path) -> None:
    node, code = ASKING[name]
    state = {"x": "str", "xs": "list[str]", "talk": "messages"}
    found = findings(folder, {"a": {"prompt": "Hi", "writes": "x", **node}}, state=state, models=DEMO)
    assert [finding.code for finding in found] == [code], found


def test_a_wrong_message_names_node_and_field(folder: Path) -> None:
    nodes = {"a": {"set": {"talk": {"role": "tool", "content": "x"}}}}
    error = run(folder, nodes, state={"talk": "messages"}).view.error
    assert error is not None
    assert (error.code, error.node) == ("write_type", "a")
    assert "role should be" in error.message


MERGE = """\
def longest(old, new): return max(old or "", new, key=len)


def keep_two(old, new): return sorted([*(old or []), new])[-2:]


def fussy(old, new):
    if old: raise ValueError("enough")
    return new


def wrong(old, new): return 5
"""


def merged(folder: Path, function: str, *writes: Any, of: str = "str", parallel: bool = False) -> Any:
    (folder / "merge.py").write_text(MERGE, "utf-8")
    nodes = {f"n{place}": {"set": {"x": write}} for place, write in enumerate(writes)}
    edges = [f"START -> {' & '.join(nodes)} -> END"] if parallel else None
    return run(folder, nodes, edges, state={"x": {"type": of, "merge": {"python": f"merge:{function}"}}})


def test_a_function_merges(folder: Path) -> None:
    assert merged(folder, "longest", "abc", "de", "fghi", "j").state["x"] == "fghi"
    assert merged(folder, "keep_two", 3, 1, 2, of="list[int]").state["x"] == [2, 3]


def test_a_function_merges_what_branches_write_in_the_order_of_the_file(folder: Path) -> None:
    (folder / "merge.py").write_text("def chain(old, new): return [*(old or []), new]\n", "utf-8")
    nodes = {f"n{place}": {"set": {"x": place}} for place in (3, 1, 2)}
    state = {"x": {"type": "list[int]", "merge": {"python": "merge:chain"}}}
    assert succeeded(folder, nodes, ["START -> n1 & n2 & n3 -> END"], state=state).state["x"] == [3, 1, 2]


@pytest.mark.parametrize("parallel", [False, True])
def test_a_function_that_raises_fails_the_run(parallel: bool, folder: Path) -> None:
    result = merged(folder, "fussy", "a", "b", parallel=parallel)
    assert result.status == "failed"
    assert (result.view.error.code, result.view.error.node) == ("python_error", "n1")
    assert "merge:fussy raised ValueError: enough (merge.py, line 8), merging 'x'" in result.view.error.message


def test_what_a_function_merges_must_fit_its_field(folder: Path) -> None:
    error = merged(folder, "wrong", "a").view.error
    assert (error.code, error.node) == ("write_type", "n0")
    assert "should be text, not 5" in error.message


FUNCTIONS = {
    "no such module": ("nowhere:merge", "python_missing", "nowhere.py"),
    "no such function": ("merge:longset", "python_missing", "'longest'"),
    "one parameter": ("merge:one", "python_signature", "def one(old, new)"),
    "three parameters": ("merge:three", "python_signature", "def three(old, new)"),
    "one that is not waited for": ("merge:later", "python_signature", "def later(old, new)"),
    "a class that can't be called": ("merge:Thing", "python_missing", "__call__"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_can_not_merge_is_shown(name: str, folder: Path) -> None:
    function, code, hint = FUNCTIONS[name]
    more = "\ndef one(a): ...\ndef three(a, b, c): ...\nasync def later(a, b): ...\nclass Thing: ...\n"
    (folder / "merge.py").write_text(MERGE + more, "utf-8")
    [finding] = findings(
        folder, {"a": {"set": {"x": "y"}}}, state={"x": {"type": "str", "merge": {"python": function}}}
    )
    assert (finding.code, finding.location.path) == (code, "state.x.merge.python")
    assert hint in finding.hint


def test_a_module_that_can_not_be_loaded_fails_the_run_before_its_nodes(folder: Path) -> None:
    (folder / "broken.py").write_text("def merge(old, new): ...\nraise ValueError('no')\n", "utf-8")
    state = {"x": {"type": "str", "merge": {"python": "broken:merge"}}}
    result = run(folder, {"a": {"set": {"x": "y"}}}, state=state)
    assert result.view.error is not None
    assert result.view.error.code == "python_import"
    assert [event.type for event in result.events] == ["run_started", "run_failed"]


def test_what_a_state_begins_with_is_not_merged(folder: Path) -> None:
    (folder / "merge.py").write_text("def double(old, new): return (old or 0) + 2 * new\n", "utf-8")
    merge = {"merge": {"python": "merge:double"}}
    state = {"x": "any", "n": {"type": "int", "default": 1, **merge}, "m": {"type": "int?", **merge}, "t": "messages?"}
    result = succeeded(folder, {"a": {"set": {"x": 1}}}, state=state)
    assert result.state == result.output == {"x": 1, "n": 1, "m": None, "t": None}
    talk = {"prompt": "Hi", "conversation": "t", "writes": "x"}
    assert len(succeeded(folder, {"a": talk}, state=state, models=DEMO).state["t"]) == 2


SUMS: dict[str, tuple[Any, list[Any], str]] = {
    "beyond its maximum": ({"type": "int", "maximum": 10}, [6, 5], "less than or equal to 10, not 11"),
    "beyond all numbers": ("float", [1e308, 1e308], "finite number"),
    "of what is no number": ("any", ["a"], "they are no numbers"),
}


@pytest.mark.parametrize("name", SUMS)
def test_a_sum_must_fit_its_field(name: str, folder: Path) -> None:
    declared, values, said = SUMS[name]
    field = {**(declared if isinstance(declared, dict) else {"type": declared}), "merge": "add"}
    nodes = {f"n{place}": {"set": {"x": value}} for place, value in enumerate(values)}
    error = run(folder, nodes, state={"x": field}).view.error
    assert error is not None
    assert (error.code, error.node) == ("write_type", f"n{len(values) - 1}")
    assert said in error.message


def test_a_list_may_not_outgrow_its_maximum(folder: Path) -> None:
    nodes = {name: {"set": {"x": name}} for name in "abc"}
    error = run(folder, nodes, state={"x": {"type": "list[str]", "maxItems": 2, "merge": "append"}}).view.error
    assert error is not None
    assert (error.code, error.node) == ("write_type", "c")
    assert "3 items; it may have 2" in error.message


def test_two_writes_of_one_value_in_one_step_name_both_nodes(folder: Path) -> None:
    # `validate` refuses such a workflow, so it takes a plugin that says too little of itself to come to this.
    merger = Merger({"x": Field("x", STR)}, folder)
    writes = [Writes("second", 1, {"x": "b"}), Writes("first", 0, {"x": "a"})]
    with pytest.raises(RunError, match="'first' and 'second' wrote 'x' in the same step") as caught:
        merger.in_order({}, writes)
    assert caught.value.code == "parallel_writes"
