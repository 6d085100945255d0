"""One run, from its input to its last event."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from configurable_agents.errors import ConfigurableAgentsError, RunError
from configurable_agents.events import (
    ErrorInfo,
    Event,
    ModelCalled,
    NodeSucceeded,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
)
from configurable_agents.gateway.calls import CallRecord
from configurable_agents.gateway.gateway import Gateway
from configurable_agents.graph.compiler import CompiledGraph
from configurable_agents.graph.execution import Key, ModelAsk, Run
from configurable_agents.graph.merging import Merger, Writes
from configurable_agents.graph.output import compute_output
from configurable_agents.plugins.threads import in_daemon_thread
from configurable_agents.runs.ids import new_run_id
from configurable_agents.runs.journal import Journal, Subscriber
from configurable_agents.runs.models import Models
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.workflow import WorkflowSpec


class Runner:
    """Runs a compiled workflow; any number of runs may go on at once."""

    def __init__(self, compiled: CompiledGraph, gateway: Gateway) -> None:
        self.compiled = compiled
        self.workflow = compiled.workflow
        self.gateway = gateway
        self.hash = self.workflow.hash
        self._prepared = False

    async def run(
        self, given: Mapping[str, Any], models: Models, subscribers: Sequence[Subscriber] = ()
    ) -> list[Event]:
        """Run with a checked input and give all events; the last says how it ended.

        A failure is an event, not an exception. Being cancelled cancels the run, which is an event too, and is raised.
        """
        journal = Journal(new_run_id(), tuple(subscribers))
        run = Run(journal.run_id, datetime.now(UTC), journal.emit, _Asking(self.gateway, models, journal).ask)
        workflow = self.workflow
        await journal.emit(RunStarted, workflow=workflow.name, workflow_hash=self.hash, input=dict(given))
        try:
            await self._prepare()
            instance = self.compiled.begin(run, given)
            state = await self.compiled.run(instance)
            output = compute_output(workflow, {**instance.base, **state})
        except asyncio.CancelledError:
            await journal.emit(RunCancelled)
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
            await journal.emit(RunSucceeded, output=output)
        return journal.events

    async def _prepare(self) -> None:
        if not self._prepared:
            await in_daemon_thread(self.compiled.prepare)
            self._prepared = True


class _Asking:
    """What `ctx.model` comes to: the gateway, with every call recorded."""

    def __init__(self, gateway: Gateway, models: Models, journal: Journal) -> None:
        self.gateway, self.models, self.journal = gateway, models, journal
        self.calls: Counter[tuple[Key, int]] = Counter()

    async def ask(self, ask: ModelAsk) -> Any:
        async def record(call: CallRecord) -> None:
            self.calls[ask.key, ask.attempt] += 1
            await self.journal.emit(
                ModelCalled,
                node=ask.key.node,
                visit=ask.key.visit,
                item=ask.key.item,
                attempt=ask.attempt,
                call=self.calls[ask.key, ask.attempt],
                model=call.model,
                input_tokens=call.usage.input_tokens,
                output_tokens=call.usage.output_tokens,
                cost_usd=call.cost_usd,
                latency_s=call.latency_s,
                stop_reason=call.stop_reason,
                error=call.error,
            )

        target = self.models.target(ask.workflow, ask.model, ask.temperature, ask.max_tokens)
        return await self.gateway.ask(ask.messages, ask.output, target, record, name=ask.name)


def final_state(workflow: WorkflowSpec, events: Sequence[Event]) -> dict[str, Any]:
    """The state that the events of a run add up to: superstep by superstep, in the order of the file.

    Where a superstep could not be merged, which failed the run, it is the state before that.
    """
    merger = Merger(workflow.state, workflow.directory)
    steps: dict[int, list[Writes]] = {}
    for event in events:
        # What is inside of a node has a state of its own.
        if isinstance(event, NodeSucceeded) and event.node in workflow.nodes:
            write = Writes(event.node, workflow.nodes[event.node].rank, event.writes)
            steps.setdefault(event.superstep, []).append(write)
    state = merger.initial()
    with suppress(RunError):
        for step in sorted(steps):
            state = merger.in_order(state, steps[step])
    return state
