"""Folds the events of a run into a view of it; the same fold serves the live display, the result and the history."""

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
    NodeAnswered,
    NodeAsked,
    NodeCancelled,
    NodeFailed,
    NodeRetried,
    NodeSkipped,
    NodeStarted,
    NodeSucceeded,
    Question,
    RouteTaken,
    RunCancelled,
    RunFailed,
    RunForked,
    RunResumed,
    RunStarted,
    RunSucceeded,
    RunWaiting,
    owner_of,
)

Status = Literal["queued", "running", "waiting", "interrupted", "succeeded", "failed", "cancelled", "skipped"]


@dataclass(slots=True)
class Spent:
    """Model calls and what they used. `unpriced` are the models whose price is unknown: a cost with any is unknown.

    `replayed` are replies that were recorded before, for which nobody was called and nothing was paid.
    """

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    known_cost_usd: float = 0.0
    unpriced: list[str] = field(default_factory=list)
    replayed: int = 0

    @property
    def cost_usd(self) -> float | None:
        """The cost in USD; None where a part of it is unknown."""
        return None if self.unpriced else self.known_cost_usd

    def add(self, call: ModelCalled) -> None:
        if call.replayed:
            self.replayed += 1
            return
        self.model_calls += 1
        self.input_tokens += call.input_tokens
        self.output_tokens += call.output_tokens
        if call.cost_usd is not None:
            self.known_cost_usd += call.cost_usd
        elif call.model not in self.unpriced:
            self.unpriced.append(call.model)


@dataclass(slots=True)
class StepView:
    """One execution of a node, as it went the last time: it may have begun again, after the run was resumed.

    `spent` includes what was spent inside of it, and before it began again. Of a map, `ended_items` are the items that
    ended, by index, and whether they failed; `left_behind`: a thread of it could not be stopped. `error` may be one
    that the workflow handled: by writing something else, or (`handled`) by a rule of its route.
    """

    node: str
    visit: int
    status: Status
    started_at: datetime
    duration_s: float = 0.0
    spent: Spent = field(default_factory=Spent)
    writes: dict[str, Any] = field(default_factory=dict)
    error: ErrorInfo | None = None
    retries: int = 0
    handled: bool = False
    left_behind: bool = False
    ended_items: dict[int | None, bool] = field(default_factory=dict)
    failed_for_good: bool = False  # an item did, and with it the map, though that may not be told any more

    @property
    def items(self) -> int:
        return len(self.ended_items)

    @property
    def failed_items(self) -> int:
        return sum(self.ended_items.values())

    def begin_again(self, at: datetime) -> None:
        """The same execution anew. What was paid for it is paid; items that ended are not done again.

        Those that failed are, where that failed the map.
        """
        if self.status == "failed" or self.failed_for_good:
            self.ended_items = {item: failed for item, failed in self.ended_items.items() if not failed}
        self.status, self.started_at, self.duration_s = "running", at, 0.0
        self.writes, self.error, self.retries, self.handled = {}, None, 0, False
        self.failed_for_good = False


