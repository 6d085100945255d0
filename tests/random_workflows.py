"""Workflows at random: graphs put together from parts, from the end to the beginning, so that all of them are right.

They are data, as `load` takes them. Their nodes write what they saw, so that the state tells in which order they ran.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

# Beside every workflow. A node gives a value, late or never; the second in a thread of its own.
FUNCTIONS = """\
import asyncio
import time


async def give(value, fails=False, ms=0):
    await asyncio.sleep(ms / 1000)
    if fails:
        raise ValueError(value)
    return value


def give_in_thread(value, fails=False, ms=0):
    time.sleep(ms / 1000)
    if fails:
        raise ValueError(value)
    return value


def look(n, i, last="-"):
    return f"{n} {i} {last}"
"""


def give(value: Any, fails: bool = False, ms: int = 0) -> Any:
    if fails:
        raise ValueError(value)
    return value


def look(n: int, i: int, last: str = "-") -> str:
    return f"{n} {i} {last}"


GIVE = {"f:give": give, "f:give_in_thread": give}
PLAIN_FUNCTIONS: Mapping[str, Callable[..., Any]] = {**GIVE, "f:look": look}

INPUT = {
    "i": {"type": "int", "default": 0},
    "flag": {"type": "bool", "default": False},
    "kind": {"type": "enum[x, y, z]", "default": "x"},
}
OWN = {"seen": {"type": "list[str]", "merge": "append"}, "n": {"type": "int", "merge": "add"}, "last": "str"}
READS = ("n", "i", "seen | length", "n + i")
SHARED = {
    "facts": {"type": "dict[str, any]", "merge": "update"},
    "bad": {"type": "list[ItemError]", "merge": "append"},
}


@dataclass(frozen=True)
class Workflow:
    """A workflow, what it is given, and of its fan-outs the node before them and the one where they join."""

    data: Mapping[str, Any]
    given: Mapping[str, Any]
    joins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Where:
    """A place in a graph: whether nothing runs beside it, and whether END may be led to."""

    alone: bool = True
    may_end: bool = True


@dataclass
class Graph:
    """A graph under construction. `reads` are numbers that its nodes may read; `delays` are milliseconds, of items."""

    draw: st.DrawFn
    reads: tuple[str, ...]
    depth: int = 0
    delays: tuple[int, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    nodes: dict[str, Any] = field(default_factory=dict)
    arrows: list[tuple[str, str]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)

    def pick(self, *of: Any) -> Any:
        return self.draw(st.sampled_from(of))

    def seldom(self, one_in: int = 5) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == one_in)

    def number(self) -> str:
        return str(self.pick(*self.reads))

    def condition(self) -> str:
        size, than = self.draw(st.integers(2, 3)), self.draw(st.integers(0, 2))
        number = self.number()
        return str(
            self.pick(f"({number}) % {size} == {than % size}", f"{number} > {than}", "flag", "not flag", "kind == 'x'")
        )

    def shares(self, size: int, least: int = 1) -> list[int]:
        """A size cut in pieces, at least so many."""
        pieces = self.draw(st.integers(least, max(min(size, 3), least)))
        return [max(size // pieces, 1)] * pieces

    # A whole graph ------------------------------------------------------------------------------------------------

    def whole(self, size: int) -> dict[str, Any]:
        """The nodes and edges of a graph of about this many parts."""
        self.fields.update(OWN if self.depth else {**OWN, **SHARED})
        if self.seldom(8):
            for _ in range(min(size, 4)):
                self.leaf("END", Where())
            return {"nodes": self.nodes}  # without edges they run as they are written
        first = self.part("END", size, Where())
        if self.seldom():
            beyond = self.pick(first, first, "END")
            self.choices.append({"from": "START", "route": [{"when": self.condition(), "to": first}, {"else": beyond}]})
        else:
            self.arrows.append(("START", first))
        self.tell_errors()
        order = self.draw(st.permutations(list(self.nodes)))
        return {"nodes": {name: self.nodes[name] for name in order}, "edges": [*self.edges(), *self.choices]}

    def edges(self) -> list[str]:
        """The arrows, some of those to one target as one edge, some of those in a row as a chain."""
        to: dict[str, list[str]] = {}
        for source, target in self.arrows:
            to.setdefault(target, []).append(source)
        found = []
        for target, sources in to.items():
            if "START" not in sources and self.draw(st.booleans()):
                found.append(f"{' & '.join(sources)} -> {target}")
            else:
                found += [f"{source} -> {target}" for source in sources]
        place = next((place for place, edge in enumerate(found) if edge.startswith("START")), None)
        if place is not None and self.draw(st.booleans()):
            last = found[place].rpartition("-> ")[2]
            more = next((edge for edge in found if edge.startswith(f"{last} ->")), None)
            if more is not None:
                found.remove(more)
                found = [edge + more.removeprefix(last) if edge.startswith("START") else edge for edge in found]
        return found

    def tell_errors(self) -> None:
        """Let nodes tell of the last failure. Only where there is a rule for failures, there is an `error`."""
        if not any("on_error" in rule for choice in self.choices for rule in choice.get("route", ())):
            return
        for node in self.nodes.values():
            if "set" in node and "flatten" not in node:
                node["set"]["seen"] += " {{ error.node if error is defined else '-' }}"

    # Parts: each gives what leads to it -----------------------------------------------------------------------------

    def part(self, then: str, size: int, where: Where) -> str:
        if size < 2:
            return self.leaf(then, where)
        build = self.pick(self.sequence, self.parallel, self.parallel, self.choice, self.loop, self.attempt)
        return str(build(then, size, where))

    def sequence(self, then: str, size: int, where: Where) -> str:
        for share in self.shares(size, 2):
            then = self.part(then, share, where)
        return then

    def parallel(self, then: str, size: int, where: Where) -> str:
        join = self.leaf(then, where) if "&" in then or self.draw(st.booleans()) else then
        inside = Where(alone=False, may_end=where.may_end and join == "END")
        heads: list[str] = []
        for share in self.shares(size, 2):
            head = self.part(join, share, inside)
            heads.append(self.leaf(head, inside) if "&" in head else head)
        if join != "END" and self.seldom(3):
            heads.append(join)  # a branch without nodes
        target = " & ".join(self.draw(st.permutations(heads)))
        if self.draw(st.booleans()):
            return target
        fork = self.leaf(target, where)
        if join != then:
            self.joins.append((fork, join))
        return fork

    def way(self, then: str, size: int, where: Where) -> Any:
        """One of several ways on; at the end of some the run fails."""
        if self.seldom():
            return then
        if self.seldom(7):
            if self.draw(st.booleans()):
                return {"fail": "No way at {{ n }}."}
            doomed = self.node(where)
            self.choices.append({"from": doomed, "route": [{"else": {"fail": "No way after {{ n }}."}}]})
            return doomed
        return "END" if where.may_end and self.seldom() else self.part(then, size, where)

    def choice(self, then: str, size: int, where: Where) -> str:
        ways = [self.way(then, share, where) for share in self.shares(size)]
        ways.append(self.part(then, 1, where) if self.draw(st.booleans()) else then)
        chooser = self.node(where)
        sources: Any = chooser
        if self.seldom(3):  # one of two, which share a route
            sources = [self.node(where), self.node(where)]
            first = [{"when": self.condition(), "to": sources[0]}, {"else": sources[1]}]
            self.choices.append({"from": chooser, "route": first})
        self.choices.append({"from": sources, **(self.switch(ways) if self.seldom(3) else self.route(ways))})
        return chooser

    def switch(self, ways: list[Any]) -> dict[str, Any]:
        if len(ways) == 2 and self.draw(st.booleans()):
            return {"switch": "flag", "cases": {"true": ways[0], "false": ways[1]}}
        if len(ways) <= 4 and self.draw(st.booleans()):
            return {"switch": "kind", "cases": dict(zip("xyz", ways[:-1], strict=False)), "else": ways[-1]}
        cases = {str(value): way for value, way in enumerate(ways[:-1])}
        return {"switch": f"({self.number()}) % {len(ways)}", "cases": cases, "else": ways[-1]}

    def route(self, ways: list[Any]) -> dict[str, Any]:
        rules = [self.rule({"when": self.condition(), "to": way}) for way in ways[:-1]]
        last = {"when": f"({self.number()}) % 2 == 0", "to": ways[-1]} if self.seldom(6) else {"else": ways[-1]}
        return {"route": [*rules, last]}

    def rule(self, rule: dict[str, Any], one_in: int = 3) -> dict[str, Any]:
        return {**rule, "max_times": self.draw(st.integers(1, 2))} if self.seldom(one_in) else rule

    def loop(self, then: str, size: int, where: Where) -> str:
        again = self.name()
        self.nodes[again] = {"set": self.values(again, where)}
        body = self.part(again, size - 1, where)
        turns = self.draw(st.integers(1, 3))
        if self.draw(st.booleans()):
            rule = {"when": self.condition(), "to": body, "max_times": turns}
        else:
            self.fields[f"turns_{again}"] = {"type": "int", "merge": "add"}
            self.nodes[again]["set"][f"turns_{again}"] = 1
            rule = {"when": f"turns_{again} % {turns + 1} != 0", "to": body}
        self.choices.append({"from": again, "route": [rule, {"else": then}]})
        return body

    def attempt(self, then: str, size: int, where: Where) -> str:
        """A node that may fail, with rules for that."""
        name = self.name()
        self.nodes[name] = self.failing(name)
        rules = []
        for share in self.shares(size):
            code = self.pick("any", "python_error", "unset_field", "timeout")
            if self.seldom(4):
                rules.append({"on_error": code, "to": name, "max_times": self.draw(st.integers(1, 2))})
            else:
                rules.append(self.rule({"on_error": code, "to": self.way(then, share, where)}))
        if self.draw(st.booleans()):
            place = self.draw(st.integers(0, len(rules)))
            rules.insert(place, self.rule({"when": self.condition(), "to": self.way(then, 1, where)}))
        self.choices.append({"from": name, "route": [*rules, {"else": then}]})
        return name

    # Nodes ----------------------------------------------------------------------------------------------------------

    def leaf(self, then: str, where: Where) -> str:
        name = self.node(where)
        self.arrows.append((name, then))
        return name

    def name(self) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes[name] = {}
        return name

    def node(self, where: Where) -> str:
        name = self.name()
        kinds = [self.plain, self.plain, self.skipped, self.called, self.rescued, self.mapped]
        self.nodes[name] = self.pick(*kinds, *([self.group] if self.depth < 2 else []))(name, where)
        return name

    def text(self, name: str) -> str:
        return f"{name} {{{{ {self.number()} }}}}{self.pick('', ' {{ last | default(1) }}')}"

    def values(self, name: str, where: Where) -> dict[str, Any]:
        """What a node writes; a field that holds one value only where nothing runs beside it."""
        values: dict[str, Any] = {"seen": self.text(name), "n": self.pick(1, 2, "{{ n % 2 }}")}
        if not self.depth and self.draw(st.booleans()):
            values["facts"] = {"last": name, name: "{{ n }}"}
        if where.alone:
            values["last"] = name
        return values

    def plain(self, name: str, where: Where) -> dict[str, Any]:
        return {"set": self.values(name, where)}

    def skipped(self, name: str, where: Where) -> dict[str, Any]:
        return {"when": self.condition(), "set": self.values(name, where)}

    def called(self, name: str, where: Where) -> dict[str, Any]:
        if self.seldom(3):
            return {"python": "f:look", "writes": "seen"}  # it is given what its parameters are named after
        writes = self.pick("seen", {"seen": "result", "n": "result | length"})
        fails = {"fails": f"{{{{ {self.condition()} }}}}"} if self.seldom(12) else {}
        return {"python": "f:give", "with": {"value": self.text(name), **fails}, "writes": writes}

    def failing(self, name: str) -> dict[str, Any]:
        if self.seldom(4):
            return {"set": {"seen": "{{ facts.missing }}"}}
        fails = f"{{{{ {self.condition()} }}}}"
        return {"python": "f:give", "with": {"value": self.text(name), "fails": fails}, "writes": "seen"}

    def rescued(self, name: str, where: Where) -> dict[str, Any]:
        instead = {"seen": f"{name} {{{{ error.code }}}} {{{{ error.node }}}}", "n": 1}
        return {**self.failing(name), "on_error": {"set": instead}}

    def mapped(self, name: str, where: Where) -> dict[str, Any]:
        """A map: over a list or the product of two, with items that may be left out, fail or give lists."""
        loop = f"x in range({self.draw(st.integers(0, 4))})"
        second = self.pick(None, "y in range(x)", "y in [2, 1]")
        node: dict[str, Any] = {"for_each": [loop, second] if second else loop}
        number = self.pick("x", "item.index", "x + n", *(["x + y"] if second else []))
        if self.seldom(3):
            node["when"] = f"({number}) % 2 == 0"
        if self.draw(st.booleans()):
            node["concurrency"] = self.draw(st.integers(1, 4))
        value: Any = f"{name} {{{{ {number} }}}}"
        if self.seldom(3):
            node["flatten"], value = True, [value, "{{ item.index }}|"]
        kind = self.pick("f:give", "f:give_in_thread", "set") if self.delays else self.pick("f:give", "set")
        if kind == "set":
            return {**node, "set": {"seen": value}}
        given = {"value": value, "ms": f"{{{{ {self.delays}[item.index % 4] }}}}"} if self.delays else {"value": value}
        if self.seldom(2):
            which = self.pick(f"({number}) % 3 == {self.draw(st.integers(0, 2))}", "x >= 0")
            given["fails"] = f"{{{{ {which} }}}}"
            modes = ["skip", "fail", *([{"collect": "bad"}] if not self.depth else [])]
            node["on_item_error"] = self.pick(*modes)
        if self.seldom(3):
            node["on_error"] = {"set": {"seen": f"{name} {{{{ error.code }}}}"}}
        return {**node, "python": kind, "with": given, "writes": "seen"}

    def group(self, name: str, where: Where) -> dict[str, Any]:
        shape = self.pick("one", "several", "map", "flat")
        over = (
            {"for_each": f"z{self.depth} in range({self.draw(st.integers(0, 3))})"} if shape in ("map", "flat") else {}
        )
        more = [name for name in self.reads if name[0] in "kz"] + ([f"z{self.depth}"] if over else [])
        inner = Graph(self.draw, (*READS, "k", *more), self.depth + 1, self.delays)
        graph = inner.whole(self.draw(st.integers(1, 4)))
        given = {"k": f"{{{{ {self.number()} }}}}"}
        node = {**over, "state": inner.fields, "with": given, **graph, "output": ["seen"], "writes": "seen"}
        match shape:
            case "several":
                node.update(output={"a": "seen", "b": "n + 1"}, writes={"seen": "result.a", "n": "result.b"})
            case "map":
                node["output"] = {"a": "seen | join(', ')"}
            case "flat":
                node["flatten"] = True
        if self.seldom(3):
            node["on_error"] = {"set": {"seen": f"{name} {{{{ error.code }}}}"}}
        return node


@st.composite
def graphs(draw: st.DrawFn) -> Workflow:
    """Graphs of all that there is, nested."""
    graph = Graph(draw, READS)
    whole = graph.whole(draw(st.sampled_from(range(3, 18))))
    given = {"i": draw(st.integers(0, 5)), "flag": draw(st.booleans()), "kind": draw(st.sampled_from("xyz"))}
    return Workflow(workflow(graph.fields, **whole), given, tuple(graph.joins))


def workflow(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 2, "name": "random", "input": INPUT, "state": state, "limits": {"max_steps": 1000}, **more}
