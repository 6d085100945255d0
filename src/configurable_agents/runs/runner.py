"""One run, from its input to its last event."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
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
from configurable_agents.graph.compiler import CompiledWorkflow
from configurable_agents.graph.execution import Execution, ModelAsk
from configurable_agents.graph.state import Writes, initial_state, merged_in_order
from configurable_agents.runs.ids import new_run_id
from configurable_agents.runs.journal import Journal, Subscriber
from configurable_agents.runs.models import Models
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.types import OptionalOf
from configurable_agents.spec.workflow import WorkflowSpec


class Runner:
    """Runs a compiled workflow; any number of runs may go on at once."""

    def __init__(self, compiled: CompiledWorkflow, gateway: Gateway) -> None:
        self.compiled = compiled
        self.workflow = compiled.workflow
        self.gateway = gateway

    async def run(
        self, given: Mapping[str, Any], models: Models, subscribers: Sequence[Subscriber] = ()
    ) -> list[Event]:
        """Run with a checked input and give all events; the last says how it ended.

        A failure is an event, not an exception. Being cancelled cancels the run, which is an event too, and is raised.
        """
        journal = Journal(new_run_id(), tuple(subscribers))
        execution = Execution(
            self.workflow,
            journal.run_id,
            datetime.now(UTC),
            given,
            journal.emit,
            _Asking(self.gateway, models, journal).ask,
        )
        workflow = self.workflow
        await journal.emit(RunStarted, workflow=workflow.name, workflow_hash=workflow.hash, input=dict(given))
        try:
            state = await self.compiled.run(execution)
            output = compute_output(workflow, {**execution.base, **state})
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


class _Asking:
    """What `ctx.model` comes to: the gateway, with every call recorded."""

    def __init__(self, gateway: Gateway, models: Models, journal: Journal) -> None:
        self.gateway, self.models, self.journal = gateway, models, journal
        self.calls: Counter[tuple[str, int]] = Counter()

    async def ask(self, ask: ModelAsk) -> Any:
        async def record(call: CallRecord) -> None:
            self.calls[ask.node, ask.visit] += 1
            await self.journal.emit(
                ModelCalled,
                node=ask.node,
                visit=ask.visit,
                call=self.calls[ask.node, ask.visit],
                model=call.model,
                input_tokens=call.usage.input_tokens,
                output_tokens=call.usage.output_tokens,
                cost_usd=call.cost_usd,
                latency_s=call.latency_s,
                stop_reason=call.stop_reason,
                error=call.error,
            )

        target = self.models.target(ask.model, ask.temperature, ask.max_tokens)
        return await self.gateway.ask(ask.messages, ask.output, target, record, name=ask.name)


def compute_output(workflow: WorkflowSpec, names: Mapping[str, Any]) -> dict[str, Any]:
    """The output at the end of a run. An unset field is null if it is `T?`; without `output` it is left out.

    Raises:
        RunError: a field of the output was never written.
        RenderError: an expression of the output can't be computed.
    """
    fields = {**workflow.input, **workflow.state}
    output: dict[str, Any] = {}
    for name, expression in workflow.output.items():
        own = fields.get(name) if expression.text == name else None
        if own is not None and name not in names:
            if workflow.document.output is None:
                continue
            if isinstance(own.type, OptionalOf):
                output[name] = None
                continue
            message = f"The output '{name}' was not written on the way that the run took."
            hint = f"Declare it T? if it may be missing, give it a default, or write '{name}' on every way."
            raise RunError("unset_output", message, hint)
        output[name] = expression.evaluate(names)
    return output


def final_state(workflow: WorkflowSpec, events: Sequence[Event]) -> dict[str, Any]:
    """The state that the events of a run add up to: superstep by superstep, in the order of the file."""
    steps: dict[int, list[Writes]] = {}
    for event in events:
        if isinstance(event, NodeSucceeded):
            rank = workflow.nodes[event.node].rank
            steps.setdefault(event.superstep, []).append(Writes(rank, event.writes))
    state = initial_state(workflow.state)
    for step in sorted(steps):
        state = merged_in_order(workflow.state, state, steps[step])
    return state
