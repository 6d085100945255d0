"""Which fields are set when a node begins: on every way that leads to it, and on at least one.

The usual analysis of a program's data flow (Aho, Sethi, Ullman: Compilers, 10.5), a bit for each field: where ways
meet after a choice, what is surely set is what all of them wrote; where branches join, what any of them wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from operator import or_

from configurable_agents.spec.definedness import defined_names
from configurable_agents.spec.edges import END, START, Fail, Goto, Outgoing, Route, Switch, Target
from configurable_agents.spec.nodeshapes import CollectShape, HandledShape
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.topology import Fork, branches, successors
from configurable_agents.spec.workflow import NodeSpec

ERROR = "error"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a node writes, as bits: `surely` whenever it succeeds or is skipped, `maybe` at all."""

    surely: int
    maybe: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a node: what is surely set on it beside what was before, and whether the node failed."""

    source: str
    target: Target
    adds: int
    failed: bool


@dataclass(slots=True)
class _Join:
    """Where ways meet in a node: those that come one at a time, and forks whose branches come together."""

    ways: list[Way] = field(default_factory=list)
    forks: list[list[_Join]] = field(default_factory=list)  # of each fork its branches


class Flow:
    """The analysis of one graph for the fields that are not set when it begins."""

    def __init__(
        self,
        fields: list[str],
        edges: Mapping[str, Outgoing],
        nodes: Mapping[str, NodeSpec],
        texts: Mapping[DataPath, Template | Expression],
        forks: tuple[Fork, ...],
    ) -> None:
        self.bit = {name: 1 << index for index, name in enumerate(fields)}
        self.every = (1 << len(fields)) - 1
        self.edges, self.texts, self.forks = edges, texts, forks
        self.following = successors(edges)
        self.effects = {name: self.effect(node) for name, node in nodes.items()}
        self.effects[START] = Effect(0, 0)
        self.ways = {name: list(self.ways_of(name, outgoing)) for name, outgoing in edges.items()}
        self.parts = [branches(fork, self.following) for fork in forks]
        self.surely = self.solve_surely()
        self.maybe = self.solve_maybe()
        self.beside()

    def bits(self, names: Iterator[str] | frozenset[str] | Mapping[str, object]) -> int:
        found = 0
        for name in names:
            found |= self.bit.get(name, 0)
        return found

    def effect(self, node: NodeSpec) -> Effect:
        config = node.config
        surely = self.bits(node.kind.written(config))
        if isinstance(config.on_item_error, CollectShape):
            surely |= self.bit.get(config.on_item_error.collect, 0)
        if isinstance(config.on_error, HandledShape):
            surely &= self.bits(config.on_error.set)
        if config.when is not None and config.for_each is None:
            # Where it is skipped, its condition may say what is set: `when: x is undefined`.
            holds, fails = self.narrowed(("nodes", node.name, "when"))
            surely = (surely | holds) & fails
        return Effect(surely, self.bits(node.written))

    def narrowed(self, path: DataPath) -> tuple[int, int]:
        """What the condition at `path` says is set where it holds, and where it does not."""
        condition = self.texts.get(path)
        holds, fails = defined_names(condition.tree) if isinstance(condition, Expression) else ((), ())
        return self.bits(frozenset(holds)), self.bits(frozenset(fails))

    def ways_of(self, name: str, outgoing: Outgoing) -> Iterator[Way]:
        done = self.effects[name].surely
        if isinstance(outgoing, Switch):
            holds, fails = self.narrowed((*outgoing.path, "switch"))
            for value, target in outgoing.cases:
                yield Way(name, target, done | {"true": holds, "false": fails}.get(value, 0), failed=False)
            if outgoing.otherwise is not None:
                yield Way(name, outgoing.otherwise, done, failed=False)
            return
        if not isinstance(outgoing, Route):
            yield Way(name, outgoing.to, done, failed=False)
            return
        for rule in outgoing.rules:
            if rule.on_error is not None:
                yield Way(name, rule.to, self.bit.get(ERROR, 0), failed=True)
                continue
            holds, fails = self.narrowed((*rule.path, "when"))
            yield Way(name, rule.to, done | holds, failed=False)
            done |= fails if rule.max_times is None else 0

    # ------------------------------------------------------------------------------------------------------------------

    def joins(self) -> dict[str, _Join]:
        """How the ways into each node meet."""
        into: dict[str, list[Way]] = {}
        for ways in self.ways.values():
            for way in ways:
                for name in () if isinstance(way.target, Fail) else way.target:
                    into.setdefault(name, []).append(way)
        found = {}
        for name, ways in into.items():
            here = [index for index, fork in enumerate(self.forks) if fork.join == name]
            found[name] = self.meeting(ways, here) if here else _Join(ways)
        return found

    def meeting(self, ways: list[Way], here: list[int]) -> _Join:
        """The ways into a node, where these forks join in it; forks in the branches of others are among theirs."""
        inside: dict[int, set[str]] = {index: set().union(*self.parts[index]) for index in here}
        outer = [
            index
            for index in here
            if not any(
                self.forks[index].source in inside[other] and other != index and self.encloses(other, index, inside)
                for other in here
            )
        ]
        found = _Join()
        taken: set[str] = set()
        for index in outer:
            fork = self.forks[index]
            members = []
            for head, part in zip(fork.heads, self.parts[index], strict=True):
                within = [other for other in here if other not in outer and self.forks[other].source in part]
                own = [way for way in ways if way.source in part]
                if head == fork.join:  # an empty branch
                    own = [way for way in ways if way.source == fork.source and way.target == fork.heads]
                members.append(self.meeting(own, within) if within else _Join(own))
            found.forks.append(members)
            taken |= inside[index]
        heads = {(self.forks[index].source, self.forks[index].heads) for index in outer}
        found.ways = [way for way in ways if way.source not in taken and (way.source, way.target) not in heads]
        return found

    def encloses(self, outer: int, inner: int, inside: Mapping[int, set[str]]) -> bool:
        # In a loop each may lie in a branch of the other: then the first in the file is the outer one.
        return self.forks[outer].source not in inside[inner] or outer < inner

    def met(self, join: _Join, surely: Mapping[str, int]) -> int:
        """What is surely set where ways meet."""
        found = self.every
        for way in join.ways:
            found &= surely[way.source] | way.adds
        for members in join.forks:
            together = 0
            for member in members:
                together |= self.met(member, surely)
            found &= together
        return found

    def solve_surely(self) -> dict[str, int]:
        names = [START, *(name for name in self.effects if name != START), END]
        surely = dict.fromkeys(names, self.every)
        surely[START] = 0
        joins = self.joins()
        order = self.order(names)
        changed = True
        while changed:
            changed = False
            for name in order:
                if name != START and name in joins:
                    new = self.met(joins[name], surely)
                    changed |= new != surely[name]
                    surely[name] = new
        return surely

    def solve_maybe(self) -> dict[str, int]:
        names = [START, *(name for name in self.effects if name != START), END]
        maybe = dict.fromkeys(names, 0)
        order = self.order(names)
        changed = True
        while changed:
            changed = False
            for name in order:
                for way in self.ways.get(name, ()):
                    gives = maybe[name] | way.adds | (0 if way.failed else self.effects[name].maybe)
                    for to in () if isinstance(way.target, Fail) else way.target:
                        if to in maybe and gives & ~maybe[to]:
                            maybe[to] |= gives
                            changed = True
        return maybe

    def order(self, names: list[str]) -> list[str]:
        """The nodes so that most come after those that lead to them (reverse postorder)."""
        seen: set[str] = set()
        done: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []
        for start in (START, *names):
            if start not in seen:
                seen.add(start)
                stack.append((start, iter(sorted(self.following.get(start, ())))))
            while stack:
                name, rest = stack[-1]
                to = next(rest, None)
                if to is None:
                    done.append(name)
                    stack.pop()
                elif to not in seen:
                    seen.add(to)
                    stack.append((to, iter(sorted(self.following.get(to, ())))))
        return done[::-1]

    # ------------------------------------------------------------------------------------------------------------------

    def beside(self) -> None:
        """Add what nodes see of the branches beside theirs.

        Branches advance step by step, so what a straight chain of nodes wrote in earlier steps is there.
        """
        for fork, parts in zip(self.forks, self.parts, strict=True):
            maybe = self.but_own([self.bits_of(part) for part in parts])
            written = [list(self.written_by(head, fork.join)) for head in fork.heads]
            by_depth: dict[int, list[int]] = {}  # what all other branches have surely written, for each branch
            for index, (head, part) in enumerate(zip(fork.heads, parts, strict=True)):
                for name, depth in self.depths(head, fork.join).items() if maybe[index] else ():
                    if depth not in by_depth:
                        by_depth[depth] = self.but_own([steps[min(depth, len(steps) - 1)] for steps in written])
                    if name in part:
                        self.maybe[name] |= maybe[index]
                        self.surely[name] |= by_depth[depth][index]

    @staticmethod
    def but_own(bits: list[int]) -> list[int]:
        """For each of a list of bits what all others have together."""
        before = list(accumulate(bits[:-1], or_, initial=0))
        after = list(accumulate(reversed(bits[1:]), or_, initial=0))[::-1]
        return [one | other for one, other in zip(before, after, strict=True)]

    def bits_of(self, part: set[str]) -> int:
        found = 0
        for name in part:
            found |= self.effects[name].maybe if name in self.effects else 0
        return found

    def written_by(self, head: str, join: str) -> Iterator[int]:
        """What a branch has surely written after each step, as far as its nodes surely follow each other."""
        name, so_far = head, 0
        yield so_far
        while name not in (join, END):
            so_far |= self.effects[name].surely
            yield so_far
            outgoing = self.edges.get(name)
            if not isinstance(outgoing, Goto) or len(outgoing.to) > 1:
                return
            (name,) = outgoing.to
            if name == head:
                return

    def depths(self, head: str, join: str) -> dict[str, int]:
        """The least number of steps from the head of a branch to each of its nodes."""
        found: dict[str, int] = {}
        level, depth = [head], 0
        while level:
            following = []
            for name in level:
                if name not in found and name not in (join, END):
                    found[name] = depth
                    following.extend(sorted(self.following.get(name, ())))
            level, depth = following, depth + 1
        return found
