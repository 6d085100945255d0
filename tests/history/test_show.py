"""`runs show` and `runs events`: one run as its events tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from configurable_agents.events import Event, NodeAnswered, NodeAsked, Question, RunWaiting
from tests.history.kept import command, joined, keep, kept, ran, until


def waiting(path: Path) -> tuple[str, NodeAsked]:
    """A run that waits for an answer at `record`; gives its id and its question."""
    before = until(ran(path, {"topic": "tides"}).events, "node_started", "record")
    question = Question(
        node="record",
        visit=1,
        text="Is it good enough?",
        answer_type="enum[yes, no]",
        choices=["yes", "no"],
        asked_at=before[-1].time,
        expires_at=before[-1].time + timedelta(hours=24),
    )
    about = {"run_id": before[0].run_id, "seq": 0, "time": datetime.now(UTC)}
    asks = NodeAsked(**about, node="record", visit=1, question=question)
    return keep(path, joined(before, [asks, RunWaiting(**about, questions=[question])])), asks


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
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    for expected in [
        "- maybe skipped",
        "✗ bad 0.00s (python_error, handled)",
        "✗ last 0.00s (python_error)",
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


def test_a_run_that_waits_shows_its_questions(revising: Path) -> None:
    run_id, _ = waiting(revising)
    assert command("runs", "list", "--status", "waiting", "--json").lines[0]["run_id"] == run_id
    said = command("runs", "show", "last")
    assert "question of record: Is it good enough?\n  answer: yes | no\n" in said.out
    assert ", until " in said.out
    assert f"To go on: configurable-agents runs resume {run_id}" in said.out
    assert "? record" in said.out
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], shown["questions"][0]["choices"]) == ("waiting", ["yes", "no"])
    assert command("runs", "cancel", "last").err.endswith(" is cancelled.\n")
    assert "question" not in command("runs", "show", "last").out


def test_a_fork_names_its_parent(revising: Path) -> None:
    events = ran(revising, {"topic": "tides"}).events
    begun = events[0].model_copy(update={"parent": "the-parent-id", "relation": "replay"})
    keep(revising, joined([begun], events[1:]))
    assert "replay    of run the-parent-id" in command("runs", "show", "last").out
    assert command("runs", "show", "last", "--json").json["parent"] == "the-parent-id"


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


def test_answers_are_told_with_who_gave_them(revising: Path) -> None:
    run_id, asks = waiting(revising)
    events: list[Event] = [
        NodeAnswered(run_id=run_id, seq=1, time=datetime.now(UTC), node="record", visit=1, answer="yes", by="Ada")
    ]
    whole = joined(until(ran(revising, {"topic": "tides"}).events, "node_started", "record"), [asks], events)
    keep(revising, whole)
    said = command("runs", "events", "last").out
    assert "node_asked" in said
    assert "Is it good enough?" in said
    assert '"yes" by Ada' in said
    assert 'record: answered by Ada: "yes"\n    asked: Is it good enough?\n' in command("runs", "why", "last").out
