"""One node of a plan: how often it asks in one execution, what for, and what it writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, cached_property, reduce
from typing import Any, Protocol

from configurable_agents.planning.amounts import INF, Spread, lower, scaled
from configurable_agents.planning.asks import Asking, Price
from configurable_agents.planning.choices import condition
from configurable_agents.planning.context import Context
from configurable_agents.planning.extents import (
    Cause,
    Count,
    Extent,
    Number,
    either,
    may_be_list,
    of_type,
    quoted,
    repeated,
    whole,
)
from configurable_agents.planning.meters import Meter
from configurable_agents.planning.rounds import Round, rounds
from configurable_agents.planning.texts import Known, Measure, Name, Names, Sized, Typed, known_values
from configurable_agents.plugins.nodes import NodeKind, Question
from configurable_agents.spec.nodeshapes import CollectShape, HandledShape
from configurable_agents.spec.scope import ERROR
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.types import Field, ListOf
from configurable_agents.spec.workflow import NodeSpec, WorkflowSpec

_CONCURRENCY = 10  # of the items of a map, where it says nothing


class Graph(Protocol):
    """A graph that is planned for."""

    names: dict[str, Name]
    owner: WorkflowSpec
    context: Context

    @property
    def spread(self) -> Spread:
        """What a run of it costs, in the figures of the context."""
        ...

    def within(self, node: NodePlan, names: Names) -> Graph:
        """The graph in one of its nodes, which reads these names."""
        ...

    def output(self, member: str | None, count: Count) -> Extent | None:
        """What it gives, or a member of it, printed; None where nothing is said of that."""
        ...

    def refusals(self) -> Counter[str]:
        """How many further calls of each model there may be because schemas are refused."""
        ...


class NodePlan:
    """A node in a graph that is planned for."""

    def __init__(self, graph: Graph, spec: NodeSpec) -> None:
        self.graph, self.spec, self.config = graph, spec, spec.config
        self.path: DataPath = ("nodes", spec.name)
        self._inner: dict[int, Graph] = {}

    @cached_property
    def questions(self) -> list[Asking] | None:
        """What one attempt asks; None where that can't be told."""
        kind = self.spec.kind
        asked = kind.questions(self.config) if isinstance(kind, NodeKind) else ()
        return None if asked is None else [self._asking(question) for question in asked]

    def _asking(self, question: Question) -> Asking:
        target = self.graph.context.models.target(self.graph.owner.source, question.model, None, question.max_tokens)
        return Asking(self.spec, question, self.graph.context.meter(target.model), target.settings.max_tokens)

    @property
    def may_ask(self) -> bool:
        """Whether the node, or one in it, may ask a model."""
        return self.questions != [] or self.spec.inner is not None

    @property
    def models(self) -> list[str]:
        """The models that a node asks that does not say what."""
        kind, models, owner = self.spec.kind, self.graph.context.models, self.graph.owner.source
        asked = kind.models(self.config) if isinstance(kind, NodeKind) else ()
        return [models.target(owner, model, None, None).model for model in asked]

    @cached_property
    def rounds(self) -> list[Round]:
        """The items of the node, alike ones as one; a single one where it is no map."""
        return list(rounds(self.spec.loops, self.graph.names))

    def inner(self, place: int) -> Graph | None:
        """The graph in the node, as the round at this place runs it."""
        if self.spec.inner is None:
            return None
        if place not in self._inner:
            self._inner[place] = self.graph.within(self, self.rounds[place].names)
        return self._inner[place]

    def when(self, names: Names) -> bool | None:
        """Whether the node runs; None where that is not known."""
        if self.config.when is None:
            return True
        return condition(self.spec.texts.get((*self.path, "when")), known_values(names))

    # ------------------------------------------------------------------------------------------------------------------

    def spread(self, size: int, price: Callable[[int], Spread]) -> Spread:
        """What one execution costs, where `price` gives what one attempt at the round at a place does."""
        found, nothing = Spread.zero(size), (0.0,) * size
        running = [(price(place), number, sure) for place, number, sure in self.rounds_that_run()]
        for once, number, sure in running:
            least = once.least if sure and not self.may_be_left_out else nothing
            most = scaled(self.attempts, once.most)
            found += Spread(scaled(number.least, least), scaled(number.likely, once.likely), scaled(number.most, most))
        if self.is_handled:
            return Spread(nothing, found.likely, found.most)
        if self.may_be_left_out and running and all(sure and number.least for _, number, sure in running):
            one = reduce(lower, (once.least for once, _, _ in running))  # where all items fail, the node does
            return Spread(one, found.likely, found.most)
        return found

    def rounds_that_run(self) -> list[tuple[int, Number, bool]]:
        """The places of the rounds that may run, each with how often it does, and whether it is sure to."""
        found = []
        for place, item in enumerate(self.rounds):
            holds = self.when(item.names)
            if holds is not False:
                found.append((place, item.number, holds is True))
        return found

    @property
    def attempts(self) -> int:
        return self.config.retry.attempts if self.config.retry is not None else 1

    @property
    def may_be_left_out(self) -> bool:
        """Whether an item that fails may be left out: it may do so before it has asked."""
        return self.config.on_item_error not in (None, "fail")

    @property
    def is_handled(self) -> bool:
        """Whether the node may fail before it has asked, and the run go on."""
        return isinstance(self.config.on_error, HandledShape)

    @cache  # noqa: B019  # a node lives as long as a plan
    def price(self, place: int) -> list[tuple[Asking, Price]]:
        """What one attempt at a round asks."""
        return [(asking, asking.price(self.rounds[place].names)) for asking in self.questions or ()]

    def refusals(self) -> Counter[str]:
        """How many further calls of each model may be made because its provider refuses the schema of a reply.

        That is remembered, so it happens once; but items that run at the same time may each be refused.
        """
        running = self.rounds_that_run()
        if not running:
            return Counter()
        found = Counter(asking.meter.model for asking in self.questions or () if asking.refusable)
        inner = self.inner(running[0][0])
        if inner is not None:
            found.update(inner.refusals())
        at_once = min(sum(number.most for _, number, _ in running), self.config.concurrency or _CONCURRENCY)
        return Counter({model: number * int(at_once) for model, number in found.items()})

    # ------------------------------------------------------------------------------------------------------------------

    def gives(self, field: Field, count: Count) -> Iterator[Extent]:
        """What the node may write to a field in one execution."""
        handled = self.config.on_error
        if isinstance(handled, HandledShape) and field.name in handled.set:
            names = {**self.graph.names, "error": Typed(ERROR, "error")}
            yield self.value(handled.set[field.name], (*self.path, "on_error", "set", field.name), names, count)
        if isinstance(self.config.on_item_error, CollectShape) and self.config.on_item_error.collect == field.name:
            yield of_type(field.type, field.name, "", count)
        if field.name in self.spec.kind.also_written(self.config):
            yield of_type(field.type, field.name, "", count)
        place = self.spec.kind.written(self.config).get(field.name)
        if place is None:
            return
        mapping = isinstance(getattr(self.config, "writes", None), dict)
        each = [self.item(n, field, place, count) for n in range(len(self.rounds)) if not mapping]
        if mapping and self.rounds:
            result = either(self.result(n, None, field, count) for n in range(len(self.rounds)))
            listed = self.listed([(result, self.number())], count) if self.spec.loops else result
            of = ListOf(self.spec.returns) if self.spec.loops else self.spec.returns
            expression = self.spec.texts.get((*self.path, *place))
            if isinstance(expression, Expression):
                names = {**self.graph.names, "result": Sized(of, listed, f"{self.spec.name}'s result")}
                yield Measure(names, count).expression(expression)
        elif self.spec.loops:
            yield self.listed([(e, r.number) for e, r in zip(each, self.rounds, strict=True)], count)
        else:
            yield from each

    def listed(self, items: list[tuple[Extent, Number]], count: Count) -> Extent:
        """The list of what the items of a map give, printed."""
        parts = [repeated(whole((quoted(e), ", "), count), 0, n.likely, n.most, n.causes) for e, n in items]
        return whole(("[", *parts, "]"), count)

    def item(self, place: int, field: Field, path: DataPath, count: Count) -> Extent:
        """What one item gives to a field that is named at this place of the node."""
        if path[0] == "writes":
            listed = isinstance(getattr(self.config, "writes", None), list)
            return self.result(place, field.name if listed else None, field, count)
        return self.value(self.literal(path), (*self.path, *path), self.rounds[place].names, count)

    def literal(self, path: DataPath) -> Any:
        """What stands at a place of the node."""
        value: Any = self.config
        for key in path:
            value = value[key] if isinstance(value, dict) else getattr(value, str(key))
        return value

    def result(self, place: int, member: str | None, field: Field, count: Count) -> Extent:
        """The node's result in a round, or a member of it."""
        own = self.spec.gives.get(field.name, field).type
        if self.questions:
            of = own if member is not None or field.merge != "append" else self.spec.returns
            return either(asking.reply(of, field.name) for asking in self.questions)
        inner = self.inner(place)
        if inner is not None:
            found = inner.output(member, count)
            if found is not None:
                return found
        return of_type(own, field.name, "", count)

    def value(self, value: Any, path: DataPath, names: Names, count: Count) -> Extent:
        """A value of the file whose texts are templates, printed."""
        match value:
            case str():
                template = self.spec.texts.get(path)
                return Measure(names, count).template(template) if isinstance(template, Template) else Extent()
            case dict():
                parts = [quoted(self.value(v, (*path, k), names, count), f'"{k}": ') for k, v in value.items()]
                return whole(
                    ("{", *(p for n, part in enumerate(parts) for p in ((", ", part) if n else (part,))), "}"), count
                )
            case list():
                parts = [quoted(self.value(v, (*path, n), names, count)) for n, v in enumerate(value)]
                return whole(
                    ("[", *(p for n, part in enumerate(parts) for p in ((", ", part) if n else (part,))), "]"), count
                )
        return Known(value).extent(count)

    def number(self) -> Number:
        """How many items the node has, at most where some of them may be left out."""
        numbers = [item.number for item in self.rounds]
        causes = tuple(cause for number in numbers for cause in number.causes)
        return Number(
            sum(n.least for n in numbers), sum(n.likely for n in numbers), sum(n.most for n in numbers), causes
        )

    def items(self, field: Field) -> Number | None:
        """How many items the node adds to a list in one execution; None where it does not tell."""
        if self.is_handled or field.name not in self.spec.kind.written(self.config):
            return None
        if self.spec.loops:
            mapping = isinstance(getattr(self.config, "writes", None), dict)
            return None if self.config.flatten or mapping else self.number()
        if field.merge != "append":
            return None
        return Number(1, 1, 1) if self.adds_one(field) else None

    def adds_one(self, field: Field) -> bool:
        """Whether what the node writes to a list that is appended to is one item, not a list of them."""
        place = self.spec.kind.written(self.config)[field.name]
        text = self.spec.texts.get((*self.path, *place))
        if isinstance(text, Template):
            text = text.lone
            if text is None:
                return True  # several parts are a text
        if isinstance(text, Expression):
            names = {**self.graph.names, "result": Typed(self.spec.returns, "result")}
            return not may_be_list(Measure(names, len).type(text.tree))
        if place[0] != "writes":
            return not isinstance(self.literal(place), list)
        return bool(self.questions) and not may_be_list(self.spec.returns)

    def turns(self, field: Field, meter: Meter) -> Iterator[Extent]:
        """The messages that one execution adds to a conversation; anything, where it writes it otherwise."""
        asking = [a for a in self.questions or () if a.question.conversation == field.name]
        if not asking:
            cause = Cause(
                field.name, f"is written by '{self.spec.name}', which may add any messages", "Give it a keep."
            )
            yield Extent("", 0.0, INF, (cause,))
        for asked in asking:
            texts = asked.texts()
            for _, path in asked.question.turns:
                text = texts.get(path)
                if path != ("system",) and isinstance(text, Template):
                    yield Measure(self.rounds[0].names, meter.count).template(text)
            yield asked.reply(self.spec.returns, field.name)

    def adds_system(self, field: Field) -> bool:
        """Whether it may add messages of the role system to a conversation."""
        asking = [a for a in self.questions or () if a.question.conversation == field.name]
        roles = [role for a in asking for role, path in a.question.turns if path != ("system",)]
        return not asking or "system" in roles
