"""Graphs put together at random from sequences, branches, choices and loops run each node as often as they must.

What must run is computed from how the graph was put together, not from its edges.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import configurable_agents

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")


@dataclass(frozen=True)
class Sequence:
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Parallel:
    branches: tuple[Part, ...]


@dataclass(frozen=True)
class Choice:
    """One of the ways; `by_switch`, or by a route."""

    ways: tuple[Part, ...]
    taken: int
    by_switch: bool


@dataclass(frozen=True)
class Loop:
    body: Part
    turns: int


@dataclass(frozen=True)
class Node:
    pass


Part = Node | Sequence | Parallel | Choice | Loop


def parts() -> st.SearchStrategy[Part]:
    return st.recursive(
        st.just(Node()),
        lambda part: st.one_of(
            st.builds(Sequence, st.lists(part, min_size=1, max_size=3).map(tuple)),
            st.builds(Parallel, st.lists(part, min_size=2, max_size=3).map(tuple)),
            st.lists(part, min_size=1, max_size=3).flatmap(
                lambda ways: st.builds(Choice, st.just(tuple(ways)), st.integers(0, len(ways) - 1), st.booleans())
            ),
            st.builds(Loop, part, st.integers(1, 3)),
        ),
        max_leaves=8,
    )


@dataclass
class Graph:
    """The edges of a part, and how often each of its nodes must run."""

    edges: list[str] = field(default_factory=list)
    runs: Counter[str] = field(default_factory=Counter)
    nodes: list[str] = field(default_factory=list)
    joins: list[tuple[str, list[str]]] = field(default_factory=list)  # each with the ends of its branches

    def node(self, times: int) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(name)
        self.runs[name] += times
        return name

    def add(self, part: Part, times: int) -> tuple[str, str]:
        """Add a part that is run `times`; give the node that it begins with and the one that it ends with."""
        match part:
            case Node():
                name = self.node(times)
                return name, name
            case Sequence(parts=parts):
                ends = [self.add(inner, times) for inner in parts]
                for (_, before), (after, _) in pairwise(ends):
                    self.edges.append(f"{before} -> {after}")
                return ends[0][0], ends[-1][1]
            case Parallel(branches=branches):
                fork = self.node(times)
                ends = [self.add(branch, times) for branch in branches]
                join = self.node(times)
                self.joins.append((join, [last for _, last in ends]))
                self.edges.append(f"{fork} -> {' & '.join(first for first, _ in ends)}")
                self.edges.append(f"{' & '.join(last for _, last in ends)} -> {join}")
                return fork, join
            case Choice(ways=ways, taken=taken, by_switch=by_switch):
                chooser = self.node(times)
                ends = [self.add(way, times if index == taken else 0) for index, way in enumerate(ways)]
                meet = self.node(times)
                firsts = [first for first, _ in ends]
                if by_switch:
                    cases = ", ".join(f"{index}: {first}" for index, first in enumerate(firsts))
                    self.edges.append(
                        f"{{from: {chooser}, switch: '{taken} + zero', cases: {{{cases}}}, else: {meet}}}"
                    )
                else:
                    rules = ", ".join(
                        f"{{when: zero == {taken - index}, to: {first}}}" for index, first in enumerate(firsts)
                    )
                    self.edges.append(f"{{from: {chooser}, route: [{rules}, {{else: {meet}}}]}}")
                self.edges.append(f"{' & '.join(last for _, last in ends)} -> {meet}")
                return chooser, meet
            case Loop(body=body, turns=turns):
                first, last = self.add(body, times * turns)
                again, out = self.node(times * turns), self.node(times)
                self.edges.append(f"{last} -> {again}")
                # A rule counts over the whole run, so that a loop within a loop must count for itself.
                counter = f"seen | select('eq', '{again}') | list | length"
                self.edges.append(
                    f'{{from: {again}, route: [{{when: "({counter}) % {turns} != 0", to: {first}}}, {{else: {out}}}]}}'
                )
                return first, out


HEAD = """\
version: 2
name: random
input: {zero: {type: int, default: 0}}
state: {seen: {type: "list[str]", merge: append}}
limits: {max_steps: 2000}
"""


@settings(
    max_examples=int(EXAMPLES) if EXAMPLES else 60,
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(parts())
def test_every_node_runs_as_often_as_it_must(tmp_path_factory: pytest.TempPathFactory, part: Part) -> None:
    graph = Graph()
    first, last = graph.add(part, 1)
    edges = [f"START -> {first}", *graph.edges, f"{last} -> END"]
    path: Path = tmp_path_factory.getbasetemp() / "random.yaml"
    nodes = "".join(f"  {name}: {{set: {{seen: {name}}}}}\n" for name in graph.nodes)
    path.write_text(f"{HEAD}nodes:\n{nodes}edges:\n" + "".join(f"  - {edge}\n" for edge in edges), "utf-8")
    result = configurable_agents.load(path).run()
    assert result.status == "succeeded", result.view.error
    assert Counter(result.state["seen"]) == +graph.runs
    assert Counter(result.view.finished) == +graph.runs
    assert result.state["seen"][-1] == last
    for join, lasts in graph.joins:
        visits = [place for place, name in enumerate(result.view.finished) if name == join]
        for visit, place in enumerate(visits, 1):
            arrived = Counter(result.view.finished[:place])
            assert [arrived[end] for end in lasts] == [visit] * len(lasts)
