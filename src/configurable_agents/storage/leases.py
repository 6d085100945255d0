"""Whose a run is, and for how long: leases, claims, and the wish of others that a run be cancelled."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, bindparam, func, select, update

from configurable_agents.errors import ConfigurableAgentsError, StoreError, UsageError
from configurable_agents.plugins.stores import RunStatus
from configurable_agents.storage.batch import insert_rows
from configurable_agents.storage.database import Database
from configurable_agents.storage.owners import LEASE_S, Owner, this_process
from configurable_agents.storage.rows import Row, Rows
from configurable_agents.storage.tables import events, runs

RENEW_S = 5
LOOK_S = 1  # how often it is looked whether a run is to be cancelled

_LEASE_US = LEASE_S * 1_000_000


def status_of(row: RowMapping, now: int) -> RunStatus:
    """The status of a run: one that nobody runs any more is interrupted. `now` is in microseconds."""
    status: RunStatus = row["status"]
    return "interrupted" if status == "running" and _is_free(row, now) else status


def said(owner: str | None) -> str:
    """An owner as a message names it."""
    if owner is None:
        return "nobody"
    found = Owner.read(owner)
    return "this process" if found == this_process() else f"process {found.process} on {found.host}"


def claim(connection: Connection, database: Database, rows: Rows, model: str | None) -> ConfigurableAgentsError | None:
    """Make a run this process's and write its event; gives why it can't be, and then nothing is written."""
    run_id, (event,) = rows.run_id, rows.events
    found = connection.execute(select(runs, database.now().label("now")).where(runs.c.id == run_id).with_for_update())
    row = found.mappings().first()
    if row is None:
        return UsageError("unknown_run", f"There is no run {run_id} any more.", "configurable-agents runs list")
    last = connection.scalar(select(func.max(events.c.seq)).where(events.c.run_id == run_id)) or 0
    me = str(this_process())
    if last == event["seq"] and row["owner"] == me and _is_kept(connection, event):
        return None  # it was done, before the connection broke
    if row["status"] == "running" and not _is_free(row, row["now"]):
        message = f"The run {run_id} is being run by {said(row['owner'])}."
        return StoreError("run_taken", message, "Wait for its end, or cancel it: configurable-agents runs cancel")
    if last + 1 != event["seq"]:
        message = f"Something was recorded of the run {run_id} since it was read: it went on in another process."
        return StoreError("run_taken", message, f"configurable-agents runs show {run_id}")
    if rows.workflow is not None:
        insert_rows(connection, database, [Rows(run_id, [], rows.workflow)])
    connection.execute(
        update(runs)
        .where(runs.c.id == run_id)
        .values(
            status="running",
            ended_at=None,
            error_code=None,
            cancel_requested=False,
            owner=me,
            lease_until=database.now() + _LEASE_US,
            workflow_hash=func.coalesce(rows.workflow and rows.workflow["hash"], runs.c.workflow_hash),
            model=func.coalesce(model, runs.c.model),
        )
    )
    insert_rows(connection, database, [Rows(run_id, [event])])
    return None


def renew(connection: Connection, database: Database, run_ids: Collection[str]) -> None:
    """Keep runs of this process's its own for `LEASE_S` seconds from now."""
    statement = update(runs).where(runs.c.id == bindparam("of_run"), runs.c.owner == str(this_process()))
    values = statement.values(lease_until=database.now() + _LEASE_US)
    connection.execute(values, [{"of_run": run_id} for run_id in run_ids])


def release(connection: Connection, run_ids: Collection[str]) -> None:
    """Let go of runs of this process's that have not ended."""
    statement = update(runs).where(runs.c.id == bindparam("of_run"), runs.c.owner == str(this_process()))
    connection.execute(statement.values(owner=None, lease_until=None), [{"of_run": run_id} for run_id in run_ids])


def to_cancel(connection: Connection) -> set[str]:
    """The runs of this process's that somebody asked to cancel."""
    asked = select(runs.c.id).where(runs.c.status == "running", runs.c.cancel_requested)
    return set(connection.scalars(asked.where(runs.c.owner == str(this_process()))))


def _is_free(row: RowMapping, now: int) -> bool:
    owner, until = row["owner"], row["lease_until"]
    return owner is None or until is None or until < now or Owner.read(owner).is_gone()


def _is_kept(connection: Connection, event: Row) -> bool:
    same = select(events.c.data).where(events.c.run_id == event["run_id"], events.c.seq == event["seq"])
    kept = connection.scalar(same.where(events.c.time == event["time"], events.c.type == event["type"]))
    return bool(kept == event["data"])
