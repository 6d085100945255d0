"""The history as the commands open it, and what of a run they begin with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from configurable_agents.events import Event
    from configurable_agents.plugins.stores import RunStore, StoredRun, StoredWorkflow
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
    from configurable_agents.app import open_history

    store = open_history()
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
    return _loaded(store.workflow(found.view.workflow_hash or found.run.workflow_hash))


def _loaded(stored: StoredWorkflow) -> WorkflowSpec:
    import tempfile

    from configurable_agents.app import load
    from configurable_agents.errors import UsageError

    if stored.main is None:
        (text,) = stored.files.values()
        return load(json.loads(text), directory=stored.directory).spec
    # The files as they lie, if they are still the same: functions that merge are found beside them.
    with suppress(UsageError):
        now = load(Path(stored.directory) / stored.main).spec
        if now.hash == stored.hash:
            return now
    with tempfile.TemporaryDirectory() as folder:
        # Files may lie outside of the workflow's directory; nothing is written outside of this one.
        up = max(Path(os.path.normpath(path)).parts.count("..") for path in stored.files)
        directory = Path(folder, *["inside"] * up)
        for path, text in stored.files.items():
            place = Path(os.path.normpath(directory / path))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return load(directory / stored.main).spec
