"""The store of runs: a writer, and queries. Made by `open_store`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import delete, select, update

from configurable_agents.errors import StoreError, UsageError
from configurable_agents.events import Event, RunResumed
from configurable_agents.plugins.stores import Entry, RunFilter, StoredRun, StoredWorkflow
from configurable_agents.settings import Settings
from configurable_agents.storage import queries, schema, tables
from configurable_agents.storage.cache import Cache
from configurable_agents.storage.database import Database
from configurable_agents.storage.futures import Waiting
from configurable_agents.storage.leases import claim, status_of
from configurable_agents.storage.limits import Limits
from configurable_agents.storage.owners import this_process
from configurable_agents.storage.rows import appended, created, resumed
from configurable_agents.storage.writer import Job, Writer

_AT_ONCE = 100  # runs that are deleted in one transaction


class Store:
    """A `RunStore` in SQLite or PostgreSQL; `limits` and `cache` are kept beside the runs.

    Any thread may read. It belongs to the process that opened it: a child that was forked opens one of its own.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._database = Database(settings)
        self._writer = Writer(self._database)
        self._process = os.getpid()
        self.limits = Limits(self._database)
        self.cache = Cache(self._database)

    async def create(
        self, run: StoredRun, workflow: StoredWorkflow, entries: Sequence[Entry], on_cancel: Callable[[], None]
    ) -> None:
        """As `RunStore.create`.

        Raises:
            StoreError: `store_failed`, after 2 seconds at most, but where another program holds the file locked.
        """
        self._mine()
        rows = created(run, workflow, entries, str(this_process()))
        await self._do(Job(rows, Waiting.begin(), on_cancel=on_cancel))

    def append(self, entry: Entry) -> asyncio.Future[None]:
        """As `RunStore.append`; called in an event loop, whose future it gives."""
        self._mine()
        return self._do(Job(appended(entry), Waiting.begin()))

    async def claim(
        self, run_id: str, event: RunResumed, workflow: StoredWorkflow | None, on_cancel: Callable[[], None]
    ) -> None:
        """As `RunStore.claim`.

        Raises:
            StoreError: `run_taken`; `store_failed`, as `create`.
            UsageError: `unknown_run`, it was deleted.
        """
        self._mine()
        rows = resumed(event, workflow)
        look = partial(claim, database=self._database, rows=rows, model=event.model)
        await self._do(Job(rows, Waiting.begin(), on_cancel=on_cancel, claim=look))

    def find(self, text: str) -> StoredRun:
        """As `RunStore.find`."""
        return queries.find(self._mine(), text)

    def runs(self, wanted: RunFilter) -> list[StoredRun]:
        """As `RunStore.runs`."""
        return queries.runs(self._mine(), wanted)

    def events(self, run_id: str, after: int = 0) -> list[Event]:
        """As `RunStore.events`; none of a run that there is not."""
        return queries.events(self._mine(), run_id, after)

    def payloads(self, run_id: str) -> dict[str, str]:
        """As `RunStore.payloads`; none of a run that there is not."""
        return queries.payloads(self._mine(), run_id)

    def workflow(self, workflow_hash: str) -> StoredWorkflow:
        """As `RunStore.workflow`.

        Raises:
            StoreError: no run that is kept has it.
        """
        return queries.workflow(self._mine(), workflow_hash)

    def session(self, session: str, workflow: str, field: str) -> list[dict[str, Any]]:
        """As `RunStore.session`."""
        return queries.session(self._mine(), session, workflow, field)

    def request_cancel(self, run_id: str) -> None:
        """As `RunStore.request_cancel`; the process hears of it within a second. A run that has ended stays as it is.

        Raises:
            UsageError: `unknown_run`.
        """
        runs = tables.runs
        with self._mine().writing() as connection:
            done = connection.execute(update(runs).where(runs.c.id == run_id).values(cancel_requested=True))
        if not done.rowcount:
            raise UsageError("unknown_run", f"There is no run '{run_id}'.", "configurable-agents runs list")

    def delete(self, run_ids: Sequence[str]) -> int:
        """As `RunStore.delete`; workflows that no run has any more go as well."""
        database = self._mine()
        wanted = list(dict.fromkeys(run_ids))
        deleted = 0
        for start in range(0, len(wanted), _AT_ONCE):
            deleted += self._delete(wanted[start : start + _AT_ONCE])
        if deleted:
            used = select(tables.runs.c.workflow_hash)
            with database.writing() as connection:
                connection.execute(delete(tables.workflows).where(tables.workflows.c.hash.not_in(used)))
        return deleted

    def compact(self) -> int:
        """As `RunStore.compact`. PostgreSQL keeps most of the room for what comes, so it may be 0 there."""
        return self._mine().compact()

    def close(self) -> None:
        """As `RunStore.close`; runs that have not ended are interrupted."""
        if os.getpid() == self._process:
            self._writer.close()
            self._database.disconnect()

    def _delete(self, run_ids: Sequence[str]) -> int:
        runs = tables.runs
        with self._database.writing() as connection:
            found = select(runs, self._database.now().label("now")).where(runs.c.id.in_(run_ids)).with_for_update()
            rows = connection.execute(found).mappings().all()
            ended = [row["id"] for row in rows if status_of(row, row["now"]) != "running"]
            connection.execute(delete(runs).where(runs.c.id.in_(ended)))
        return len(ended)

    def _do(self, job: Job) -> asyncio.Future[None]:
        self._writer.add(job)
        return job.waiting.future

    def _mine(self) -> Database:
        if os.getpid() != self._process:
            message = "The store of runs was opened before this process was forked from another."
            raise StoreError("store_failed", message, "Open a store of its own in each process.")
        return self._database


def open_store(settings: Settings, *, create: bool = True) -> Store:
    """The store of these settings. A file of SQLite is made, and given the tables of this version, where it lacks them.

    With `create=False` no file is made.

    Raises:
        SettingsError: `database_outdated` (PostgreSQL), `database_newer`; `missing_extra`; the URL can't be read.
        StoreError: the database can't be read or written.
        UsageError: `no_history`, there is no file and none was to be made.
    """
    found = schema.status(settings)
    if found.state == "missing" and not create:
        message = f"There is no history of runs yet: there is no file {settings.shown}."
        raise UsageError("no_history", message, "A run makes it: configurable-agents run FILE")
    if settings.file is not None and found.state in {"missing", "empty", "outdated"}:
        schema.upgrade(settings)
    else:
        schema.check(found, settings)
    return Store(settings)
