"""How a run goes, on stderr: a live table on a terminal, a line for each thing that happens elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from configurable_agents.cli.words import duration, spent
from configurable_agents.events import (
    Event,
    ItemFailed,
    ModelCalled,
    NodeAnswered,
    NodeAsked,
    NodeCancelled,
    NodeFailed,
    NodeRetried,
    NodeSkipped,
    NodeStarted,
    NodeSucceeded,
    RouteTaken,
    RunForked,
    RunStarted,
)
from configurable_agents.projection import StepView, project

if TYPE_CHECKING:
    from configurable_agents.runs.models import ModelChoice
    from configurable_agents.spec.workflow import WorkflowSpec

MARKS = {
    "succeeded": ("✓", "green", "ok"),
    "failed": ("✗", "red", "FAILED"),
    "cancelled": ("■", "yellow", "stopped"),
    "skipped": ("-", "bright_black", "skipped"),
    "waiting": ("?", "magenta", "waits"),
    "interrupted": ("!", "yellow", "interrupted"),
}
_DEMO = (
    "model: demo, which makes up its answers without any AI. Use a real one by --model provider/name, "
    "an API key in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, …) or a local Ollama."
)


class Progress:
    """Shows the events that it takes, and keeps them. `before` are those of a run that goes on."""

    def __init__(self, workflow: WorkflowSpec, before: Sequence[Event] = ()) -> None:
        self.workflow = workflow
        self.view = project(list(before))
        self.events: list[Event] = list(before)
        self._taken_over = False  # what comes was done by the run that this one is a fork of
        self._live: Any = None
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._live = _table(self)

    def models(self, choices: Sequence[ModelChoice]) -> None:
        """Say which model is asked where that is not written in the file, or is the demo model."""
        for choice in choices:
            if choice.model == "demo":
                self._line(_DEMO)
            elif choice.why:
                self._line(f"model: {choice.model} ({choice.why})")

    def take(self, event: Event) -> None:
        """Show an event."""
        self.events.append(event)
        self.view.apply(event)
        if isinstance(event, RunStarted):
            self._taken_over = event.relation == "fork"
        elif isinstance(event, RunForked):
            self._taken_over = False
        if self._live is not None:
            self._live.start()
            return
        if self._taken_over:
            return
        line = self._told(event)
        if line:
            self._line(line)

    def close(self) -> None:
        """Leave the terminal as it was."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _line(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _told(self, event: Event) -> str:
        match event:
            case NodeStarted():
                return f"{called(event.node, event.visit)} ..."
            case NodeSkipped():
                return f"{called(event.node, event.visit)} skipped"
            case NodeAsked():
                return f"{called(event.node, event.visit, event.item)} waits for an answer"
            case NodeAnswered():
                by = f" by {event.by}" if event.by else ""
                return f"{called(event.node, event.visit, event.item)} answered{by}"
            case NodeSucceeded() | NodeFailed() | NodeCancelled():
                step = self.view.step(event.node, event.visit)
                return f"{called(event.node, event.visit)} {MARKS[step.status][2]} {_figures(step)}".rstrip()
            case NodeRetried():
                name = called(event.node, event.visit, event.item)
                return (
                    f"{name}: attempt {event.attempt} failed ({event.error.code}), again in {duration(event.delay_s)}"
                )
            case ItemFailed():
                return f"{called(event.node, event.visit, event.item)} FAILED ({event.error.code})"
            case RouteTaken():
                return f"{event.node} -> {' & '.join(event.targets)}"
            case ModelCalled() if event.error:
                name = called(event.node, 1, event.item)
                return f"{name}: the model call failed or its reply did not fit ({event.error})"
            case _:
                return ""


def called(node: str, visit: int, item: int | None = None) -> str:
    """An execution, as a person names it."""
    name = node if item is None else f"{node}[{item}]"
    return name if visit == 1 else f"{name} (visit {visit})"


def _figures(step: StepView) -> str:
    return f"{duration(step.duration_s)}  {detail(step)}".rstrip()


def _items(step: StepView) -> str:
    """How far a map is."""
    if not step.items:
        return ""
    failed = f", {step.failed_items} failed" if step.failed_items else ""
    return f"{step.items} item{'' if step.items == 1 else 's'}{failed}"


def _failure(step: StepView) -> str:
    """What a node failed with, and whether the run goes on all the same."""
    if step.error is None:
        return ""
    if step.status == "succeeded":
        return f"(failed: {step.error.code})"
    return f"({step.error.code}{', handled' if step.handled else ''})"


def detail(step: StepView) -> str:
    """What there is to say of an execution beside its name, its status and its time."""
    retries = f"{step.retries} {'retry' if step.retries == 1 else 'retries'}" if step.retries else ""
    return "  ".join(part for part in (_items(step), retries, spent(step.spent), _failure(step)) if part)


def _table(progress: Progress) -> Any:
    """A live table of the run's executions; rich is imported only where there is a terminal to draw on."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

    console = Console(stderr=True)
    spinners: dict[tuple[str, int], Spinner] = {}

    def row(step: StepView) -> tuple[Any, ...]:
        name = called(step.node, step.visit)
        if step.status == "running":
            spinner = spinners.setdefault((step.node, step.visit), Spinner("dots", style="cyan"))
            return (
                spinner,
                Text(name, style="bold"),
                Text(_elapsed(step)),
                Text(detail(step), style="dim"),
            )
        mark, colour, _ = MARKS[step.status]
        return Text(mark, style=colour), name, duration(step.duration_s), Text(detail(step), style="dim")

    def draw() -> Group:
        table = Table.grid(padding=(0, 2))
        room = max(console.size.height - 3, 3)
        hidden = max(len(progress.view.steps) - room, 0)
        for step in progress.view.steps[hidden:]:
            table.add_row(*row(step))
        return Group(Text(f"… {hidden} earlier steps", style="dim"), table) if hidden else Group(table)

    return Live(console=console, get_renderable=draw, refresh_per_second=12, transient=False)


def _elapsed(step: StepView) -> str:
    from datetime import UTC, datetime

    return duration((datetime.now(UTC) - step.started_at).total_seconds())
