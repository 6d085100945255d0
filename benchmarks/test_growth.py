"""How the cost of a node grows with the graph that it is in: chains of nodes that each set a field of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict

import pytest
import yaml
from langgraph.graph import END, START, StateGraph

import configurable_agents
from benchmarks.conftest import Compare, Work

SMALL, MIDDLE, LARGE = 3, 30, 300
EXECUTIONS = 300  # of nodes in a piece of work, in however many runs

Run = Callable[[], Awaitable[object]]


def names_of(size: int) -> list[str]:
    return [f"n{number}" for number in range(size)]


def document(size: int) -> dict[str, Any]:
    """A chain as data: each node sets the field that it is named after."""
    names = names_of(size)
    return {
        "version": 2,
        "name": "chain",
        "limits": {"max_steps": size},
        "state": dict.fromkeys(names, "int"),
        "output": names[-1:],
        "nodes": {name: {"set": {name: number}} for number, name in enumerate(names)},
        "edges": [" -> ".join(("START", *names, "END"))],
    }


def ours(size: int) -> Run:
    """Ours, with writes checked, and every event recorded."""
    workflow = configurable_agents.load(document(size))

    async def run() -> object:
        result = await workflow.arun()
        assert result.output == {f"n{size - 1}": size - 1}
        return result

    return run


def by_hand(size: int) -> Run:
    """The opponent: plain LangGraph, nothing recorded, nothing checked."""
    names = names_of(size)
    untyped: Any = TypedDict
    builder: Any = StateGraph(untyped("State", dict.fromkeys(names, int), total=False))

    def node(name: str, number: int) -> Callable[[Any], Awaitable[dict[str, int]]]:
        async def sets(state: Any) -> dict[str, int]:
            return {name: number}

        return sets

    for number, name in enumerate(names):
        builder.add_node(name, node(name, number))
    for source, target in zip((START, *names), (*names, END), strict=True):
        builder.add_edge(source, target)
    graph = builder.compile()

    async def run() -> object:
        result = await graph.ainvoke({names[0]: 0}, {"recursion_limit": size + 1})
        assert len(result) == size
        return result

    return run


@pytest.fixture
def working() -> Iterator[Callable[[Run, int], Work]]:
    """A function that makes runs of a chain of so many nodes a piece of work, the same for every size."""
    loop = asyncio.new_event_loop()

    async def runs(run: Run, size: int) -> None:
        for _ in range(EXECUTIONS // size):
            await run()

    yield lambda run, size: lambda: loop.run_until_complete(runs(run, size))
    loop.close()


@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE])
def test_a_chain(compare: Compare, working: Callable[[Run, int], Work], size: int) -> None:
    mine, theirs = working(ours(size), size), working(by_hand(size), size)
    compare(f"a chain of {size}", mine, "the graph by hand", theirs, 1.3)


@pytest.mark.parametrize("size", [MIDDLE, LARGE])
def test_a_node_of_a_larger_chain(compare: Compare, working: Callable[[Run, int], Work], size: int) -> None:
    large, small = working(ours(size), size), working(ours(SMALL), SMALL)
    compare(f"a node of {size}", large, f"a node of {SMALL}", small, 1)


def checking(directory: Path, size: int, times: int) -> Work:
    """Checking a chain's file, so many times."""
    file = directory / f"chain-{size}.yaml"
    file.write_text(yaml.safe_dump(document(size), sort_keys=False), encoding="utf-8")

    def work() -> None:
        for _ in range(times):
            assert configurable_agents.check(file).workflow is not None

    return work


@pytest.mark.parametrize("size", [300, 1000])
def test_a_node_of_a_larger_file(compare: Compare, tmp_path: Path, size: int) -> None:
    large, small = checking(tmp_path, size, 1), checking(tmp_path, MIDDLE, size // MIDDLE)
    scale = size / (MIDDLE * (size // MIDDLE))
    compare(f"checking a node of {size}", large, f"a node of {MIDDLE}", small, 1, scale=scale, rounds=5)
