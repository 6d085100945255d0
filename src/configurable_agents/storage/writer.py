"""The one writer of a store: a thread that commits what all runs hand over, in the order in which they did.

While it commits one group, the next gathers; so the more runs there are, the more a commit is shared. Trouble with the
database is waited out for a while. What can't be written then fails, and its run is closed: no later event of it is
written, so that what is kept of a run has no gap. Other runs go on when the database does.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from sqlalchemy import Connection

from configurable_agents.errors import ConfigurableAgentsError, StoreError
from configurable_agents.storage.batch import Forgotten, Lost, by_run, insert_carefully, insert_rows
from configurable_agents.storage.database import Database
from configurable_agents.storage.failures import Kind, Trouble, store_failed, trouble_of
from configurable_agents.storage.futures import Outcome, Waiting, fail, settle
from configurable_agents.storage.heartbeat import Heartbeat
from configurable_agents.storage.leases import said
from configurable_agents.storage.rows import Rows

# Seconds that trouble is waited out: in the middle of a run, and where it begins.
_PATIENCE: dict[Kind, float] = {"lost": 30, "locked": 30, "full": 2, "gone": 2, "refused": 0}
_PATIENCE_AT_START: dict[Kind, float] = {"lost": 2, "locked": 30, "full": 2, "gone": 2, "refused": 0}
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.5


@dataclass(eq=False, slots=True)
class Job:
    """What is to be written, and who waits for it.

    `on_cancel` is set where it makes the run this process's; `claim` where that has to be looked at first, which gives
    why it can't be.
    """

    rows: Rows
    waiting: Waiting
    on_cancel: Callable[[], None] | None = None
    claim: Callable[[Connection], ConfigurableAgentsError | None] | None = None
    since: float = field(default_factory=time.monotonic)

    @property
    def patience(self) -> dict[Kind, float]:
        return _PATIENCE if self.on_cancel is None else _PATIENCE_AT_START


class Writer:
    """The thread. It begins with the first job, and ends with `close`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._heartbeat = Heartbeat(database)
        self._changed = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._failed: dict[str, ConfigurableAgentsError] = {}  # runs that are closed, and why
        self._doubted: set[str] = set()  # runs of which a server that went down may have forgotten something
        self._closing = False
        self._thread: threading.Thread | None = None

    def add(self, job: Job) -> None:
        """Have a job done after all that were added before."""
        with self._changed:
            error = None if job.on_cancel else self._failed.get(job.rows.run_id)
            if self._closing:
                error = StoreError("store_failed", "The store of runs is closed; nothing more is written.")
            if error is not None:
                fail(job.waiting.future, error)
                return
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer of runs", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Wait until all jobs are done. Runs that have not ended belong to nobody then."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._heartbeat.stop()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closing, self._heartbeat.wait_s())
                if self._closing and not self._jobs:
                    return
            self._heartbeat.beat()
            group = self._next()
            if group:
                self._commit(group)

    def _next(self) -> list[Job]:
        """The jobs that wait: those up to a claim in one transaction, a claim in one of its own."""
        with self._changed:
            group = list(takewhile(lambda job: job.claim is None, self._jobs)) or list(self._jobs)[:1]
            for _ in group:
                self._jobs.popleft()
        return group

    def _commit(self, group: Sequence[Job]) -> None:
        """Write a group, again and again while that may help, and tell those who wait."""
        pause = _FIRST_PAUSE_S
        left = self._still_open(group)
        while left:
            try:
                outcomes = self._write(left)
            except Exception as error:  # noqa: BLE001  # whatever a driver raises is told to those who wait
                trouble = trouble_of(error, self._database.settings)
                with self._changed:  # the jobs behind wait for the same
                    self._jobs = deque(self._patient(list(self._jobs), trouble))
                left = self._patient(left, trouble)
                if left:
                    time.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                self._done(left, outcomes)
                return

    def _patient(self, jobs: Sequence[Job], trouble: Trouble) -> list[Job]:
        """The jobs that wait on; the others fail, and with a job all that follow it in its run."""
        now = time.monotonic()
        over = {job.rows.run_id for job in jobs if now - job.since >= job.patience[trouble.kind]}
        begins = {job.rows.run_id for job in jobs if job.rows.run is not None}
        errors = {run_id: self._not_kept(trouble, run_id, begins=run_id in begins) for run_id in over}
        self._close_runs(errors)  # first, so that who hears of it can add nothing more
        settle([(job.waiting, errors[job.rows.run_id]) for job in jobs if job.rows.run_id in over])
        return self._still_open([job for job in jobs if job.rows.run_id not in over])

    def _not_kept(self, trouble: Trouble, run_id: str, *, begins: bool) -> ConfigurableAgentsError:
        """Why a run can't be begun, or can't go on: then what is kept of it is where it goes on from."""
        settings = self._database.settings
        if begins:
            return store_failed(trouble, settings, "The run can't be kept, so it was not begun")
        error = store_failed(trouble, settings, f"What happens in the run {run_id} can't be kept, so it was stopped")
        return StoreError(error.code, error.message, f"{error.hint} Then: configurable-agents runs resume {run_id}")

    def _still_open(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs of runs that are open, and those that open one; the others fail."""
        closed = [job for job in jobs if job.on_cancel is None and job.rows.run_id in self._failed]
        settle([(job.waiting, self._failed[job.rows.run_id]) for job in closed])
        return [job for job in jobs if job not in closed] if closed else list(jobs)

    def _close_runs(self, errors: dict[str, ConfigurableAgentsError]) -> None:
        self._failed.update(errors)
        for run_id in errors:
            self._heartbeat.give_up(run_id)

    def _write(self, group: Sequence[Job]) -> dict[str, ConfigurableAgentsError]:
        """Commit a group; gives the runs that could not be written, and why."""
        job = group[0]
        if job.claim is not None:
            with self._database.transaction() as connection:
                refusal = job.claim(connection)
            return {} if refusal is None else {job.rows.run_id: refusal}
        rows = [job.rows for job in group]
        try:
            with self._database.transaction() as connection:
                if not self._is_doubted(connection, rows):
                    insert_rows(connection, self._database, rows)
                    return {}
        except Exception as error:  # as in `_commit`
            if trouble_of(error, self._database.settings).kind != "refused":
                raise
        return self._write_by_run(rows)

    def _is_doubted(self, connection: Connection, group: Sequence[Rows]) -> bool:
        """Whether a run has to be looked at before more of it is written: the connection is not that of before.

        A server that crashed, or another that took its place, may lack what was committed last.
        """
        if not connection.info.setdefault("used by the writer", False):
            connection.info["used by the writer"] = True
            self._doubted |= self._heartbeat.run_ids
        return not self._doubted.isdisjoint(rows.run_id for rows in group)

    def _write_by_run(self, group: Sequence[Rows]) -> dict[str, ConfigurableAgentsError]:
        """Commit a group of which something is refused or in doubt: all but the runs that it is of."""
        errors: dict[str, ConfigurableAgentsError] = {}
        with self._database.transaction() as connection:
            for rows in by_run(group):
                run_id = rows[0].run_id
                try:
                    with connection.begin_nested():
                        insert_carefully(connection, self._database, rows)
                except Lost as lost:
                    errors[run_id] = _run_lost(run_id, lost)
                except Forgotten:
                    message = (
                        f"The database has forgotten what was recorded last of the run {run_id}: its server went down"
                    )
                    hint = f"Go on from what is kept of it: configurable-agents runs resume {run_id}"
                    errors[run_id] = StoreError("store_failed", f"{message}, or another took its place.", hint)
                except Exception as error:  # as in `_commit`
                    trouble = trouble_of(error, self._database.settings)
                    if trouble.kind != "refused":
                        raise
                    what = f"What happens in the run {run_id} can't be kept"
                    errors[run_id] = store_failed(trouble, self._database.settings, what)
        self._doubted.difference_update(rows.run_id for rows in group)
        return errors

    def _done(self, group: Sequence[Job], errors: dict[str, ConfigurableAgentsError]) -> None:
        if errors and group[0].claim is None:  # a claim that was refused says nothing of what is written later
            self._close_runs(errors)
        outcomes: list[tuple[Waiting, Outcome]] = []
        for job in group:
            error = errors.get(job.rows.run_id)
            if error is None and job.on_cancel is not None:
                self._failed.pop(job.rows.run_id, None)  # it goes on from what is kept of it
                self._heartbeat.keep(job.rows.run_id, job.waiting.loop, job.on_cancel)
            if error is None and job.rows.change is not None and not job.rows.change["of_running"]:
                self._heartbeat.leave(job.rows.run_id)
            outcomes.append((job.waiting, error))
        settle(outcomes)


def _run_lost(run_id: str, lost: Lost) -> StoreError:
    if lost.deleted:
        return StoreError("run_lost", f"The run {run_id} was deleted while it ran here.", "Run the workflow again.")
    who = f"{said(lost.owner)} goes on with it" if lost.owner else "another went on with it"
    message = f"The run {run_id} is not this process's any more: {who}."
    return StoreError("run_lost", message, f"configurable-agents runs show {run_id}")
