"""Keeps the runs of this process its own while they run, and hears when one of them is to be cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from configurable_agents.errors import StoreError
from configurable_agents.storage.database import Database
from configurable_agents.storage.leases import LOOK_S, RENEW_S, release, renew, to_cancel
from configurable_agents.storage.owners import keep_lock


@dataclass(frozen=True, slots=True)
class _Run:
    loop: asyncio.AbstractEventLoop
    on_cancel: Callable[[], None]


class Heartbeat:
    """The runs that are kept. It is used by the writer's thread alone, until that has ended."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._runs: dict[str, _Run] = {}
        self._given_up: set[str] = set()  # those that are to belong to nobody as soon as that can be written
        self._told: set[str] = set()  # those whose cancellation was told
        self._renewed = self._looked = 0.0

    @property
    def run_ids(self) -> set[str]:
        return set(self._runs)

    def keep(self, run_id: str, loop: asyncio.AbstractEventLoop, on_cancel: Callable[[], None]) -> None:
        """Keep a run from now on; `on_cancel` is called in its loop. Its lease was just begun."""
        if not self._runs:
            self._renewed = self._looked = time.monotonic()
        self._given_up.discard(run_id)
        self._runs[run_id] = _Run(loop, on_cancel)
        self._told.discard(run_id)

    def leave(self, run_id: str) -> None:
        """Keep a run no longer; an event said that it ended."""
        self._runs.pop(run_id, None)

    def give_up(self, run_id: str) -> None:
        """Keep a run no longer, which can't be written any more; where it is still ours, others may have it."""
        self._runs.pop(run_id, None)
        self._given_up.add(run_id)  # one that did not begin as well: its commit may have come through without an answer

    def wait_s(self) -> float | None:
        """The seconds until there is something to do; None where nothing is kept."""
        return max(self._looked + LOOK_S - time.monotonic(), 0) if self._runs or self._given_up else None

    def beat(self) -> None:
        """Renew the leases, and look for wishes to cancel, where it is time to."""
        now = time.monotonic()
        if now >= self._looked + LOOK_S:
            self._looked = now
            # Where the database does not answer now, it does next time, or the writing of events says so.
            if self._runs:
                with suppress(StoreError), self._database.reading() as connection:
                    self._tell(to_cancel(connection))
            self._release(self._given_up)
        if self._runs and now >= self._renewed + RENEW_S:
            self._renewed = now
            keep_lock()
            with suppress(SQLAlchemyError, OSError), self._database.transaction() as connection:
                renew(connection, self._database, sorted(self._runs))

    def stop(self) -> None:
        """Let go of all runs that are kept."""
        self._release(self._given_up | self._runs.keys())
        self._runs.clear()

    def _release(self, run_ids: set[str]) -> None:
        if run_ids:
            with suppress(SQLAlchemyError, OSError):
                with self._database.transaction() as connection:
                    release(connection, sorted(run_ids))
                self._given_up.clear()

    def _tell(self, run_ids: set[str]) -> None:
        for run_id in run_ids - self._told:
            run = self._runs.get(run_id)
            if run is not None:
                self._told.add(run_id)
                with suppress(RuntimeError):  # its loop is closed
                    run.loop.call_soon_threadsafe(run.on_cancel)
