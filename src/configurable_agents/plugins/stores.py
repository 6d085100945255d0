"""What a store of runs is: events in, queries out. `storage` has ours, for SQLite and PostgreSQL.

Everything that is written goes through one ordered writer: what was handed over first is committed first, so that a
store always holds a prefix of what happened. An event is numbered by its run; a number that is taken already says that
another process runs this run by now (`run_lost`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from configurable_agents.events import Event, RunResumed

RunStatus = Literal["running", "waiting", "interrupted", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class StoredWorkflow:
    """A workflow's content. `files` are the texts of all that was read for it, by path relative to `directory`.

    `main` is the path of the workflow's own file among them; None where Python made it, as the one text in `files`.
    """

    hash: str
    name: str
    directory: str
    main: str | None
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """What is kept of a run beside its events. Times are UTC; `status` is `interrupted` where its process died.

    `cost_usd` is what is known of the cost; `unpriced` are the models whose price is unknown.
    """

    id: str
    workflow: str
    workflow_hash: str
    source: str
    status: RunStatus
    started_at: datetime
    ended_at: datetime | None = None
    parent: str | None = None
    relation: str | None = None
    session: str | None = None
    model: str | None = None
    error_code: str | None = None
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list, the newest first. `workflow` is its name; `since` and `before` bound when they started."""

    workflow: str | None = None
    status: RunStatus | None = None
    session: str | None = None
    parent: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class RunChange:
    """What an event changes in what is kept of its run. `status` is running, waiting, succeeded, failed or cancelled.

    Where it is not `running`, the run has no owner any more; `ended_at` is set by the store then.
    """

    status: RunStatus
    workflow_hash: str | None = None
    error_code: str | None = None
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SessionMessages:
    """Messages that a run adds to a session, by the field they are of; one with a known id takes that one's place."""

    session: str
    workflow: str
    field: str
    messages: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, and what is committed with it: payloads by their hash, a change of the run, messages of sessions."""

    event: Event
    payloads: Mapping[str, str] = field(default_factory=dict)
    change: RunChange | None = None
    sessions: Sequence[SessionMessages] = ()


class RunStore(Protocol):
    """Where runs are kept. Methods that are not async are quick calls for a command, or wait for the database.

    What can't be written or read is raised as StoreError. A run that this process runs is kept its own by a heartbeat
    until an entry ends it; `on_cancel` says what to do when another process asks to cancel it.
    """

    async def create(
        self, run: StoredRun, workflow: StoredWorkflow, entries: Sequence[Entry], on_cancel: Callable[[], None]
    ) -> None:
        """Keep a new run of this process's, the workflow where it is not kept yet, and its first events."""
        ...

    def append(self, entry: Entry) -> asyncio.Future[None]:
        """Keep an event of a run of this process's. What is given is done when it is committed, or raises.

        Raises, when awaited:
            StoreError: `run_lost`, another process has the run; else the store can't be written, and nothing of this
                run is written any more.
        """
        ...

    async def claim(
        self, run_id: str, event: RunResumed, workflow: StoredWorkflow | None, on_cancel: Callable[[], None]
    ) -> None:
        """Make a run that nobody runs this process's, and record that it goes on, at once.

        `event` has the number after the last; `workflow` is one to keep, where the run goes on with another.

        Raises:
            StoreError: `run_taken`, it is run by another process, or something was recorded since.
            UsageError: `unknown_run`, it was deleted.
        """
        ...

    def find(self, text: str) -> StoredRun:
        """The run of this id, or whose id begins or ends with this (4 characters or more); `last` is the newest.

        Raises:
            UsageError: `unknown_run`, `ambiguous_run`.
        """
        ...

    def runs(self, wanted: RunFilter) -> list[StoredRun]: ...

    def events(self, run_id: str, after: int = 0) -> list[Event]:
        """The events of a run whose number is greater than `after`, in their order."""
        ...

    def payloads(self, run_id: str) -> dict[str, str]:
        """All payloads of a run by their hash."""
        ...

    def workflow(self, workflow_hash: str) -> StoredWorkflow:
        """The content of a workflow.

        Raises:
            StoreError: no run that is kept has it.
        """
        ...

    def session(self, session: str, workflow: str, field: str) -> list[dict[str, Any]]:
        """The messages of a session, the oldest first."""
        ...

    def request_cancel(self, run_id: str) -> None:
        """Ask the process that runs this run to cancel it.

        Raises:
            UsageError: `unknown_run`.
        """
        ...

    def delete(self, run_ids: Sequence[str]) -> int:
        """Delete runs with all that is kept of them; gives how many there were. One that is running is left."""
        ...

    def compact(self) -> int:
        """Give back the room of what was deleted, in bytes."""
        ...

    def close(self) -> None:
        """Write what is still to be written, and let go of the database."""
        ...
