"""`runs list` and `runs delete`, and what every command says of runs that it does not find."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.history.kept import command, keep, kept, ran, until

COMMAND = Path(sys.executable).with_name("configurable-agents")

ALL = [
    ["list"],
    ["show", "last"],
    ["events", "last"],
    ["state", "last"],
    ["why", "last"],
    ["diff", "last", "last"],
    ["export", "last"],
    ["cancel", "last"],
    ["delete", "last", "--yes"],
]


@pytest.mark.parametrize("arguments", [*(["runs", *words] for words in ALL), ["graph", "--run", "last"]], ids=" ".join)
def test_where_nothing_was_run_yet_that_is_said_and_nothing_made(arguments: list[str], project: Path) -> None:
    before = sorted(project.rglob("*"))
    said = command(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("no_history: ")
    assert "hint: A run makes it: configurable-agents run FILE" in said.err
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments", [*(["runs", *words] for words in ALL[1:]), ["graph", "--run", "last"]], ids=" ".join
)
def test_a_run_that_there_is_not_and_one_of_several_are_told(arguments: list[str], revising: Path) -> None:
    ids = [kept(revising, {"topic": topic}).run_id for topic in ("tides", "sourdough")]
    missing = [word if word != "last" else "ffffffff-none" for word in arguments]
    said = command(*missing)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("unknown_run: There is no run 'ffffffff-none'.")
    several = [word if word != "last" else ids[0][:4] for word in arguments]
    said = command(*several)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"ambiguous_run: '{ids[0][:4]}' fits several runs.")
    assert all(one in said.err for one in ids)


def test_runs_are_listed_the_newest_first(revising: Path, trouble: Path) -> None:
    good, bad = kept(revising, {"topic": "tides"}), kept(trouble)
    keep(trouble, until(ran(trouble).events, "node_started", "bad"))
    said = command("runs", "list")
    assert (said.status, said.err) == (0, "")
    head, *rows = [line.split() for line in said.out.splitlines()]
    assert head == ["RUN", "WORKFLOW", "STATUS", "STARTED", "TOOK", "CALLS", "TOKENS", "COST"]
    assert [row[1:3] for row in rows] == [["trouble", "interrupted"], ["trouble", "failed"], ["revising", "succeeded"]]
    assert [bad.run_id.endswith(rows[1][0]), good.run_id.endswith(rows[2][0])] == [True, True]
    spent = good.view.spent
    assert rows[2][-3:] == [str(spent.model_calls), f"{spent.input_tokens + spent.output_tokens:,}", "$0"]
    assert "\033" not in said.out


def test_a_listed_run_is_a_json_object_a_line(revising: Path) -> None:
    result = kept(revising, {"topic": "tides"})
    (run,) = command("runs", "list", "--json").lines
    assert (run["run_id"], run["workflow"], run["status"]) == (result.run_id, "revising", "succeeded")
    assert run["usage"]["model_calls"] == result.view.spent.model_calls
    assert (run["cost_usd"], run["unpriced"], run["error_code"]) == (0, [], None)


def test_an_unknown_price_is_never_nothing(revising: Path) -> None:
    events = ran(revising, {"topic": "tides"}).events
    priced = [event for event in events if event.type == "model_called"]
    first, *rest = priced
    changed = [
        event.model_copy(update={"model": "new/model", "cost_usd": None})
        if event is first
        else event.model_copy(update={"cost_usd": 0.25})
        if event in rest
        else event
        for event in events
    ]
    keep(revising, changed)
    assert f"${0.25 * len(rest):.2f} and unknown for new/model" in command("runs", "list").out
    (run,) = command("runs", "list", "--json").lines
    assert (run["cost_usd"], run["known_cost_usd"], run["unpriced"]) == (None, 0.25 * len(rest), ["new/model"])
    assert command("runs", "show", "last", "--json").json["cost_usd"] is None
    assert "unknown for new/model" in command("runs", "show", "last").out


def test_runs_are_chosen_by_options(revising: Path, trouble: Path) -> None:
    first = ran(revising, {"topic": "tides"})
    long_ago = [event.model_copy(update={"time": event.time - timedelta(days=3)}) for event in first.events]
    keep(revising, long_ago, session="anna")
    second = kept(trouble)

    def listed(*options: str) -> list[str]:
        said = command("runs", "list", "--json", *options)
        assert said.status == 0
        return [run["run_id"] for run in said.lines]

    assert listed() == [second.run_id, first.run_id]
    assert listed("--limit", "1") == [second.run_id]
    assert (
        listed("--workflow", "revising")
        == listed("--status", "succeeded")
        == listed("--session", "anna")
        == [first.run_id]
    )
    assert listed("--since", "2d") == listed("--since", f"{second.view.started_at:%Y-%m-%d}") == [second.run_id]
    assert listed("--since", "1w", "--status", "failed") == [second.run_id]
    said = command("runs", "list", "--workflow", "other")
    assert (said.status, said.out, said.err) == (0, "", "No runs.\n")


@pytest.mark.parametrize("text", ["yesterday", "2", "2y", "2026-13-01", "-1d", "999999w"])
def test_what_is_no_time_is_told(text: str, revising: Path) -> None:
    kept(revising, {"topic": "tides"})
    said = command("runs", "list", f"--since={text}")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"wrong_time: '{text}' is no time.")


def test_a_run_is_named_by_its_beginning_its_end_or_as_the_last(revising: Path) -> None:
    first, second = kept(revising, {"topic": "tides"}).run_id, kept(revising, {"topic": "sourdough"}).run_id
    for name, expected in [(first, first), (first[-6:], first), (second[:24], second), ("last", second)]:
        assert command("runs", "show", name, "--json").json["run_id"] == expected


def test_deleting_says_which_and_takes_a_yes(revising: Path, trouble: Path) -> None:
    first, second = kept(revising, {"topic": "tides"}).run_id, kept(trouble).run_id
    said = command("runs", "delete", first)
    assert (said.status, said.out) == (2, "")
    assert f"1 run to delete:\n  {first[-8:]}  revising, succeeded, " in said.err
    assert "needs_yes" in said.err
    said = command("runs", "delete", "--older-than", "0s", "--dry-run")
    assert said.status == 0
    assert "2 runs would be deleted:" in said.err
    assert len(command("runs", "list", "--json").lines) == 2

    said = command("runs", "delete", first, "--yes")
    assert said.status == 0
    assert "Deleted 1 run; " in said.err
    assert said.err.endswith("B given back.\n")
    assert [run["run_id"] for run in command("runs", "list", "--json").lines] == [second]
    assert command("runs", "show", first).status == 2


def test_runs_to_delete_are_chosen_by_all_the_options(revising: Path, trouble: Path) -> None:
    kept(revising, {"topic": "tides"})
    failed = kept(trouble).run_id
    assert "No run to delete." in command("runs", "delete", "--older-than", "1d", "--yes").err
    assert "No run to delete." in command("runs", "delete", failed, "--workflow", "revising", "--yes").err
    assert (
        "Deleted 1 run; " in command("runs", "delete", "--workflow", "revising", "--status", "succeeded", "--yes").err
    )
    assert [run["run_id"] for run in command("runs", "list", "--json").lines] == [failed]
    said = command("runs", "delete")
    assert (said.status, said.err.split(":")[0]) == (2, "nothing_chosen")


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is a pty")
@pytest.mark.parametrize(("answer", "left"), [(b"n\n", 1), (b"y\n", 0)])
def test_on_a_terminal_deleting_asks(answer: bytes, left: int, revising: Path) -> None:
    import pty

    kept(revising, {"topic": "tides"})
    ours, terminal = pty.openpty()
    os.write(ours, answer)
    done = subprocess.run(
        [COMMAND, "runs", "delete", "last"], stdin=terminal, capture_output=True, check=False, timeout=60
    )
    os.close(terminal)
    os.close(ours)
    assert done.returncode == 0
    assert b"Delete it for good? [y/N]" in done.stderr
    assert (b"Nothing was deleted." in done.stderr) == bool(left)
    assert len(command("runs", "list", "--json").lines) == left


def test_help_loads_neither_the_database_nor_the_engine(project: Path) -> None:
    for arguments in (["--help"], ["runs", "--help"], ["runs", "list", "--help"]):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", COMMAND, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0
        assert "sqlalchemy" not in done.stderr
        assert "langgraph" not in done.stderr
        assert "configurable_agents.events" not in done.stderr
