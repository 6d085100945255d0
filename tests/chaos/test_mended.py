"""What crashes have shown to be wrong, each in the smallest run that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

import configurable_agents
from configurable_agents.plugins.stores import RunStore
from configurable_agents.settings import Settings
from tests.chaos.life import HERE
from tests.durable.kept import calls, mend, resume, start


@pytest.fixture
def settings(sqlite: Settings) -> Settings:
    """None of it is the database's."""
    return sqlite


def test_a_workflow_is_the_same_from_wherever_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names another file; how that file is shown, relative to where the user is, says nothing of its content."""
    hashes = {configurable_agents.load(HERE / "crash.yaml").spec.hash}
    for folder in (HERE, HERE.parent):
        monkeypatch.chdir(folder)
        hashes.add(configurable_agents.load((HERE / "crash.yaml").relative_to(folder)).spec.hash)
    assert len(hashes) == 1


def test_what_reads_the_number_of_its_attempt_is_not_done_again(tmp_path: Path, store: RunStore) -> None:
    nodes = {
        "one": {"python": "g:step", "with": {"n": "{{ run.attempt }}"}, "writes": "x"},
        "two": {"python": "g:broken", "with": {"key": "{{ word }}"}, "writes": "x"},
    }
    failed = start(tmp_path, store, nodes, given={"word": "a"}, input={"word": "str"})
    mend(tmp_path)
    done = resume(store, failed, given={"word": "b"})
    assert (done.status, calls(tmp_path)) == ("succeeded", ["step 1", "broken a", "broken b"])


def test_a_map_that_goes_on_shows_the_items_that_were_left_out(tmp_path: Path, store: RunStore) -> None:
    each = {
        "for_each": "i in [1, 2]",
        "nodes": {
            "odd": {"python": "g:odd_only", "writes": "n"},
            "sure": {"human": "Is {{ i }} right?", "writes": "n"},
        },
        "state": {"n": "int"},
        "on_item_error": "skip",
        "writes": "x",
    }
    waiting = start(tmp_path, store, {"each": each}, state={"x": "list[int]"})
    done = resume(store, waiting, {"each[0]/sure": 5})
    assert done.output == {"x": [5]}
    assert sorted(calls(tmp_path)) == ["odd_only 1", "odd_only 2"]
    step = done.view.step("each", 1)
    assert (step.items, step.failed_items) == (2, 1)
