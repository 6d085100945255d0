"""What other processes do to a database in the tests: `python -m tests.storage.child DATABASE TASK ARGUMENTS`.

It prints a line when it has begun, and goes on until it is done, or killed.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from configurable_agents.errors import StoreError
from configurable_agents.runs.ids import new_run_id
from configurable_agents.settings import DATABASE_URL, Settings, read_settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import Store, open_store
from tests.storage.histories import WORKFLOW, begun, ended, nothing, resumed, run, started, step

ROOT = Path(__file__).resolve().parent.parent.parent


def begin(settings: Settings, *task: str, temporary: Path | None = None) -> subprocess.Popen[str]:
    """Start a process with a task; `temporary` is its folder for temporary files."""
    url = settings.url or f"sqlite:///{settings.file}"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.storage.child", *task],
        cwd=ROOT,
        env={**os.environ, DATABASE_URL: url, "TMPDIR": str(temporary or tempfile.gettempdir())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    """The next line that it prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def start(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Let processes that wait for it begin at once."""
    for process in processes:
        assert line(process) == "ready"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def kill(process: subprocess.Popen[str]) -> None:
    """End it in its middle."""
    process.kill()
    process.communicate()


def result(process: subprocess.Popen[str]) -> str:
    """What it printed, once it has ended well."""
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return said.strip()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def wait_for_start() -> None:
    """Let all processes of a test begin at once."""
    say("ready")
    sys.stdin.readline()


async def write_runs(store: Store, runs: str, steps: str) -> None:
    """Any number of runs at once, to their ends."""
    wait_for_start()
    await asyncio.gather(*(ended(store, steps=int(steps)) for _ in range(int(runs))))


async def write_on(store: Store) -> None:
    """A run without an end; each number is printed when it is kept."""
    run_id = await begun(store)
    say(run_id)
    seq = 1
    while True:
        seq += 1
        await store.append(step(run_id, seq))
        say(str(seq))


async def hold(store: Store) -> None:
    """A run that is asked to be cancelled, or killed."""
    asked = asyncio.Event()

    run_id = new_run_id()
    await store.create(run(run_id), WORKFLOW, [started(run_id)], asked.set)
    say(run_id)
    await asked.wait()
    say("cancelled")


async def claim(store: Store, run_id: str, seq: str) -> None:
    """Take over a run, with all others that try."""
    wait_for_start()
    try:
        await store.claim(run_id, resumed(run_id, int(seq)), None, nothing)
    except StoreError as error:
        say(error.code)
        return
    say("mine")
    sys.stdin.readline()


async def reserve(store: Store, times: str, at_most: str) -> None:
    """Take parts of a limit; prints how many there were."""
    wait_for_start()
    taken = [store.limits.reserve("tokens", 1, float(at_most), 600) for _ in range(int(times))]
    say(str(len([one for one in taken if one is not None])))


TASKS: dict[str, Callable[..., object]] = {
    "write_runs": write_runs,
    "write_on": write_on,
    "hold": hold,
    "claim": claim,
    "reserve": reserve,
}


def main() -> None:
    name, *arguments = sys.argv[1:]
    settings = read_settings()
    if name == "make":
        wait_for_start()
        schema.upgrade(settings)
        return
    if name == "lock":
        lock(settings, float(arguments[0]))
        return
    store = open_store(settings)
    asyncio.run(TASKS[name](store, *arguments))  # type: ignore[arg-type]
    store.close()


def lock(settings: Settings, seconds: float) -> None:
    """Hold the file of SQLite locked for so long, with something written that is not committed."""
    assert settings.file is not None
    connection = sqlite3.connect(settings.file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE runs SET source = 'elsewhere'")
    say("locked")
    time.sleep(seconds)
    connection.execute("ROLLBACK")
    connection.close()


if __name__ == "__main__":
    main()
