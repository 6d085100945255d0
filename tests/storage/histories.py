"""Runs to be kept: what the tests hand to a store, and a look into its database past the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg

from configurable_agents.events import NodeSucceeded, RunResumed, RunStarted, RunSucceeded
from configurable_agents.plugins.stores import Entry, RunChange, RunStore, StoredRun, StoredWorkflow
from configurable_agents.runs.ids import new_run_id
from configurable_agents.settings import Settings

WORKFLOW = StoredWorkflow("a" * 64, "letters", "/home/somebody", "flow.yaml", {"flow.yaml": "version: 2\n# ä"})


def now() -> datetime:
    return datetime.now(UTC)


def nothing() -> None:
    """What becomes of a cancellation that nobody asks for."""


def run(run_id: str, **changes: Any) -> StoredRun:
    values = {"workflow": WORKFLOW.name, "workflow_hash": WORKFLOW.hash, "source": "flow.yaml", "status": "running"}
    return StoredRun(run_id, **{**values, "started_at": now(), **changes})


def started(run_id: str, given: Mapping[str, Any] | None = None) -> Entry:
    event = RunStarted(
        run_id=run_id, seq=1, time=now(), workflow=WORKFLOW.name, workflow_hash=WORKFLOW.hash, input=dict(given or {})
    )
    return Entry(event)


def step(run_id: str, seq: int, value: Any = "x") -> Entry:
    event = NodeSucceeded(
        run_id=run_id,
        seq=seq,
        time=now(),
        node="write",
        visit=seq,
        writes={"text": value},
        superstep=seq,
        duration_s=0.5,
    )
    return Entry(event)


def succeeded(run_id: str, seq: int) -> Entry:
    event = RunSucceeded(run_id=run_id, seq=seq, time=now(), output={})
    return Entry(event, change=RunChange("succeeded", model_calls=2, input_tokens=30, output_tokens=4, cost_usd=0.25))


def resumed(run_id: str, seq: int) -> RunResumed:
    return RunResumed(run_id=run_id, seq=seq, time=now())


async def begun(store: RunStore, run_id: str = "", **changes: Any) -> str:
    """A run of this process's, with its first event."""
    run_id = run_id or new_run_id()
    await store.create(run(run_id, **changes), WORKFLOW, [started(run_id)], nothing)
    return run_id


async def ended(store: RunStore, run_id: str = "", steps: int = 0, **changes: Any) -> str:
    """A run that succeeded after so many steps."""
    run_id = await begun(store, run_id, **changes)
    for seq in range(2, steps + 2):
        await store.append(step(run_id, seq))
    await store.append(succeeded(run_id, steps + 2))
    return run_id


def numbers(store: RunStore, run_id: str) -> list[int]:
    return [event.seq for event in store.events(run_id)]


def sql(settings: Settings, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement gives, past the store; `?` stand for the values."""
    if settings.url is not None:
        with psycopg.connect(settings.url, autocommit=True) as server:
            done = server.execute(statement.replace("?", "%s").encode(), values)
            return done.fetchall() if done.description else []
    assert settings.file is not None
    connection = sqlite3.connect(settings.file, isolation_level=None, timeout=30)
    try:
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()
