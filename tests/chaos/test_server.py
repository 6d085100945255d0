"""The server of the database is killed in the middle of a run, and comes back: the run goes on, and nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from configurable_agents.errors import StoreError
from configurable_agents.settings import Settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import Store, open_store
from tests.chaos.checks import check
from tests.chaos.commands import Commands, Done, wait_for
from tests.chaos.trials import Ground, Trial
from tests.storage.histories import begun, nothing, numbers, resumed, step
from tests.storage.server import Server


@pytest.fixture
def settings(postgres: Settings) -> Settings:
    schema.upgrade(postgres)
    return postgres


def test_a_run_outlives_the_server_of_its_database(
    commands: Commands, ground: Ground, server: Server, store: Store
) -> None:
    unharmed = ground.trial()
    process = commands.crash()
    for calls in (5, 15):
        wait_for(lambda n=calls: len(commands.lines) >= n or process.poll() is not None)  # type: ignore[misc]  # bound now
        assert process.poll() is None, process.communicate()
        server.kill()
        server.start()
    done = Done(process)
    assert done.status == 0, done.err
    run = store.find(done.json["run_id"])
    check(Trial((), run, store.events(run.id), commands.lines), unharmed)


async def test_what_a_relaxed_server_forgets_when_it_goes_down_leaves_no_gap(
    server: Server, settings: Settings
) -> None:
    """With `CONFIGURABLE_AGENTS_DATABASE_SYNC=normal` the last events may be lost; the run goes on from before them."""
    relaxed = replace(settings, sync="normal")
    server.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")  # so that it does forget
    server.execute("SELECT pg_reload_conf()")
    try:
        store = open_store(relaxed)
        run_id = await begun(store)
        for seq in range(2, 100):
            await store.append(step(run_id, seq))
        await asyncio.to_thread(server.kill)
    finally:
        await asyncio.to_thread(server.start)
        server.execute("ALTER SYSTEM RESET wal_writer_delay")
        server.execute("SELECT pg_reload_conf()")
    kept = numbers(store, run_id)
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) < 99
    with pytest.raises(StoreError, match="has forgotten what was recorded last") as forgotten:
        await store.append(step(run_id, 100))
    assert f"runs resume {run_id}" in forgotten.value.hint
    assert numbers(store, run_id) == kept
    store.close()
    store = open_store(relaxed)
    await store.claim(run_id, resumed(run_id, len(kept) + 1), None, nothing)
    await store.append(step(run_id, len(kept) + 2))
    assert numbers(store, run_id) == list(range(1, len(kept) + 3))
    store.close()
