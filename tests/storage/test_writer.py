"""How events are committed: many runs at once, in their order, and never twice in one place; on both databases."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys

import pytest

from configurable_agents.errors import StoreError
from configurable_agents.plugins.stores import Entry, RunChange, RunFilter, SessionMessages
from configurable_agents.runs.ids import new_run_id
from configurable_agents.settings import Settings
from configurable_agents.storage.store import Store, open_store
from tests.storage.child import begin, kill, line, result, start
from tests.storage.histories import begun, ended, numbers, sql, started, step, succeeded


async def test_many_runs_at_once_are_all_kept_without_a_gap(store: Store) -> None:
    runs = await asyncio.gather(*(ended(store, steps=7) for _ in range(200)))
    assert {status for run in store.runs(RunFilter()) for status in [run.status]} == {"succeeded"}
    assert all(numbers(store, run_id) == list(range(1, 10)) for run_id in runs)


async def test_events_that_nobody_waits_for_are_kept_in_their_order(store: Store) -> None:
    run_id = await begun(store)
    for seq in range(2, 500):
        store.append(step(run_id, seq))
    await store.append(succeeded(run_id, 500))
    assert numbers(store, run_id) == list(range(1, 501))


def test_closing_keeps_what_was_handed_over(settings: Settings) -> None:
    async def hand_over(store: Store) -> str:
        run_id = await begun(store)
        for seq in range(2, 200):
            store.append(step(run_id, seq))
        return run_id

    store = open_store(settings)
    run_id = asyncio.run(hand_over(store))
    store.close()
    other = open_store(settings)
    assert numbers(other, run_id) == list(range(1, 200))
    assert other.find(run_id).status == "interrupted"  # its store is closed, so nobody runs it
    other.close()


async def test_a_closed_store_writes_nothing_more(settings: Settings) -> None:
    store = open_store(settings)
    run_id = await begun(store)
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        await store.append(step(run_id, 2))


async def test_a_run_whose_place_is_taken_is_lost_and_the_others_go_on(store: Store, settings: Settings) -> None:
    lost, others = await begun(store), [await begun(store) for _ in range(5)]
    sql(settings, "INSERT INTO events (run_id, seq, type, time, data) VALUES (?, 2, 'run_resumed', 1, '{}')", lost)
    written = [store.append(step(run_id, 2)) for run_id in (*others[:2], lost, *others[2:])]
    later = store.append(step(lost, 3))
    outcomes = await asyncio.gather(*written, later, return_exceptions=True)
    errors = [outcome for outcome in outcomes if outcome is not None]
    assert [error.code for error in errors if isinstance(error, StoreError)] == ["run_lost", "run_lost"]
    assert numbers(store, lost) == [1, 2]
    assert all(numbers(store, run_id) == [1, 2] for run_id in others)
    with pytest.raises(StoreError, match="not this process's any more"):
        await store.append(step(lost, 4))


async def test_an_event_that_is_handed_over_again_is_kept_once(store: Store) -> None:
    run_id = await begun(store)
    entry = Entry(step(run_id, 2).event, payloads={"h": "t"})
    await store.append(entry)
    await asyncio.gather(store.append(entry), store.append(step(run_id, 3)))  # as after a commit without an answer
    assert numbers(store, run_id) == [1, 2, 3]


async def test_what_the_database_refuses_fails_its_own_run_alone(store: Store) -> None:
    one, other = await begun(store), await begun(store)
    unfit = Entry(step(one, 2).event, change=RunChange("running", input_tokens=2**80))
    refused, kept = store.append(unfit), store.append(step(other, 2))
    await kept
    with pytest.raises(StoreError) as failed:
        await refused
    assert failed.value.code == "store_failed"
    with pytest.raises(StoreError):
        await store.append(step(one, 3))
    assert (numbers(store, one), numbers(store, other)) == ([1], [1, 2])


async def test_a_run_is_not_begun_with_the_id_of_another_process_s(store: Store, settings: Settings) -> None:
    run_id = await ended(store)
    sql(settings, "UPDATE runs SET owner = 'elsewhere 1 - x' WHERE id = ?", run_id)
    with pytest.raises(StoreError):
        await begun(store, run_id)
    assert numbers(store, run_id) == [1, 2]


async def test_an_error_that_nobody_waits_for_is_not_printed(store: Store) -> None:
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: reported.append(told))
    store.append(step(new_run_id(), 5))  # a run that there is not
    await begun(store)
    gc.collect()
    await asyncio.sleep(0)
    assert not reported


async def test_a_loop_that_is_closed_holds_nobody_up(store: Store) -> None:
    async def leave() -> str:
        run_id = await begun(store)
        store.append(step(run_id, 2))
        return run_id

    run_id = await asyncio.to_thread(lambda: asyncio.run(leave()))
    await begun(store)
    assert numbers(store, run_id) == [1, 2]


def test_processes_that_write_at_once_wait_for_each_other(settings: Settings) -> None:
    processes = [begin(settings, "write_runs", "5", "10") for _ in range(8)]
    start(processes)
    for process in processes:
        result(process)
    assert sql(settings, "SELECT count(*), max(seq) FROM events") == [(8 * 5 * 12, 12)]


def test_two_processes_of_one_session_and_workflow_do_not_lock_each_other_out(settings: Settings) -> None:
    one, other = open_store(settings), open_store(settings)

    async def talk(store: Store) -> None:
        runs = [await begun(store) for _ in range(10)]
        said = [{"id": f"{n}", "role": "user", "content": "x"} for n in range(20)]
        for seq in range(2, 8):
            talks = [SessionMessages(f"s{n}", "letters", "talk", said) for n in range(5)]
            written = [store.append(Entry(step(run_id, seq).event, sessions=talks)) for run_id in runs]
            await asyncio.gather(*written)

    async def both() -> None:
        await asyncio.gather(talk(one), talk(other))

    asyncio.run(both())
    assert len(one.session("s0", "letters", "talk")) == 20
    one.close()
    other.close()


def test_a_process_that_is_killed_leaves_a_run_without_a_gap(settings: Settings) -> None:
    process = begin(settings, "write_on")
    run_id = line(process)
    while (kept := int(line(process))) < 50:
        pass
    kill(process)
    store = open_store(settings)
    found = numbers(store, run_id)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= kept
    assert store.find(run_id).status == "interrupted"  # at once, on its machine
    store.close()


def test_reading_waits_for_no_writer(sqlite: Settings) -> None:
    store = open_store(sqlite)
    run_id = asyncio.run(ended(store))
    process = begin(sqlite, "lock", "600")
    assert line(process) == "locked"
    try:
        assert store.find(run_id).source == "flow.yaml"
        assert numbers(store, run_id) == [1, 2]
    finally:
        kill(process)
    store.close()


def test_writing_waits_for_another_writer(sqlite: Settings) -> None:
    store = open_store(sqlite)
    asyncio.run(ended(store))
    process = begin(sqlite, "lock", "3")  # longer than a run that begins waits for other trouble
    assert line(process) == "locked"
    run_id = asyncio.run(ended(store))
    assert numbers(store, run_id) == [1, 2]
    assert store.find(run_id).source == "flow.yaml"
    result(process)
    store.close()


FORKED = """
import asyncio, os, sys
from tests.storage.histories import begun, ended, numbers, step
from configurable_agents.errors import StoreError
from configurable_agents.settings import read_settings
from configurable_agents.storage.store import open_store

