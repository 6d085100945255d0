"""One run, from its input to its last event, and from where it stopped to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from configurable_agents.errors import ConfigurableAgentsError, RunError, StoreError
from configurable_agents.events import (
    ErrorInfo,
    Event,
    NodeAnswered,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
    RunWaiting,
)
from configurable_agents.gateway.gateway import Gateway
from configurable_agents.graph.compiler import CompiledGraph
from configurable_agents.graph.conversations import pruned
from configurable_agents.graph.execution import Run, Suspended
from configurable_agents.graph.output import compute_output
from configurable_agents.graph.past import Key, Past
from configurable_agents.plugins.stores import RunStore, SessionMessages
from configurable_agents.plugins.threads import in_daemon_thread
from configurable_agents.runs.asking import Asking
from configurable_agents.runs.ids import new_run_id
from configurable_agents.runs.journal import Journal, Subscriber
from configurable_agents.runs.keeping import source_of, stored_workflow
from configurable_agents.runs.models import Models
from configurable_agents.runs.state import input_of, past_of
from configurable_agents.spec.jinja import RenderError


@dataclass(frozen=True, slots=True)
class Start:
    """How a run begins: its input, checked, and what RunStarted tells beside it.

    `past` is the history that a replay goes through again, with its payloads; `before` are events that a fork takes
    over, for which `run_id` was made already.
    """

    given: Mapping[str, Any]
    model: str | None = None
    session: str | None = None
    parent: str | None = None
    relation: Literal["replay", "fork"] | None = None
    run_id: str = ""
    before: Sequence[Event] = ()
    past: Past = field(default_factory=Past)
    payloads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answers to the question of an execution, as the type of the question has it."""

    key: Key
    value: Any
    by: str = ""


@dataclass(frozen=True, slots=True)
class GoingOn:
    """How a run goes on that has these events: with answers, and with another input or model where they are given.

    `changed`: the workflow may be another than before, so results are kept only where nodes and inputs are alike.
    """

    run_id: str
    events: Sequence[Event]
    answers: Sequence[Answer] = ()
    given: Mapping[str, Any] | None = None
    model: str | None = None
    changed: bool = False


