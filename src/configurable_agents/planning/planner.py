"""From a workflow and what is known of its input to a plan: each graph in it, from the inside out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from configurable_agents.planning.amounts import INF, Spread, Vector, lower, upper
from configurable_agents.planning.choices import choices
from configurable_agents.planning.context import Context
from configurable_agents.planning.extents import Cause, Count, Extent, of_type
from configurable_agents.planning.fields import StateField
from configurable_agents.planning.meters import Providers
from configurable_agents.planning.nodes import NodePlan
from configurable_agents.planning.plan import ModelPlan, Plan, Total, money_range, whole_range
from configurable_agents.planning.texts import Known, Measure, Name, Names, Typed, known_values
from configurable_agents.planning.ways import Ways
from configurable_agents.runs.models import Models
from configurable_agents.spec.edges import END
from configurable_agents.spec.scope import ERROR, RUN
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.types import MISSING, Field, ObjectOf, OptionalOf, Scalar, Type
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec

_ID = Scalar("str", (("maxLength", 36),))  # the id of a run is a UUID
_RUN = ObjectOf("run", tuple(replace(field, type=_ID) if field.name == "id" else field for field in RUN.fields))


def make_plan(workflow: WorkflowSpec, given: Mapping[str, Any], models: Models, providers: Providers) -> Plan:
    """What a run costs that is given this input, checked; fields may be missing that a run would need.

    Raises:
        SettingsError: there is no such model.
    """
    context = Context(models, providers)
    names: dict[str, Name] = {
        name: _input(field, given.get(name, MISSING), f", or --input {name}=…")
        for name, field in workflow.input.items()
    }
    graph = GraphPlan(workflow, workflow, {**names, **_surrounding(workflow)}, context, "")
    return _told(workflow, graph, context)


def _input(field: Field, value: Any, hint: str) -> Name:
    if value is not MISSING:
        return Known(value, field.type)
    if field.default is not MISSING:
        return Known(field.default, field.type)
    return Known(None, field.type) if isinstance(field.type, OptionalOf) else Typed(field.type, field.name, hint)


def _surrounding(workflow: WorkflowSpec) -> dict[str, Name]:
    files: dict[str, Name] = {"files": Known(dict(workflow.files))} if workflow.files else {}
    return {"run": Typed(_RUN, "run"), "error": Typed(ERROR, "error"), **files}


class GraphPlan:
    """One graph with what is known of the names that it reads. `prefix` comes before its nodes' names in a path."""

    def __init__(self, spec: GraphSpec, owner: WorkflowSpec, outer: Names, context: Context, prefix: str) -> None:
        self.spec, self.owner, self.context, self.prefix = spec, owner, context, prefix
        state = {name: StateField(self, field) for name, field in spec.state.items()}
        self.names: dict[str, Name] = {**outer, **state}
        known = known_values(self.names)
        leading = {name: choices(outgoing, spec.texts, known) for name, outgoing in spec.edges.items() if name != END}
        self.ways = Ways(leading, spec.forks, owner.limits.max_steps)
        self.nodes = {name: NodePlan(self, node) for name, node in spec.nodes.items()}

    @cached_property
    def reached(self) -> list[NodePlan]:
        """The nodes that a run may come to."""
        reached = {node for node, _ in self.ways.options}
        return [node for name, node in self.nodes.items() if name in reached]

    @cached_property
    def visits(self) -> dict[str, tuple[float, float, float]]:
        """How often the nodes are executed whose writes add up: at least, likely, at most.

        How long lists are depends on that, so that the sizes of maps can have no say in which way is likely.
        """
        named = [node.spec.name for node in self.reached if any(self._gathers(field) for field in node.spec.written)]
        costs = {}
        for node in self.reached:
            here = (float(node.may_ask), *(float(node.spec.name == name) for name in named))
            costs[node.spec.name] = Spread(here, here, here)
        found = self.ways.spread(costs, 1 + len(named))
        return {name: (found.least[n], found.likely[n], found.most[n]) for n, name in enumerate(named, 1)}

    def _gathers(self, field: str) -> bool:
        return self.spec.state[field].merge in ("append", "update", "messages")

    @cached_property
    def spread(self) -> Spread:
        """What a run of the graph costs, in the figures of the context."""
        costs = {node.spec.name: self._cost(node) for node in self.reached}
        found = self.ways.spread(costs, self.context.size)
        for loop in self.ways.loops:
            for name in loop:
                if name in self.nodes and any(costs[name].most):
                    self._gap(self.nodes[name], self._endless)
        for note in self.ways.undecided:
            self.context.note(f"likely: {note}")
        least = lower(found.least, found.most)
        return Spread(least, upper(least, lower(found.likely, found.most)), found.most)

    @property
    def _endless(self) -> Cause:
        why = f"lead back to it, and only max_steps ({self.ways.max_steps}) ends that loop"
        return Cause("edges", why, "Give the rule that leads back a max_times.")

    def _gap(self, node: NodePlan, cause: Cause) -> None:
        self.context.gap(self.prefix + node.spec.name, self.owner.source, node.spec.line, cause)

    def _cost(self, node: NodePlan) -> Spread:
        """What one execution of a node costs; what is guessed of it is noted, where it asks at all."""
        cost = node.spread(self.context.size, lambda place: self._price(node, place))
        if any(cost.most):
            path = self.prefix + node.spec.name
            for _, number, sure in node.rounds_that_run():
                for cause in number.causes if number.most == INF else ():
                    self._gap(node, cause)
                if number.assumed:
                    over = ", ".join(f"{loop.name} in {loop.over.text}" for loop in node.spec.loops)
                    self.context.note(f"likely: {path} has {number.likely:g} items ({over})")
                if not sure:
                    self.context.note(f"likely: the `when` of {path} holds")
        return cost

    def _price(self, node: NodePlan, place: int) -> Spread:
        if node.questions is None:
            self._gap(node, Cause("its kind", "does not say what it asks", "Let its plugin answer NodeKind.questions."))
            return self.context.unknown(node.models)
        found = Spread.zero(self.context.size)
        for asking, price in node.price(place):
            found += self.context.priced(asking.meter, price)
            for cause in price.causes:
                self._gap(node, cause)
        inner = node.inner(place)
        return found + inner.spread if inner is not None else found

    def refusals(self) -> Counter[str]:
        """How many further calls of each model there may be because schemas are refused."""
        found: Counter[str] = Counter()
        for node in self.reached:
            found.update(node.refusals())
        return found

    # ------------------------------------------------------------------------------------------------------------------

    def within(self, node: NodePlan, names: Names) -> GraphPlan:
        """The graph in a node, which reads these names."""
        spec, prefix = node.spec.inner, f"{self.prefix}{node.spec.name}/"
        if spec is None:
            raise TypeError(f"{node.spec.name} holds no graph")
        arguments: Mapping[str, Any] | None = getattr(node.config, "arguments", None)
        given = {name: self._argument(node, name, value, names) for name, value in (arguments or {}).items()}
        if not isinstance(spec, WorkflowSpec):
            return GraphPlan(spec, self.owner, {**names, **given}, self.context, prefix)
        if arguments is None:
            given = {name: names[name] for name in spec.input if name in names}
        inputs = {
            name: _narrowed(given[name], f) if name in given else _input(f, MISSING, "")
            for name, f in spec.input.items()
        }
        return GraphPlan(spec, spec, {**inputs, **_surrounding(spec)}, self.context, prefix)

    def _argument(self, node: NodePlan, name: str, value: Any, names: Names) -> Name:
        """A value that is given to the graph in a node."""
        path: DataPath = (*node.path, "with", name)
        text = node.spec.texts.get(path)
        if not isinstance(text, Template):
            return Known(value) if "{{" not in str(value) else _Argument(node, value, path, names)
        if text.constant:
            return Known(value)
        known = Measure(names, len).value(text.lone.tree) if text.lone is not None else MISSING
        return Known(known) if known is not MISSING else _Argument(node, value, path, names)

    def output(self, member: str | None, count: Count) -> Extent | None:
        """What the graph gives, or a member of it, printed; None where nothing is said of that."""
        if member is None and len(self.spec.output) == 1:
            (member,) = self.spec.output
        expression = self.spec.output.get(member or "")
        return Measure(self.names, count).expression(expression) if isinstance(expression, Expression) else None