settings = read_settings()
store = open_store(settings)
run_id = asyncio.run(begun(store))
def open_files():
    for number in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd") else []:
        try:
            yield os.readlink(f"/proc/self/fd/{number}")
        except OSError:  # that of the list itself
            pass


child = os.fork()
if not child:
    # Neither connections nor the lock of its parent.
    assert not [name for name in open_files() if "history.db" in name or "socket:" in name or ".lock" in name]
    try:
        store.find("last")
    except StoreError as error:
        assert "before this process was forked" in error.message
    own = open_store(settings)
    assert own.find(run_id).status == "running"  # its parent's
    asyncio.run(ended(own, steps=30))
    own.close()
    sys.stdout.write("child done\\n")
    sys.exit(0)
async def go_on():
    for seq in range(2, 40):
        await store.append(step(run_id, seq))
asyncio.run(go_on())
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert numbers(store, run_id) == list(range(1, 40))
assert store.find(run_id).status == "running"
store.close()
sys.stdout.write("parent done\\n")
"""


def test_a_forked_process_opens_a_store_of_its_own(settings: Settings) -> None:
    url = settings.url or f"sqlite:///{settings.file}"
    done = subprocess.run(
        [sys.executable, "-c", FORKED],
        env={**os.environ, "CONFIGURABLE_AGENTS_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["child done", "parent done"]
    assert sql(settings, "SELECT count(*) FROM runs") == [(2,)]


async def test_a_run_that_fails_to_begin_can_begin_later(store: Store) -> None:
    run_id = new_run_id()
    with pytest.raises(StoreError):
        await store.append(started(run_id))
    assert numbers(store, await begun(store, run_id)) == [1]
