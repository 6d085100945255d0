"""A process that has everything imported and compiled, and forks: a life begins within milliseconds, not seconds.

`python -m tests.chaos.nursery WORKFLOW` reads a task a line, and answers with a line when its life is over.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import configurable_agents
from configurable_agents import Workflow
from tests.chaos.life import HERE, Task, live

ROOT = HERE.parent.parent
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class End:
    """How a life ended: its exit status, -9 where it was killed, the seconds it took and what it said on stderr."""

    status: int
    seconds: float
    said: str


class Nursery:
    """The process, as the tests see it. One life at a time."""

    def __init__(self, workflow: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery", str(workflow)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def live(self, task: Task, kill_after_s: float | None = None) -> End:
        """Live one life; it is killed after so many seconds, where it has not ended by then."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"task": asdict(task), "kill_after_s": kill_after_s}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the nursery has ended"
        return End(**json.loads(answer))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(timeout=_PATIENCE_S) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()


def main() -> None:
    workflow = configurable_agents.load(sys.argv[1])
    _warm_up(workflow)
    for line in sys.stdin:
        asked = json.loads(line)
        end = _born(workflow, Task(**asked["task"]), asked["kill_after_s"])
        sys.stdout.write(json.dumps(asdict(end)) + "\n")
        sys.stdout.flush()


def _warm_up(workflow: Workflow) -> None:
    """Run the workflow once, so that all is imported that a run needs, and nothing of it is left but that."""
    with tempfile.TemporaryDirectory() as folder:
        task = Task(f"sqlite:///{folder}/data.db", f"{folder}/calls")
        assert live(workflow, task) == 0
    importlib.import_module("psycopg")
    while threading.active_count() > 1:  # threads of functions, on their last steps
        time.sleep(0.01)
    gc.collect()
    gc.disable()  # a life is short


def _born(workflow: Workflow, task: Task, kill_after_s: float | None) -> End:
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 2)
            status = 70
            try:
                status = live(workflow, task)
            finally:
                sys.stderr.flush()
                os._exit(status)
        deadline = began + (_PATIENCE_S if kill_after_s is None else kill_after_s)
        while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
            if time.monotonic() >= deadline:
                os.kill(child, signal.SIGKILL)
                ended = os.waitpid(child, 0)
                break
            time.sleep(0.0005)
        said.seek(0)
        return End(os.waitstatus_to_exitcode(ended[1]), time.monotonic() - began, said.read().decode())


if __name__ == "__main__":
    main()
