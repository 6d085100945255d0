"""Durable runs of three nodes: ours against LangGraph's own checkpointers, and against our own without a history.

Everything that is committed is on the disk; what is compared with what is said in `durable.py`.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from benchmarks.conftest import Compare, Note, Work, processor_seconds, seconds, throughput
from benchmarks.durable import Durability, Kind, Run, at_once, postgres_saver, sqlite_saver, three, three_by_hand
from configurable_agents.settings import Settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import Store, open_store
from tests.storage.server import Server, programs

RUNS = 200
ONE_BY_ONE = 30
CONNECTIONS = 20
ROUNDS = 5


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The one event loop of a benchmark, in which a checkpointer stays open."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Ours in SQLite, at its default: what is committed is on the disk."""
    settings = Settings(tmp_path / "history.db")
    assert settings.sync == "full"
    opened = open_store(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server for these benchmarks alone."""
    bindir = programs()
    if bindir is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="configurable-agents-postgres-"))
    running = Server(folder, bindir)
    try:
        assert running.execute("SHOW synchronous_commit") == [("on",)]
        assert running.execute("SHOW fsync") == [("on",)]
        running.execute("CREATE DATABASE ours")
        running.execute("CREATE DATABASE theirs")
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


@pytest.fixture
def in_loop(loop: asyncio.AbstractEventLoop) -> Callable[[Callable[[], Awaitable[object]]], Work]:
    """A function that makes something to await a piece of work."""

    async def awaited(what: Callable[[], Awaitable[object]]) -> None:
        await what()

    return lambda what: lambda: loop.run_until_complete(awaited(what))


InLoop = Callable[[Callable[[], Awaitable[object]]], Work]


def kept(loop: asyncio.AbstractEventLoop, saver: AbstractAsyncContextManager[Any]) -> Iterator[Any]:
    """A checkpointer that is open while a benchmark lasts."""
    yield loop.run_until_complete(saver.__aenter__())
    loop.run_until_complete(saver.__aexit__(None, None, None))


@pytest.fixture
def sqlite(loop: asyncio.AbstractEventLoop, tmp_path: Path) -> Iterator[Any]:
    """The opponent's checkpointer in SQLite."""
    yield from kept(loop, sqlite_saver(tmp_path / "checkpoints.db"))


@pytest.fixture
def postgres(loop: asyncio.AbstractEventLoop, server: Server) -> Iterator[Any]:
    """The opponent's checkpointer in PostgreSQL."""
    yield from kept(loop, postgres_saver(server.url("theirs"), CONNECTIONS))


@pytest.fixture
def postgres_store(server: Server) -> Iterator[Store]:
    """Ours in PostgreSQL."""
    settings = Settings(None, server.url("ours"))
    schema.upgrade(settings)
    opened = open_store(settings)
    yield opened
    opened.close()


def versus(compare: Compare, note: Note, what: str, ours: Work, opponent: str, theirs: Work, aim: float) -> None:
    """Compare throughputs, and note how many runs a second that is."""
    compare(
        f"{RUNS} durable runs, {what}", ours, opponent, theirs, aim, measure=throughput, rounds=ROUNDS, settled=True
    )
    each = [RUNS / median(seconds(work) for _ in range(3)) for work in (ours, theirs)]
    note(f"{each[0]:.0f} runs a second against {each[1]:.0f}")


durabilities = pytest.mark.parametrize("durability", ["sync", "async"])


@durabilities
@pytest.mark.parametrize("kind", ["set", "python"])
def test_sqlite(
    compare: Compare,
    note: Note,
    tmp_path: Path,
    in_loop: InLoop,
    store: Store,
    sqlite: Any,
    kind: Kind,
    durability: Durability,
) -> None:
    ours = in_loop(at_once(three(tmp_path, kind, store), RUNS))
    theirs = in_loop(at_once(three_by_hand(sqlite, durability), RUNS))
    versus(compare, note, f"`{kind}`, SQLite", ours, f"AsyncSqliteSaver, {durability}", theirs, 3)


@durabilities
@pytest.mark.parametrize("kind", ["set", "python"])
def test_postgres(
    compare: Compare,
    note: Note,
    tmp_path: Path,
    in_loop: InLoop,
    postgres_store: Store,
    postgres: Any,
    kind: Kind,
    durability: Durability,
) -> None:
    ours = in_loop(at_once(three(tmp_path, kind, postgres_store), RUNS))
    theirs = in_loop(at_once(three_by_hand(postgres, durability), RUNS))
    versus(compare, note, f"`{kind}`, PostgreSQL", ours, f"AsyncPostgresSaver, {durability}", theirs, 1.5)


def one_by_one(run: Run) -> Run:
    """Runs after each other."""

    async def runs() -> None:
        for _ in range(ONE_BY_ONE):
            await run()

    return runs


def test_history_one_by_one(compare: Compare, note: Note, tmp_path: Path, in_loop: InLoop, store: Store) -> None:
    on = in_loop(one_by_one(three(tmp_path, "set", store)))
    off = in_loop(one_by_one(three(tmp_path, "set", None)))
    # Five commits that wait for the disk: of the beginning, of each node and of the end.
    compare("history, runs one by one", on, "none", off, 25, rounds=ROUNDS, settled=True)
    each = [median(seconds(work) for _ in range(3)) / ONE_BY_ONE * 1000 for work in (on, off)]
    worked = [median(processor_seconds(work) for _ in range(3)) / ONE_BY_ONE * 1000 for work in (on, off)]
    note(f"{each[0]:.1f} ms a run against {each[1]:.1f}; of the processor {worked[0]:.1f} against {worked[1]:.1f}")


def test_history_at_once(compare: Compare, note: Note, tmp_path: Path, in_loop: InLoop, store: Store) -> None:
    on = in_loop(at_once(three(tmp_path, "set", store), RUNS))
    off = in_loop(at_once(three(tmp_path, "set", None), RUNS))
    compare(f"history, {RUNS} runs at once", on, "none", off, 2, rounds=ROUNDS, settled=True)
    each = [RUNS / median(seconds(work) for _ in range(3)) for work in (on, off)]
    note(f"{each[0]:.0f} runs a second against {each[1]:.0f}")
