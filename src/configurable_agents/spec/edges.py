"""The `edges` of a document, read into one outgoing declaration per node: where it goes, and what decides.

`A -> B & C` is split with the offset of every name kept, so that a wrong one is pointed at exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from configurable_agents.spec.edgeshapes import FailShape, RouteShape, RuleShape, SwitchShape
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.suggest import Suggestion, did_you_mean, nearest

START, END = "START", "END"


@dataclass(frozen=True, slots=True)
class Fail:
    """A target that fails the run with a message, a template."""

    message: str
    path: DataPath


# One name goes on, several fan out; each side of a fork is a branch.
Target = tuple[str, ...] | Fail


@dataclass(frozen=True, slots=True)
class Goto:
    """An edge that is always taken. `offsets` say where in the text at `path` its targets stand."""

    to: tuple[str, ...]
    path: DataPath
    offsets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a route: it holds by `when`, or after a failure by `on_error` (a code or `any`); `else` has neither."""

    when: str | None
    on_error: str | None
    to: Target
    max_times: int | None
    path: DataPath

    @property
    def key(self) -> str:
        """The key that its target stands at."""
        return "else" if self.when is None and self.on_error is None else "to"


@dataclass(frozen=True, slots=True)
class Route:
    """The first rule that holds decides. Routes of one declaration share their counts, by `path`."""

    rules: tuple[Rule, ...]
    path: DataPath


@dataclass(frozen=True, slots=True)
class Switch:
    """The value of `on` decides; `cases` by the source text of the value."""

    on: str
    cases: tuple[tuple[str, Target], ...]
    otherwise: Target | None
    path: DataPath


Outgoing = Goto | Route | Switch


def targets_of(outgoing: Outgoing) -> list[Target]:
    """Every way that a declaration may lead."""
    match outgoing:
        case Goto(to=to):
            return [to]
        case Route(rules=rules):
            return [rule.to for rule in rules]
        case Switch(cases=cases, otherwise=otherwise):
            return [target for _, target in cases] + ([otherwise] if otherwise is not None else [])


_ARROW = re.compile(r"->")
_WRONG_ARROWS = re.compile(r"-->|=>|→|--|,|(?<=\w\s)to(?=\s\w)|>")
_NAME = re.compile(r"[^\s&]+")


