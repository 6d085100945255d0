"""What a run has behind it, by what names each execution: results that are given back instead of being made again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from configurable_agents.events import (
    Event,
    ItemFailed,
    ItemSucceeded,
    ModelCalled,
    NodeAnswered,
    NodeAsked,
    NodeFailed,
    NodeRetried,
    NodeSkipped,
    NodeStarted,
    NodeSucceeded,
    Question,
    RouteTaken,
    RunForked,
)

# `same`: the run goes on, and nothing that is recorded is done or told again. `alike`: so it does with another file or
# input, and a result is kept where node and inputs are the same. `replay`: another run's history is gone through again.
Use = Literal["same", "alike", "replay"]


@dataclass(frozen=True, slots=True)
class Key:
    """What names one execution: the path of its node, its visit and, in a map, the item."""

    node: str
    visit: int
    item: int | None = None

    def __str__(self) -> str:
        text = f"{self.node}#{self.visit}" if self.visit > 1 else self.node
        return text if self.item is None else f"{text}[{self.item}]"


@dataclass(slots=True)
class Past:
    """A fold of events. What failed without being handled is forgotten: it is tried anew.

    `begun` are the attempts that an execution has had, `failed` those of them after which it was to be tried again.
    `calls` are the model calls of its last attempt, by their number.
    """

    use: Use = "same"
    successes: dict[Key, NodeSucceeded] = field(default_factory=dict)
    failures: dict[Key, NodeFailed] = field(default_factory=dict)
    items: dict[Key, ItemSucceeded] = field(default_factory=dict)
    failed_items: dict[Key, ItemFailed] = field(default_factory=dict)
    skipped: set[Key] = field(default_factory=set)
    begun: dict[Key, int] = field(default_factory=dict)
    failed: dict[Key, int] = field(default_factory=dict)
    calls: dict[Key, dict[int, ModelCalled]] = field(default_factory=dict)
    routes: dict[tuple[str, int], RouteTaken] = field(default_factory=dict)
    questions: dict[Key, Question] = field(default_factory=dict)
    answers: dict[Key, NodeAnswered] = field(default_factory=dict)
    sets: dict[Key, dict[str, Any]] = field(default_factory=dict)
    last_failures: dict[Key, NodeFailed | ItemFailed] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event], use: Use = "same") -> Past:
        past = cls(use)
        for event in events:
            past.take(event)
        return past

    def take(self, event: Event) -> None:
        """Fold one more event in."""
        if isinstance(event, RouteTaken):
            self._went(event)
        elif isinstance(event, RunForked):
            self.sets[Key(event.node, event.visit)] = event.set
        elif isinstance(
            event,
            NodeStarted | NodeSucceeded | NodeFailed | NodeRetried | NodeSkipped | ItemSucceeded | ItemFailed
            | ModelCalled | NodeAsked | NodeAnswered,
        ):  # fmt: skip
            key = Key(event.node, event.visit, event.item)
            self.begun[key] = max(self.begun.get(key, 0), event.attempt + isinstance(event, NodeRetried))
            self._take(key, event)

    def _take(self, key: Key, event: Event) -> None:
        match event:
            case NodeSucceeded():
                self.successes[key] = event
            case NodeSkipped():
                self.skipped.add(key)
            case NodeFailed():
                self._failed(key, event)
            case ItemSucceeded():
                self.items[key] = event
            case ItemFailed():
                self._failed(key, event)
            case NodeRetried():
                self.failed[key] = self.failed.get(key, 0) + 1
                self._forget_attempt(key)
            case ModelCalled():
                self.calls.setdefault(key, {})[event.call] = event
            case NodeAsked():
                self.questions[key] = event.question
            case NodeAnswered():
                self.answers[key] = event

    def _failed(self, key: Key, event: NodeFailed | ItemFailed) -> None:
        self.last_failures[key] = event
        if event.handled and isinstance(event, NodeFailed):
            self.failures[key] = event
        elif event.handled and isinstance(event, ItemFailed):
            self.failed_items[key] = event
        elif self.use != "replay":
            self.failed.pop(key, None)
            self._forget_attempt(key)
            for other in [o for o in self.failed_items if (o.node, o.visit) == (key.node, key.visit)]:
                del self.failed_items[other]  # of a map that failed, what failed is tried again

    def _went(self, event: RouteTaken) -> None:
        if event.targets != ["fail"]:
            self.routes[event.node, event.visit] = event
        elif self.use != "replay":  # the run failed by it: what it did not like is tried again
            self.failures.pop(Key(event.node, event.visit), None)

    def _forget_attempt(self, key: Key) -> None:
        # A reply may be why it failed, and an answer is one to the question of that attempt.
        for of_attempt in (self.calls, self.questions, self.answers):
            of_attempt.pop(key, None)

    def attempts(self, key: Key) -> int:
        """How many attempts an execution has had; of an item, no fewer than the map was begun before."""
        own = self.begun.get(key, 0)
        if key.item is None:
            return own
        return max(own, self.begun.get(Key(key.node, key.visit), 0))
