"""One life of a run, in a process that may be killed in it: from the beginning, or from where the last life ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine, event

from configurable_agents import RunResult, Workflow, open_store
from configurable_agents.app import resuming
from configurable_agents.errors import ConfigurableAgentsError
from configurable_agents.events import Event, RunResumed
from configurable_agents.plugins.stores import Entry, StoredRun, StoredWorkflow
from configurable_agents.settings import DATABASE_SYNC, DATABASE_URL
from configurable_agents.storage.store import Store
from tests.chaos.work import CALLS

HERE = Path(__file__).resolve().parent
LONG = os.environ.get("CONFIGURABLE_AGENTS_CHAOS") == "long"  # as `make chaos` has it
GIVEN = {"numbers": [1, 2, 3, 5]}
STATUS = {"succeeded": 0, "waiting": 3}

# after: event number n was committed. before: it is about to be handed to the store. inside: the rows of the
# transaction number n are written, and not committed.
When = Literal["", "after", "before", "inside"]


@dataclass(frozen=True, slots=True)
class Task:
    """What to do in a life: `run` is the run to go on with, none to begin one. `when` and `n` say where it ends."""

    database: str
    calls: str
    run: str = ""
    when: When = ""
    n: int = 0


def live(workflow: Workflow, task: Task) -> int:
    """Run, or go on; gives the exit status of the process."""
    os.environ |= {DATABASE_URL: task.database, DATABASE_SYNC: "normal", CALLS: task.calls}
    if task.when == "inside":
        event.listen(Engine, "commit", _die_at_commit(task.n))
    store = open_store()

    def die_after(happened: Event) -> None:
        if task.when == "after" and happened.seq == task.n:
            die()

    kept: Any = Before(store, task.n) if task.when == "before" else store
    try:
        result = asyncio.run(_run(workflow, task, kept, (die_after,)))
    except ConfigurableAgentsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    finally:
        store.close()
    if result.status not in STATUS:
        sys.stderr.write(f"{result.status}: {result.view.error}\n")
    return STATUS.get(result.status, 1)


async def _run(workflow: Workflow, task: Task, store: Any, subscribers: Sequence[Callable[[Event], None]]) -> RunResult:
    if not task.run:
        return await workflow.arun(GIVEN, store=store, subscribers=subscribers)
    rerun = resuming(store, task.run)
    return await rerun.begin(await rerun.models(), subscribers)


def die() -> None:
    """End this process as a crash does."""
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at_commit(n: int) -> Callable[[Any], None]:
    commits = iter(range(1, 1_000_000))

    def look(_: Any) -> None:
        # Only one thread writes what happens; the others read.
        if threading.current_thread().name == "writer of runs" and next(commits) == n:
            die()

    return look


class Before:
    """A store that kills its process when event number `n` comes to it."""

    def __init__(self, store: Store, n: int) -> None:
        self._store, self._n = store, n

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def create(
        self, run: StoredRun, workflow: StoredWorkflow, entries: Sequence[Entry], on_cancel: Callable[[], None]
    ) -> None:
        self._look(entries[0].event)
        await self._store.create(run, workflow, entries, on_cancel)

    async def claim(
        self, run_id: str, event: RunResumed, workflow: StoredWorkflow | None, on_cancel: Callable[[], None]
    ) -> None:
        self._look(event)
        await self._store.claim(run_id, event, workflow, on_cancel)

    def append(self, entry: Entry) -> asyncio.Future[None]:
        self._look(entry.event)
        return self._store.append(entry)

    def _look(self, happened: Event) -> None:
        if happened.seq == self._n:
            die()
