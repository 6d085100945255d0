"""How long the fields of a state may be: by their types, and by what the nodes write that write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from configurable_agents.planning.amounts import INF
from configurable_agents.planning.asks import Said
from configurable_agents.planning.context import Context
from configurable_agents.planning.extents import (
    Cause,
    Count,
    Extent,
    Number,
    either,
    items_of,
    of_type,
    repeated,
    whole,
)
from configurable_agents.planning.meters import Meter
from configurable_agents.spec.filters import text_of
from configurable_agents.spec.merging import initial_value
from configurable_agents.spec.types import MISSING, Field, Keep, Type, is_conversation
from configurable_agents.spec.workflow import NodeSpec


class Writer(Protocol):
    """A node that writes fields."""

    @property
    def spec(self) -> NodeSpec: ...

    def gives(self, field: Field, count: Count) -> Iterator[Extent]:
        """What it may write to a field in one execution."""
        ...

    def items(self, field: Field) -> Number | None:
        """How many items it adds to a list in one execution; None where it does not tell."""
        ...

    def turns(self, field: Field, meter: Meter) -> Iterator[Extent]:
        """The messages that one execution adds to a conversation."""
        ...

    def adds_system(self, field: Field) -> bool:
        """Whether it may add messages of the role system to a conversation."""
        ...


class Writers(Protocol):
    """The graph that a field is of."""

    context: Context

    @property
    def reached(self) -> Sequence[Writer]:
        """The nodes that a run may come to."""
        ...

    @property
    def visits(self) -> Mapping[str, tuple[float, float, float]]:
        """How often nodes are executed whose writes add up: at least, likely, at most."""
        ...


# So many fields that are made of one another are followed.
_MOST_OPEN = 20

# Their writes are added to what is there.
_GATHERING = frozenset({"append", "update", "messages"})


class StateField:
    """A field of the state of a graph."""

    def __init__(self, graph: Writers, field: Field) -> None:
        self.graph, self.field = graph, field
        self.value: Any = MISSING  # nodes write it
        self._found: dict[Count, Extent] = {}
        self._open = self._counting = False

    @property
    def type(self) -> Type:
        return self.field.type

    @property
    def writers(self) -> list[Writer]:
        return [node for node in self.graph.reached if self.field.name in node.spec.written]

    def extent(self, count: Count) -> Extent:
        found = self._found.get(count)
        if found is None:
            found = self._found[count] = self._extent(count)
        return found

    def _extent(self, count: Count) -> Extent:
        typed = of_type(self.field.type, self.field.name, "", count)
        context = self.graph.context
        if self._open or context.open > _MOST_OPEN:
            why = "grows each time that it is written from itself" if self._open else "is made of too many others"
            cause = Cause(self.field.name, why, "Give it a maxLength.")
            return typed if typed.most < INF else Extent(typed.short, typed.likely, INF, (cause,))
        self._open, context.open = True, context.open + 1
        try:
            written = self._written(count)
        finally:
            self._open, context.open = False, context.open - 1
        initial = initial_value(self.field)
        if initial is not MISSING:
            written = either((written, whole((str(text_of(initial)),), count)))
        short = min((typed.short, written.short) if initial is not MISSING else (typed.short,), key=len)
        likely = written.likely or typed.likely
        if typed.most <= written.most < INF or typed.most < INF:
            most = min(typed.most, written.most)
            return Extent(short, min(likely, most), most)
        return Extent(short, likely, written.most, written.causes)

    def _written(self, count: Count) -> Extent:
        """The field as what its writers give makes it."""
        if self.field.merge not in _GATHERING:
            return either(extent for node in self.writers for extent in node.gives(self.field, count))
        parts = []
        for node in self.writers:
            _, likely, most = self.graph.visits[node.spec.name]
            for extent in node.gives(self.field, count):
                once = whole((extent, ", "), count)
                parts.append(repeated(once, 0, likely, most, (_endless(self.field.name),)))
        return whole(("[", *parts, "]"), count)

    def number(self) -> Number:
        typed = items_of(self.field.type, self.field.name, "")
        initial = initial_value(self.field)
        begins = len(initial) if isinstance(initial, list) else 0
        least = typed.least if initial is MISSING else min(typed.least, begins)
        counted = self._counted() if typed.most == INF else None
        if counted is None:
            return Number(least, typed.likely, typed.most, typed.causes, typed.assumed)
        most = begins + counted.most if self.field.merge == "append" else max(counted.most, begins)
        return Number(least, counted.likely, most, counted.causes, counted.assumed)

    def _counted(self) -> Number | None:
        """How many items its writers give; None where one of them does not tell."""
        if self._counting:  # it is as long as it is itself
            return None
        self._counting = True
        try:
            found = [node.items(self.field) for node in self.writers]
        finally:
            self._counting = False
        numbers = [number for number in found if number is not None]
        if len(numbers) < len(found) or not numbers or self._open:
            return None
        assumed = any(number.assumed for number in numbers)
        if self.field.merge == "append":
            visits = [self.graph.visits[node.spec.name] for node in self.writers]
            likely = sum(v[1] * n.likely for v, n in zip(visits, numbers, strict=True))
            most = sum(v[2] * n.most for v, n in zip(visits, numbers, strict=True) if v[2] and n.most)
        elif self.field.merge == "replace":
            likely, most = max(n.likely for n in numbers), max(n.most for n in numbers)
        else:
            return None
        causes = tuple(cause for n in numbers for cause in n.causes)
        return Number(0, likely, most, causes if most == INF else (), assumed)

    def said(self, meter: Meter) -> Said:
        """What the field, a conversation, holds when a model is told of it: what was added before."""
        if not is_conversation(self.field.type):
            return Said()
        turns = list(self._turns(meter))
        initial = initial_value(self.field) or []
        given = sum(meter.count(m["content"] if isinstance(m, dict) else str(m)) + meter.frame for m in initial)
        number = len(initial) + sum(most for _, most, _ in turns)
        most = given + sum(times * extent.most for _, times, extent in turns if times and extent.most)
        likely = given + sum(times * (extent.likely + meter.frame) for times, _, extent in turns) / 2
        keep = self.field.keep
        kept = self._kept(keep, turns, meter, initial) if keep is not None else (INF, INF)
        most, number = min(most, kept[0]), min(number, kept[1])
        causes = [cause for _, _, extent in turns for cause in extent.causes] if most == INF else []
        if number == INF or (most == INF and not causes):
            causes.append(Cause(self.field.name, "is a conversation without bounds", "Give it keep: {last: 40}."))
        return Said("", min(likely, most), most, tuple(dict.fromkeys(causes)), number)

    def _turns(self, meter: Meter) -> Iterator[tuple[float, float, Extent]]:
        """The messages that are added: likely so often, at most so often, and how long each is."""
        for node in self.writers:
            _, likely, most = self.graph.visits[node.spec.name]
            for extent in node.turns(self.field, meter):
                yield likely, most, extent

    def _kept(
        self, keep: Keep, turns: list[tuple[float, float, Extent]], meter: Meter, initial: list[Any]
    ) -> tuple[float, float]:
        """The tokens and the messages that `keep` leaves at most. The newest message stays, however long it is."""
        longest = max([e.most for _, _, e in turns] + [meter.count(str(m)) for m in initial], default=0.0)
        if any(node.adds_system(self.field) for node in self.writers) or any("system" in str(m) for m in initial):
            return INF, INF  # messages of the role system always stay
        if keep.last is not None:
            return keep.last * longest if longest else 0.0, keep.last
        return max(keep.tokens or 0, longest), keep.tokens or INF


def _endless(name: str) -> Cause:
    return Cause(name, "is added to without end", "Give the loop a max_times.")
