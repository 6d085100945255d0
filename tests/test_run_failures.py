"""Runs that fail: what is told, where, and with which exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents import RunError
from configurable_agents.events import ErrorInfo, Event, NodeCancelled, NodeFailed, RunFailed
from tests.bad_files import command_line, write

HEAD = """\
version: 2
name: failing
input:
  n: {type: int, default: 0}
  words: {type: "list[str]", default: []}
  maybe: int?
state:
  text: str
  number: int
  kind: enum[low, high]
  small: {type: int, maximum: 3}
  notes: {type: "list[str]", merge: append}
  counts: {type: "dict[str, int]", merge: update}
"""


# Some way writes these fields, so that reading them is no mistake to a check; the runs here take another way.
BEFORE = "  before: {when: n > 100, set: {text: x, number: 1, kind: low}}\n"


def failure(folder: Path, nodes: str, edges: str = "", **given: Any) -> ErrorInfo:
    """How a run of these nodes fails."""
    result = configurable_agents.load(write(folder, f"{HEAD}nodes:\n{nodes}\n{edges}\n")).run(given)
    assert result.status == "failed"
    assert isinstance(result.events[-1], RunFailed)
    error = result.view.error
    assert error is not None
    with pytest.raises(RunError) as raised:
        _ = result.output
    assert (raised.value.code, raised.value.message, raised.value.node) == (error.code, error.message, error.node)
    return error


TEMPLATES = {
    "an unset field": ("{{ text }}", "unset_field", "'text' is read"),
    "an unset field in a sum": ("{{ number + 1 }}", "unset_field", "'number' is read"),
    "an unset field in a loop": ("{% for t in words %}{{ text }}{% endfor %}", "unset_field", "'text' is read"),
    "an unset field in a condition": ("{% if number > 1 %}x{% endif %}", "unset_field", "'number' is read"),
    "an unset field in a list": ("{{ [text] }}", "unset_field", "'text' is read"),
    "an unset field in an object": ("{{ {'a': {'b': text}} }}", "unset_field", "'text' is read"),
    "an unset field, printed as JSON": ("{{ [text] | tojson }}", "unset_field", "'text' is read"),
    "a division by zero": ("{{ 1 / n }}", "template_error", "division by zero"),
    "a remainder by zero": ("{{ 1 % n }}", "template_error", "modulo by zero"),
    "an item that is not there": ("{{ words[5] }}", "template_error", "no element 5"),
    "null in a sum": ("{{ maybe + 1 }}", "template_error", "NoneType"),
    "a range too long": ("{{ range(10 ** 9) | length }}", "template_error", "smaller range"),
    "text of many terabytes": ("{{ 'a' * 10 ** 13 }}", "template_error", "too large to compute"),
    "a number of too many digits": ("{{ 10 ** 5000 }}", "template_error", "thousands of digits"),
    "a power that would take days": ("{{ 9 ** (9 ** 99) }}", "template_error", "thousands of digits"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_fails_says_on_what(name: str, tmp_path: Path) -> None:
    template, code, told = TEMPLATES[name]
    error = failure(tmp_path, f'{BEFORE}  work: {{set: {{notes: "<{template}>"}}}}', words=["a"])
    assert (error.code, error.node) == (code, "work")
    assert told in error.message + error.hint
    assert error.hint


def test_what_is_guarded_is_no_read_of_an_unset_field(tmp_path: Path) -> None:
    text = "{{ text | default('none') }} {{ 'set' if text is defined else 'unset' }}{{ maybe }}{{ 'x' if n > 1 }}."
    path = write(tmp_path, f'{HEAD}nodes:\n  work: {{set: {{notes: "{text}"}}}}\n')
    assert configurable_agents.load(path).run().state["notes"] == ["none unset."]


VALUES: dict[str, tuple[dict[str, Any], int]] = {
    "-n": ({"n": 3}, -3),
    "- n": ({"n": 3}, -3),
    "+n": ({"n": 3}, 3),
    "-n + 5": ({"n": 3}, 2),
    "(-n)": ({"n": 3}, -3),
    "n if n > 2 else -1": ({"n": 3}, 3),
    "n if n < 2 else -1": ({"n": 3}, -1),
    "words | length - 1": ({"words": ["a"]}, 0),
}


@pytest.mark.parametrize("expression", VALUES)
def test_a_lone_expression_is_computed_as_it_is_written(expression: str, tmp_path: Path) -> None:
    given, value = VALUES[expression]
    for text in (f"{{{{ {expression} }}}}", f"{{{{- {expression} -}}}}"):
        path = write(tmp_path, f'{HEAD}nodes:\n  work: {{set: {{number: "{text}"}}}}\n')
        assert configurable_agents.load(path).run(given).state["number"] == value


WRITES = {
    "an int of text": ("number", "{{ words[0] }}", "wrote 'x' to 'number', which is int: it should be an integer"),
    "above its maximum": ("small", "{{ n }}", "wrote 9 to 'small', which is int: it should be less than or equal to 3"),
    "outside its enum": ("kind", "{{ words[0] }}", "should be 'low' or 'high', not 'x'"),
    "null for text": ("text", "{{ maybe }}", "wrote null to 'text', which is str: it should be text, not null"),
    "a dict of text": ("counts", "{{ {'a': words[0]} }}", "'counts' that is no dict[str, int]: a should be an integer"),
    "a list of numbers": ("notes", "{{ [n] }}", "'notes' that is no list[str]: [0] should be text, not 9"),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_wrong_write_names_node_field_type_and_value(name: str, tmp_path: Path) -> None:
    field, template, told = WRITES[name]
    (tmp_path / "give.py").write_text("def give(value): return value\n", "utf-8")
    call = f'  work: {{python: "give:give", with: {{value: "{template}"}}, writes: {field}}}'
    error = failure(tmp_path, call, n=9, words=["x"])
    assert (error.code, error.node) == ("write_type", "work")
    assert error.message.startswith("The node 'work' wrote ")
    assert told in error.message


LOOP = """edges:
  - START -> work
  - from: work
    route:
      - {when: n >= 0, to: work%s}
      - %s
