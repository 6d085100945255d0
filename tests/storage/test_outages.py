"""What happens when the database does not work: it is waited for, told, and never a gap."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from configurable_agents.errors import StoreError
from configurable_agents.plugins.stores import Entry
from configurable_agents.settings import Settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import Store, open_store
from tests.storage.histories import begun, ended, nothing, numbers, resumed, sql, step, succeeded
from tests.storage.server import Server

END_THE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_a_server_that_is_killed_and_comes_back_has_lost_nothing(server: Server, postgres: Settings) -> None:
    schema.upgrade(postgres)
    store = open_store(postgres)
    runs = [await begun(store) for _ in range(20)]
    kept = dict.fromkeys(runs, 1)
    changed = asyncio.Condition()
    stop = False

    async def write(run_id: str) -> None:
        while not stop:
            await store.append(step(run_id, kept[run_id] + 1))
            async with changed:
                kept[run_id] += 1
                changed.notify_all()

    async def reached(run_id: str, seq: int) -> None:
        async with asyncio.timeout(60), changed:
            await changed.wait_for(lambda: kept[run_id] >= seq)

    writing = [asyncio.ensure_future(write(run_id)) for run_id in runs]
    for _ in range(3):
        await asyncio.sleep(0.5)
        before = dict(kept)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        for run_id in runs:
            await reached(run_id, before[run_id] + 2)  # all go on
    stop = True
    await asyncio.gather(*writing)
    for run_id in runs:
        assert numbers(store, run_id) == list(range(1, kept[run_id] + 1))
    store.close()


async def test_a_connection_that_the_server_ends_is_made_again(server: Server, postgres: Settings) -> None:
    schema.upgrade(postgres)
    store = open_store(postgres)
    run_id = await begun(store)
    for seq in range(2, 40):
        written = store.append(step(run_id, seq))
        sql(postgres, END_THE_OTHERS)
        await written
    assert numbers(store, run_id) == list(range(1, 40))
    store.close()


async def test_a_run_does_not_begin_while_the_server_is_away(server: Server, postgres: Settings) -> None:
    schema.upgrade(postgres)
    store = open_store(postgres)
    before = await begun(store)
    await asyncio.to_thread(server.kill)
    try:
        going_on = store.append(step(before, 2))
        with pytest.raises(StoreError) as refused:
            await begun(store)
        assert refused.value.code == "store_failed"
        assert not going_on.done()  # a run in its middle waits longer
    finally:
        await asyncio.to_thread(server.start)
    await going_on
    assert numbers(store, before) == [1, 2]
    store.close()


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    settings = Settings(None, "postgresql://me:sesame@127.0.0.1:9/history")
    with pytest.raises(StoreError) as failed:
        open_store(settings)
    assert "postgresql://me@127.0.0.1:9/history" in failed.value.message
    assert "sesame" not in str(failed.value)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with little room."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let root mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607


def remount(folder: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)  # noqa: S607


async def failure(store: Store, entry: Entry) -> StoreError | None:
    try:
        await store.append(entry)
    except StoreError as error:
        return error
    return None


async def test_a_full_disk_ends_a_run_without_a_gap_and_the_next_goes_on_when_there_is_room(small_disk: Path) -> None:
    store = open_store(Settings(small_disk / "history.db"))
    run_id, other = await begun(store), await begun(store)
    written = 1
    while (error := await failure(store, step(run_id, written + 1, "x" * 100_000))) is None:
        written += 1
    assert error.code == "store_failed"
    assert "full" in error.message
    assert str(small_disk / "history.db") in error.message
    assert "Make room" in error.hint
    refused = store.append(step(run_id, written + 1))  # closed, though it might fit
    assert refused.done()
    assert isinstance(refused.exception(), StoreError)
    assert numbers(store, run_id) == list(range(1, written + 1))
    remount(small_disk, "size=20m")
    await store.append(step(other, 2, "x" * 100_000))
    assert numbers(store, other) == [1, 2]
    store.close()


async def test_room_that_is_made_in_time_is_enough(small_disk: Path) -> None:
    store = open_store(Settings(small_disk / "history.db"))
    ballast = small_disk / "ballast"
    run_id = await begun(store)
    with pytest.raises(OSError, match="space"):
        ballast.write_bytes(b"x" * 3_000_000)
    threading.Timer(1, ballast.unlink).start()
    await store.append(step(run_id, 2, "x" * 200_000))
    assert numbers(store, run_id) == [1, 2]
    store.close()


async def test_a_file_system_that_may_only_be_read_is_told_and_its_history_can_be_read(small_disk: Path) -> None:
    store = open_store(Settings(small_disk / "history.db"))
    run_id = await ended(store)
    store.close()
    remount(small_disk, "ro")
    again = open_store(Settings(small_disk / "history.db"))
    with pytest.raises(StoreError) as refused:
        await begun(again)
    assert refused.value.code == "store_failed"
    assert "let this user write" in refused.value.hint
    assert numbers(again, run_id) == [1, 2]
    again.close()


async def test_a_file_that_was_removed_is_told(sqlite: Settings) -> None:
    store = open_store(sqlite)
    run_id = await begun(store)
    assert sqlite.file is not None
    sqlite.file.unlink()
    with pytest.raises(StoreError, match="the file is gone"):
        await store.append(step(run_id, 2))
    store.close()


@pytest.mark.parametrize("content", [b"no database, but a long text" * 200, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "history.db"
    file.write_bytes(content)
    with pytest.raises(StoreError) as failed:
        open_store(Settings(file))
    assert failed.value.code == "store_failed"
    assert str(file) in failed.value.message
    assert file.read_bytes() == content


def test_a_folder_that_can_t_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be made") as failed:
        open_store(Settings(tmp_path / "file" / "history.db"))
    assert failed.value.code == "store_failed"


async def test_what_was_not_written_is_written_when_the_run_is_taken_up_again(small_disk: Path) -> None:
    store = open_store(Settings(small_disk / "history.db"))
    run_id = await begun(store)
    with pytest.raises(StoreError):
        await store.append(step(run_id, 2, "x" * 3_000_000))
    with pytest.raises(StoreError):
        await store.append(step(run_id, 2))
    for _ in range(150):  # sooner than its lease is over
        if store.find(run_id).status == "interrupted":
            break
        await asyncio.sleep(0.1)
    assert store.find(run_id).status == "interrupted"
    await store.claim(run_id, resumed(run_id, 2), None, nothing)
    await store.append(succeeded(run_id, 3))
    assert numbers(store, run_id) == [1, 2, 3]
    store.close()
