"""Writes what many runs hand over, all of it at once or, where a part of it is refused, run by run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Boolean, Connection, Executable, Text, bindparam, case, func, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from configurable_agents.storage.database import Database
from configurable_agents.storage.owners import LEASE_S
from configurable_agents.storage.rows import Row, Rows
from configurable_agents.storage.tables import events, payloads, runs, sessions, workflows


class Lost(Exception):  # never leaves the storage
    """Another process has the run: its events are in the place of ours, or it was deleted. `owner` has it now."""

    def __init__(self, owner: str | None, *, deleted: bool = False) -> None:
        super().__init__("the run is lost")
        self.owner, self.deleted = owner, deleted


class Forgotten(Exception):  # never leaves the storage
    """Events of the run that were committed are not there any more."""


def insert_rows(connection: Connection, database: Database, group: Sequence[Rows]) -> None:
    """Write rows of any number of runs, a statement for each table.

    Raises:
        IntegrityError: an event or a run is there already, or its run is not.
    """
    kept = {rows.workflow["hash"]: rows.workflow for rows in group if rows.workflow is not None}
    # Sorted: two processes that write the same workflows in two orders would wait for each other.
    _insert(connection, database.upsert(workflows, ("hash",)), [kept[key] for key in sorted(kept)])
    made = [rows.run for rows in group if rows.run is not None]
    if made:
        until = database.now() + LEASE_S * 1_000_000
        _insert(connection, insert(runs).values(lease_until=until), made)
    _insert(connection, _EVENT, [event for rows in group for event in rows.events])
    _insert(
        connection,
        database.upsert(payloads, ("run_id", "hash")),
        [payload for rows in group for payload in rows.payloads],
    )
    last = {rows.run_id: rows.change for rows in group if rows.change is not None}
    _insert(connection, _CHANGE, list(last.values()))
    said = [message for rows in group for message in rows.messages]
    # One order for all processes; sorting is stable, so the messages of a conversation keep theirs.
    said.sort(key=lambda row: (row["session"], row["workflow"], row["field"]))
    _insert(connection, database.upsert(sessions, _MESSAGE, ("data",)), said)


def insert_carefully(connection: Connection, database: Database, of_run: Sequence[Rows]) -> None:
    """Write rows of one run, but what is there already: it may have been committed when the connection broke.

    Raises:
        Lost: what is there is not what is to be written.
        Forgotten: what comes before it is not there.
    """
    run_id = of_run[0].run_id
    kept = connection.execute(select(runs.c.owner).where(runs.c.id == run_id)).first()
    made = next((rows.run for rows in of_run if rows.run is not None), None)
    if kept is None and made is None:
        raise Lost(None, deleted=True)
    if kept is not None and made is not None and kept.owner not in {None, made["owner"]}:
        raise Lost(kept.owner)
    first = min((event["seq"] for rows in of_run for event in rows.events), default=0)
    there = connection.execute(select(events).where(events.c.run_id == run_id, events.c.seq >= first - 1)).mappings()
    before = {row["seq"]: dict(row) for row in there}
    if before.pop(first - 1, None) is None and first > 1 and made is None:
        raise Forgotten
    ours = {event["seq"]: event for rows in of_run for event in rows.events}
    if any(ours.get(seq) != row for seq, row in before.items()):
        raise Lost(None if kept is None else kept.owner)
    rest = [
        Rows(
            run_id,
            [event for event in rows.events if event["seq"] not in before],
            rows.workflow,
            rows.run if kept is None else None,
            rows.payloads,
            rows.change,
            rows.messages,
        )
        for rows in of_run
    ]
    try:
        insert_rows(connection, database, rest)
    except IntegrityError:  # it came between
        raise Lost(None) from None


def by_run(group: Iterable[Rows]) -> list[list[Rows]]:
    """Rows by their run, each run's in their order."""
    return [list(rows) for _, rows in groupby(sorted(group, key=lambda rows: rows.run_id), lambda rows: rows.run_id)]


# Made once: making a statement takes longer than executing it.
_EVENT = insert(events)
_MESSAGE = ("session", "workflow", "field", "message_id")
_CHANGE = (
    update(runs)
    .where(runs.c.id == bindparam("of_run"))
    # The other columns are set by their names in the row.
    .values(
        workflow_hash=func.coalesce(bindparam("of_hash", type_=Text), runs.c.workflow_hash),
        owner=case((bindparam("of_running", type_=Boolean), runs.c.owner), else_=null()),
        lease_until=case((bindparam("of_running", type_=Boolean), runs.c.lease_until), else_=null()),
    )
)


def _insert(connection: Connection, statement: Executable, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(statement, list(rows))
