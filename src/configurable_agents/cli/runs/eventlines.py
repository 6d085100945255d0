"""An event as one line for a person."""

from __future__ import annotations

from typing import Any

from configurable_agents.cli.progress import called
from configurable_agents.cli.words import counted, duration, money
from configurable_agents.events import (
    Event,
    ItemFailed,
    ItemSucceeded,
    ModelCalled,
    NodeAnswered,
    NodeAsked,
    NodeFailed,
    NodeRetried,
    NodeSucceeded,
    RouteTaken,
    RunFailed,
    RunForked,
    RunResumed,
    RunStarted,
    RunSucceeded,
    RunWaiting,
)

_MOST = 100  # characters of what is told


def event_line(event: Event) -> str:
    """`  12  12:00:00.123  model_called    draft          demo, 120 → 43 tokens, $0`."""
    from configurable_agents.cli.runs.times import clock
    from configurable_agents.spec.picturetext import plain, shortened

    node, visit, item = (getattr(event, name, None) for name in ("node", "visit", "item"))
    of = called(node, visit or 1, item) if node is not None else "-"
    told = shortened(plain(_told_of_run(event) or _told_of_node(event)), _MOST)
    return f"{event.seq:>5}  {clock(event.time)}  {event.type:<14}  {of:<20}  {told}".rstrip()


def _told_of_run(event: Event) -> str:
    match event:
        case RunStarted():
            parent = f", {event.relation} of {event.parent}" if event.parent else ""
            return f"{event.workflow}{parent}: {_value(event.input)}"
        case RunForked():
            return f"of {event.parent}, with {_value(event.set)}" if event.set else f"of {event.parent}"
        case RunResumed():
            changed = [name for name in ("workflow_hash", "input", "model") if getattr(event, name) is not None]
            return f"with another {', '.join(changed)}" if changed else ""
        case RunWaiting():
            return f"for {counted(len(event.questions), 'answer')}"
        case RunSucceeded():
            return _value(event.output)
        case RunFailed():
            return f"{event.error.code}: {event.error.message}"
    return ""


def _told_of_node(event: Event) -> str:
    match event:
        case NodeAsked():
            return event.question.text
        case NodeAnswered():
            return f"{_value(event.answer)}{f' by {event.by}' if event.by else ''}"
        case NodeSucceeded():
            failed = f"after {event.error.code}: " if event.error is not None else ""
            return f"{duration(event.duration_s)}  {failed}{_value(event.writes)}"
        case ItemSucceeded():
            return f"{duration(event.duration_s)}  {_value(event.value)}"
        case NodeFailed() | ItemFailed():
            handled = ", handled" if event.handled else ""
            return f"{duration(event.duration_s)}  {event.error.code}{handled}: {event.error.message}"
        case NodeRetried():
            again = f"again in {duration(event.delay_s)}"
            return f"attempt {event.attempt}: {event.error.code}: {event.error.message}; {again}"
        case RouteTaken():
            return f"rule {event.rule} -> {' & '.join(event.targets)}" + (
                f"  {_value(event.values)}" * bool(event.values)
            )
        case ModelCalled():
            cost = "price unknown" if event.cost_usd is None else money(event.cost_usd)
            spent = "as recorded" if event.replayed else f"{cost}, {duration(event.latency_s)}"
            tokens = f"{event.input_tokens:,} → {event.output_tokens:,} tokens"
            return f"{event.model}: {tokens}, {spent}{f', {event.error}' if event.error else ''}"
    return ""


def _value(value: Any) -> str:
    from configurable_agents.cli.jsontext import json_line

    return json_line(value)
