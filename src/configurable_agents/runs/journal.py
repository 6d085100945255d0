"""The journal of one run: its events, in order, numbered without a gap. They are the only history there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from configurable_agents.events import Event

Subscriber = Callable[[Event], None]


class Journal:
    """Keeps the events of a run in memory and shows each to the subscribers once it is kept."""

    def __init__(self, run_id: str, subscribers: tuple[Subscriber, ...] = ()) -> None:
        self.run_id = run_id
        self.events: list[Event] = []
        self._subscribers = subscribers

    async def emit(self, event: type[Any], **fields: Any) -> None:
        """Record an event of this type; it is given the run, the next number and the time."""
        recorded: Event = event(run_id=self.run_id, seq=len(self.events) + 1, time=datetime.now(UTC), **fields)
        self.events.append(recorded)
        for subscriber in self._subscribers:
            subscriber(recorded)