class EdgeReader:
    """Reads edges against the nodes that there are; `known` are those, `cut` more that were there but wrong.

    `meant` are places at which a key was refused: what it would have said is not missed.
    """

    def __init__(self, report: Report, known: list[str], cut: set[str], meant: set[DataPath]) -> None:
        self.report = report
        self.known, self.nodes = known, frozenset(known)
        self.cut = cut
        self.meant = meant
        self.outgoing: dict[str, Outgoing] = {}
        self.unknown: set[tuple[DataPath, int | None]] = set()
        self.broken = False  # whether a name or an arrow could not be read: nothing can be said of the whole then

    def in_order(self) -> dict[str, Outgoing]:
        """The edges of a document that has none: the nodes as they are written."""
        names = [START, *self.known, END]
        return {a: Goto((b,), ("nodes", a)) for a, b in pairwise(names)}

    def read(self, edges: list[str | RouteShape | SwitchShape], places: list[int]) -> dict[str, Outgoing]:
        for edge, place in zip(edges, places, strict=True):
            path: DataPath = ("edges", place)
            if isinstance(edge, str):
                self.chain(edge, path)
            elif isinstance(edge, RouteShape):
                self.route(edge, path)
            else:
                self.switch(edge, path)
        if START not in self.outgoing and not self.broken:
            first = self.known[0] if self.known else "node"
            self.report.add(
                "no_start",
                "No edge leaves START.",
                f"Add the edge: START -> {first}",
                ("edges",),
                on_key=True,
            )
            self.broken = True
        return self.outgoing

    def chain(self, text: str, path: DataPath) -> None:
        steps = self.steps(text, path)
        if steps is None:
            self.broken = True
            return
        for sources, targets in pairwise(steps):
            to = self.fan_out(targets, path)
            for name, offset in sources:
                if name == END or (name == START and len(sources) > 1):
                    hint = "Begin a chain at a node, or at START alone."
                    self.report.add(
                        "wrong_edge",
                        f"No edge leaves {name} here.",
                        hint,
                        path,
                        offset=offset,
                        width=len(name),
                    )
                    self.broken = True
                elif self.name(name, path, offset, source=True):
                    self.declare(name, Goto(to, path, tuple(place for _, place in targets)), path, offset)

    def steps(self, text: str, path: DataPath, lead: int = 0) -> list[list[tuple[str, int]]] | None:
        """The names between the arrows, each with its offset; the first `lead` characters are not in the file."""
        wrong = _WRONG_ARROWS.search(_ARROW.sub("  ", text.replace("-->", "@@@")).replace("@@@", "-->"))
        if wrong is not None:
            hint = "Several nodes are joined by &, as in: a -> b & c" if wrong.group() == "," else "Write it: a -> b"
            message = f"'{wrong.group()}' is no arrow."
            width = len(wrong.group())
            self.report.add("edge_syntax", message, hint, path, offset=wrong.start() - lead, width=width)
            return None
        found, start = [], 0
        for part in _ARROW.split(text):
            names = [(match.group(), start + match.start()) for match in _NAME.finditer(part)]
            if len(names) != part.count("&") + 1 or not names:
                message = (
                    "A name is missing here." if len(names) <= part.count("&") else f"'{part.strip()}' is no node."
                )
                hint = "Write an edge like: a -> b, or a -> b & c"
                offset = start + len(part) - len(part.lstrip()) if part.strip() else min(start, len(text) - 1)
                offset = max(offset - lead, 0)
                self.report.add("edge_syntax", message, hint, path, offset=offset, width=max(len(part.strip()), 1))
                return None
            found.append(names)
            start += len(part) + 2
        if len(found) < 2:
            self.report.add("edge_syntax", "An edge leads from one node to another.", "Write it: a -> b", path)
            return None
        return found

    def fan_out(self, names: list[tuple[str, int]], path: DataPath) -> tuple[str, ...]:
        """The targets of an arrow; what is wrong with them is reported, and sets `broken`."""
        for index, (name, offset) in enumerate(names):
            problem = None
            if name == START:
                problem = "No edge leads to START."
            elif name == END and len(names) > 1:
                problem = "END can't be one of several branches."
            elif name in [other for other, _ in names[:index]]:
                problem = f"'{name}' stands here twice."
            if problem:
                self.report.add("wrong_edge", problem, "Remove it.", path, offset=offset, width=len(name))
                self.broken = True
            else:
                self.name(name, path, offset)
        return tuple(name for name, _ in names)

    def name(self, name: str, path: DataPath, offset: int | None, *, source: bool = False) -> bool:
        if name in self.nodes or name == (START if source else END):
            return True
        self.broken = True
        if name in self.cut or "" in self.cut:  # the node, or all of them, could not be read
            return True
        if (path, offset) in self.unknown:  # within a chain a name is a target and then a source
            return False
        self.unknown.add((path, offset))
        special = {
            "start": START,
            "begin": START,
            "__start__": START,
            "end": END,
            "__end__": END,
            "finish": END,
        }
        if name.lower() in special and special[name.lower()] == (START if source else END):
            meant = special[name.lower()]
            hint: str = f"It is written {meant}."
            if nearest(name, self.nodes) is None:
                hint = Suggestion(hint, name, meant)
        else:
            hint = did_you_mean(name, [*self.known, *sorted(self.cut - {START, END}), START if source else END])
            if isinstance(hint, Suggestion) and self.report.offset_of(path, hint.instead) is not None:
                hint = str(hint)  # an edge hardly names a node twice
        self.report.add("unknown_node", f"There is no node '{name}'.", hint, path, offset=offset, width=len(name))
        return False

    def declare(self, name: str, outgoing: Outgoing, path: DataPath, offset: int | None) -> None:
        if name in self.outgoing:
            first = self.report.where(self.outgoing[name].path)
            message = f"'{name}' has two outgoing declarations; the first is {first}."
            hint = f"Join them: {name} -> b & c for branches in parallel, or a route for a choice."
            self.report.add("two_outgoing", message, hint, path, offset=offset, width=len(name))
            self.broken = True
            return
        self.outgoing[name] = outgoing

    def sources(self, source: str | list[str], path: DataPath) -> Iterator[str]:
        for index, name in enumerate([source] if isinstance(source, str) else source):
            where = (*path, "from") if isinstance(source, str) else (*path, "from", index)
            if self.name(name.strip(), where, None, source=True):
                yield name.strip()

    def route(self, shape: RouteShape, path: DataPath) -> None:
        rules = []
        for index, rule in enumerate(shape.route):
            where: DataPath = (*path, "route", index)
            last = index == len(shape.route) - 1
            read = self.rule(rule, where, last=last)
            if read is not None:
                rules.append(read)
        for name in self.sources(shape.source, path):
            self.declare(name, Route(tuple(rules), path), (*path, "from"), None)

    def rule(self, rule: RuleShape, path: DataPath, *, last: bool) -> Rule | None:
        problem = _misformed(rule, last=last)
        if problem:
            if not any((*path, key) in self.meant for key in ("when", "on_error", "to", "else")):
                self.report.add("wrong_rule_of_route", *problem, path)
            self.broken = True
            return None
        key = "to" if rule.otherwise is None else "else"
        target = self.target(rule.to if rule.otherwise is None else rule.otherwise, (*path, key))
        return Rule(rule.when, rule.on_error, target, rule.max_times, path) if target is not None else None

    def target(self, target: str | FailShape | None, path: DataPath) -> Target | None:
        if isinstance(target, FailShape):
            return Fail(target.fail, (*path, "fail"))
        text = target or ""
        steps = self.steps(f"x ->{text}", path, lead=4) if "->" not in text else None
        if steps is None:
            if "->" in text:
                self.report.add(
                    "edge_syntax",
                    "One target stands here, no chain.",
                    "Give the rest an edge of its own.",
                    path,
                )
            self.broken = True
            return None
        return self.fan_out([(name, offset - 4) for name, offset in steps[1]], path)

    def switch(self, shape: SwitchShape, path: DataPath) -> None:
        cases = []
        for value, target in shape.cases.items():
            read = self.target(target, (*path, "cases", value))
            cases.append((value, read if read is not None else (END,)))
        otherwise = self.target(shape.otherwise, (*path, "else")) if shape.otherwise is not None else None
        for name in self.sources(shape.source, path):
            self.declare(name, Switch(shape.switch, tuple(cases), otherwise, path), (*path, "from"), None)


def _misformed(rule: RuleShape, *, last: bool) -> tuple[str, str] | None:
    """What is wrong with a rule's keys, and how to mend it."""
    if rule.otherwise is not None:
        if any(given is not None for given in (rule.when, rule.on_error, rule.to, rule.max_times)):
            return "'else' stands alone in its rule.", "Write the condition as a rule of its own, before it."
        if not last:
            return "'else' comes last: the rules after it never hold.", "Move it to the end of the route."
    elif rule.when is not None and rule.on_error is not None:
        return "A rule holds by 'when' or by 'on_error', not by both.", "Make two rules of it."
    elif rule.when is None and rule.on_error is None:
        return "The rule has no condition.", "Write {when: condition, to: node}, or {else: node} as the last."
    elif rule.to is None:
        return "The rule leads nowhere.", "Add the key 'to'."
    return None
