"""Why a run went the way it went: each decision in order, with the rules that were tried and what they saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from configurable_agents.errors import RunError
from configurable_agents.events import (
    ErrorInfo,
    Event,
    NodeAnswered,
    NodeAsked,
    NodeFailed,
    NodeSkipped,
    NodeSucceeded,
    RouteTaken,
    RunForked,
    RunResumed,
    RunStarted,
)
from configurable_agents.graph.merging import ERROR, Merger
from configurable_agents.history.reads import values_read
from configurable_agents.history.walk import Execution, Walk, chosen, walk
from configurable_agents.spec.edges import START, Fail, Outgoing, Route, Rule, Switch
from configurable_agents.spec.picture import condition
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule of a route, or the case of a switch, that was looked at.

    `condition` is its text; `held` says whether it held, which a rule taken `max_times` no longer counts for: then
    `used_up`. `taken` is how often it was taken by now, None where it was not this time.
    """

    condition: str
    held: bool
    used_up: bool = False
    taken: int | None = None
    max_times: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: a route or a switch, a node that was skipped by `when`, a failure and a person's answer.

    `saw` are the values that the conditions read, as far as they are known. `to` is where it led; `sets` the fields
    that `on_error` set after a failure. `text` is the condition of `when`, the question that was answered, or the run
    that was forked.
    """

    kind: Literal["route", "switch", "skipped", "failed", "answered", "forked"]
    node: str
    visit: int
    item: int | None = None
    tried: tuple[Tried, ...] = ()
    saw: Mapping[str, Any] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    fails_with: str | None = None
    error: ErrorInfo | None = None
    sets: tuple[str, ...] = ()
    text: str = ""
    answer: Any = None
    by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The decision as `runs why --json` prints it, without what it has nothing to say of."""
        found: dict[str, Any] = {"kind": self.kind, "node": self.node, "visit": self.visit}
        more = {
            "item": self.item,
            "tried": [asdict(rule) for rule in self.tried],
            "saw": dict(self.saw),
            "to": list(self.to),
            "fails_with": self.fails_with,
            "error": self.error.model_dump() if self.error is not None else None,
            "sets": list(self.sets),
            "text": self.text,
            "by": self.by,
        }
        found |= {name: value for name, value in more.items() if value not in (None, "", [], {})}
        return found | ({"answer": self.answer} if self.kind == "answered" else {})


def decisions(workflow: WorkflowSpec, events: Sequence[Event]) -> list[Decision]:
    """Every decision of a run, in order. Values that routes in groups read from outside of them are not known."""
    return list(_Explained(workflow, events).all())


