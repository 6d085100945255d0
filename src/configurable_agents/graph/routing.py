"""What decides where a run goes next: edges, routes and switches, compiled once per workflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from configurable_agents.errors import NodeError, RunError
from configurable_agents.events import RouteTaken
from configurable_agents.spec.edges import END, Fail, Goto, Outgoing, Route, Rule, Switch, Target
from configurable_agents.spec.filters import text_of
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.validation import show
from configurable_agents.spec.workflow import GraphSpec

Texts = Mapping[DataPath, Template | Expression]
RuleCounts = Counter[DataPath]


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a node goes. For a route or a switch: the rules tried by index, what they gave, the winner, its count.

    `failure` is what the run fails with where a `fail` was chosen; `targets` are empty then.
    """

    targets: tuple[str, ...]
    rule: int | None = None
    tried: list[int] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    failure: RunError | None = None


Decide = Callable[[Mapping[str, Any], RuleCounts], Decision]

# From the code of a node's failure; None where no rule takes it.
DecideFailure = Callable[[str, Mapping[str, Any], RuleCounts], Decision | None]


def compile_routing(graph: GraphSpec) -> dict[str, Decide | Decision]:
    """For each node where it goes, or a function to that from the names it may read and the counts of rules."""
    return {name: _compile(name, outgoing, graph.texts) for name, outgoing in graph.edges.items()}


def compile_failures(graph: GraphSpec) -> dict[str, DecideFailure]:
    """For each node whose route has rules for failures, what decides where it goes when it fails."""
    return {
        name: _failures(name, outgoing, graph.texts)
        for name, outgoing in graph.edges.items()
        if isinstance(outgoing, Route) and any(rule.on_error for rule in outgoing.rules)
    }


def _compile(node: str, outgoing: Outgoing, texts: Texts) -> Decide | Decision:
    match outgoing:
        case Goto(to=to):
            return Decision(to)
        case Route():
            return _route(node, outgoing, texts)
        case Switch():
            return _switch(node, outgoing, texts)


def as_taken(outgoing: Outgoing, taken: RouteTaken, counts: RuleCounts) -> Decision | None:
    """The decision that an event tells, counted; None where it has to be made again, to know its failure."""
    targets = tuple(taken.targets)
    if targets == ("fail",) or isinstance(outgoing, Goto):
        return None
    path = outgoing.rules[taken.rule].path if isinstance(outgoing, Route) else outgoing.path
    counts[path] += 1
    return Decision(targets, taken.rule, taken.tried, taken.values, taken.count)


def _route(node: str, route: Route, texts: Texts) -> Decide:
    conditions = [texts.get((*rule.path, "when")) for rule in route.rules]

    def decide(values: Mapping[str, Any], counts: RuleCounts) -> Decision:
        tried: list[int] = []
        seen: dict[str, Any] = {}
        for index, (rule, condition) in enumerate(zip(route.rules, conditions, strict=True)):
            if rule.on_error is not None:
                continue
            tried.append(index)
            if isinstance(condition, Expression):
                with_node = _evaluated(node, lambda c=condition: c.holds(values))  # type: ignore[misc]  # bound now
                seen[condition.text] = with_node
                if not with_node:
                    continue
            if _used(rule, counts):
                continue
            counts[rule.path] += 1
            targets, failure = _targets(node, rule.to, texts, values)
            return Decision(targets, index, tried, seen, counts[rule.path], failure)
        raise _no_rule(node, route, counts)

    return decide


def _failures(node: str, route: Route, texts: Texts) -> DecideFailure:
    def decide(code: str, values: Mapping[str, Any], counts: RuleCounts) -> Decision | None:
        tried: list[int] = []
        for index, rule in enumerate(route.rules):
            if rule.on_error is None:
                continue
            tried.append(index)
            if rule.on_error in ("any", code) and not _used(rule, counts):
                counts[rule.path] += 1
                targets, failure = _targets(node, rule.to, texts, values)
                return Decision(targets, index, tried, {"error.code": code}, counts[rule.path], failure)
        return None

    return decide


def _used(rule: Rule, counts: RuleCounts) -> bool:
    return rule.max_times is not None and counts[rule.path] >= rule.max_times


def _switch(node: str, switch: Switch, texts: Texts) -> Decide:
    on = texts[*switch.path, "switch"]
    places = {value: index for index, (value, _) in enumerate(switch.cases)}

    def decide(values: Mapping[str, Any], counts: RuleCounts) -> Decision:
        value = _evaluated(node, lambda: on.evaluate(values))
        place = places.get(str(text_of(value)) if value is not None else "null")
        target = switch.cases[place][1] if place is not None else switch.otherwise
        if target is None:
            message = f"The switch after '{node}' has no case for {show(value)}."
            raise NodeError("no_case", message, "Add the case, or an else.", node)
        counts[switch.path] += 1
        index = place if place is not None else len(switch.cases)
        targets, failure = _targets(node, target, texts, values)
        return Decision(targets, index, [index], {switch.on: value}, counts[switch.path], failure)

    return decide


def _targets(
    node: str, target: Target, texts: Texts, values: Mapping[str, Any]
) -> tuple[tuple[str, ...], RunError | None]:
    if isinstance(target, Fail):
        message = texts[target.path]
        said = _evaluated(node, lambda: message.render(values)) if isinstance(message, Template) else target.message
        return (), RunError("failed_by_route", said, f"The route after '{node}' chose to fail the run.", node)
    return target, None


def _evaluated(node: str, compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except RenderError as error:
        raise NodeError(error.code, error.message, error.hint, node) from None


def _no_rule(node: str, route: Route, counts: RuleCounts) -> NodeError:
    used = [rule for rule in route.rules if rule.on_error is None and _used(rule, counts)]
    message = f"No rule of the route after '{node}' holds" + (f" ({_used_up(used)})." if used else ".")
    return NodeError("no_rule", message, f"Add {{else: {END}}} as its last rule.", node)


def _used_up(rules: list[Rule]) -> str:
    return "; ".join(f"'{rule.when}' was taken {rule.max_times} times" for rule in rules)
