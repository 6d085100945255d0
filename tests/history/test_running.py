"""Runs that another process runs: following them, cancelling them, and what is seen when that process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.history.kept import command, keep, kept, ran, until
from tests.workflows import save

COMMAND = Path(sys.executable).with_name("configurable-agents")

Start = Callable[..., "subprocess.Popen[str]"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped by signals")

HOLDING = """\
import asyncio
import pathlib

HERE = pathlib.Path(__file__).parent


async def hold():
    (HERE / "holding").touch()
    while not (HERE / "go").exists():
        await asyncio.sleep(0.02)
    return "held"
"""


@pytest.fixture
def slow(project: Path) -> Path:
    """A workflow whose second node takes until there is a file `go`; there is a file `holding` when it has begun."""
    (project / "h.py").write_text(HOLDING, "utf-8")
    nodes = {"first": {"set": {"x": 1}}, "hold": {"python": "h:hold", "writes": "x"}, "last": {"set": {"x": 3}}}
    return save(project, "slow.yaml", nodes)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command line in a process of its own, and ends it after the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str | Path) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        started.append(subprocess.Popen([COMMAND, *words], env=environment, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def running(start: Start, path: Path) -> subprocess.Popen[str]:
    """A run that has come to the node which takes long."""
    process = start("run", path)
    while not (path.parent / "holding").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return process


def following(start: Start, *options: str) -> subprocess.Popen[str]:
    """`runs events --follow`, when it has printed its first line."""
    process = start("runs", "events", "last", "--follow", *options)
    assert process.stdout is not None
    assert "run_started" in process.stdout.readline()
    return process


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process prints from here on until it ends; `communicate` loses what was read ahead with a line."""
    assert process.stdout is not None
    assert process.stderr is not None
    out = process.stdout.read(), process.stderr.read()
    process.wait(30)
    return out


def test_what_happens_is_followed_to_the_end(slow: Path, start: Start) -> None:
    runner, follower = running(start, slow), following(start)
    (slow.parent / "go").touch()
    out, err = ended(follower)
    assert (follower.returncode, err) == (0, "")
    ended(runner)
    assert runner.returncode == 0
    whole = command("runs", "events", "last").out.splitlines()
    assert out.splitlines() == whole[1:]
    assert "run_succeeded" in whole[-1]


def test_ctrl_c_ends_following_and_nothing_else(slow: Path, start: Start) -> None:
    runner, follower = running(start, slow), following(start, "--json")
    follower.send_signal(signal.SIGINT)
    _, err = ended(follower)
    assert (follower.returncode, err) == (130, "")
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], [step["status"] for step in shown["steps"]]) == ("running", ["succeeded", "running"])
    (slow.parent / "go").touch()
    ended(runner)
    assert command("runs", "show", "last", "--json").json["status"] == "succeeded"


def test_a_run_whose_process_is_killed_is_interrupted_and_can_go_on(slow: Path, start: Start) -> None:
    runner, follower = running(start, slow), following(start)
    assert command("runs", "list", "--json").lines[0]["status"] == "running"
    runner.kill()
    ended(runner)
    _, err = ended(follower)
    assert follower.returncode == 0
    assert "The run was interrupted: its process ended." in err
    assert command("runs", "list", "--status", "interrupted", "--json").lines
    shown = command("runs", "show", "last").out
    assert "! hold                     interrupted" in shown
    run_id = command("runs", "show", "last", "--json").json["run_id"]
    assert f"To go on: configurable-agents runs resume {run_id}" in shown
    (slow.parent / "go").touch()
    assert command("runs", "resume", "last").status == 0
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], shown["resumable"]) == ("succeeded", False)
    assert [(step["node"], step["status"]) for step in shown["steps"]] == [
        ("first", "succeeded"),
        ("hold", "succeeded"),
        ("last", "succeeded"),
    ]
    assert command("runs", "state", "last", "--at", "last", "--json").json == {"x": "held"}


def test_a_run_is_cancelled_by_the_process_that_runs_it(slow: Path, start: Start) -> None:
    runner = running(start, slow)
    said = command("runs", "cancel", "last")
    assert (said.status, said.out) == (0, "")
    assert said.err.startswith("Run ")
    assert said.err.endswith(" is cancelled.\n")
    ended(runner)
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], shown["resumable"]) == ("cancelled", True)
    assert [step["status"] for step in shown["steps"]] == ["succeeded", "cancelled"]
    assert "had ended already: cancelled" in command("runs", "cancel", "last").err


def test_a_process_that_does_not_stop_is_told(slow: Path, start: Start) -> None:
    running(start, slow).send_signal(signal.SIGSTOP)
    said = command("runs", "cancel", "last")
    assert said.status == 1
    assert "was asked to stop, and has not within 10 s" in said.err
    assert command("runs", "show", "last", "--json").json["status"] == "running"


def test_a_run_that_nobody_runs_is_cancelled_at_once(revising: Path) -> None:
    keep(revising, until(ran(revising, {"topic": "tides"}).events, "node_started", "judge"))
    assert command("runs", "show", "last", "--json").json["status"] == "interrupted"
    assert command("runs", "cancel", "last").err.endswith(" is cancelled.\n")
    shown = command("runs", "show", "last", "--json").json
    assert [shown["status"], *(step["status"] for step in shown["steps"])] == ["cancelled", "succeeded", "cancelled"]
    assert shown["usage"]["model_calls"] == command("runs", "list", "--json").lines[0]["usage"]["model_calls"] == 1


def test_a_run_that_has_ended_is_not_cancelled(revising: Path) -> None:
    kept(revising, {"topic": "tides"})
    said = command("runs", "cancel", "last")
    assert said.status == 0
    assert "had ended already: succeeded" in said.err


def test_a_running_run_is_not_deleted(revising: Path, slow: Path, start: Start) -> None:
    kept(revising, {"topic": "sourdough"})
    running(start, slow)
    said = command("runs", "delete", "--older-than", "0s", "--yes")
    assert "1 run is running and is left." in said.err
    assert "Deleted 1 run; " in said.err
    assert [run["status"] for run in command("runs", "list", "--json").lines] == ["running"]
    said = command("runs", "delete", "last", "--yes")
    assert (said.status, "No run to delete." in said.err) == (0, True)


def test_a_reader_that_stops_early_is_no_mistake(revising: Path) -> None:
    kept(revising, {"topic": "tides"})
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [COMMAND, "runs", "events", "last"], stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    os.close(theirs)
    assert "internal" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
