"""The contract's objects as rows of the tables, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from configurable_agents.events import Event, RunResumed, event_from_json, from_json, to_json
from configurable_agents.plugins.stores import Entry, RunChange, RunStatus, SessionMessages, StoredRun, StoredWorkflow

Row = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COLUMNS = ("type", "node", "visit", "item", "attempt")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(slots=True)
class Rows:
    """What one call writes. `run` is set where it makes the run, `change` where it changes it."""

    run_id: str
    events: list[Row]
    workflow: Row | None = None
    run: Row | None = None
    payloads: list[Row] = field(default_factory=list)
    change: Row | None = None
    messages: list[Row] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Write what is committed with an event as well."""
        self.payloads += [
            {"run_id": self.run_id, "hash": key, "text": as_bytes(text)} for key, text in entry.payloads.items()
        ]
        if entry.change is not None:
            self.change = change_row(self.run_id, entry.change, entry.event.time)
        for added in entry.sessions:
            self.messages += message_rows(added)


def micros(time: datetime) -> int:
    """A time as microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def moment(us: int) -> datetime:
    """A time from its microseconds since 1970."""
    return _EPOCH + us * _MICROSECOND


def as_bytes(text: str) -> bytes:
    """Any text as bytes, halves of pairs included."""
    return text.encode("utf-8", "surrogatepass")


def as_text(data: bytes) -> str:
    """The text that was made bytes of."""
    return bytes(data).decode("utf-8", "surrogatepass")


def clean(text: str) -> str:
    """A text that every database takes: what it would refuse is the replacement character."""
    return _NOT_TEXT.sub("\ufffd", text)


def json_column(value: Any) -> str:
    """Plain data as JSON that every database takes; `from_json` gives the same again."""
    text = to_json(value)
    return text if text.isascii() else _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def event_row(event: Event) -> Row:
    """An event: what it is asked for by in columns, the rest as JSON."""
    data = event.model_dump(exclude={"run_id", "seq", "time"})
    row = {column: data.pop(column, None) for column in _COLUMNS}
    return {
        "run_id": event.run_id,
        "seq": event.seq,
        **row,
        "time": micros(event.time),
        "data": json_column(data),
    }


def event_of(row: RowMapping) -> Event:
    """The event of a row."""
    head: Row = {"run_id": row["run_id"], "seq": row["seq"], "time": moment(row["time"]).isoformat()}
    head.update({column: row[column] for column in _COLUMNS if row[column] is not None})
    rest = row["data"][1:]
    return event_from_json(json.dumps(head)[:-1] + ("" if rest == "}" else ", ") + rest)


def workflow_row(workflow: StoredWorkflow) -> Row:
    """A workflow's content, its files as one text of JSON."""
    data = {"directory": workflow.directory, "main": workflow.main, "files": dict(workflow.files)}
    return {"hash": workflow.hash, "name": workflow.name, "data": as_bytes(to_json(data))}


def workflow_of(row: RowMapping) -> StoredWorkflow:
    """The workflow of a row."""
    return StoredWorkflow(row["hash"], row["name"], **from_json(as_text(row["data"])))


def run_row(run: StoredRun, owner: str) -> Row:
    """A new run; one that is not running has no owner."""
    return {
        "id": run.id,
        "workflow": run.workflow,
        "workflow_hash": run.workflow_hash,
        "source": clean(run.source),
        "status": run.status,
        "started_at": micros(run.started_at),
        "ended_at": None if run.ended_at is None else micros(run.ended_at),
        "parent": run.parent,
        "relation": run.relation,
        "session": None if run.session is None else clean(run.session),
        "model": None if run.model is None else clean(run.model),
        "error_code": run.error_code,
        "model_calls": run.model_calls,
        "input_tokens": run.input_tokens,
        "output_tokens": run.output_tokens,
        "cost_usd": run.cost_usd,
        "unpriced": json_column(list(run.unpriced)),
        "owner": owner if run.status == "running" else None,
        "cancel_requested": False,
    }


def run_of(row: RowMapping, status: RunStatus) -> StoredRun:
    """A run, whose status the caller knows better than its row does."""
    kept = {name: row[name] for name in StoredRun.__slots__ if name not in {"status", "started_at", "ended_at"}}
    kept["unpriced"] = tuple(from_json(row["unpriced"]))
    ended = None if row["ended_at"] is None else moment(row["ended_at"])
    return StoredRun(**kept, status=status, started_at=moment(row["started_at"]), ended_at=ended)


def change_row(run_id: str, change: RunChange, time: datetime) -> Row:
    """What becomes of a run; names of parameters that are no columns begin with `of_`."""
    return {
        "of_run": run_id,
        "of_running": change.status == "running",
        "status": change.status,
        "ended_at": None if change.status == "running" else micros(time),
        "of_hash": change.workflow_hash,
        "error_code": change.error_code,
        "model_calls": change.model_calls,
        "input_tokens": change.input_tokens,
        "output_tokens": change.output_tokens,
        "cost_usd": change.cost_usd,
        "unpriced": json_column(list(change.unpriced)),
    }


def message_rows(added: SessionMessages) -> list[Row]:
    """The messages that are added to a session; each has an id."""
    return [
        {
            "session": clean(added.session),
            "workflow": added.workflow,
            "field": added.field,
            "message_id": clean(str(message["id"])),
            "data": json_column(dict(message)),
        }
        for message in added.messages
    ]


def appended(entry: Entry) -> Rows:
    """What keeping an event writes."""
    rows = Rows(entry.event.run_id, [event_row(entry.event)])
    rows.add(entry)
    return rows


def created(run: StoredRun, workflow: StoredWorkflow, entries: Sequence[Entry], owner: str) -> Rows:
    """What a new run writes."""
    rows = Rows(run.id, [event_row(entry.event) for entry in entries], workflow_row(workflow), run_row(run, owner))
    for entry in entries:
        rows.add(entry)
    return rows


def resumed(event: RunResumed, workflow: StoredWorkflow | None) -> Rows:
    """What a run that goes on writes, beside its owner."""
    return Rows(event.run_id, [event_row(event)], None if workflow is None else workflow_row(workflow))
