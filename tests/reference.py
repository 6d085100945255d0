"""An interpreter of the workflow language, as plain as can be, to compare with what the product does.

It knows nothing of the product: it reads a workflow as data and executes its nodes (`set`, `python` and `nodes`) one
after the other, step by step. It checks nothing and is in no hurry; it says what the language means.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from inspect import signature
from itertools import pairwise
from typing import Any

from jinja2 import Environment, StrictUndefined, Undefined, UndefinedError

Data = Mapping[str, Any]


class Unsure(Exception):
    """Chance decides how it goes on, or it goes on for too long: there is nothing to compare."""


class Failure(Exception):
    """What failed, as (code, node). Of several in one step chance decides which is told, so all of them are here."""

    def at(self, node: str) -> Failure:
        """The same, at a node where nothing inside of it is to blame."""
        return Failure(*((code, inside or node) for code, inside in self.args))

    def code(self) -> str:
        """The code, for what goes on by it."""
        code, *others = {code for code, _ in self.args}
        if others:
            raise Unsure
        return str(code)


@dataclass
class Outcome:
    """What happens in a run of at most so many executions."""

    functions: Mapping[str, Callable[..., Any]]
    most: int
    told: list[tuple[Any, ...]] = field(default_factory=list)
    unsure: set[int] = field(default_factory=set)  # the places of what may be cancelled by a failure beside it
    steps: dict[tuple[str, int], int] = field(default_factory=dict)  # of each node and visit, within its graph
    errors: tuple[tuple[str, str], ...] = ()  # of which one fails the run
    state: dict[str, Any] | None = None  # None where chance decides it

    @property
    def sure(self) -> Counter[tuple[Any, ...]]:
        return Counter(about for place, about in enumerate(self.told) if place not in self.unsure)

    def tell(self, *about: Any) -> None:
        self.told.append(about)


def run(workflow: Data, functions: Mapping[str, Callable[..., Any]], given: Data, most: int = 300) -> Outcome:
    """Run a workflow in which no more than `most` nodes are executed."""
    outcome = Outcome(functions, most)
    inputs = {name: declared["default"] for name, declared in workflow.get("input", {}).items()}
    graph = Graph(outcome, workflow, {**inputs, **given}, "")
    try:
        graph.run()
    except Failure as failure:
        outcome.errors = failure.args
    if not graph.torn:
        outcome.state = {name: value for name, value in graph.state.items() if name in graph.fields}
    return outcome


@dataclass
class Barrier:
    """A fan-out under way: where its branches join, and how many of them have not come there."""

    join: str
    missing: int


Place = tuple[str, tuple[Barrier, ...]]  # a branch: the node it is at, and the fan-outs it is inside of


class Graph:
    """One execution of a graph: of the workflow, or of a group in a node. `torn`: chance decides its last step."""

    def __init__(self, outcome: Outcome, spec: Data, outer: Data, path: str) -> None:
        self.outcome, self.spec, self.path = outcome, spec, path
        self.fields = {name: of if isinstance(of, dict) else {} for name, of in spec.get("state", {}).items()}
        self.outer = {name: value for name, value in outer.items() if name not in self.fields}
        begin = {name: of.get("default", EMPTY.get(of.get("merge", ""))) for name, of in self.fields.items()}
        self.state = {name: value for name, value in begin.items() if value is not None}
        self.ways, self.order = ways(spec), list(spec["nodes"])
        self.visits: Counter[str] = Counter()
        self.taken: Counter[tuple[int, int]] = Counter()
        self.written: list[dict[str, Any]] = []
        self.torn = False

    def run(self) -> None:
        here, step = self.go((), self.following("START", self.names())), 0
        while here:
            step += 1
            here = self.step(here, step)

    def names(self, values: Data | None = None) -> dict[str, Any]:
        """What can be read, with values written to the state."""
        return {**self.outer, **merged(self.fields, self.state, values or {})}

    def step(self, here: list[Place], step: int) -> list[Place]:
        """All nodes of a step see the state before it; their writes are merged in the order of the file."""
        began, self.written = len(self.outcome.told), []
        ahead, errors = list[Place](), list[tuple[str, str]]()
        for name, barriers in sorted(here, key=lambda place: self.order.index(place[0])):
            try:
                ahead += self.go(barriers, self.node(name, step))
            except Failure as failure:
                errors += failure.args
        for values in self.written:
            self.state = merged(self.fields, self.state, values)
        if errors:
            self.torn = len(here) > 1
            if self.torn:
                self.outcome.unsure.update(range(began, len(self.outcome.told)))
            raise Failure(*errors)
        return ahead

    def node(self, name: str, step: int) -> list[str]:
        """Execute a node and give those that follow."""
        if len(self.outcome.steps) == self.outcome.most:
            raise Unsure
        self.visits[name] += 1
        spec, path, visit = self.spec["nodes"][name], self.path + name, self.visits[name]
        self.outcome.steps[path, visit] = step
        try:
            skipped = "for_each" not in spec and not evaluate(spec.get("when", "true"), self.names())
            values = {} if skipped else Execution(self.outcome, spec, self.names(), path, visit).writes()
        except Failure as failure:
            return self.failed(name, failure.at(path), step)
        if skipped:
            self.outcome.tell("node_skipped", path, visit)
            return self.following(name, self.names())
        return self.succeeded(name, values, step)

    def succeeded(self, name: str, values: dict[str, Any], step: int) -> list[str]:
        self.outcome.tell("node_succeeded", self.path + name, self.visits[name], step)
        self.written.append(values)
        return self.following(name, self.names(values))

    def failed(self, name: str, failure: Failure, step: int) -> list[str]:
        """A failure goes to the node's own `on_error`, else to the rules of its route, else to the graph."""
        handling, way = self.spec["nodes"][name].get("on_error"), self.ways[name]
        if isinstance(handling, dict):
            error = {"code": failure.code(), "node": name}
            return self.succeeded(name, render(handling["set"], {**self.names(), "error": error}), step)
        self.outcome.tell("node_failed", self.path + name, self.visits[name])
        if isinstance(way, list) or not any("on_error" in rule for rule in way.get("route", ())):
            raise failure
        self.written.append({"error": {"code": failure.code(), "node": name}})
        return self.following(name, self.names(self.written[-1]), failure)

    def following(self, name: str, names: Data, failure: Failure | None = None) -> list[str]:
        """The nodes that follow on one, by its edge, its switch or its route."""
        way, path = self.ways[name], self.path + name
        if isinstance(way, list):
            return way
        seen: dict[str, Any] = {}
        if "switch" in way:
            seen[way["switch"]] = evaluate(way["switch"], names)
            case = text(seen[way["switch"]])
            index = [*way["cases"], case].index(case)
            tried, target, counted = [index], way["cases"].get(case, way.get("else")), (id(way), -1)
        else:
            tried = self.tried(way, names, failure.code() if failure else None, seen)
            if not tried:
                raise failure or Failure(("no_rule", path))
            index, counted = tried[-1], (id(way), tried[-1])
            target = way["route"][index].get("to", way["route"][index].get("else"))
        self.taken[counted] += 1
        targets = ["fail"] if isinstance(target, dict) else names_in(target)
        about = (tuple(tried), text(seen), index, tuple(targets), self.taken[counted])
        self.outcome.tell("route_taken", path, max(self.visits[name], 1), *about)
        if isinstance(target, dict):
            raise Failure(("failed_by_route", path))
        return targets

    def tried(self, way: Data, names: Data, failed: str | None, seen: dict[str, Any]) -> list[int]:
        """The rules up to the first that holds; none where none does. What they saw goes to `seen`."""
        tried = []
        for index, rule in enumerate(way["route"]):
            if ("on_error" in rule) != (failed is not None):
                continue  # a node that failed looks at these rules only, another at the others only
            tried.append(index)
            taken = True
            if "on_error" in rule:
                seen["error.code"], taken = failed, rule["on_error"] in ("any", failed)
            elif "when" in rule:
                seen[rule["when"]] = taken = evaluate(rule["when"], names)
            if taken and self.taken[id(way), index] < rule.get("max_times", 1_000_000):
                return tried
        return []

    def go(self, barriers: tuple[Barrier, ...], targets: list[str]) -> list[Place]:
        """The places that a branch goes to: none where it ends, or comes to a join before another branch."""
        if len(targets) > 1:
            barriers = (*barriers, Barrier(self.join(targets), len(targets)))
        return [place for target in targets for place in self.arrived(target, barriers)]

    def arrived(self, target: str, barriers: tuple[Barrier, ...]) -> list[Place]:
        if barriers and barriers[-1].join == target:
            barriers[-1].missing -= 1
            return [] if barriers[-1].missing else self.arrived(target, barriers[:-1])
        return [] if target == "END" else [(target, barriers)]

    def join(self, heads: list[str]) -> str:
        """The first node that every way from every head to END passes: without it, none would lead there."""
        heads = [head for head in heads if "END" in self.reached(head)]
        if len(heads) < 2:
            return "END"
        passed = {name for name in (*self.order, "END") if not any("END" in self.reached(head, name) for head in heads)}
        return str(next(name for name in passed if not any(self.reached(head, name) & passed for head in heads)))

    def reached(self, start: str, without: str = "") -> set[str]:
        """The nodes that can be reached from one, itself included, with one taken out of the graph."""
        found: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name not in found and name != without:
                found.add(name)
                waiting += targets_of(self.ways.get(name, []))
        return found


