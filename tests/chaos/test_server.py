"""The server of the database is killed in the middle of a run, and comes back: the run goes on, and nothing is lost."""

from __future__ import annotations

import pytest

from configurable_agents.settings import Settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import Store
from tests.chaos.checks import check
from tests.chaos.commands import Commands, Done, wait_for
from tests.chaos.trials import Ground, Trial
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
