"""A trial: a run that is killed, and gone on with, until it has succeeded; and what is left of it to be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from configurable_agents.events import Event, ItemSucceeded, ModelCalled, NodeStarted, NodeSucceeded
from configurable_agents.graph.past import Key
from configurable_agents.plugins.stores import RunFilter, StoredRun
from configurable_agents.settings import Settings
from configurable_agents.storage.store import Store
from tests.chaos.life import Task, When
from tests.chaos.nursery import End, Nursery

# For a summary: by database and by how the first life ended, how often each run was killed.
TALLY: defaultdict[tuple[str, str], list[int]] = defaultdict(list)


@dataclass(frozen=True, slots=True)
class Kill:
    """When a life ends: at an event or a transaction, or after so many seconds."""

    when: When = ""
    n: int = 0
    after_s: float | None = None

    def __str__(self) -> str:
        return (
            f"{self.when} {self.n}" if self.when else "not" if self.after_s is None else f"{self.after_s * 1000:.0f} ms"
        )


@dataclass(frozen=True, slots=True)
class Death:
    """What there was when a life had ended: the number of calls that were noted, those that had succeeded or begun."""

    calls: int
    succeeded: frozenset[str]
    begun: frozenset[str]


@dataclass(slots=True)
class Trial:
    """A run in its lives. `calls` are the lines of the calls that were made in all of them."""

    kills: Sequence[Kill]
    run: StoredRun | None = None
    events: list[Event] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        run = "no run" if self.run is None else f"run {self.run.id}"
        return f"{run}, killed: {', '.join(map(str, self.kills)) or 'never'}"

    @property
    def run_id(self) -> str:
        assert self.run is not None
        return self.run.id


class Ground:
    """Where trials are made: a database, and a nursery. `store` looks at what is kept."""

    def __init__(self, nursery: Nursery, settings: Settings, store: Store, folder: Path) -> None:
        self.nursery, self.settings, self.store, self.folder = nursery, settings, store, folder
        self.database = settings.url or f"sqlite:///{settings.file}"

    def trial(self, *kills: Kill) -> Trial:
        """Run, and go on each time it was killed; the life after the last kill is not."""
        calls = self.folder / f"{uuid4().hex}.calls"
        trial, before = Trial(kills), self._newest()
        for kill in (*kills, Kill()):
            run = "" if trial.run is None else trial.run_id
            end = self.nursery.live(Task(self.database, str(calls), run, kill.when, kill.n), kill.after_s)
            trial.calls = calls.read_text("utf-8").splitlines() if calls.exists() else []
            found = self._newest()
            trial.run = None if found is None or (before is not None and found.id == before.id) else found
            trial.events = self.store.events(trial.run_id) if trial.run is not None else []
            trial.seconds = end.seconds
            if self._is_over(trial, end):
                if kills:
                    database = "SQLite" if self.settings.url is None else "PostgreSQL"
                    TALLY[database, kills[0].when or "at any time"].append(len(trial.deaths))
                return trial
            known = frozenset(succeeded(trial.events)), frozenset(begun(trial.events))
            trial.deaths.append(Death(len(trial.calls), *known))
        raise AssertionError(f"{trial}: it did not end")

    def _newest(self) -> StoredRun | None:
        return next(iter(self.store.runs(RunFilter(limit=1))), None)

    def _is_over(self, trial: Trial, end: End) -> bool:
        """Whether the run has succeeded; else its process was killed, and nothing but that ended it."""
        if trial.run is not None and trial.run.status == "succeeded":
            assert end.status in {0, -9}, end.said
            return True
        assert end.status == -9, f"{trial}: exit status {end.status}, {end.said}"
        if trial.run is None:
            assert not trial.calls, f"{trial}: something was done for a run that is not kept"
        else:
            assert trial.run.status == "interrupted", f"{trial}: {trial.run.status}"
        return False


def succeeded(events: Sequence[Event]) -> Iterator[str]:
    """The calls that succeeded, as they are noted: by the key of their execution."""
    for event in events:
        if isinstance(event, NodeSucceeded | ItemSucceeded):
            yield f"call {event.run_id}/{Key(event.node, event.visit, event.item)}"
        elif isinstance(event, ModelCalled) and event.reply:
            again = " again" if event.call > 1 and event.error != "rate_limit" else ""
            yield f"ask {event.run_id}/{Key(event.node, event.visit, event.item)}{again}"


def begun(events: Sequence[Event]) -> Iterator[str]:
    """The keys of the executions that began, and of maps for all of their items."""
    return (f"{event.run_id}/{Key(event.node, event.visit)}" for event in events if isinstance(event, NodeStarted))