class _Argument:
    """A name whose value is computed from names of the outside."""

    def __init__(self, node: NodePlan, value: Any, path: DataPath, names: Names) -> None:
        self.node, self.given, self.path, self.names = node, value, path, names
        self.value: Any = MISSING
        text = node.spec.texts.get(path)
        self.lone = text.lone if isinstance(text, Template) else None

    @property
    def type(self) -> Type:
        return Measure(self.names, len).type(self.lone.tree) if self.lone is not None else Scalar("str")

    def extent(self, count: Count) -> Extent:
        return self.node.value(self.given, self.path, self.names, count)

    def number(self) -> Any:
        tree = self.lone.tree if self.lone is not None else None
        return (
            Measure(self.names, len).number(tree) if tree is not None else Typed(self.type, str(self.path[-1])).number()
        )


class _Narrowed:
    """A name that is an input of another workflow as well: what its type there bounds, too."""

    def __init__(self, name: Name, field: Field) -> None:
        self.name, self.field = name, field
        self.value, self.type = name.value, field.type

    def extent(self, count: Count) -> Extent:
        return self.name.extent(count).within(of_type(self.field.type, self.field.name, "", count).most)

    def number(self) -> Any:
        outer, own = self.name.number(), Typed(self.field.type, self.field.name).number()
        return own if own.most < outer.most else outer


def _narrowed(name: Name, field: Field) -> Name:
    return name if name.value is not MISSING else _Narrowed(name, field)


def _told(workflow: WorkflowSpec, graph: GraphPlan, context: Context) -> Plan:
    """The figures of the whole, each where it belongs."""
    spread, refused = graph.spread, graph.refusals()
    most = list(spread.most)
    for model, number in refused.items():
        for place in (0, context.place(model)):
            most[place] += number
    figures = Spread(spread.least, spread.likely, tuple(most))
    models = []
    why = {choice.model: choice.why for choice in context.models.choices}
    for model, meter in context.meters.items():
        at = context.place(model)
        priced = meter.facts.input_usd is not None and meter.facts.output_usd is not None
        cost = money_range(*_at(figures, at + 3)) if priced else None
        models.append(
            ModelPlan(
                whole_range(*_at(figures, at)),
                whole_range(*_at(figures, at + 1)),
                whole_range(*_at(figures, at + 2)),
                cost,
                model,
                why.get(model, ""),
            )
        )
    unpriced = tuple(m.model for m in models if m.cost_usd is None and (m.calls.most is None or m.calls.most > 0))
    known = money_range(*_at(figures, 3))
    calls, sent, back = (whole_range(*_at(figures, place)) for place in range(3))
    whole = Total(calls, sent, back, None if unpriced else known, known, unpriced)
    return Plan(workflow.name, tuple(models), whole, tuple(context.gaps), tuple(context.notes(whole)))


def _at(spread: Spread, place: int) -> Vector:
    return spread.least[place], spread.likely[place], spread.most[place]