class _Explained:
    def __init__(self, workflow: WorkflowSpec, events: Sequence[Event]) -> None:
        self.workflow = workflow
        self.events = events
        self.writes: dict[tuple[str, int], Mapping[str, Any]] = {}
        self.failures: dict[tuple[str, int], ErrorInfo] = {}
        self.questions: dict[tuple[str, int, int | None], str] = {}
        self.input: Mapping[str, Any] = {}
        self.messages: Mapping[str, Any] = {}
        self.walks: dict[str, Walk] = {}

    def all(self) -> Iterator[Decision]:
        for event in self.events:
            self.note(event)
            decision = self.decision(event)
            if decision is not None:
                yield decision

    def note(self, event: Event) -> None:
        """Keep what later decisions are told with."""
        match event:
            case RunStarted():
                self.input, self.messages = event.input, event.messages
            case RunResumed(input=dict() as given):
                self.input = given
            case NodeAsked():
                self.questions[event.node, event.visit, event.item] = event.question.text
            case NodeSucceeded():
                self.writes[event.node, event.visit] = event.writes
            case NodeFailed():
                self.failures[event.node, event.visit] = event.error

    def decision(self, event: Event) -> Decision | None:
        match event:
            case RunForked():
                return Decision("forked", event.node, event.visit, saw=event.set, text=event.parent)
            case NodeAnswered():
                text = self.questions.get((event.node, event.visit, event.item), "")
                about = {"item": event.item, "text": text, "answer": event.answer, "by": event.by}
                return Decision("answered", event.node, event.visit, **about)
            case NodeSkipped():
                return self.skipped(event)
            case NodeSucceeded(error=ErrorInfo() as error):
                return Decision("failed", event.node, event.visit, error=error, sets=tuple(event.writes))
            case NodeFailed(handled=False):
                return Decision("failed", event.node, event.visit, error=event.error)
            case RouteTaken():
                return self.route(event)
        return None

    def graph(self, path: str) -> tuple[GraphSpec | None, str, str]:
        """The graph that a path's node stands in, the prefix of its paths, and the node's name."""
        outside, slash, name = path.rpartition("/")
        if not outside:
            return self.workflow, "", name
        found = self.workflow.find(outside)
        return found[0].inner if found is not None else None, outside + slash, name

    def skipped(self, event: NodeSkipped) -> Decision:
        graph, prefix, name = self.graph(event.node)
        node = graph.nodes.get(name) if graph is not None else None
        if graph is None or node is None:
            return Decision("skipped", event.node, event.visit)
        when = node.texts.get(("nodes", name, "when"))
        saw = {}
        if isinstance(when, Expression):
            saw = values_read(when, self.names(graph, prefix, (name, event.visit)))
        return Decision("skipped", event.node, event.visit, saw=saw, text=node.config.when or "")

    def route(self, event: RouteTaken) -> Decision | None:
        graph, prefix, name = self.graph(event.node)
        outgoing = graph.edges.get(name) if graph is not None else None
        if graph is None or not isinstance(outgoing, Route | Switch):
            return None
        failure = self.failures.get((event.node, event.visit)) if "error.code" in event.values else None
        names = self.names(graph, prefix, (name, event.visit), failure)
        saw: dict[str, Any] = {}
        for text in _texts(outgoing, event, graph):
            saw |= values_read(text, names)
        rules = tuple(_tried(outgoing, event))
        to, fails = _target(outgoing, event)
        kind: Literal["route", "switch"] = "route" if isinstance(outgoing, Route) else "switch"
        about = {"tried": rules, "saw": saw, "to": to, "fails_with": fails, "error": failure}
        return Decision(kind, event.node, event.visit, **about)  # type: ignore[arg-type]  # by their names

    def names(
        self,
        graph: GraphSpec,
        prefix: str,
        execution: Execution,
        failure: ErrorInfo | None = None,
    ) -> dict[str, Any]:
        """The names that a condition could read, as far as the events say: input, state, what the node itself wrote."""
        name, visit = execution
        given = self.input if not prefix else {}
        merger = Merger(graph.state, graph.directory)
        try:
            if name == START:
                return {**given, **merger.initial(), **(self.messages if not prefix else {})}
            if prefix not in self.walks:
                self.walks[prefix] = walk(graph, self.events, prefix)
            before = self.walks[prefix].before(name, visit) or {}
            merged = merger.merged(before, self.writes.get((f"{prefix}{name}", visit), {}), name)
        except RunError:  # a function that merges is not there any more; the rest can be told without
            return dict(given)
        if failure is not None:
            merged[ERROR] = {"code": failure.code, "message": failure.message, "node": name}
        return {**given, **merged}


def _texts(outgoing: Route | Switch, event: RouteTaken, graph: GraphSpec) -> Iterator[Expression]:
    paths = (
        [(*outgoing.path, "switch")]
        if isinstance(outgoing, Switch)
        else [(*outgoing.rules[index].path, "when") for index in event.tried if index < len(outgoing.rules)]
    )
    for path in paths:
        text = graph.texts.get(path)
        if isinstance(text, Expression):
            yield text


def _tried(outgoing: Outgoing, event: RouteTaken) -> Iterator[Tried]:
    if isinstance(outgoing, Switch):
        values = [value for value, _ in outgoing.cases]
        case = f"= {values[event.rule]}" if event.rule < len(values) else "matches no case: else"
        yield Tried(f"{outgoing.on} {case}", held=True, taken=event.count)
        return
    for index in event.tried:
        if not isinstance(outgoing, Route) or index >= len(outgoing.rules):
            continue  # the workflow is another by now
        rule = outgoing.rules[index]
        won = index == event.rule
        held = won or _held(rule, event)
        taken = event.count if won else None
        yield Tried(condition(rule), held, used_up=held and not won, taken=taken, max_times=rule.max_times)


def _held(rule: Rule, event: RouteTaken) -> bool:
    """Whether the condition of a rule that was not taken held all the same: it had been taken `max_times`."""
    if rule.on_error is not None:
        return rule.on_error in ("any", event.values.get("error.code"))
    return rule.when is None or bool(event.values.get(rule.when))


def _target(outgoing: Outgoing, event: RouteTaken) -> tuple[tuple[str, ...], str | None]:
    target = chosen(outgoing, event.rule)
    return ((), target.message) if isinstance(target, Fail) else (tuple(event.targets), None)
