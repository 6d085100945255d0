"""Runs that another process runs: following them, cancelling them, and what is seen when that process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.history.kept import command, keep, kept, ran, until

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = Path(sys.executable).with_name("configurable-agents")

Start = Callable[..., "subprocess.Popen[str]"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped by signals")


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process, and ends it after the test."""
    started: list[subprocess.Popen[str]] = []
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])

    def begin(*words: str | Path) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
        started.append(subprocess.Popen(words, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def running(start: Start, path: Path, *more: str) -> subprocess.Popen[str]:
    process = start(sys.executable, "-m", "tests.history.runner", path, *more)
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


def following(start: Start, *options: str) -> subprocess.Popen[str]:
    """`runs events --follow`, when it has printed its first line."""
    process = start(COMMAND, "runs", "events", "last", "--follow", *options)
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


def test_what_happens_is_followed_to_the_end(revising: Path, start: Start) -> None:
    runner, follower = running(start, revising), following(start)
    _, trouble = runner.communicate("go on\n", timeout=30)
    assert (runner.returncode, trouble) == (0, "")
    out, err = ended(follower)
    assert (follower.returncode, err) == (0, "")
    whole = command("runs", "events", "last").out.splitlines()
    assert out.splitlines() == whole[1:]
    assert "run_succeeded" in whole[-1]


def test_ctrl_c_ends_following_and_nothing_else(revising: Path, start: Start) -> None:
    runner, follower = running(start, revising), following(start, "--json")
    follower.send_signal(signal.SIGINT)
    _, err = ended(follower)
    assert (follower.returncode, err) == (130, "")
    assert command("runs", "show", "last", "--json").json["status"] == "running"
    runner.communicate("go on\n", timeout=30)
    assert command("runs", "show", "last", "--json").json["status"] == "succeeded"


def test_a_run_whose_process_is_killed_is_interrupted_and_followed_no_more(revising: Path, start: Start) -> None:
    runner, follower = running(start, revising), following(start)
    assert command("runs", "list", "--json").lines[0]["status"] == "running"
    runner.kill()
    runner.communicate()
    _, err = ended(follower)
    assert follower.returncode == 0
    assert "The run was interrupted" in err
    shown = command("runs", "show", "last").out
    assert "interrupted, " in shown
    assert "To go on: configurable-agents runs resume " in shown
    assert command("runs", "list", "--status", "interrupted", "--json").lines


def test_a_run_is_cancelled_by_the_process_that_runs_it(revising: Path, start: Start) -> None:
    runner = running(start, revising)
    said = command("runs", "cancel", "last")
    assert (said.status, said.out) == (0, "")
    assert said.err.startswith("Run ")
    assert said.err.endswith(" is cancelled.\n")
    out, _ = runner.communicate("end\n", timeout=30)
    assert out == "cancelled\n"
    shown = command("runs", "show", "last", "--json").json
    assert (shown["status"], shown["resumable"]) == ("cancelled", True)
    assert "had ended already: cancelled" in command("runs", "cancel", "last").err


def test_a_process_that_does_not_stop_is_told(revising: Path, start: Start) -> None:
    running(start, revising, "deaf")
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


def test_a_running_run_is_not_deleted(revising: Path, start: Start) -> None:
    kept(revising, {"topic": "sourdough"})
    running(start, revising)
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
