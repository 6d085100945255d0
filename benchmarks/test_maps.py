"""A map over a thousand items against LangGraph's own way to do that, `Send`: its time, and the memory it holds."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

import configurable_agents
from benchmarks.conftest import Compare, Note, Work, peak_bytes

ITEMS = 1_000
MORE = 3_000
CONCURRENCY = 50

FUNCTIONS = """\
import asyncio


async def double(number):
    return 2 * number


async def double_later(number):
    await asyncio.sleep(0)
    return 2 * number
"""

WORKFLOW = """\
version: 2
name: map
input: {{numbers: "list[int]"}}
state: {{doubled: "list[int]"}}
output: [doubled]
nodes:
  double:
    for_each: number in numbers
    concurrency: {concurrency}
    python: functions:{function}
    writes: doubled
"""

Run = Callable[[int], Awaitable[object]]


class State(TypedDict, total=False):
    """The state of the graph written by hand."""

    numbers: list[int]
    doubled: Annotated[list[int], operator.add]


class Item(TypedDict):
    """What one task of it is sent."""

    number: int


async def double(number: int) -> int:
    return 2 * number


async def double_later(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


def by_hand(function: Callable[[int], Awaitable[int]]) -> Run:
    """The opponent: one task an item, as many at once as in ours; nothing recorded, nothing checked."""

    def send(state: State) -> list[Send]:
        return [Send("double", {"number": number}) for number in state["numbers"]]

    async def node(sent: Item) -> State:
        return {"doubled": [await function(sent["number"])]}

    builder: Any = StateGraph(State)
    builder.add_node("double", node)
    builder.add_conditional_edges(START, send, ["double"])
    builder.add_edge("double", END)
    graph = builder.compile()

    async def run(items: int) -> object:
        result = await graph.ainvoke({"numbers": list(range(items))}, {"max_concurrency": CONCURRENCY})
        assert result["doubled"][-1] == 2 * (items - 1)
        return result

    return run


def ours(directory: Path, function: str, concurrency: int = CONCURRENCY) -> Run:
    """Ours, with each item's value checked, and an event recorded of each."""
    (directory / "functions.py").write_text(FUNCTIONS, encoding="utf-8")
    file = directory / f"map-{concurrency}.yaml"
    file.write_text(WORKFLOW.format(concurrency=concurrency, function=function), encoding="utf-8")
    workflow = configurable_agents.load(file)

    async def run(items: int) -> object:
        result = await workflow.arun({"numbers": list(range(items))})
        assert result.output["doubled"][-1] == 2 * (items - 1)
        return result

    return run


@pytest.fixture
def working() -> Iterator[Callable[[Run, int], Work]]:
    """A function that makes a run over so many items a piece of work."""
    loop = asyncio.new_event_loop()
    yield lambda run, items: lambda: loop.run_until_complete(run(items))
    loop.close()


def test_time(compare: Compare, tmp_path: Path, working: Callable[[Run, int], Work]) -> None:
    mine, theirs = ours(tmp_path, "double"), by_hand(double)
    compare("a map of 1,000", working(mine, ITEMS), "Send", working(theirs, ITEMS), 1)


def test_time_where_items_wait(compare: Compare, tmp_path: Path, working: Callable[[Run, int], Work]) -> None:
    mine, theirs = ours(tmp_path, "double_later"), by_hand(double_later)
    compare("a map of 1,000 that wait", working(mine, ITEMS), "Send", working(theirs, ITEMS), 1)


def test_memory(compare: Compare, note: Note, tmp_path: Path, working: Callable[[Run, int], Work]) -> None:
    mine, theirs = ours(tmp_path, "double_later"), by_hand(double_later)
    compare(
        "a map of 1,000, its memory",
        working(mine, ITEMS),
        "Send",
        working(theirs, ITEMS),
        0.25,
        measure=peak_bytes,
        rounds=3,
    )
    few = peak_bytes(working(mine, ITEMS))
    many = peak_bytes(working(mine, MORE))
    at_once = peak_bytes(working(ours(tmp_path, "double_later", ITEMS), ITEMS))
    sent = peak_bytes(working(theirs, ITEMS))
    note(f"of an item: {few / ITEMS:,.0f} bytes at {ITEMS:,} items, {many / MORE:,.0f} at {MORE:,}")
    note(f"with all {ITEMS:,} at once: {at_once / ITEMS:,.0f}; of Send: {sent / ITEMS:,.0f}")