def ways(spec: Data) -> dict[str, Any]:
    """For each node where it goes: a list of nodes, or a route or switch. Without edges: as they are written."""
    if "edges" not in spec:
        return {before: [after] for before, after in pairwise(["START", *spec["nodes"], "END"])}
    found: dict[str, Any] = {}
    for edge in spec["edges"]:
        if isinstance(edge, str):
            for sources, targets in pairwise(edge.split("->")):
                found.update({source: names_in(targets) for source in names_in(sources)})
        else:
            found.update(dict.fromkeys([edge["from"]] if isinstance(edge["from"], str) else edge["from"], edge))
    return found


def names_in(target: str) -> list[str]:
    return [name.strip() for name in target.split("&")]


def targets_of(way: Any) -> list[str]:
    """All nodes that an outgoing declaration may lead to; `fail` leads nowhere."""
    if isinstance(way, list):
        return way
    found = [rule.get("to", rule.get("else")) for rule in way.get("route", ())]
    found += [*way.get("cases", {}).values(), way.get("else")]
    return [name for target in found if isinstance(target, str) for name in names_in(target)]


@dataclass
class Execution:
    """One execution of a node; `names` is what it reads."""

    outcome: Outcome
    spec: Data
    names: Data
    path: str
    visit: int

    def writes(self) -> dict[str, Any]:
        return self.mapped() if "for_each" in self.spec else self.fields(self.result(self.names, ""))

    def result(self, names: Data, item: str) -> Any:
        """What the node gives; in a map, one item."""
        if "set" in self.spec:
            return render(self.spec["set"], names)
        given = render(self.spec.get("with", {}), names)
        if "python" in self.spec:
            function = self.outcome.functions[self.spec["python"]]
            if "with" not in self.spec:
                given = {name: names[name] for name in signature(function).parameters if name in names}
            try:
                return function(**given)
            except ValueError:
                raise Failure(("python_error", "")) from None
        path = f"{self.path}#{self.visit}" if self.visit > 1 else self.path
        graph = Graph(self.outcome, self.spec, {**names, **given}, f"{path}{item}/")
        graph.run()
        output = self.spec["output"]
        found = {key: evaluate(output[key] if isinstance(output, dict) else key, graph.names()) for key in output}
        return next(iter(found.values())) if len(found) == 1 else found

    def fields(self, result: Any) -> dict[str, Any]:
        """The fields that a result goes to."""
        writes = self.spec.get("writes", [])
        if "set" in self.spec:
            return dict(result)
        if isinstance(writes, str):
            return {writes: result}
        if isinstance(writes, list):
            return {name: result[name] for name in writes}
        return {name: evaluate(of, {**self.names, "result": result}) for name, of in writes.items()}

    def mapped(self) -> dict[str, Any]:
        """The values of a map, from its items' in their order."""
        began, mode = len(self.outcome.told), self.spec.get("on_item_error", "fail")
        results, failures, errors = list[Any](), list[Data](), list[tuple[str, str]]()
        bounds = list(bindings(self.spec["for_each"], self.names))
        for index, bound in enumerate(bounds):
            names = {**self.names, **bound, "item": {"index": index}}
            try:
                if not evaluate(self.spec.get("when", "true"), names):
                    continue
                results.append(self.result(names, f"[{index}]"))
            except Failure as failure:
                errors += failure.at(f"{self.path}[{index}]").args
                self.outcome.tell("item_failed", self.path, self.visit, index, mode != "fail")
                item = next(iter(bound.values())) if len(bound) == 1 else bound
                if mode != "fail":
                    failures.append({"index": index, "code": failure.code(), "item": item})
            else:
                self.outcome.tell("item_succeeded", self.path, self.visit, index, text(results[-1]))
        if errors and mode == "fail":
            if len(bounds) > 1:
                self.outcome.unsure.update(range(began, len(self.outcome.told)))
            raise Failure(*errors)
        if errors and not results:
            raise Failure(("items_failed", ""))
        return {**self.lists(results), **({mode["collect"]: failures} if isinstance(mode, dict) else {})}

    def lists(self, results: list[Any]) -> dict[str, Any]:
        def joined(values: list[Any]) -> list[Any]:
            return [item for value in values for item in value] if self.spec.get("flatten") else values

        columns = self.spec.get("set", self.spec.get("writes", []))
        if "set" in self.spec or isinstance(columns, list):
            return {name: joined([result[name] for result in results]) for name in columns}
        return self.fields(joined(results))


