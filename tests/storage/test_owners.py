"""What tells that a process is gone: its lock where that can be seen, and its lease where it can't."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from configurable_agents.settings import Settings
from configurable_agents.storage.store import Store, open_store
from tests.storage.child import begin, kill, line
from tests.storage.histories import sql


def folder(temporary: Path) -> Path:
    return temporary / f"configurable-agents-{os.getuid()}"


def lock_of(settings: Settings, run_id: str) -> str:
    """The name of the lock of the process that runs a run."""
    ((owner,),) = sql(settings, "SELECT owner FROM runs WHERE id = ?", run_id)
    return str(owner).rpartition(" ")[2]


@pytest.fixture
def kept(sqlite: Settings) -> Iterator[Store]:
    store = open_store(sqlite)
    yield store
    store.close()


@contextmanager
def killed(settings: Settings, temporary: Path | None = None) -> Iterator[str]:
    """A run of a process that is killed when the block begins."""
    process = begin(settings, "hold", temporary=temporary)
    run_id = line(process)
    kill(process)
    yield run_id


def test_the_locks_of_processes_that_were_killed_are_removed_by_the_next(kept: Store, sqlite: Settings) -> None:
    here = folder(Path(tempfile.gettempdir()))
    with killed(sqlite) as run_id:
        lock = here / lock_of(sqlite, run_id)
        assert lock.exists()
        assert kept.find(run_id).status == "interrupted"
        with killed(sqlite):
            assert not lock.exists()
        assert kept.find(run_id).status == "interrupted"


def test_a_process_that_ends_removes_its_lock(kept: Store, sqlite: Settings) -> None:
    process = begin(sqlite, "hold")
    run_id = line(process)
    lock = folder(Path(tempfile.gettempdir())) / lock_of(sqlite, run_id)
    assert lock.exists()
    kept.request_cancel(run_id)
    process.communicate(timeout=60)
    assert not lock.exists()


def test_a_process_whose_locks_can_t_be_seen_is_known_by_its_lease(
    kept: Store, sqlite: Settings, tmp_path: Path
) -> None:
    with killed(sqlite, tmp_path) as run_id:  # as in another container, which has the same file and another /tmp
        assert (folder(tmp_path) / lock_of(sqlite, run_id)).exists()
        assert kept.find(run_id).status == "running"
        sql(sqlite, "UPDATE runs SET lease_until = 1")
        assert kept.find(run_id).status == "interrupted"


def test_a_folder_of_locks_that_others_can_write_is_not_used(kept: Store, sqlite: Settings, tmp_path: Path) -> None:
    folder(tmp_path).mkdir()
    folder(tmp_path).chmod(0o777)
    with killed(sqlite, tmp_path) as run_id:
        assert list(folder(tmp_path).iterdir()) == []
        assert kept.find(run_id).status == "running"  # by its lease


def test_a_lock_that_somebody_cleaned_away_is_made_again(kept: Store, sqlite: Settings, tmp_path: Path) -> None:
    process = begin(sqlite, "hold", temporary=tmp_path)
    run_id = line(process)
    lock = folder(tmp_path) / lock_of(sqlite, run_id)
    lock.unlink()
    while not lock.exists():  # with the next sign of life
        assert process.poll() is None
        time.sleep(0.05)
    kill(process)
