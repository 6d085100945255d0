"""What a plan says of tokens: never less or more than a run uses, and by name what it can't know."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents.planning.plan import Plan, Range
from configurable_agents.runs.input import parse_pairs
from configurable_agents.spec.types import MISSING
from tests.test_examples import NAMES, readme_commands
from tests.workflows import data

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).with_name("configurable-agents")
MODEL = "openai/gpt-5.4-mini"


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def plan(nodes: dict[str, Any], given: Any = None, *, model: str = "demo", edges: Any = None, **more: Any) -> Plan:
    more.setdefault("state", {"a": "str", "b": "str"})
    return configurable_agents.load(data(nodes, edges, **more)).plan(given, model=model)


def sent(nodes: dict[str, Any], given: Any = None, **more: Any) -> Range:
    return plan(nodes, given, **more).total.input_tokens


# ---------------------------------------------------------------------------------------------------------- whole runs


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("knows", [True, False], ids=["with its input", "without"])
def test_the_run_of_every_example_is_within_its_plan(name: str, knows: bool) -> None:
    _, _, file, *arguments = readme_commands()[name]
    fields = configurable_agents.load(file).spec.input
    pairs = [value for key, value in pairwise(arguments) if key == "--input"]
    given, _ = parse_pairs(fields, pairs)
    for path in [value for key, value in pairwise(arguments) if key == "--input-file"]:
        given |= json.loads(Path(path).read_text("utf-8"))
    workflow = configurable_agents.load(file)
    spent = workflow.run(given, model="demo").view.spent
    if not knows:  # what has a default is taken to have it
        given = {name: value for name, value in given.items() if fields[name].default is not MISSING}
    planned = workflow.plan(given, model="demo")
    assert planned.total.cost_usd is not None
    for used, found in (
        (spent.model_calls, planned.total.calls),
        (spent.input_tokens, planned.total.input_tokens),
        (spent.output_tokens, planned.total.output_tokens),
        (spent.cost_usd, planned.total.cost_usd),
    ):
        assert used is not None
        assert found.least <= used
        assert found.least <= found.likely
        assert found.most is None or max(used, found.likely) <= found.most
        assert found.most is not None or planned.unbounded


def test_a_prompt_whose_names_are_all_given_is_counted_exactly() -> None:
    node = {"system": "Be {{ tone }}.", "prompt": "{% for x in xs %}- {{ x }}\n{% endfor %}{{ note }}", "writes": "a"}
    fields = {"tone": {"type": "str", "default": "brief"}, "xs": "list[str]", "note": "str?"}
    given = {"xs": ["one", "two", "three"]}
    result = configurable_agents.load(data({"ask": node}, state={"a": "str"}, input=fields)).run(given)
    found = sent({"ask": node}, given, input=fields)
    assert found.least == found.likely == result.view.spent.input_tokens
    assert sent({"ask": {**node, "prompt": "Say: {{ files.x }}"}}, files={"x": "LICENSE"}, input=fields).likely > 200


def test_a_schema_and_the_rules_of_a_text_are_counted_with_the_prompt() -> None:
    node = {"prompt": "Answer.", "writes": "a"}
    rules = {"a": {"type": "str", "minLength": 3, "maxLength": 40}}
    result = configurable_agents.load(data({"ask": node}, state=rules)).run()
    assert sent({"ask": node}, state=rules).likely == result.view.spent.input_tokens > 10
    plain, structured = (sent({"ask": {**node, "writes": writes}}, model=MODEL).likely for writes in ("a", ["a", "b"]))
    assert structured > plain + 20


# -------------------------------------------------------------------------------------------------------------- bounds


def most(text: str, **more: Any) -> float | None:
    """The most tokens of a prompt, from those of a call that is made twice at most."""
    node = {"prompt": text, "writes": "answer", "max_tokens": 10}
    state = {"answer": "str", **more.pop("state", {})}
    nodes = {**more.pop("nodes", {}), "ask": node}
    with_it, without = (
        plan({**nodes, "ask": {**node, "prompt": prompt}}, state=state, **more).models[0].input_tokens.most
        for prompt in (text, "")
    )
    return None if with_it is None or without is None else (with_it - without) / 2


def test_what_the_type_of_an_input_bounds_is_bounded() -> None:
    def of(a_type: Any) -> float | None:
        return most("{{ x }}", input={"x": a_type})

    assert of("bool") == 2  # `false`, at four characters a token
    assert of("enum[a, medium-sized]") == 3
    assert of("date") == 3
    assert of({"type": "str", "maxLength": 100}) == 100  # a character is a token at most
    assert of("str") is None
    assert of("any") is None
    assert of("dict[str, int]") is None
    assert of({"type": "list[bool]", "maxItems": 3}) == 1 + 3 * (2 + 1) + 1
    assert of({"type": "list[str]", "maxItems": 3}) is None
    assert of("list[bool]") is None
    number = of("int")
    assert number is not None
    assert 1 < number < 10


def test_a_text_of_a_node_is_bounded_by_its_max_tokens() -> None:
    writer = {"w": {"prompt": "Write.", "writes": "x", "max_tokens": 70}}
    assert most("{{ x }}", nodes=writer, state={"x": "str"}) == 70
    assert most("{{ x | upper | trim }}{{ x }}", nodes=writer, state={"x": "str"}) == 140
    assert most("{{ x if true else '' }}", nodes=writer, state={"x": {"type": "str", "maxLength": 30}}) == 30
    free = {"w": {"prompt": "Write.", "writes": "x"}}
    assert most("{{ x }}", nodes=free, state={"x": "str"}) is None
    made = {"m": {"set": {"y": "Dear {{ x }}"}}}
    assert most("{{ y }}", nodes={**writer, **made}, state={"x": "str", "y": "str"}) == 70 + 2
    itself = {"m": {"set": {"x": "{{ x }} and more"}}}
    assert most("{{ x }}", nodes={**writer, **itself}, state={"x": "str"}) is None


def test_a_limit_that_the_model_does_not_keep_is_no_bound() -> None:
    nodes = {"ask": {"prompt": "List three questions about tidal energy.", "writes": "xs", "max_tokens": 5}}
    state = {"xs": "list[str]"}
    planned = plan(nodes, state=state)
    spent = configurable_agents.load(data(nodes, state=state)).run(model="demo").view.spent
    assert spent.output_tokens > 2 * 5
    assert planned.total.output_tokens.most is None
    [limit] = planned.unbounded
    assert (limit.field, "JSON" in limit.why) == ("max_tokens", True)
    assert plan(nodes, state=state, model="openai/gpt-5.4-mini").total.output_tokens.most == 2 * 5


def test_a_list_that_a_loop_adds_to_is_bounded_by_how_often_it_goes_round() -> None:
    back = {"from": "note", "route": [{"when": "n > 1", "to": "write", "max_times": 3}, {"else": "ask"}]}
    nodes = {
        "write": {"prompt": "Write.", "writes": "xs", "max_tokens": 50},
        "note": {"set": {"n": 2}},
        "ask": {"prompt": "{% for x in xs %}{{ x }}{% endfor %}", "writes": "a", "max_tokens": 10},
    }
    state = {"xs": {"type": "list[str]", "merge": "append"}, "n": "int", "a": "str"}
    edges = ["START -> write -> note", back, "ask -> END"]
    found = plan(nodes, edges=edges, state=state)
    assert found.total.calls == Range(2, 2, 10)
    tokens = found.total.input_tokens.most
    assert tokens is not None
    assert tokens - 5 * 600 > 2 * 4 * 50  # each of the five questions may be complained of
    assert not found.unbounded
    endless = {"from": "note", "route": [{"when": "n > 1", "to": "write"}, {"else": "ask"}]}
    assert [
        gap.field for gap in plan(nodes, edges=["START -> write -> note", endless, "ask -> END"], state=state).unbounded
    ] == ["edges"]


def test_a_conversation_is_bounded_by_keep_or_by_the_loop_that_it_is_held_in() -> None:
    back = {"from": "ask", "route": [{"when": "n > 1", "to": "ask", "max_times": 9}, {"else": "END"}]}
    nodes = {"ask": {"prompt": "Go on.", "conversation": "talk", "writes": "a", "max_tokens": 50}}

    def sent_with(**talk: Any) -> float:
        state = {"talk": {"type": "messages", **talk}, "a": "str", "n": {"type": "int", "default": 1}}
        found = sent(nodes, edges=["START -> ask", back], state=state).most
        assert found is not None
        return found

    frame = 20 * (600 + 52)
    assert sent_with(keep={"last": 4}) < sent_with(keep={"last": 8}) < sent_with() + frame
    assert sent_with(keep={"tokens": 100}) < sent_with(keep={"tokens": 300})


def test_what_is_unbounded_names_the_node_its_line_the_field_and_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_text(
        "version: 2\nname: w\ninput: {topic: str}\nstate: {a: str}\nnodes:\n"
        "  ask:\n    prompt: About {{ topic }}.\n    writes: a\n",
        "utf-8",
    )
    topic, limit = configurable_agents.load(file).plan(model="demo").unbounded
    assert (topic.node, topic.field, topic.file, topic.line) == ("ask", "topic", str(file), 6)
    assert topic.hint == "Give it a maxLength, or --input topic=…."
    assert (limit.field, limit.hint) == ("max_tokens", "Give the node max_tokens.")
    (limit,) = configurable_agents.load(file).plan({"topic": "tides"}, model="demo").unbounded
    assert limit.field == "max_tokens"


def test_objects_that_branches_add_to_a_list_are_bounded_by_the_texts_in_them() -> None:
    review = {"prompt": "Review it.", "max_tokens": 40, "writes": {"found": '{"by": "x", "said": result}'}}
    nodes = {"one": review, "two": review, "sum": {"prompt": "{{ found }}", "writes": "a", "max_tokens": 10}}
    found = plan(
        nodes,
        edges=["START -> one & two -> sum -> END"],
        types={"Note": {"by": "str", "said": "str"}},
        state={"found": {"type": "list[Note]", "merge": "append"}, "a": "str"},
    )
    assert found.total.calls == Range(3, 3, 6)
    assert not found.unbounded
    mend = {"for_each": "x in found", "prompt": "Mend {{ x.said }}.", "writes": "ys", "max_tokens": 10}
    mended = plan(
        {"one": review, "two": review, "mend": mend},
        edges=["START -> one & two -> mend -> END"],
        types={"Note": {"by": "str", "said": "str"}},
        state={"found": {"type": "list[Note]", "merge": "append"}, "ys": "list[str]"},
    )
    assert mended.total.calls == Range(2, 4, 8)  # each of the two may add one note


def test_maps_over_the_lists_of_each_other_are_unbounded_and_named() -> None:
    nodes = {
        "one": {"for_each": "y in ys", "prompt": "{{ y }}", "writes": "xs"},
        "two": {"for_each": "x in xs", "prompt": "{{ x }}", "writes": "ys"},
    }
    back = {"from": "two", "route": [{"when": "ys", "to": "one", "max_times": 2}, {"else": "END"}]}
    state = {"xs": "list[str]", "ys": {"type": "list[str]", "default": []}}
    found = plan(nodes, edges=["START -> one -> two", back], state=state)
    assert found.total.calls.most is None
    assert {gap.node for gap in found.unbounded} == {"one", "two"}


def test_a_conversation_that_is_printed_is_no_shorter_than_what_was_said() -> None:
    nodes = {
        "talk": {"prompt": "Go on.", "conversation": "talk", "writes": "a", "max_tokens": 50},
        "sum": {"prompt": "{{ talk }}", "writes": "b", "max_tokens": 10},
    }
    found = plan(nodes, state={"talk": "messages", "a": "str", "b": "str"})
    assert found.total.input_tokens.most is None
    assert [gap.node for gap in found.unbounded if gap.field.startswith("talk")] == ["sum"] * len(found.unbounded)