def bindings(loops: str | list[str], names: Data) -> Iterator[dict[str, Any]]:
    """The variables of loops, item by item; the last loop turns fastest."""
    first, *rest = [loops] if isinstance(loops, str) else loops
    name, _, over = first.partition(" in ")
    for value in evaluate(over, names):
        for inner in bindings(rest, {**names, name: value}) if rest else [{}]:
            yield {name: value, **inner}


def merged(fields: Data, state: Data, values: Data) -> dict[str, Any]:
    """A state with values written to it."""
    new = dict(state)
    for name, value in values.items():
        merge = fields.get(name, {}).get("merge")
        if merge == "append":
            new[name] = [*new[name], *(value if isinstance(value, list) else [value])]
        elif merge == "update":
            new[name] = {**new[name], **value}
        else:
            new[name] = new[name] + value if merge == "add" else value
    return new


EMPTY = {"append": [], "update": {}, "add": 0}
BRACES = re.compile(r"\{\{ ([^{}]*) \}\}")
GRAMMAR = Environment(undefined=StrictUndefined)  # noqa: S701  # there is no HTML
compiled = cache(partial(GRAMMAR.compile_expression, undefined_to_none=False))


def evaluate(expression: str, names: Data) -> Any:
    code = "template_error" if "." in expression else "unset_field"  # a part of a value, or a field
    try:
        value = compiled(expression)(names)
    except UndefinedError:
        raise Failure((code, "")) from None
    if isinstance(value, Undefined):
        raise Failure((code, ""))
    return value


def render(value: Any, names: Data) -> Any:
    """A value with what stands in braces computed; a text that is nothing else keeps the type of that."""
    if isinstance(value, dict):
        return {key: render(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [render(inner, names) for inner in value]
    if isinstance(value, str) and (lone := BRACES.fullmatch(value)):
        return evaluate(lone[1], names)
    return BRACES.sub(lambda braces: text(evaluate(braces[1], names)), value) if isinstance(value, str) else value


def text(value: Any) -> str:
    """How a value prints."""
    return value if isinstance(value, str) else json.dumps(value)
