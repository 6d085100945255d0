"""Our compiled three-node graph against the same graph written by hand in LangGraph; nodes that do nothing."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

import configurable_agents

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


async def compare(runs: int = 400, rounds: int = 7) -> tuple[float, float]:
    """The medians of both, in seconds a run: ours and by hand, in turn, so that a machine's drift hits both."""
    with tempfile.TemporaryDirectory() as directory:
        pair = (ours(Path(directory)), by_hand())
        figures: tuple[list[float], list[float]] = ([], [])
        for run in pair:
            for _ in range(50):
                await run()
        for _ in range(rounds):
            for run, listed in zip(pair, figures, strict=True):
                began = time.perf_counter()
                for _ in range(runs):
                    await run()
                listed.append((time.perf_counter() - began) / runs)
        return median(figures[0]), median(figures[1])


def main() -> None:
    """Print the ratio."""
    mine, theirs = asyncio.run(compare())
    print(f"three nodes: {mine / theirs:.2f} x LangGraph by hand ({mine * 1e3:.2f} ms, {theirs * 1e3:.2f} ms); aim 1.3")


if __name__ == "__main__":
    main()
