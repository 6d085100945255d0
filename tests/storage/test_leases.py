"""Whose a run is: taking it over, and asking its owner to cancel it; on both databases."""

from __future__ import annotations

import asyncio

import pytest

from configurable_agents.errors import StoreError, UsageError
from configurable_agents.plugins.stores import RunFilter, StoredWorkflow
from configurable_agents.settings import Settings
from configurable_agents.storage.store import Store, open_store
from tests.storage.child import begin, kill, line, result, start
from tests.storage.histories import begun, ended, nothing, numbers, resumed, sql, step, succeeded

ELSEWHERE = "far-away 42 0123456789abcdef 0123456789abcdef.lock"


async def refusal(store: Store, run_id: str, seq: int) -> StoreError:
    with pytest.raises(StoreError) as refused:
        await store.claim(run_id, resumed(run_id, seq), None, nothing)
    return refused.value


async def test_a_run_that_ended_is_taken_up_again(store: Store) -> None:
    run_id = await ended(store)
    other = StoredWorkflow("b" * 64, "letters", "/", None, {"": "version: 2"})
    event = resumed(run_id, 3).model_copy(update={"workflow_hash": other.hash, "model": "demo"})
    await store.claim(run_id, event, other, nothing)
    kept = store.find(run_id)
    assert (kept.status, kept.ended_at, kept.workflow_hash, kept.model) == ("running", None, other.hash, "demo")
    await store.append(succeeded(run_id, 4))
    assert numbers(store, run_id) == [1, 2, 3, 4]


async def test_a_run_that_another_process_runs_is_not_taken(store: Store, settings: Settings) -> None:
    process = begin(settings, "hold")
    run_id = line(process)
    error = await refusal(store, run_id, 2)
    assert error.code == "run_taken"
    assert f"process {process.pid} on " in error.message
    assert store.find(run_id).status == "running"
    kill(process)
    assert store.find(run_id).status == "interrupted"
    assert [kept.id for kept in store.runs(RunFilter(status="interrupted"))] == [run_id]
    await store.claim(run_id, resumed(run_id, 2), None, nothing)
    assert store.find(run_id).status == "running"


async def test_a_run_of_this_process_is_not_taken_by_it_again(store: Store) -> None:
    run_id = await begun(store)
    assert "this process" in (await refusal(store, run_id, 2)).message
    await store.append(step(run_id, 2))  # it goes on


async def test_a_run_of_another_machine_is_taken_when_its_lease_is_over(store: Store, settings: Settings) -> None:
    run_id = await begun(store)
    sql(settings, "UPDATE runs SET owner = ?", ELSEWHERE)
    assert store.find(run_id).status == "running"
    assert "process 42 on far-away" in (await refusal(store, run_id, 2)).message
    sql(settings, "UPDATE runs SET lease_until = 1")
    assert store.find(run_id).status == "interrupted"
    await store.claim(run_id, resumed(run_id, 2), None, nothing)


async def test_a_run_that_went_on_since_it_was_read_is_not_taken(store: Store) -> None:
    run_id = await ended(store)
    error = await refusal(store, run_id, 2)
    assert (error.code, "was recorded" in error.message) == ("run_taken", True)
    assert (await refusal(store, run_id, 4)).code == "run_taken"
    assert store.find(run_id).status == "succeeded"


async def test_a_run_that_was_deleted_is_not_taken(store: Store) -> None:
    run_id = await ended(store)
    store.delete([run_id])
    with pytest.raises(UsageError, match="There is no run") as unknown:
        await store.claim(run_id, resumed(run_id, 3), None, nothing)
    assert unknown.value.code == "unknown_run"


def test_of_those_that_take_a_run_at_once_one_gets_it(settings: Settings) -> None:
    store = open_store(settings)
    run_id = asyncio.run(ended(store))
    processes = [begin(settings, "claim", run_id, "3") for _ in range(4)]
    start(processes)
    assert sorted(line(process) for process in processes) == ["mine", "run_taken", "run_taken", "run_taken"]
    assert numbers(store, run_id) == [1, 2, 3]
    for process in processes:
        result(process)
    store.close()


async def test_who_lost_a_run_can_write_no_more_of_it(store: Store, settings: Settings) -> None:
    run_id = await begun(store)
    sql(settings, "UPDATE runs SET lease_until = 1")
    other = open_store(settings)
    await other.claim(run_id, resumed(run_id, 2), None, nothing)
    with pytest.raises(StoreError) as lost:
        await store.append(step(run_id, 2))
    assert lost.value.code == "run_lost"
    await other.append(succeeded(run_id, 3))
    assert [event.type for event in store.events(run_id)] == ["run_started", "run_resumed", "run_succeeded"]
    other.close()


async def test_a_lease_is_renewed_while_a_run_goes_on(store: Store, settings: Settings) -> None:
    run_id = await begun(store)
    ((before,),) = sql(settings, "SELECT lease_until FROM runs")
    after = before
    while after == before:
        await asyncio.sleep(0.1)
        ((after,),) = sql(settings, "SELECT lease_until FROM runs")
    assert after > before
    await store.append(succeeded(run_id, 2))
    assert sql(settings, "SELECT owner, lease_until FROM runs") == [(None, None)]


def test_another_process_hears_that_its_run_is_to_be_cancelled(settings: Settings) -> None:
    process = begin(settings, "hold")
    run_id = line(process)
    store = open_store(settings)
    store.request_cancel(run_id)
    assert line(process) == "cancelled"
    assert result(process) == ""
    assert store.find(run_id).status == "interrupted"
    with pytest.raises(UsageError, match="There is no run"):
        store.request_cancel("unknown")
    store.close()


async def test_an_old_wish_to_cancel_does_not_stop_a_run_that_is_taken_up(store: Store, settings: Settings) -> None:
    run_id = await ended(store)
    store.request_cancel(run_id)
    await store.claim(run_id, resumed(run_id, 3), None, nothing)
    assert sql(settings, "SELECT count(*) FROM runs WHERE cancel_requested") == [(0,)]
