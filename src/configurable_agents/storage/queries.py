"""What is read of the history of runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from configurable_agents.errors import StoreError, UsageError
from configurable_agents.events import Event, from_json
from configurable_agents.plugins.stores import RunFilter, StoredRun, StoredWorkflow
from configurable_agents.storage import tables
from configurable_agents.storage.database import Database
from configurable_agents.storage.leases import status_of
from configurable_agents.storage.rows import as_text, clean, event_of, micros, run_of, workflow_of

SHORTEST = 4  # characters of an id that find a run
_SHOWN = 5  # ids that are named where a part of one fits several

_NEWEST_FIRST = (tables.runs.c.started_at.desc(), tables.runs.c.id.desc())


def find(database: Database, text: str) -> StoredRun:
    """As `RunStore.find`."""
    runs = tables.runs
    wanted = select(runs, database.now().label("now")).order_by(*_NEWEST_FIRST)
    part = clean(text.strip().lower())
    most = _SHOWN + 1
    if part == "last":
        most = 1
    elif len(part) >= SHORTEST:
        wanted = wanted.where(runs.c.id.startswith(part, autoescape=True) | runs.c.id.endswith(part, autoescape=True))
    else:
        message = f"'{text}' is too short to name a run."
        hint = f"Write its id, {SHORTEST} characters or more of its beginning or its end, or last."
        raise UsageError("unknown_run", message, hint)
    with database.reading() as connection:
        rows = connection.execute(wanted.limit(most)).mappings().all()
    exact = [row for row in rows if row["id"] == part] or rows
    if not exact:
        message = "There is no run yet." if part == "last" else f"There is no run '{text}'."
        hint = "configurable-agents run FILE" if part == "last" else "configurable-agents runs list"
        raise UsageError("unknown_run", message, hint)
    if len(exact) > 1:
        ids = ", ".join(row["id"] for row in exact[:_SHOWN])
        more = " and more" if len(exact) > _SHOWN else ""
        raise UsageError("ambiguous_run", f"'{text}' fits several runs.", f"Write more of the id: {ids}{more}")
    return run_of(exact[0], status_of(exact[0], exact[0]["now"]))


def runs(database: Database, wanted: RunFilter) -> list[StoredRun]:
    """As `RunStore.runs`."""
    columns = tables.runs.c
    found = select(tables.runs, database.now().label("now")).order_by(*_NEWEST_FIRST)
    for column, value in (
        (columns.workflow, wanted.workflow),
        (columns.session, None if wanted.session is None else clean(wanted.session)),
        (columns.parent, wanted.parent),
    ):
        if value is not None:
            found = found.where(column == value)
    if wanted.since is not None:
        found = found.where(columns.started_at >= micros(wanted.since))
    if wanted.before is not None:
        found = found.where(columns.started_at < micros(wanted.before))
    if wanted.status is not None:  # whether one that began is interrupted is not for the database to say
        kept = "running" if wanted.status == "interrupted" else wanted.status
        found = found.where(columns.status == kept)
    if wanted.limit is not None and wanted.status not in {"running", "interrupted"}:
        found = found.limit(wanted.limit)
    listed: list[StoredRun] = []
    with database.reading() as connection:
        for row in connection.execute(found).mappings():
            if wanted.limit is not None and len(listed) >= wanted.limit:
                break
            status = status_of(row, row["now"])
            if wanted.status in {None, status}:
                listed.append(run_of(row, status))
    return listed


def events(database: Database, run_id: str, after: int) -> list[Event]:
    """As `RunStore.events`."""
    columns = tables.events.c
    wanted = select(tables.events).where(columns.run_id == run_id, columns.seq > after).order_by(columns.seq)
    with database.reading() as connection:
        return [event_of(row) for row in connection.execute(wanted).mappings()]


def payloads(database: Database, run_id: str) -> dict[str, str]:
    """As `RunStore.payloads`."""
    columns = tables.payloads.c
    with database.reading() as connection:
        rows = connection.execute(select(columns.hash, columns.text).where(columns.run_id == run_id))
        return {row.hash: as_text(row.text) for row in rows}


def workflow(database: Database, workflow_hash: str) -> StoredWorkflow:
    """As `RunStore.workflow`."""
    with database.reading() as connection:
        found = connection.execute(select(tables.workflows).where(tables.workflows.c.hash == workflow_hash))
        row = found.mappings().first()
    if row is None:
        message = f"No run that is kept has a workflow of the hash {workflow_hash}."
        raise StoreError("store_failed", message, "configurable-agents runs list")
    return workflow_of(row)


def session(database: Database, name: str, workflow_name: str, field: str) -> list[dict[str, Any]]:
    """As `RunStore.session`."""
    columns = tables.sessions.c
    wanted = select(columns.data).order_by(columns.position)
    wanted = wanted.where(columns.session == clean(name), columns.workflow == workflow_name, columns.field == field)
    with database.reading() as connection:
        return [from_json(data) for data in connection.scalars(wanted)]
