"""Our compiled three-node graph against the same graph written by hand in LangGraph; nodes that do nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

import configurable_agents
from benchmarks.conftest import Compare

RUNS = 300  # a round: long enough that a scheduler's hiccup is no part of it worth speaking of

WORKFLOW = """\
version: 2
name: three
input: {n: int}
state: {a: int, b: int, c: int}
output: [c]
nodes:
  first: {set: {a: 1}}
  second: {set: {b: 1}}
  third: {set: {c: 1}}
"""


class State(TypedDict, total=False):
    """The state of the graph written by hand."""

    n: int
    a: int
    b: int
    c: int


def by_hand() -> Callable[[], Awaitable[object]]:
    """The opponent: plain LangGraph, nothing recorded, nothing checked."""

    async def first(state: State) -> State:
        return {"a": 1}

    async def second(state: State) -> State:
        return {"b": 1}

    async def third(state: State) -> State:
        return {"c": 1}

    builder = StateGraph(State)
    for name, node in (("first", first), ("second", second), ("third", third)):
        builder.add_node(name, node)
    for source, target in ((START, "first"), ("first", "second"), ("second", "third"), ("third", END)):
        builder.add_edge(source, target)
    graph = builder.compile()

    async def run() -> object:
        result = await graph.ainvoke({"n": 1})
        assert result["c"] == 1
        return result

    return run


def ours(directory: Path) -> Callable[[], Awaitable[object]]:
    """Ours, with input and writes checked, and every event recorded."""
    file = directory / "three.yaml"
    file.write_text(WORKFLOW, encoding="utf-8")
    workflow = configurable_agents.load(file)

    async def run() -> object:
        result = await workflow.arun({"n": 1})
        assert result.output == {"c": 1}
        return result

    return run


def test_three_nodes(compare: Compare, tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    pair = [ours(tmp_path), by_hand()]

    def many(run: Callable[[], Awaitable[object]]) -> None:
        async def runs() -> None:
            for _ in range(RUNS):
                await run()

        loop.run_until_complete(runs())

    try:
        compare("three nodes", lambda: many(pair[0]), "the graph by hand", lambda: many(pair[1]), 1.3)
    finally:
        loop.close()
