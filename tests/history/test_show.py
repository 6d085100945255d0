"""`runs show` and `runs events`: one run as its events tell it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.history.kept import command, kept
from tests.workflows import save

ASKING = {
    "draft": {"prompt": "Write of {{ topic }}.", "writes": "text"},
    "approve": {"human": "Is it good enough? {{ text }}", "writes": "answer", "timeout": "24h"},
    "end": {"set": {"text": "done"}, "when": "answer == 'yes'"},
}


@pytest.fixture
def asking(project: Path) -> Path:
    """A workflow that asks a person."""
    state = {"text": "str", "answer": "enum[yes, no]"}
    return save(project, "asking.yaml", ASKING, input={"topic": "str"}, state=state)


def test_a_run_is_shown_from_its_input_to_its_output(revising: Path) -> None:
    result = kept(revising, {"topic": "sourdough"}, session="anna")
    said = command("runs", "show", "last")
    assert (said.status, said.err) == (0, "")
    head, given, steps, output = said.out.split("\n\n")
    assert head.splitlines()[0] == f"run       {result.run_id}"
    assert f"workflow  revising ({revising})" in head
    spent = result.view.spent
    figures = f"{spent.model_calls} model calls; {spent.input_tokens:,} → {spent.output_tokens:,} tokens, $0"
    assert figures in head
    assert given.splitlines() == ["input", "topic: sourdough", "good_enough: 0.8"]
    assert [line.split("   ")[0] for line in steps.splitlines()[1:5]] == ["✓ write", "✓ judge", "✓ record", "✓ revise"]
    assert "✓ judge (visit 2)" in steps
    assert result.output["draft"] in output
    assert "resume" not in said.out


def test_a_run_is_shown_as_one_json_object(revising: Path) -> None:
    result = kept(revising, {"topic": "sourdough"})
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], shown["output"], shown["error"]) == ("succeeded", result.output, None)
    assert shown["input"] == {"topic": "sourdough", "good_enough": 0.8}
    assert [step["node"] for step in shown["steps"]] == [step.node for step in result.view.steps]
    assert [step["input_tokens"] for step in shown["steps"]] == [s.spent.input_tokens for s in result.view.steps]
    assert (shown["resumable"], shown["questions"]) == (False, [])


def test_a_failed_run_shows_its_failures_and_how_to_go_on(trouble: Path) -> None:
    result = kept(trouble)
    said = command("runs", "show", "last")
    lines = [re.sub(r" \d+\.\d+s", "", " ".join(line.split())) for line in said.out.splitlines()]
    for expected in [
        "- maybe skipped",
        "✗ bad (python_error, handled)",
        "✗ last (python_error)",
        f"To go on: configurable-agents runs resume {result.run_id}",
    ]:
        assert expected in lines
    assert next(line for line in lines if line.startswith("✓ each")).endswith("3 items, 2 failed")
    assert next(line for line in lines if line.startswith("✓ softly")).endswith("(failed: python_error)")
    assert "error[python_error]: f:fail raised ValueError: broken" in said.out
    shown = command("runs", "show", "last", "--json").json
    assert (shown["error"]["code"], shown["error_code"], shown["resumable"]) == ("python_error", "python_error", True)
    each = next(step for step in shown["steps"] if step["node"] == "each")
    assert (each["items"], each["failed_items"]) == (3, 2)
    handled = {step["node"]: step["handled"] for step in shown["steps"] if step["error"] is not None}
    assert (handled["bad"], handled["softly"], handled["last"]) == (True, True, False)


def test_a_run_that_waits_shows_its_questions(asking: Path) -> None:
    run_id = kept(asking, {"topic": "tides"}).run_id
    assert command("runs", "list", "--status", "waiting", "--json").lines[0]["run_id"] == run_id
    said = command("runs", "show", "last")
    assert "question of approve: Is it good enough? " in said.out
    assert "\n  answer: yes | no\n" in said.out
    assert ", until " in said.out
    assert f"To go on: configurable-agents runs resume {run_id} --answer ..." in said.out
    assert "? approve" in said.out
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], shown["resumable"]) == ("waiting", True)
    assert [(asked["node"], asked["choices"]) for asked in shown["questions"]] == [("approve", ["yes", "no"])]
    assert command("runs", "cancel", "last").err.endswith(" is cancelled.\n")
    assert "question" not in command("runs", "show", "last").out


def test_answers_are_told_with_who_gave_them(asking: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(asking, {"topic": "tides"})
    assert command("runs", "resume", "last", "--answer", "no").status == 0
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], shown["questions"], shown["output"]["answer"]) == ("succeeded", [], "no")
    told = command("runs", "events", "last").out
    assert "node_asked" in told
    assert [line.split()[2] for line in told.splitlines() if "run_" in line] == [
        "run_started",
        "run_waiting",
        "run_resumed",
        "run_succeeded",
    ]
    why = command("runs", "why", "last").out
    assert re.search(r"approve: answered( by .+)?: \"no\"\n    asked: Is it good enough\? ", why)
    assert (
        "end: skipped, because its condition did not hold\n    when answer == 'yes'\n    saw answer = \"no\"\n" in why
    )


def test_a_replay_names_its_parent(revising: Path) -> None:
    parent = kept(revising, {"topic": "tides"})
    assert command("runs", "replay", "last").status == 0
    shown = command("runs", "show", "last", "--json").json
    assert (shown["parent"], shown["relation"], shown["output"]) == (parent.run_id, "replay", parent.output)
    said = command("runs", "show", "last").out
    assert f"replay    of run {parent.run_id}" in said
    assert f"{parent.view.spent.model_calls} replies replayed" in said
    assert command("runs", "diff", parent.run_id, "last").out.endswith("way\n  the same\n")


def test_events_are_told_a_line_each(trouble: Path) -> None:
    events = kept(trouble).events
    lines = command("runs", "events", "last").out.splitlines()
    assert [int(line.split()[0]) for line in lines] == [event.seq for event in events]
    assert [line.split()[2] for line in lines] == [event.type for event in events]
    assert any("each[1]" in line and line.endswith(" 1") for line in lines), "an item with its value"
    assert max(map(len, lines)) < 170


def test_events_as_json_are_as_they_were_recorded(revising: Path) -> None:
    events = kept(revising, {"topic": "tides"}).events
    lines = command("runs", "events", "last", "--json").lines
    assert [line["type"] for line in lines] == [event.type for event in events]
    assert [datetime.fromisoformat(line["time"]) for line in lines] == [event.time for event in events]
    assert lines[-1]["output"] == events[-1].output  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--type", "route_taken"], ["begin", "bad"]),
        (["--node", "bad"], ["bad"] * 3),
        (["--node", "each/odd", "--type", "node_failed"], ["each[0]/odd", "each[2]/odd"]),
        (["--node", "each[1]/odd"], ["each[1]/odd"] * 2),
        (["--node", "each", "--type", "node_skipped"], ["each[1]/never"]),
    ],
    ids=" ".join,
)
def test_events_are_chosen_by_node_and_type(options: list[str], expected: list[str], trouble: Path) -> None:
    kept(trouble)
    lines = command("runs", "events", "last", "--json", *options).lines
    assert sorted(line["node"] for line in lines) == sorted(expected)


def test_nodes_and_types_that_there_are_not_are_told(trouble: Path) -> None:
    kept(trouble)
    said = command("runs", "events", "last", "--type", "route")
    assert (said.status, said.err.splitlines()[-1]) == (2, "  hint: Did you mean 'route_taken'?")
    said = command("runs", "events", "last", "--node", "chatch")
    assert (said.status, said.err.splitlines()) == (
        2,
        ["unknown_execution: No node 'chatch' was executed.", "  hint: Did you mean 'catch'?"],
    )
    assert "These there are: run_started, " in command("runs", "events", "last", "--type", "zzz").err
