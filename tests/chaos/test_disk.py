"""The disk is full, or can't be written: the run stops with a word about it, or does not begin at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from configurable_agents.settings import Settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import open_store
from tests.chaos.commands import Commands, Done
from tests.chaos.life import LONG
from tests.storage.histories import numbers
from tests.storage.test_outages import remount, small_disk

__all__ = ["small_disk"]


@pytest.fixture
def settings(small_disk: Path) -> Settings:  # a fixture
    return Settings(small_disk / "history.db")


def fill(path: Path) -> None:
    """Take all the room that there is, to the last page."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def test_a_full_disk_stops_a_run_which_goes_on_when_there_is_room(commands: Commands, settings: Settings) -> None:
    assert settings.file is not None
    ballast = settings.file.parent / "ballast"
    process = commands.run("slow")
    commands.reached(process, "slow")
    with pytest.raises(OSError, match="space"):
        fill(ballast)
    commands.open_gate()
    stopped = Done(process)
    assert (stopped.status, stopped.out) == (1, "")
    ballast.unlink()
    store = open_store(settings)
    kept = store.find("last")
    first, *rest = stopped.err.strip().splitlines()[-2:]
    assert first.startswith(f"error[store_failed]: What happens in the run {kept.id} can't be kept, so it was stopped")
    assert str(settings.file) in first
    assert "full" in first
    assert "Make room" in rest[0]
    assert f"configurable-agents runs resume {kept.id}" in rest[0]
    assert kept.status == "interrupted"
    assert numbers(store, kept.id) == [1, 2, 3, 4, 5]
    done = commands.resume()
    assert done.json["output"] == {"first": "FIRST", "middle": "slow", "last": "AFTER SLOW"}
    assert commands.calls == ["first", "slow", "slow", "last"]
    assert numbers(store, kept.id) == list(range(1, 12))
    store.close()


@pytest.mark.parametrize("before", ["nothing", "a history"] if LONG else ["a history"])
def test_where_nothing_can_be_written_nothing_is_run(commands: Commands, settings: Settings, before: str) -> None:
    assert settings.file is not None
    if before == "a history":
        schema.upgrade(settings)
    remount(settings.file.parent, "ro")
    commands.open_gate()
    refused = Done(commands.run("slow"))
    assert refused.status == 1
    assert "store_failed" in refused.err + refused.out
    assert str(settings.file) in refused.err + refused.out
    assert "let this user write the file and its folder" in refused.err + refused.out
    assert commands.calls == []