"""
SET = "  work: {set: {notes: x}}"


def test_no_rule_that_holds_is_an_error(tmp_path: Path) -> None:
    error = failure(tmp_path, SET, LOOP % ("", "{when: n > 5, to: END}"), n=-1)
    assert (error.code, error.node) == ("no_rule", "work")
    assert error.message == "No rule of the route after 'work' holds."
    assert "else" in error.hint


def test_rules_that_are_used_up_are_named(tmp_path: Path) -> None:
    error = failure(tmp_path, SET, LOOP % (", max_times: 3", "{when: n > 5, to: END}"))
    assert error.code == "no_rule"
    assert "'n >= 0' was taken 3 times" in error.message


def test_a_loop_ends_at_max_steps(tmp_path: Path) -> None:
    error = failure(tmp_path, SET, LOOP % ("", "{else: END}") + "limits: {max_steps: 7}")
    assert (error.code, error.node) == ("max_steps", "work")
    assert "7 steps" in error.message
    assert "work 7 times" in error.message
    assert "max_times" in error.hint


def test_max_steps_is_enough_for_as_many_steps(tmp_path: Path) -> None:
    edges = LOOP % (", max_times: 6", "{else: END}") + "limits: {max_steps: 7}"
    result = configurable_agents.load(write(tmp_path, f"{HEAD}nodes:\n{SET}\n{edges}\n")).run()
    assert (result.status, len(result.view.finished)) == ("succeeded", 7)


def test_a_route_fails_the_run_with_a_message_of_its_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    edges = LOOP.replace("to: work%s", "to: {fail: 'Only {{ n }} words: {{ words }}'}") % "{else: END}"
    error = failure(tmp_path, SET, edges, n=2, words=["a"])
    assert (error.code, error.node, error.message) == ("failed_by_route", "work", 'Only 2 words: ["a"]')
    path = tmp_path / "workflow.yaml"
    answer = command_line(capsys, "run", path, "-i", "n=2")
    assert (answer.status, answer.out) == (1, "")
    assert f"error[failed_by_route]: Only 2 words: [] ({path}:" in answer.err
    told = json.loads(command_line(capsys, "run", path, "-i", "n=2", "--json").out)
    assert (told["status"], told["output"], told["steps"]) == ("failed", None, ["work"])
    assert told["state"] == {"notes": ["x"], "counts": {}}
    assert told["error"]["code"] == "failed_by_route"


@pytest.mark.parametrize(
    ("condition", "code"),
    [("text == 'x'", "unset_field"), ("1 / n > 1", "template_error"), ("words[3] == 'x'", "template_error")],
)
def test_a_condition_that_fails_names_the_node_before_it(condition: str, code: str, tmp_path: Path) -> None:
    edges = LOOP.replace("n >= 0", f'"{condition}"').replace("START ->", "START -> before ->") % ("", "{else: END}")
    error = failure(tmp_path, BEFORE + SET, edges)
    assert (error.code, error.node) == (code, "work")


def test_a_switch_on_what_is_unset_or_null_fails(tmp_path: Path) -> None:
    edges = "edges:\n  - START -> before -> work\n  - {from: work, switch: %s, cases: {%s: END}, else: {fail: other}}"
    assert failure(tmp_path, BEFORE + SET, edges % ("kind", "low")).code == "unset_field"
    assert failure(tmp_path, BEFORE + SET, edges % ("maybe", "1")).message == "other"


def test_a_start_that_can_not_be_computed_fails_before_any_node(tmp_path: Path) -> None:
    edges = "edges:\n  - {from: START, route: [{when: maybe + 1 > 1, to: work}, {else: END}]}\n  - work -> END"
    error = failure(tmp_path, SET, edges)
    assert (error.code, error.node) == ("template_error", "START")


def test_an_output_that_nothing_has_written_fails_the_run(tmp_path: Path) -> None:
    for output in ("[text]", "{answer: text}", '{answer: "text | upper"}'):
        error = failure(tmp_path, BEFORE + SET, f"output: {output}")
        assert error.code in {"unset_field", "unset_output"}
        assert "'text'" in error.message


def test_an_output_that_may_be_null_is_null(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEAD}  later: str?\nnodes:\n{SET}\noutput: [later, maybe]\n")
    assert configurable_agents.load(path).run().output == {"later": None, "maybe": None}


def test_without_output_what_is_unset_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEAD}nodes:\n{SET}\n")
    output = configurable_agents.load(path).run().output
    assert output == {"n": 0, "words": [], "maybe": None, "notes": ["x"], "counts": {}}


def test_a_failing_branch_cancels_its_siblings_and_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text(
        "import asyncio, time\nasync def long():\n await asyncio.sleep(60)\ndef sleep():\n time.sleep(60)\n"
        "def fail():\n raise ValueError('no')\n",
        "utf-8",
    )
    nodes = "\n".join(
        f"  {name}: {{python: 'wait:{function}'}}" for name, function in (("a", "long"), ("b", "fail"), ("c", "sleep"))
    )
    path = write(
        tmp_path, f"{HEAD}nodes:\n{nodes}\n  d: {{set: {{notes: x}}}}\nedges: [START -> a & b & c -> d -> END]\n"
    )
    result = configurable_agents.load(path).run()
    error = result.view.error
    assert error is not None
    assert (error.code, error.node) == ("python_error", "b")
    assert result.view.duration_s < 5
    ended: list[Event] = [event for event in result.events if isinstance(event, NodeFailed | NodeCancelled)]
    assert sorted((type(event).__name__, getattr(event, "node", "")) for event in ended) == [
        ("NodeCancelled", "a"),
        ("NodeCancelled", "c"),
        ("NodeFailed", "b"),
    ]
    assert [event.left_behind for event in ended if isinstance(event, NodeCancelled) and event.node == "c"] == [True]
    assert [step.status for step in result.view.steps if step.node == "d"] == []


@pytest.mark.parametrize(
    "template", ["{{ text }}", "{{ [text] }}", "{{ {'a': {'b': text}} }}", "{{ [words, [text]] }}"]
)
def test_an_unset_field_is_told_wherever_a_value_holds_it(template: str, tmp_path: Path) -> None:
    path = write(tmp_path, f'{HEAD}  any: any\nnodes:\n{BEFORE}  work: {{set: {{any: "{template}"}}}}\n')
    error = configurable_agents.load(path).run().view.error
    assert error is not None
    assert (error.code, error.node) == ("unset_field", "work")
    assert error.message.startswith("'text' is read in ")
