"""Ctrl-C on a real process: whatever a node is doing, it ends within seconds, with status 130 and a message."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))

# Each says on stderr that it has begun, so that the signal comes in its middle.
FUNCTIONS = {
    "a function that sleeps": "def work():\n    begun()\n    time.sleep(60)",
    "a function that never rests": "def work():\n    begun()\n    while True:\n        pass",
    "an async function that waits": "async def work():\n    begun()\n    await asyncio.sleep(60)",
    "an async function that blocks the loop": "async def work():\n    begun()\n    time.sleep(60)",
    "an async function that never rests": "async def work():\n    begun()\n    while True:\n        pass",
    "an async function that does not let itself be cancelled": (
        "async def work():\n    begun()\n    while True:\n        try:\n            await asyncio.sleep(60)\n"
        "        except asyncio.CancelledError:\n            pass"
    ),
    "a function that catches everything": (
        "def work():\n    begun()\n    while True:\n        try:\n            time.sleep(60)\n"
        "        except BaseException:\n            pass"
    ),
    "a module that blocks while it is imported": "begun()\ntime.sleep(60)\ndef work(): ...",
}
BEGUN = "import asyncio, sys, time\n\ndef begun():\n    print('begun', file=sys.stderr, flush=True)\n\n"


def start(folder: Path, function: str, *words: str) -> subprocess.Popen[str]:
    """A run that is in the middle of its second node."""
    (folder / "slow.py").write_text(BEGUN + function + "\n", "utf-8")
    path = folder / "workflow.yaml"
    path.write_text(
        "version: 2\nname: slow\nstate: {done: str}\nnodes:\n  first: {set: {done: 'yes'}}\n"
        "  work: {python: 'slow:work'}\n  last: {set: {done: 'no'}}\n",
        "utf-8",
    )
    process = subprocess.Popen(
        [COMMAND, "run", path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while "begun" not in (line := process.stderr.readline()):
        assert line or process.poll() is None
    return process


def end(process: subprocess.Popen[str], signals: int = 1) -> tuple[str, str, float]:
    """What the process has printed since, and the seconds that it took to end."""
    before = time.monotonic()
    for _ in range(signals):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    try:
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    return out, err, time.monotonic() - before


@pytest.mark.parametrize("name", FUNCTIONS)
def test_ctrl_c_ends_a_run_with_a_message(name: str, tmp_path: Path) -> None:
    process = start(tmp_path, FUNCTIONS[name])
    out, err, seconds = end(process)
    assert process.returncode == 130
    assert out == ""
    assert "interrupted after" in err
    assert "1 step done" in err.replace("steps", "step")
    assert "Traceback" not in err
    assert seconds < 6


def test_a_second_ctrl_c_ends_at_once_what_the_first_could_not(tmp_path: Path) -> None:
    process = start(tmp_path, FUNCTIONS["an async function that blocks the loop"])
    _, err, seconds = end(process, signals=2)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert seconds < 3


@pytest.mark.parametrize("name", ["a function that sleeps", "an async function that blocks the loop"])
def test_an_interrupted_run_still_prints_its_json(name: str, tmp_path: Path) -> None:
    process = start(tmp_path, FUNCTIONS[name], "--json")
    out, _, _ = end(process)
    found = json.loads(out)
    assert process.returncode == 130
    assert (found["status"], found["output"], found["steps"]) == ("cancelled", None, ["first"])
    assert found["state"] == {"done": "yes"}


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        done = subprocess.run(
            [COMMAND, "schema"], stdout=nobody, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path, timeout=20
        )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
