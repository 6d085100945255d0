"""What goes on while a graph is run: the run, and each graph in it, with what their nodes share."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from configurable_agents.errors import LimitError
from configurable_agents.events import Question
from configurable_agents.graph.branches import Branches
from configurable_agents.graph.past import Key, Past
from configurable_agents.graph.routing import RuleCounts
from configurable_agents.plugins.models import Message
from configurable_agents.spec.types import Type
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec


class Suspended(BaseException):
    """An execution can't go on before a person has answered; the run ends here for now, and is waiting.

    No error, and like asyncio's CancelledError nothing that a node may catch.
    """


class Emit(Protocol):
    """Records an event and returns when it is committed: its type, and its fields but run, number and time.

    With `soon` it returns at once: the event is committed before all that are recorded after it.
    """

    def __call__(self, event: type[Any], *, soon: bool = False, **fields: Any) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class ModelAsk:
    """What a node asks a model; `model` is an alias, a model's name, or None for the first of `workflow`, by source.

    `recall`: a reply that is recorded is taken in place of a call.
    """

    messages: Sequence[Message]
    output: Type
    name: str
    model: str | None
    temperature: float | None
    max_tokens: int | None
    workflow: str
    key: Key
    attempt: int
    recall: bool


AskModel = Callable[[ModelAsk], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Run:
    """What all graphs of one run share. `waiting` are the executions that wait for a person.

    `active_s` is how many seconds the run went on before it was resumed. `fingerprints`: results are recorded with what
    they depend on. `rehearse`: nothing is executed; what would be is noted in `due`, and the run ends there. `kept` are
    the executions whose recorded result was taken.
    """

    id: str
    started_at: datetime
    emit: Emit
    ask: AskModel
    past: Past
    session: str | None = None
    active_s: float = 0.0
    fingerprints: bool = False
    rehearse: bool = False
    waiting: dict[Key, Question] = field(default_factory=dict)
    due: list[Key] = field(default_factory=list)
    kept: set[Key] = field(default_factory=set)


@dataclass(slots=True)
class Instance:
    """One execution of a graph: the run itself, or a workflow or a group in a node.

    `workflow` is the one that the graph is, or is in. `prefix` is the path that its nodes' names come after; `readable`
    what its nodes read beside its state: its input, and in a group what is outside of it; `base` that and the names
    that are no fields. `slots` bound what is executed at once, in it and in what it is inside of; `depth_left` says how
    many graphs may still be nested in it.
    """

    run: Run
    spec: GraphSpec
    workflow: WorkflowSpec
    prefix: str
    readable: Mapping[str, Any]
    base: Mapping[str, Any]
    max_steps: int
    depth_left: int
    slots: tuple[asyncio.Semaphore, ...] = ()
    branches: Branches = field(init=False)
    visits: Counter[str] = field(default_factory=Counter)
    rules: RuleCounts = field(default_factory=Counter)
    initial: Mapping[str, Any] = field(default_factory=dict)  # what its state begins with beside defaults
    steps: int = 0
    heads: list[str] = field(default_factory=list)  # the nodes that it begins with
    going: dict[str, None] = field(default_factory=dict)  # the nodes that are being executed
    suspended: set[str] = field(default_factory=set)  # those of them that wait for a person
    quiet: asyncio.Event = field(default_factory=asyncio.Event)  # nothing goes on but what is suspended

    def __post_init__(self) -> None:
        self.branches = Branches(self.spec.forks)

    def enter(self, node: str) -> int:
        """Count an execution of a node and give its number, from 1.

        Raises:
            LimitError: the graph has made all the steps it may.
        """
        if self.steps >= self.max_steps:
            often = ", ".join(f"{name} {count} times" for name, count in self.visits.most_common(3))
            who = f"'{self.prefix.rstrip('/')}'" if self.prefix else "The run"
            message = f"{who} made {self.steps} steps and was about to run '{node}' (so far: {often})."
            hint = f"Bound its loop by max_times, or raise the limit: limits: {{max_steps: {self.max_steps * 10}}}."
            raise LimitError("max_steps", message, hint, self.prefix + node)
        self.steps += 1
        self.visits[node] += 1
        self.going[node] = None
        return self.visits[node]

    def said_by(self, key: Key) -> str:
        """What the ids of the messages of an execution begin with; in a session, they are others in each run."""
        return str(key) if self.run.session is None else f"{self.run.id}:{key}"

    def leave(self, node: str) -> None:
        """An execution of a node has ended."""
        self.going.pop(node, None)
        self._look()

    async def suspend(self, node: str) -> None:
        """Wait until all that can go on without a person has ended: what raises stops its siblings."""
        await asyncio.sleep(0)  # those of the same step may not have begun yet
        self.suspended.add(node)
        self._look()
        await self.quiet.wait()

    def _look(self) -> None:
        if self.suspended and len(self.going) == len(self.suspended):
            self.quiet.set()


class Inner(Protocol):
    """The graph that a node holds."""

    async def run_within(
        self,
        outer: Instance,
        key: Key,
        tries: int,
        *,
        names: Mapping[str, Any],
        fields: Mapping[str, Any],
        arguments: Mapping[str, Any] | None,
    ) -> Any:
        """Run it; give its one output, or an object of all. Raises RunError where it fails."""
        ...
