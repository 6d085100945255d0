"""Runs in a real store: as they were run, or changed and cut short and put there event by event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import configurable_agents
from configurable_agents import RunResult
from configurable_agents.cli.main import app
from configurable_agents.errors import ConfigurableAgentsError
from configurable_agents.events import Event
from configurable_agents.plugins.stores import Entry, RunChange, RunStatus, StoredRun
from configurable_agents.projection import RunView, project
from configurable_agents.runs.keeping import stored_workflow
from configurable_agents.settings import read_settings
from configurable_agents.storage.store import Store, open_store

_ENDS: dict[str, RunStatus] = {
    "run_succeeded": "succeeded",
    "run_failed": "failed",
    "run_cancelled": "cancelled",
    "run_waiting": "waiting",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def command(*arguments: str, given: str | None = None) -> Said:
    """Call the command line in this process; an error of ours is told as `main` tells it."""
    done = CliRunner().invoke(app, list(arguments), input=given)
    if isinstance(done.exception, ConfigurableAgentsError):
        return Said(done.exception.exit_status, done.stdout, f"{done.stderr}{done.exception}")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


def ran(path: Path, given: dict[str, Any] | None = None, model: str = "demo") -> RunResult:
    """Run a file."""
    return configurable_agents.load(path).run(given or {}, model=model)


def keep(path: Path, events: Sequence[Event], payloads: dict[str, str] | None = None, **about: Any) -> str:
    """Put a run of a file into the store of the working directory; gives its id.

    Without an event that ends it, it is one whose process died.
    """
    store = open_store(read_settings())
    try:
        asyncio.run(write(store, path, events, payloads or {}, **about))
    finally:
        store.close()
    return events[0].run_id


async def write(
    store: Store,
    path: Path,
    events: Sequence[Event],
    payloads: dict[str, str],
    on_cancel: Callable[[], None] = lambda: None,
    **about: Any,
) -> None:
    view = project(list(events))
    workflow = configurable_agents.load(path)
    run = StoredRun(
        view.run_id,
        view.workflow,
        workflow.spec.hash,
        str(path),
        "running",
        events[0].time,
        **{"parent": view.parent, "relation": view.relation, "session": view.session, "model": view.model, **about},
    )
    await store.create(run, stored_workflow(workflow.spec), [Entry(events[0], payloads)], on_cancel)
    written = [store.append(Entry(event, change=change(event, view))) for event in events[1:]]
    await asyncio.gather(*written)


def change(event: Event, view: RunView) -> RunChange | None:
    if event.type not in _ENDS:
        return None
    spent = view.spent
    code = view.error.code if view.error is not None else None
    return RunChange(
        _ENDS[event.type],
        None,
        code,
        spent.model_calls,
        spent.input_tokens,
        spent.output_tokens,
        spent.known_cost_usd,
        spent.unpriced,
    )


def joined(*parts: Sequence[Event]) -> list[Event]:
    """Events of several runs, or made by hand, as those of one: the first part's run, numbered without a gap."""
    events = [event for part in parts for event in part]
    run_id = events[0].run_id
    return [event.model_copy(update={"run_id": run_id, "seq": seq}) for seq, event in enumerate(events, 1)]


def until(events: Sequence[Event], kind: str, node: str = "", visit: int = 1) -> list[Event]:
    """The events up to the first of a type, of this execution where one is named, and with it."""
    for number, event in enumerate(events, 1):
        if event.type == kind and (
            not node or (getattr(event, "node", ""), getattr(event, "visit", 1)) == (node, visit)
        ):
            return list(events[:number])
    raise AssertionError(kind)


def after(events: Sequence[Event], kind: str, node: str = "", visit: int = 1) -> list[Event]:
    """The events from that one on, and with it."""
    return list(events[len(until(events, kind, node, visit)) - 1 :])


def kept(path: Path, given: dict[str, Any] | None = None, model: str = "demo", session: str | None = None) -> RunResult:
    """Run a file, whose run is kept in the store."""
    store = open_store(read_settings())
    try:
        return configurable_agents.load(path).run(given or {}, model=model, session=session, store=store)
    finally:
        store.close()
