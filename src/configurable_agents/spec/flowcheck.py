"""Checks what texts read against what has been written by then: on no way before, or not on every way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from configurable_agents.spec.edges import END, START, Fail, Outgoing, Route
from configurable_agents.spec.flow import ERROR, Flow
from configurable_agents.spec.merging import initial_value
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.textcheck import Reading, TextChecker
from configurable_agents.spec.topology import Fork, reachable
from configurable_agents.spec.types import MISSING, Field
from configurable_agents.spec.workflow import NodeSpec

# What is set where a text is read: on every way, and on some.
_Set = tuple[int, int]


def unset_at_first(state: Mapping[str, Field]) -> list[str]:
    """The fields that hold nothing until they are written."""
    # A field whose declaration could not be read may have a default, or not need one.
    return [name for name, a_field in state.items() if a_field.merge != "unknown" and initial_value(a_field) is MISSING]


def check_flow(
    texts: TextChecker,
    edges: Mapping[str, Outgoing],
    nodes: Mapping[str, NodeSpec],
    state: Mapping[str, Field],
    forks: tuple[Fork, ...],
    *,
    handles: bool,
) -> None:
    """Report reads of fields that are not set. The edges must name nodes that exist; `handles`: `error` may be set."""
    fields = [*unset_at_first(state), *([ERROR] if handles else [])]
    if fields and texts.reads:
        _Check(texts, Flow(fields, edges, nodes, texts.parsed, forks), edges, nodes).all()


class _Check:
    def __init__(
        self, texts: TextChecker, flow: Flow, edges: Mapping[str, Outgoing], nodes: Mapping[str, NodeSpec]
    ) -> None:
        self.texts, self.flow, self.edges, self.nodes = texts, flow, edges, nodes
        self.reached = reachable(flow.following, START)
        self.nowhere: set[str] = set()  # fields that nothing writes, of which this has been said

    def all(self) -> None:
        by_owner: dict[DataPath, list[tuple[DataPath, list[Reading]]]] = {}
        for path, readings in self.texts.reads.items():
            by_owner.setdefault(path[:1] if path[0] == "output" else path[:2], []).append((path, readings))
        for name in self.nodes:
            if name in self.reached:
                self.node(name, by_owner.get(("nodes", name), []))
        owners: dict[DataPath, list[str]] = {}
        for name, outgoing in self.edges.items():
            if name in self.reached:
                owners.setdefault(outgoing.path, []).append(name)
        for path, names in owners.items():
            if path[0] == "edges":
                self.edge(names, self.edges[names[0]], by_owner.get(path, []))
        if END in self.reached:
            at_end = (self.flow.surely[END], self.flow.maybe[END])
            self.readings(END, ((at_end, reading) for _, found in by_owner.get(("output",), []) for reading in found))

    def node(self, name: str, texts: list[tuple[DataPath, list[Reading]]]) -> None:
        here: _Set = self.flow.surely[name], self.flow.maybe[name]
        self.readings(name, ((here, reading) for _, found in texts for reading in found))

    def edge(self, names: list[str], outgoing: Outgoing, texts: list[tuple[DataPath, list[Reading]]]) -> None:
        """The texts of a declaration, which is that of all these nodes."""
        for path, readings in texts:
            states = [self.at(name, self.edges[name], path) for name in names]
            surely, maybe = self.flow.every, 0
            for every, some in states:
                surely, maybe = surely & every, maybe | some
            self.readings(names[0], (((surely, maybe), reading) for reading in readings), after=True)

    def at(self, name: str, outgoing: Outgoing, path: DataPath) -> _Set:
        """What is set where a text of a node's outgoing declaration is read."""
        flow = self.flow
        surely, maybe, effect = flow.surely[name], flow.maybe[name], flow.effects[name]
        done: _Set = surely | effect.surely, maybe | effect.maybe
        if not isinstance(outgoing, Route):
            return done
        excluded = 0
        for rule in outgoing.rules:
            if rule.on_error is not None:
                error = flow.bit.get(ERROR, 0)
                if path[: len(rule.path)] == rule.path:
                    return surely | error, maybe | error
                continue
            holds, fails = flow.narrowed((*rule.path, "when"))
            if path[: len(rule.path)] == rule.path:
                own = holds if path[len(rule.path)] != "when" else 0
                return done[0] | excluded | own, done[1]
            excluded |= fails if rule.max_times is None else 0
        return done

    def readings(self, name: str, found: Iterable[tuple[_Set, Reading]], *, after: bool = False) -> None:
        said: set[str] = set()
        for (surely, maybe), reading in found:
            bit = self.flow.bit.get(reading.name, 0)
            if not bit or reading.guarded or reading.name in said or reading.name in self.nowhere or surely & bit:
                continue
            if maybe & bit and reading.chosen:
                continue
            said.add(reading.name)
            if maybe & bit:
                self.not_always(name, reading, bit, after=after)
            else:
                self.never(name, reading, bit, after=after)

    def never(self, name: str, reading: Reading, bit: int, *, after: bool) -> None:
        if reading.name == ERROR:
            message = "No failure leads here, so there is no 'error' to read."
            reading.say("never_written", message, "Read it where a rule on_error leads, or in on_error itself.")
            return
        writers = [writer for writer, effect in self.flow.effects.items() if effect.maybe & bit]
        hint = f"Write it before, give '{reading.name}' a default, or declare it T?: that begins as null."
        if not writers:
            self.nowhere.add(reading.name)
            message = f"'{reading.name}' is read, but no node writes it and it has no default."
            hint = f"Let a node write it (writes: {reading.name}), give it a default, or declare it under input."
        elif name == END:
            message = f"'{reading.name}' is not written on any way to END."
        else:
            place = f"after '{name}'" if after else f"before '{name}'"
            only = " and ".join(f"'{writer}'" for writer in writers[:2])
            message = f"'{reading.name}' is not written on any way that leads here: {only} can't run {place}."
        reading.say("never_written", message, hint)

    def not_always(self, name: str, reading: Reading, bit: int, *, after: bool) -> None:
        way = self.way_without(name, bit, after=after)
        where = f" on the way {way}" if way else " on every way that leads here"
        message = f"'{reading.name}' may be unset: it is not written{where}."
        if reading.name == ERROR:
            message, hint = "'error' may be unset: not every way here comes from a failure.", "Check: error is defined."
        else:
            hint = f"Give it a default, declare it T?, or read it as: {reading.name} | default(…)"
        reading.say("maybe_unset", message, hint, "warning")

    def way_without(self, name: str, bit: int, *, after: bool) -> str:
        """The shortest way from START to a node on which nothing surely writes a field."""
        if after and self.flow.effects[name].surely & bit:
            return ""
        before: dict[str, str] = {START: ""}
        level = [START]
        while level and name not in before:
            following = []
            for source in level:
                for way in self.flow.ways.get(source, ()):
                    for to in () if isinstance(way.target, Fail) or way.adds & bit else way.target:
                        if to not in before:
                            before[to] = source
                            following.append(to)
            level = following
        if name not in before:
            return ""
        steps = [name]
        while before[steps[0]]:
            steps.insert(0, before[steps[0]])
        return " -> ".join(steps if len(steps) <= 6 else [*steps[:2], "…", *steps[-3:]])
