"""The journal of one run: its events, in order, numbered without a gap. They are the only history there is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from configurable_agents.errors import StoreError
from configurable_agents.events import (
    Event,
    RunCancelled,
    RunFailed,
    RunResumed,
    RunStarted,
    RunSucceeded,
    RunWaiting,
)
from configurable_agents.plugins.stores import (
    Entry,
    RunChange,
    RunStatus,
    RunStore,
    SessionMessages,
    StoredRun,
    StoredWorkflow,
)
from configurable_agents.projection import RunView

Subscriber = Callable[[Event], None]

_ENDS: Mapping[type[Any], RunStatus] = {
    RunSucceeded: "succeeded",
    RunFailed: "failed",
    RunCancelled: "cancelled",
    RunWaiting: "waiting",
}


class Journal:
    """Keeps the events of a run, in a store where there is one, and shows each to the subscribers once it is kept.

    `events` and `view` are those that are kept. `lost` is why nothing more can be. A subscriber that raises is shown no
    more, and what it raised is `unheard` until the run has ended.
    """

    def __init__(self, run_id: str, subscribers: Sequence[Subscriber] = (), store: RunStore | None = None) -> None:
        self.run_id = run_id
        self.store = store
        self.events: list[Event] = []
        self.view = RunView()
        self.lost: StoreError | None = None
        self.unheard: Exception | None = None
        self._seq = 0
        self._subscribers = subscribers

    async def begin(
        self, workflow: StoredWorkflow, source: str, started: RunStarted, before: Sequence[Event] = ()
    ) -> None:
        """Record that the run began, and what it takes over from another.

        Raises:
            StoreError: it can't be kept, so it does not begin.
        """
        events = [started, *before]
        if self.store is not None:
            run = StoredRun(
                self.run_id,
                started.workflow,
                started.workflow_hash,
                source,
                "running",
                started.time,
                parent=started.parent,
                relation=started.relation,
                session=started.session,
                model=started.model,
            )
            entries = [Entry(event) for event in events]
            creating = asyncio.ensure_future(self.store.create(run, workflow, entries, _cancelling()))
            try:
                await asyncio.shield(creating)
            except asyncio.CancelledError:
                await creating  # it may be kept by now, so that it was cancelled is told
                self._began(events)
                raise
        self._began(events)

    def _began(self, events: Sequence[Event]) -> None:
        self._seq = len(events)
        for event in events:
            self._publish(event)

    async def resume(
        self,
        before: Sequence[Event],
        changed: StoredWorkflow | None,
        given: Mapping[str, Any] | None,
        model: str | None,
    ) -> None:
        """Take over a run with the events it has, and record that it goes on: with another workflow, input or model.

        Raises:
            StoreError: another process has it.
        """
        if self.store is None:
            raise TypeError("a run that is kept nowhere can't be resumed")
        for event in before:
            self.events.append(event)
            self.view.apply(event)
        self._seq = len(before) + 1
        resumed = RunResumed(
            run_id=self.run_id,
            seq=self._seq,
            time=datetime.now(UTC),
            workflow_hash=changed.hash if changed is not None else None,
            input=dict(given) if given is not None else None,
            model=model,
        )
        await self.store.claim(self.run_id, resumed, changed, _cancelling())
        self._publish(resumed)

    async def emit(
        self,
        event: type[Any],
        *,
        soon: bool = False,
        payloads: Mapping[str, str] | None = None,
        sessions: Sequence[SessionMessages] = (),
        **fields: Any,
    ) -> None:
        """Record an event of this type; it is given the run, the next number and the time. See `Emit`.

        Raises:
            StoreError: it can't be kept, and nothing after it will be.
        """
        if self.lost is not None:
            raise self.lost
        self._seq += 1
        recorded: Event = event(run_id=self.run_id, seq=self._seq, time=datetime.now(UTC), **fields)
        if self.store is None:
            self._publish(recorded)
            return
        kept = self.store.append(Entry(recorded, payloads or {}, self._change(recorded), sessions))
        kept.add_done_callback(lambda done: self._kept(recorded, done))
        if not soon:
            # A cancellation of who waits is none of what is written.
            await asyncio.shield(kept)

    def _kept(self, event: Event, done: asyncio.Future[None]) -> None:
        error = done.exception()
        if error is None:
            self._publish(event)
        elif self.lost is None and isinstance(error, StoreError):
            self.lost = error

    def _publish(self, event: Event) -> None:
        self.events.append(event)
        self.view.apply(event)
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception as error:  # noqa: BLE001  # somebody else's; it must not decide how the run goes
                self.unheard = error
                self._subscribers = tuple(other for other in self._subscribers if other is not subscriber)

    def _change(self, event: Event) -> RunChange | None:
        status = _ENDS.get(type(event))
        if status is None:
            return None
        spent = self.view.spent
        return RunChange(
            status,
            error_code=event.error.code if isinstance(event, RunFailed) else None,
            model_calls=spent.model_calls,
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            cost_usd=spent.known_cost_usd,
            unpriced=tuple(spent.unpriced),
        )


def _cancelling() -> Callable[[], None]:
    """What cancels the run that the current task runs."""
    task = asyncio.current_task()
    return task.cancel if task is not None else lambda: None  # type: ignore[return-value]  # what it gives is not read
