"""Runs at the command line that fail, are stopped by Ctrl-C, wait for a person or are killed: each goes on."""

from __future__ import annotations

import signal

import pytest

from configurable_agents.settings import Settings
from configurable_agents.storage.store import open_store
from tests.chaos.commands import Commands, Done, kill
from tests.chaos.life import LONG
from tests.storage.histories import numbers

# A command takes its seconds to start, and without one these are tested elsewhere.
in_chaos = pytest.mark.skipif(not LONG, reason="only in `make chaos`")

OUTPUT = {"first": "FIRST", "middle": "slow", "last": "AFTER SLOW"}


@pytest.fixture
def settings(sqlite: Settings) -> Settings:
    """One database is enough: what differs between the two is tried elsewhere."""
    return sqlite


def is_gapless(settings: Settings) -> bool:
    store = open_store(settings)
    found = numbers(store, store.find("last").id)
    store.close()
    return found == list(range(1, len(found) + 1))


@in_chaos
def test_a_run_that_failed_goes_on_when_its_function_is_mended(commands: Commands, settings: Settings) -> None:
    failed = Done(commands.run("broken"))
    assert (failed.status, failed.json["error"]["code"]) == (1, "python_error")
    commands.open_gate()
    done = commands.resume()
    assert (done.status, done.json["run_id"]) == (0, failed.json["run_id"])
    assert done.json["output"] == {"first": "FIRST", "middle": "mended", "last": "AFTER MENDED"}
    assert commands.calls == ["first", "broken", "broken", "last"]
    assert is_gapless(settings)


def test_ctrl_c_says_how_to_go_on(commands: Commands, settings: Settings) -> None:
    process = commands.run("slow")
    commands.reached(process, "slow")
    process.send_signal(signal.SIGINT)
    stopped = Done(process)
    assert (stopped.status, stopped.json["status"]) == (130, "cancelled")
    assert f"configurable-agents runs resume {stopped.json['run_id']}" in stopped.err
    commands.open_gate()
    done = commands.resume()
    assert (done.status, done.json["output"]) == (0, OUTPUT)
    assert commands.calls == ["first", "slow", "slow", "last"]
    assert is_gapless(settings)


@in_chaos
def test_a_run_that_was_killed_goes_on_with_one_command(commands: Commands, settings: Settings) -> None:
    process = commands.run("slow")
    commands.reached(process, "slow")
    kill(process)
    commands.open_gate()
    done = commands.resume()
    assert (done.status, done.json["output"]) == (0, OUTPUT)
    assert commands.calls == ["first", "slow", "slow", "last"]
    assert is_gapless(settings)


def test_an_answer_is_kept_when_the_process_dies_after_it(commands: Commands, settings: Settings) -> None:
    waiting = Done(commands.run("person"))
    assert (waiting.status, waiting.json["status"]) == (3, "waiting")
    process = commands.begin("runs", "resume", "last", "--answer", "yes, go on")
    commands.reached(process, "slow")
    kill(process)
    commands.open_gate()
    done = commands.resume()
    assert done.json["output"] == {"first": "FIRST", "middle": "yes, go on", "last": "AFTER YES, GO ON"}
    assert commands.calls == ["first", "slow", "slow", "last"]
    assert is_gapless(settings)
