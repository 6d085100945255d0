"""The history as the commands open it, and what of a run they begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from configurable_agents.events import Event
    from configurable_agents.plugins.stores import RunStore, StoredRun
    from configurable_agents.projection import RunView, Status
    from configurable_agents.spec.workflow import WorkflowSpec


@dataclass(frozen=True, slots=True)
class Found:
    """A run as it is kept, all its events so far, and their view."""

    run: StoredRun
    events: list[Event]
    view: RunView

    @property
    def status(self) -> Status:
        """By the events, which are newer than what was kept beside them when it was read; they tell of no death."""
        return self.view.status


@contextmanager
def history() -> Iterator[RunStore]:
    """The store of runs, closed at the end.

    Raises:
        UsageError: `no_history`, nothing was ever kept; a setting of it is wrong.
        StoreError: it can't be read.
    """
    from configurable_agents.app import open_store

    store = open_store(create=False)
    try:
        yield store
    finally:
        store.close()


def find(store: RunStore, text: str) -> Found:
    """A run by what was written on the command line.

    Raises:
        UsageError: there is none such, or several.
    """
    return look_at(store, store.find(text))


def look_at(store: RunStore, run: StoredRun) -> Found:
    """A run with its events, seen as it is at this moment."""
    from datetime import UTC, datetime

    from configurable_agents.projection import project

    events = store.events(run.id)
    view = project(events)
    if run.status == "interrupted":
        view.interrupt()
    elif view.status == "running":
        view.ended_at = datetime.now(UTC)
    return Found(run, events, view)


def workflow_of(store: RunStore, found: Found) -> WorkflowSpec:
    """The workflow that a run went on with last, as it was then, whatever has become of its file.

    Raises:
        WorkflowError: this version finds mistakes in it.
    """
    from configurable_agents.app import stored_workflow

    return stored_workflow(store, found.view.workflow_hash or found.run.workflow_hash).spec