class Runner:
    """Runs a compiled workflow; any number of runs may go on at once."""

    def __init__(self, compiled: CompiledGraph, gateway: Gateway) -> None:
        self.compiled = compiled
        self.workflow = compiled.workflow
        self.gateway = gateway
        self.hash = self.workflow.hash
        self.stored = stored_workflow(self.workflow)
        self.source = source_of(self.workflow)
        self._prepared = False

    async def start(
        self, start: Start, models: Models, store: RunStore | None = None, subscribers: Sequence[Subscriber] = ()
    ) -> Journal:
        """Run from the beginning and give its journal; the last event says how it ended, or for whom it waits.

        A failure is an event, not an exception. Being cancelled cancels the run, which is an event too, and is raised.
        What a subscriber raised is raised when the run has ended.

        Raises:
            StoreError: what happens can't be kept: the run did not begin, or it is interrupted and can be resumed.
        """
        workflow, journal = self.workflow, Journal(start.run_id or new_run_id(), tuple(subscribers), store)
        started = RunStarted(
            run_id=journal.run_id,
            seq=1,
            time=datetime.now(UTC),
            workflow=workflow.name,
            workflow_hash=self.hash,
            input=dict(start.given),
            model=start.model,
            session=start.session,
            messages=await self._said_before(start.session, store),
            auto=next((choice.model for choice in models.choices if choice.why), None),
            parent=start.parent,
            relation=start.relation,
        )
        try:
            await journal.begin(self.stored, self.source, started, start.before)
        except asyncio.CancelledError:
            await journal.emit(RunCancelled)
            raise
        past = start.past if start.relation == "replay" else Past.of(start.before)
        await self._run(journal, start.given, models, past, start.payloads)
        return _told(journal)

    async def go_on(
        self, going: GoingOn, models: Models, store: RunStore, subscribers: Sequence[Subscriber] = ()
    ) -> Journal:
        """Go on with a run from where it stopped; as `start` otherwise.

        Raises:
            StoreError: `run_taken`, another process runs it; else as `start`.
        """
        journal = Journal(going.run_id, tuple(subscribers), store)
        payloads = await in_daemon_thread(lambda: store.payloads(going.run_id))
        changed = self.stored if going.changed else None
        await journal.resume(going.events, changed, going.given, going.model)
        for answer in going.answers:
            key = answer.key
            about: dict[str, Any] = {"node": key.node, "visit": key.visit, "item": key.item}
            await journal.emit(NodeAnswered, **about, answer=answer.value, by=answer.by)
        past = past_of(journal.events)
        await self._run(journal, journal.view.input, models, past, payloads)
        return _told(journal)

    async def rehearse(self, going: GoingOn) -> Run:
        """Go through what a run has behind it without executing anything; the run that is given back tells what is due.

        What is computed from what is not there yet is not reached: results are `kept` that are surely the same.
        """
        before = [event for event in going.events if isinstance(event, RunStarted)][-1]
        past = past_of(going.events, alike=going.changed or going.given is not None)

        async def nothing(*_: Any, **__: Any) -> None:
            pass

        given = going.given if going.given is not None else input_of(going.events)
        about = (before.run_id, before.time, nothing, nothing, past, before.session)
        run = Run(*about, fingerprints=True, rehearse=True)
        await self._prepare()
        instance = self.compiled.begin(run, given)
        instance.initial = before.messages
        with suppress(Suspended, ConfigurableAgentsError, RenderError):
            await self.compiled.run(instance)
        return run

    async def _said_before(self, session: str | None, store: RunStore | None) -> dict[str, list[dict[str, Any]]]:
        fields = [field for field in self.workflow.state.values() if field.scope == "session"]
        if session is None or store is None:
            return {}
        name = self.workflow.name
        said = await in_daemon_thread(lambda: {f.name: store.session(session, name, f.name) for f in fields})
        return {field.name: pruned(said[field.name], field.keep) for field in fields}

    async def _run(
        self, journal: Journal, given: Mapping[str, Any], models: Models, past: Past, payloads: Mapping[str, str]
    ) -> None:
        """Run the graph and record how it ends."""
        started = next(event for event in journal.events if isinstance(event, RunStarted))
        asking = Asking(self.gateway, models, journal, past, payloads)
        run = Run(
            journal.run_id,
            started.time,
            journal.emit,
            asking.ask,
            past,
            started.session,
            fingerprints=journal.store is not None,
            active_s=journal.view.duration_s,
        )
        try:
            await self._prepare()
            instance = self.compiled.begin(run, given)
            instance.initial = started.messages
            state = await self.compiled.run(instance)
            output = compute_output(self.workflow, {**instance.base, **state})
        except Suspended:
            await journal.emit(RunWaiting, questions=list(run.waiting.values()))
        except asyncio.CancelledError:
            with suppress(StoreError):  # it can be resumed all the same
                await journal.emit(RunCancelled)
            raise
        except StoreError:
            raise
        except (ConfigurableAgentsError, RenderError) as error:
            node = error.node if isinstance(error, RunError) else None
            info = ErrorInfo(code=error.code, message=error.message, node=node, hint=error.hint)
            await journal.emit(RunFailed, error=info)
        except Exception as error:  # ours to mend; a run never ends without an event that says so
            info = ErrorInfo(code="internal", message=f"{type(error).__name__}: {error}", hint="Please report it.")
            await journal.emit(RunFailed, error=info)
            raise
        else:
            await journal.emit(RunSucceeded, output=output, sessions=self._said(started, state))

    def _said(self, started: RunStarted, state: Mapping[str, Any]) -> list[SessionMessages]:
        if started.session is None:
            return []
        fields = [name for name, field in self.workflow.state.items() if field.scope == "session"]
        return [SessionMessages(started.session, self.workflow.name, name, state[name]) for name in fields]

    async def _prepare(self) -> None:
        if not self._prepared:
            await in_daemon_thread(self.compiled.prepare)
            self._prepared = True


def _told(journal: Journal) -> Journal:
    """The journal of a run that has ended. Raises what a subscriber raised when it was told an event."""
    if journal.unheard is not None:
        raise journal.unheard
    return journal
