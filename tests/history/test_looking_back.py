"""`runs state` and `runs why`: what a node saw when it began, and why the run went on as it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.history.kept import command, kept
from tests.workflows import save


def test_the_state_at_the_end_is_that_of_the_run(revising: Path) -> None:
    result = kept(revising, {"topic": "sourdough"})
    said = command("runs", "state", "last", "--json")
    assert (said.status, said.json) == (0, result.state)
    assert f"scores: {result.state['scores']}" in command("runs", "state", "last").out


def test_the_state_at_a_node_is_what_it_saw(revising: Path) -> None:
    result = kept(revising, {"topic": "sourdough"})
    scores = result.state["scores"]

    def at(place: str) -> Any:
        said = command("runs", "state", "last", "--at", place, "--json")
        assert said.status == 0, said.err
        return said.json

    assert at("write") == {"scores": []}
    assert set(at("judge")) == {"scores", "draft"}
    assert at("judge#1") == at("judge")
    assert at("record")["score"] == scores[0]
    assert at("judge#2")["scores"] == scores[:1]
    assert at("record#2") == {**at("judge#2"), "score": scores[1], "feedback": at("record#2")["feedback"]}
    assert at("judge#2")["draft"] == at("record#2")["draft"] != at("judge")["draft"]


PARALLEL = {
    "a": {"set": {"seen": "a"}},
    "b": {"set": {"seen": "b"}},
    "c": {"set": {"seen": "c"}},
    "d": {"set": {"seen": "d"}},
}
EDGES = ["START -> a -> b & c", "b -> d", "c -> d -> END"]
SEEN = {"seen": {"type": "list[str]", "merge": "append"}}


def test_branches_do_not_see_each_other(project: Path) -> None:
    kept(save(project, "flow.yaml", PARALLEL, EDGES, state=SEEN))
    seen = {
        node: command("runs", "state", "last", "--at", node, "--json").json["seen"] for node in ("a", "b", "c", "d")
    }
    assert seen == {"a": [], "b": ["a"], "c": ["a"], "d": ["a", "b", "c"]}


def test_the_state_in_a_group_is_its_own(trouble: Path) -> None:
    kept(trouble)
    assert command("runs", "state", "last", "--at", "each[1]/never", "--json").json == {"z": 1}
    said = command("runs", "state", "last", "--at", "each[1]/odd")
    assert (said.status, said.out, said.err) == (0, "", "No field is set.\n")


def test_the_state_of_a_failed_run_is_that_before_its_failure(trouble: Path) -> None:
    kept(trouble)
    end = command("runs", "state", "last", "--json").json
    assert end == {"x": 3, "y": [1], "e": "python_error"}
    assert command("runs", "state", "last", "--at", "last", "--json").json == end
    assert command("runs", "state", "last", "--at", "softly", "--json").json == {**end, "x": 1}


def test_a_fork_has_its_fields_changed_from_its_node_on(revising: Path) -> None:
    parent = kept(revising, {"topic": "tides", "good_enough": 0})
    done = command("runs", "fork", "last", "--at", "judge", "--set", "draft=mine")
    assert done.status == 0, done.err
    for arguments in ([], ["--at", "judge"], ["--at", "record"]):
        assert command("runs", "state", "last", *arguments, "--json").json["draft"] == "mine"
    assert "draft" not in command("runs", "state", "last", "--at", "write", "--json").json
    why = command("runs", "why", "last").out
    assert f'judge: from here on, a fork of {parent.run_id}, with draft = "mine"' in why
    shown = command("runs", "show", "last", "--json").json
    assert [step["model_calls"] for step in shown["steps"]] == [0, 1, 0], "the parent paid for the draft"
    told = command("runs", "diff", parent.run_id, "last", "--json").json
    assert told["output"][0] == {"field": "draft", "a": parent.output["draft"], "b": "mine"}


def test_branches_of_a_fork_do_not_see_what_was_changed_for_one(project: Path) -> None:
    state = {"base": "str", "x": {"type": "list[str]", "merge": "append"}}
    nodes = {
        "begin": {"set": {"base": "old"}},
        "left": {"set": {"x": "left {{ base }}"}},
        "right": {"set": {"x": "right {{ base }}"}},
    }
    kept(save(project, "flow.yaml", nodes, ["START -> begin -> left & right -> END"], state=state))
    assert command("runs", "fork", "last", "--at", "left", "--set", "base=new").status == 0
    assert command("runs", "state", "last", "--json").json["x"] == ["left new", "right old"]
    assert command("runs", "state", "last", "--at", "left", "--json").json["base"] == "new"
    assert command("runs", "state", "last", "--at", "right", "--json").json["base"] == "old"


def test_a_run_that_failed_and_was_mended_is_one_run(trouble: Path) -> None:
    text = trouble.read_text("utf-8")
    trouble.write_text(
        text.replace('last: {python: "f:fail",', 'last: {python: "f:flaky", with: {failures: 1},'), "utf-8"
    )
    assert kept(trouble).status == "failed"
    assert command("runs", "resume", "last").status == 0
    assert command("runs", "state", "last", "--json").json == {"x": "done", "y": [1], "e": "python_error"}
    assert command("runs", "state", "last", "--at", "last", "--json").json["x"] == 3
    why = command("runs", "why", "last").out
    assert why.count("last: failed with python_error") == 1
    assert "on any error (taken 1)" in why
    text = command("graph", "--run", "last", "--format", "mermaid").out
    assert "last<br/><small>run</small>" in text
    assert "n_END unreached" not in text


@pytest.mark.parametrize("place", ["jugde", "judge#9", "judge/x", "write[0]/judge"])
def test_an_execution_that_there_was_not_is_told(place: str, revising: Path) -> None:
    kept(revising, {"topic": "tides"})
    said = command("runs", "state", "last", "--at", place)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"unknown_execution: The run did not execute '{place}'.\n  hint: ")


def test_a_visit_is_a_number(revising: Path) -> None:
    kept(revising, {"topic": "tides"})
    said = command("runs", "state", "last", "--at", "judge#second")
    assert (said.status, said.err.splitlines()[-1]) == (2, "  hint: Write it like: judge#2")


def test_the_workflow_is_that_of_the_run_whatever_became_of_its_file(revising: Path) -> None:
    result = kept(revising, {"topic": "sourdough"})
    revising.write_text(revising.read_text("utf-8").replace("score < good_enough", "score < 2"), "utf-8")
    assert "score < good_enough" in command("runs", "why", "last").out
    revising.unlink()
    assert "score < good_enough" in command("runs", "why", "last").out
    assert command("runs", "state", "last", "--json").json == result.state


def test_each_choice_of_a_loop_is_explained(revising: Path) -> None:
    result = kept(revising, {"topic": "sourdough"})
    scores = result.state["scores"]
    assert len(scores) == 3
    said = command("runs", "why", "last")
    expected = f"""\
