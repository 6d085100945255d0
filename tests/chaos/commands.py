"""The command line, started as people start it, with a run whose middle can be waited for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from configurable_agents.settings import DATABASE_SYNC, DATABASE_URL, Settings
from tests.chaos.life import GIVEN, HERE
from tests.chaos.nursery import ROOT
from tests.chaos.work import CALLS, GATE

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))
PATIENCE_S = 60.0


class Commands:
    """Starts commands on one database. `calls` are what their runs have called so far, without the run's id."""

    def __init__(self, settings: Settings, environment: dict[str, str], folder: Path) -> None:
        self._calls, self._gate = folder / "calls", folder / "gate"
        url = settings.url or f"sqlite:///{settings.file}"
        places = {DATABASE_URL: url, DATABASE_SYNC: "full", CALLS: str(self._calls), GATE: str(self._gate)}
        self._environment = {**environment, **places}

    def begin(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *words],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, how: str) -> subprocess.Popen[str]:
        """Begin a run of `steps.yaml`."""
        return self.begin("run", str(HERE / "steps.yaml"), "--input", f"how={how}", "--json")

    def crash(self) -> subprocess.Popen[str]:
        """Begin a run of `crash.yaml`."""
        given = [word for name, value in GIVEN.items() for word in ("--input", f"{name}={value}")]
        return self.begin("run", str(HERE / "crash.yaml"), "--json", *given)

    def resume(self, *words: str) -> Done:
        return Done(self.begin("runs", "resume", "last", "--json", *words))

    def rival(self, run_id: str) -> subprocess.Popen[str]:
        """A process that is about to go on with a run: it says `ready`, waits for a line, and says what came of it."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.rival", run_id],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def open_gate(self) -> None:
        """Mend what is broken, and let go on what waits."""
        self._gate.touch()

    @property
    def lines(self) -> list[str]:
        """The calls, as they are noted."""
        return self._calls.read_text("utf-8").splitlines() if self._calls.exists() else []

    @property
    def calls(self) -> list[str]:
        return [line.rpartition("/")[2] for line in self.lines]

    def reached(self, process: subprocess.Popen[str], call: str) -> None:
        """Wait until a command is in the middle of a call."""
        wait_for(lambda: call in self.calls or process.poll() is not None)
        assert process.poll() is None, process.communicate()


class Done:
    """A command that has ended: its exit status and what it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        try:
            self.out, self.err = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
        self.status = process.returncode
        assert "Traceback" not in self.err, self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
