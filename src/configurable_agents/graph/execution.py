"""One run of a compiled graph: what its nodes share while it goes on, and nothing that outlives it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from configurable_agents.errors import LimitError
from configurable_agents.graph.branches import Branches
from configurable_agents.graph.routing import RuleCounts
from configurable_agents.plugins.models import Message
from configurable_agents.spec.types import Type
from configurable_agents.spec.workflow import WorkflowSpec


class Emit(Protocol):
    """Records an event and returns when it is committed: its type, and its fields but run, number and time."""

    def __call__(self, event: type[Any], **fields: Any) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class ModelAsk:
    """What a node asks a model; `model` is an alias, a model's name, or None for the workflow's first."""

    messages: Sequence[Message]
    output: Type
    name: str
    model: str | None
    temperature: float | None
    max_tokens: int | None
    node: str
    visit: int


AskModel = Callable[[ModelAsk], Awaitable[Any]]


@dataclass(slots=True)
class Execution:
    """The shared part of a run. `given` is the input, checked; `base` the names all texts may read beside the state."""

    workflow: WorkflowSpec
    run_id: str
    started_at: datetime
    given: Mapping[str, Any]
    emit: Emit
    ask: AskModel
    branches: Branches = field(init=False)
    base: Mapping[str, Any] = field(init=False)
    visits: Counter[str] = field(default_factory=Counter)
    rules: RuleCounts = field(default_factory=Counter)
    steps: int = 0
    heads: list[str] = field(default_factory=list)  # the nodes that the run begins with

    def __post_init__(self) -> None:
        self.branches = Branches(self.workflow.forks)
        run = {"id": self.run_id, "started_at": self.started_at}
        self.base = {**self.given, "run": run, "files": dict(self.workflow.files)}

    def enter(self, node: str) -> int:
        """Count an execution of a node and give its number, from 1.

        Raises:
            LimitError: the run has made all the steps it may.
        """
        if self.steps >= self.workflow.max_steps:
            often = ", ".join(f"{name} {count} times" for name, count in self.visits.most_common(3))
            message = f"The run made {self.steps} steps and was about to run '{node}' (so far: {often})."
            hint = "Bound its loop by max_times, or raise limits: {max_steps: …}."
            raise LimitError("max_steps", message, hint, node)
        self.steps += 1
        self.visits[node] += 1
        return self.visits[node]