@dataclass(slots=True)
class RunView:
    """A run as its events so far tell it. `steps` are executions in the order they began.

    `questions` are open: nobody answered them yet. `parent` is the run that this one is a replay or a fork of; what a
    fork took over from it is not in `spent` and `duration_s`. `workflow_hash` and `model` are those that it went on
    with last; `auto` is the model that `auto` came to.
    """

    run_id: str = ""
    workflow: str = ""
    workflow_hash: str = ""
    status: Status = "queued"
    input: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] | None = None
    error: ErrorInfo | None = None
    model: str | None = None
    auto: str | None = None
    session: str | None = None
    parent: str | None = None
    relation: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    steps: list[StepView] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)
    _steps: dict[tuple[str, int], StepView] = field(default_factory=dict, repr=False)
    _finished: dict[tuple[str, int], None] = field(default_factory=dict, repr=False)
    _active_s: float = 0.0  # of the parts before this one
    _active_since: datetime | None = None

    @property
    def finished(self) -> list[str]:
        """The nodes that succeeded, in the order they ended."""
        return [node for node, _ in self._finished]

    @property
    def duration_s(self) -> float:
        """Seconds from the first event to the last, without the time in which nothing ran: until it was resumed."""
        if self._active_since is None or self.ended_at is None:
            return self._active_s
        return self._active_s + (self.ended_at - self._active_since).total_seconds()

    def step(self, node: str, visit: int) -> StepView:
        """The execution of a node that is or was under way."""
        return self._steps[node, visit]

    def interrupt(self) -> None:
        """The process that ran it died, which no event tells: what was under way is interrupted."""
        self.status = "interrupted"
        self._stop("interrupted", "running")

    def apply(self, event: Event) -> None:
        """Fold one more event in."""
        if isinstance(event, RunResumed | RunForked):
            self._pause()
        self.ended_at = event.time
        match event:
            case RunStarted():
                self.run_id, self.workflow, self.workflow_hash = event.run_id, event.workflow, event.workflow_hash
                self.input, self.model, self.session = event.input, event.model, event.session
                self.auto = event.auto
                self.parent, self.relation = event.parent, event.relation
                self.status, self.started_at, self._active_since = "running", event.time, event.time
            case RunResumed():
                self._resume(event)
            case RunForked():
                self.parent, self.spent, self._active_s = event.parent, Spent(), 0.0
                self.status, self._active_since = "running", event.time
                for step in self.steps:
                    step.spent = Spent()
            case RunWaiting() | RunSucceeded() | RunFailed() | RunCancelled():
                self._end(event)
            case NodeStarted() | NodeSkipped():
                self._begin(event)
            case ModelCalled():
                self.spent.add(event)
                self._spend(event)
            case RouteTaken():
                pass  # it is no execution's own: START has a route as well
            case _:
                self._go_on(self.step(event.node, event.visit), event)

    def _pause(self) -> None:
        """What went on until the last event is a part of its own."""
        self._active_s, self._active_since = self.duration_s, None

    def _end(self, event: RunWaiting | RunSucceeded | RunFailed | RunCancelled) -> None:
        self._pause()
        self.questions = []
        match event:
            case RunWaiting():
                self.status, self.questions = "waiting", list(event.questions)
            case RunSucceeded():
                self.status, self.output = "succeeded", event.output
            case RunFailed():
                self.status, self.error = "failed", event.error
            case RunCancelled():
                self.status = "cancelled"
                # Nobody was there to say so of what was under way when a process died.
                self._stop("cancelled", "running", "waiting", "interrupted")

    def _stop(self, status: Status, *under_way: Status) -> None:
        for step in self.steps:
            if step.status in under_way:
                step.status = status

    def _resume(self, event: RunResumed) -> None:
        self._stop("interrupted", "running")
        self.status, self._active_since = "running", event.time
        self.output, self.error = None, None
        self.model = event.model or self.model
        self.workflow_hash = event.workflow_hash or self.workflow_hash
        self.input = self.input if event.input is None else event.input

    def _begin(self, event: NodeStarted | NodeSkipped) -> None:
        key = event.node, event.visit
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = StepView(event.node, event.visit, "running", event.time)
            self.steps.append(step)
        else:
            step.begin_again(event.time)
            self._finished.pop(key, None)
        if isinstance(event, NodeSkipped):
            step.status = "skipped"

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
                self._finished[event.node, event.visit] = None
            case NodeFailed():
                step.status, step.duration_s, step.error = "failed", event.duration_s, event.error
                step.handled = event.handled
            case NodeCancelled():
                step.status = "cancelled"
                step.duration_s = (event.time - step.started_at).total_seconds()
            case NodeRetried():
                step.retries += 1
            case ItemSucceeded():
                step.ended_items[event.item] = False
            case ItemFailed():
                step.ended_items[event.item] = True
                step.failed_for_good |= not event.handled
            case NodeAsked():
                step.status = "waiting"
                self.questions.append(event.question)
            case NodeAnswered():
                self._answered(step, event)
        if isinstance(event, NodeSucceeded | NodeFailed | NodeCancelled):
            self.questions = [asked for asked in self.questions if (asked.node, asked.visit) != (step.node, step.visit)]
        if isinstance(event, NodeSucceeded | NodeFailed | NodeCancelled | NodeRetried | ItemFailed):
            step.left_behind |= event.left_behind

    def _answered(self, step: StepView, event: NodeAnswered) -> None:
        about = (event.node, event.visit, event.item)
        self.questions = [asked for asked in self.questions if (asked.node, asked.visit, asked.item) != about]
        still = any((asked.node, asked.visit) == about[:2] for asked in self.questions)
        # A run that waits goes on when it is resumed, not when it is answered.
        if step.status == "waiting" and self.status == "running" and not still:
            step.status = "running"


def project(events: list[Event]) -> RunView:
    """The view that these events give."""
    view = RunView()
    for event in events:
        view.apply(event)
    return view
