"""Opponents of durable runs: the same graphs written by hand in LangGraph, with its own checkpointers.

What both keep is on the disk when it is committed: of SQLite `synchronous=FULL` in WAL mode, of PostgreSQL
`synchronous_commit=on` and `fsync=on`. The graph by hand runs once with LangGraph's durability `sync`, which promises
what ours does: what a node wrote is committed before the next one begins; and once with its default, `async`, which
writes beside the next step and so promises less.
"""

from __future__ import annotations

import asyncio
import operator
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph

import configurable_agents
from configurable_agents.plugins.stores import RunStore

Run = Callable[[], Awaitable[object]]
Kind = Literal["set", "python"]
Durability = Literal["sync", "async"]

FUNCTIONS = """\
import asyncio
import pathlib

BROKEN = pathlib.Path(__file__).parent / "broken"


async def first(n):
    return n + 1


async def second(a):
    return a + 1


async def third(b):
    return b + 1


async def wait(n):
    await asyncio.sleep(0.01)
    return n + 1


async def end(n):
    if BROKEN.exists():
        raise ValueError("broken")
    return n
"""

THREE: dict[Kind, str] = {
    "set": """\
  first: {set: {a: "{{ n + 1 }}"}}
  second: {set: {b: "{{ a + 1 }}"}}
  third: {set: {c: "{{ b + 1 }}"}}
""",
    "python": """\
  first: {python: "functions:first", writes: a}
  second: {python: "functions:second", writes: b}
  third: {python: "functions:third", writes: c}
""",
}

HEAD = """\
version: 2
name: three
input: {n: int}
state: {a: int, b: int, c: int}
output: [c]
nodes:
"""


class Three(TypedDict, total=False):
    """The state of the three nodes written by hand."""

    n: int
    a: int
    b: int
    c: int


class Log(TypedDict, total=False):
    """The state of the loop written by hand; what a step writes is added to its list."""

    n: int
    log: Annotated[list[str], operator.add]


def workflow(directory: Path, text: str) -> configurable_agents.Workflow:
    """The workflow of this text, beside the functions."""
    (directory / "functions.py").write_text(FUNCTIONS, encoding="utf-8")
    file = directory / f"{uuid.uuid4().hex}.yaml"
    file.write_text(text, encoding="utf-8")
    return configurable_agents.load(file)


def three(directory: Path, kind: Kind, store: RunStore | None) -> Run:
    """Ours: three nodes, each of which reads what the one before wrote."""
    loaded = workflow(directory, HEAD + THREE[kind])

    async def run() -> object:
        result = await loaded.arun({"n": 1}, store=store)
        assert result.output == {"c": 4}
        return result

    return run


def three_by_hand(checkpointer: Any, durability: Durability) -> Run:
    """The opponent: three async functions, and LangGraph's checkpointer.

    With `sync` a step is kept before the next begins, as with ours; with `async`, LangGraph's default, while it runs.
    """

    async def first(state: Three) -> Three:
        return {"a": state["n"] + 1}

    async def second(state: Three) -> Three:
        return {"b": state["a"] + 1}

    async def third(state: Three) -> Three:
        return {"c": state["b"] + 1}

    builder = StateGraph(Three)
    for name, node in (("first", first), ("second", second), ("third", third)):
        builder.add_node(name, node)
    for source, target in ((START, "first"), ("first", "second"), ("second", "third"), ("third", END)):
        builder.add_edge(source, target)
    graph: Any = builder.compile(checkpointer=checkpointer)

    async def run() -> object:
        about = {"configurable": {"thread_id": uuid.uuid4().hex}}
        result = await graph.ainvoke({"n": 1}, about, durability=durability)
        assert result["c"] == 4
        return result

    return run


def log_by_hand(checkpointer: Any, steps: int) -> Run:
    """A loop of so many steps, each of which adds a line to a list."""

    async def step(state: Log) -> Log:
        return {"n": state["n"] + 1, "log": [f"line {state['n']:06d}"]}

    async def again(state: Log) -> str:
        return "step" if state["n"] < steps else END

    builder = StateGraph(Log)
    builder.add_node("step", step)
    builder.add_edge(START, "step")
    builder.add_conditional_edges("step", again, ["step", END])
    graph: Any = builder.compile(checkpointer=checkpointer)

    async def run() -> object:
        about = {"configurable": {"thread_id": uuid.uuid4().hex}, "recursion_limit": steps + 1}
        result = await graph.ainvoke({"n": 0}, about)
        assert len(result["log"]) == steps
        return result

    return run


@asynccontextmanager
async def sqlite_saver(file: Path) -> AsyncIterator[Any]:
    """LangGraph's checkpointer in a file of SQLite, as safe as ours."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
        await saver.setup()
        for pragma, wanted in (("synchronous", 2), ("journal_mode", "wal")):
            found = await saver.conn.execute_fetchall(f"PRAGMA {pragma}")
            assert [tuple(row) for row in found] == [(wanted,)]
        yield saver


@asynccontextmanager
async def postgres_saver(url: str, connections: int) -> AsyncIterator[Any]:
    """LangGraph's checkpointer in PostgreSQL, with a pool of connections as its documentation has it."""
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    settings: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool: Any = AsyncConnectionPool(url, min_size=connections, max_size=connections, open=False, kwargs=settings)
    async with pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        yield saver


def at_once(run: Run, runs: int) -> Callable[[], Awaitable[object]]:
    """So many runs at the same time."""
    return lambda: asyncio.gather(*(run() for _ in range(runs)))