record: route
    yes      score < good_enough (taken 1 of at most 3)
    saw score = {scores[0]}, good_enough = 0.8
    -> revise
record (visit 2): route
    yes      score < good_enough (taken 2 of at most 3)
    saw score = {scores[1]}, good_enough = 0.8
    -> revise
record (visit 3): route
    no       score < good_enough
    yes      else (taken 1)
    saw score = {scores[2]}, good_enough = 0.8
    -> END
"""
    assert (said.status, said.out, said.err) == (0, expected, "")


def test_a_rule_that_is_used_up_is_said_to_be(revising: Path) -> None:
    kept(revising, {"topic": "sourdough", "good_enough": 1})
    last = command("runs", "why", "last").out.rpartition("record")[2]
    assert "used up  score < good_enough (held, but was taken 3 times, the most it may)" in last
    assert "-> END" in last


def test_what_failed_was_skipped_and_handled_is_explained(trouble: Path) -> None:
    kept(trouble)
    said = command("runs", "why", "last").out
    for expected in [
        'begin: switch\n    yes      kind = a (taken 1)\n    saw kind = "a"\n    -> maybe\n',
        "maybe: skipped, because its condition did not hold\n    when x > 5\n    saw x = 1\n",
        "bad: route after it failed with python_error: f:fail raised ValueError: broken",
        "    no       on error timeout\n    yes      on any error (taken 1)\n    -> catch\n",
        "each[1]/never: skipped, because its condition did not hold\n    when z > 5\n    saw z = 1\n",
        "softly: failed with python_error: f:fail raised ValueError: broken",
        "    on_error set x\n",
        "last: failed with python_error",
        "failed: python_error: f:fail raised ValueError: broken",
    ]:
        assert expected in said


def test_one_node_is_explained(trouble: Path) -> None:
    kept(trouble)
    assert command("runs", "why", "last", "begin").out.startswith("begin: switch")
    assert command("runs", "why", "last", "each/never").out.startswith("each[1]/never: skipped")
    said = command("runs", "why", "last", "catch")
    assert (said.status, said.out) == (0, "")
    assert "Nothing was decided" in said.err
    said = command("runs", "why", "last", "cach")
    assert (said.status, said.err.splitlines()[-1]) == (2, "  hint: Did you mean 'catch'?")


def test_decisions_are_json_objects_a_line(trouble: Path) -> None:
    kept(trouble)
    switch, skipped, route, *_ = command("runs", "why", "last", "--json").lines
    assert switch == {
        "kind": "switch",
        "node": "begin",
        "visit": 1,
        "tried": [{"condition": "kind = a", "held": True, "used_up": False, "taken": 1, "max_times": None}],
        "saw": {"kind": "a"},
        "to": ["maybe"],
    }
    assert skipped == {"kind": "skipped", "node": "maybe", "visit": 1, "saw": {"x": 1}, "text": "x > 5"}
    assert (route["error"]["code"], route["to"]) == ("python_error", ["catch"])


def test_a_route_that_fails_the_run_says_with_what(project: Path) -> None:
    nodes = {"a": {"set": {"x": {"amount": 7}}}}
    edges = [
        "START -> a",
        {"from": "a", "route": [{"when": "x.amount > 5", "to": {"fail": "too much: {{ x.amount }}"}}]},
    ]
    edges[1]["route"].append({"else": "END"})  # type: ignore[index]
    kept(save(project, "flow.yaml", nodes, edges))
    said = command("runs", "why", "last").out
    assert "saw x.amount = 7\n    -> fail: too much: {{ x.amount }}\n" in said
    assert said.endswith("failed: failed_by_route: too much: 7\n")
