"""A run has one owner: a process that was taken for dead and comes back does nothing more, and of two one gets it."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Sequence

import pytest

from configurable_agents.events import Event, NodeStarted, NodeSucceeded, RunResumed
from configurable_agents.settings import Settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import Store
from tests.chaos.commands import Commands, Done, kill
from tests.chaos.life import LONG
from tests.storage.histories import sql

OUTPUT = {"first": "FIRST", "middle": "slow", "last": "AFTER SLOW"}


@pytest.fixture(params=["sqlite", "postgres"] if LONG else ["sqlite"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """In `make chaos` both databases."""
    found: Settings = request.getfixturevalue(request.param)
    schema.upgrade(found)
    return found


def succeeded(events: Sequence[Event]) -> Counter[str]:
    return Counter(event.node for event in events if isinstance(event, NodeSucceeded))


def test_a_process_that_was_stopped_until_its_run_was_taken_does_nothing_more(
    commands: Commands, settings: Settings, store: Store
) -> None:
    zombie = commands.run("slow")
    commands.reached(zombie, "slow")
    zombie.send_signal(signal.SIGSTOP)
    run_id = store.find("last").id
    assert store.find(run_id).status == "running"  # its process is still there, and its lease not over
    sql(settings, "UPDATE runs SET lease_until = 1")  # instead of waiting until it is
    assert store.find(run_id).status == "interrupted"
    commands.open_gate()
    done = commands.resume()
    assert (done.status, done.json["output"]) == (0, OUTPUT)
    events = store.events(run_id)
    zombie.send_signal(signal.SIGCONT)
    lost = Done(zombie)
    assert lost.status == 1
    assert "error[run_lost]" in lost.err
    assert f"runs show {run_id}" in lost.err
    # Only what it was in the middle of came to its end, and counts for nothing.
    assert commands.calls == ["first", "slow", "slow", "last"]
    assert store.events(run_id) == events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert succeeded(events) == {"first": 1, "slow": 1, "last": 1}
    assert [event.attempt for event in events if isinstance(event, NodeStarted)] == [1, 1, 2, 1]
    assert store.find(run_id).status == "succeeded"


def test_of_two_that_resume_a_run_at_once_one_gets_it(commands: Commands, store: Store) -> None:
    process = commands.run("slow")
    commands.reached(process, "slow")
    kill(process)
    run_id = store.find("last").id
    rivals = [commands.rival(run_id) for _ in range(2)]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "ready\n"  # both have read what there is of it
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("\n")
        rival.stdin.flush()
    commands.open_gate()
    ends = sorted(rival.communicate(timeout=60)[0].strip() for rival in rivals)
    assert ends == ["run_taken", "succeeded"]
    events = store.events(run_id)
    assert commands.calls == ["first", "slow", "slow", "last"]
    assert sum(isinstance(event, RunResumed) for event in events) == 1
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
