"""Folds the events of a run into a view of it; the same fold serves the live display and the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from configurable_agents.events import (
    ErrorInfo,
    Event,
    ItemFailed,
    ItemSucceeded,
    ModelCalled,
    NodeCancelled,
    NodeFailed,
    NodeRetried,
    NodeSkipped,
    NodeStarted,
    NodeSucceeded,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
    owner_of,
)

Status = Literal["queued", "running", "succeeded", "failed", "cancelled", "skipped"]


@dataclass(slots=True)
class Spent:
    """Model calls and what they used. `unpriced` are the models whose price is unknown: a cost with any is unknown."""

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    known_cost_usd: float = 0.0
    unpriced: list[str] = field(default_factory=list)

    @property
    def cost_usd(self) -> float | None:
        """The cost in USD; None where a part of it is unknown."""
        return None if self.unpriced else self.known_cost_usd

    def add(self, call: ModelCalled) -> None:
        self.model_calls += 1
        self.input_tokens += call.input_tokens
        self.output_tokens += call.output_tokens
        if call.cost_usd is not None:
            self.known_cost_usd += call.cost_usd
        elif call.model not in self.unpriced:
            self.unpriced.append(call.model)


@dataclass(slots=True)
class StepView:
    """One execution of a node.

    `spent` includes what was spent inside of it. Of a map, `items` and `failed_items` are those that ended;
    `left_behind`: a thread of it could not be stopped. `error` may be one that the workflow handled:
    by writing something else, or (`handled`) by a rule of its route.
    """

    node: str
    visit: int
    status: Status
    started_at: datetime
    duration_s: float = 0.0
    spent: Spent = field(default_factory=Spent)
    writes: dict[str, Any] = field(default_factory=dict)
    error: ErrorInfo | None = None
    items: int = 0
    failed_items: int = 0
    retries: int = 0
    handled: bool = False
    left_behind: bool = False


@dataclass(slots=True)
class RunView:
    """A run as its events so far tell it. `steps` are executions in the order they began, `finished` as they ended."""

    run_id: str = ""
    workflow: str = ""
    status: Status = "queued"
    input: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] | None = None
    error: ErrorInfo | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    steps: list[StepView] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)
    _steps: dict[tuple[str, int], StepView] = field(default_factory=dict, repr=False)

    @property
    def duration_s(self) -> float:
        """Seconds from the first event to the last."""
        if self.started_at is None or self.ended_at is None:
            return 0.0
        return (self.ended_at - self.started_at).total_seconds()

    def step(self, node: str, visit: int) -> StepView:
        """The execution of a node that is or was under way."""
        return self._steps[node, visit]

    def apply(self, event: Event) -> None:
        """Fold one more event in."""
        self.ended_at = event.time
        match event:
            case RunStarted():
                self.run_id, self.workflow, self.input = event.run_id, event.workflow, event.input
                self.status, self.started_at = "running", event.time
            case RunSucceeded():
                self.status, self.output = "succeeded", event.output
            case RunFailed():
                self.status, self.error = "failed", event.error
            case RunCancelled():
                self.status = "cancelled"
            case NodeStarted() | NodeSkipped():
                status: Status = "running" if isinstance(event, NodeStarted) else "skipped"
                step = StepView(event.node, event.visit, status, event.time)
                self.steps.append(step)
                self._steps[event.node, event.visit] = step
            case ModelCalled():
                self.spent.add(event)
                self._spend(event)
            case NodeSucceeded() | NodeFailed() | NodeCancelled() | NodeRetried() | ItemSucceeded() | ItemFailed():
                self._go_on(self.step(event.node, event.visit), event)

    def _spend(self, call: ModelCalled) -> None:
        within: tuple[str, int] | None = (call.node, call.visit)
        while within is not None:
            self._steps[within].spent.add(call)
            within = owner_of(within[0])

    def _go_on(self, step: StepView, event: Event) -> None:
        match event:
            case NodeSucceeded():
                step.status, step.duration_s, step.writes = "succeeded", event.duration_s, event.writes
                step.error = event.error
                step.left_behind |= event.left_behind
                self.finished.append(event.node)
            case NodeFailed():
                step.status, step.duration_s, step.error = "failed", event.duration_s, event.error
                step.handled = event.handled
                step.left_behind |= event.left_behind
            case NodeCancelled():
                step.status = "cancelled"
                step.left_behind |= event.left_behind
                step.duration_s = (event.time - step.started_at).total_seconds()
            case NodeRetried():
                step.retries += 1
                step.left_behind |= event.left_behind
            case ItemSucceeded():
                step.items += 1
            case ItemFailed():
                step.items, step.failed_items = step.items + 1, step.failed_items + 1
                step.left_behind |= event.left_behind


def project(events: list[Event]) -> RunView:
    """The view that these events give."""
    view = RunView()
    for event in events:
        view.apply(event)
    return view
