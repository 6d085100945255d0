"""What is kept of runs, and how it is found again; on both databases."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from configurable_agents.errors import StoreError, UsageError
from configurable_agents.events import ErrorInfo, Event, ModelCalled, NodeFailed, Question, RunForked, RunWaiting
from configurable_agents.plugins.stores import Entry, RunChange, RunFilter, SessionMessages
from configurable_agents.runs.ids import new_run_id
from configurable_agents.settings import Settings
from configurable_agents.storage.store import Store
from tests.storage.histories import WORKFLOW, begun, ended, nothing, now, numbers, run, sql, started, step, succeeded


async def test_a_run_is_kept_with_its_workflow_and_what_it_spent(store: Store) -> None:
    run_id = await begun(store, session="s", model="demo", parent="p", relation="fork")
    kept = store.find(run_id)
    assert (kept.status, kept.session, kept.model, kept.parent, kept.relation) == ("running", "s", "demo", "p", "fork")
    assert kept.ended_at is None
    last = succeeded(run_id, 2)
    await store.append(last)
    kept = store.find(run_id)
    assert (kept.status, kept.ended_at) == ("succeeded", last.event.time)
    assert (kept.model_calls, kept.input_tokens, kept.output_tokens, kept.cost_usd) == (2, 30, 4, 0.25)
    assert store.workflow(kept.workflow_hash) == WORKFLOW


async def test_a_failure_and_what_has_no_price_are_kept(store: Store) -> None:
    run_id = await begun(store)
    failed = RunChange("failed", error_code="timeout", unpriced=["a/b", "c"])
    await store.append(Entry(step(run_id, 2).event, change=failed))
    kept = store.find(run_id)
    assert (kept.status, kept.error_code, list(kept.unpriced)) == ("failed", "timeout", ["a/b", "c"])


VALUES = [
    {"text": "a\0b \ud83d \U0001f600", "$date": "no mark", "none": None},
    {"day": date(2026, 2, 28), "at": datetime(2026, 2, 28, 12, 30, 15, 123456, tzinfo=UTC), "deep": [[{"a": 0.1}]]},
    [],
    10**30,
]


@pytest.mark.parametrize("value", VALUES, ids=["odd characters", "dates", "empty", "a great number"])
async def test_any_value_comes_back_as_it_was(store: Store, value: object) -> None:
    run_id = new_run_id()
    entries = [started(run_id, {"given": value}), step(run_id, 2, value)]
    await store.create(run(run_id), WORKFLOW, entries, nothing)
    assert store.events(run_id) == [entry.event for entry in entries]
    assert store.events(run_id, after=1) == [entries[1].event]


async def test_events_of_all_shapes_come_back_as_they_were(store: Store) -> None:
    run_id = await begun(store)
    at: dict[str, Any] = {"run_id": run_id, "time": now()}
    node: dict[str, Any] = {"node": "review#2[3]~2/score", "visit": 3, "item": 0, "attempt": 2}
    error = ErrorInfo(code="timeout", message="Too slow.", node="score")
    question = Question(node="ask", visit=1, text="Go on?", answer_type="bool", asked_at=now(), choices=["yes"])
    found: list[Event] = [
        NodeFailed(**at, **node, seq=2, error=error, duration_s=0.1, handled=True),
        ModelCalled(
            **at, **node, seq=3, call=1, model="m", input_tokens=1, output_tokens=2, cost_usd=None, latency_s=0.5
        ),
        RunForked(**at, seq=4, parent="p", node="a", visit=2, set={"n": 1}),
        RunWaiting(**at, seq=5, questions=[question]),
    ]
    for event in found:
        assert isinstance(event, get_args(Event))
        await store.append(Entry(event))
    assert store.events(run_id, after=1) == found


async def test_payloads_are_kept_once_and_as_they_were(store: Store) -> None:
    run_id = await begun(store)
    for seq in (2, 3):
        await store.append(Entry(step(run_id, seq).event, payloads={"h1": "ä\0\udc80", "h2": ""}))
    assert store.payloads(run_id) == {"h1": "ä\0\udc80", "h2": ""}


async def test_runs_are_listed_the_newest_first_and_by_what_is_asked_of_them(store: Store) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    first = await ended(store, started_at=start)
    second = await ended(store, started_at=start + timedelta(days=1), workflow="other", session="s")
    third = await begun(store, started_at=start + timedelta(days=2), parent=first)

    def found(**wanted: object) -> list[str]:
        return [kept.id for kept in store.runs(RunFilter(**wanted))]  # type: ignore[arg-type]

    assert found() == [third, second, first]
    assert found(limit=2) == [third, second]
    assert found(workflow="other") == [second]
    assert found(session="s") == [second]
    assert found(parent=first) == [third]
    assert found(status="succeeded", limit=1) == [second]
    assert found(status="running") == [third]
    assert found(status="interrupted") == []
    assert found(since=start + timedelta(days=1), before=start + timedelta(days=2)) == [second]


async def test_a_run_is_found_by_a_part_of_its_id(store: Store) -> None:
    one, other = "019a0000-0000-7000-8000-00000000abcd", "019a0000-0000-7000-8000-00000000dcba"
    await ended(store, one, started_at=now() - timedelta(hours=1))
    await ended(store, other)
    assert store.find(one).id == one
    assert store.find("ABCD").id == one
    assert store.find("last").id == other
    with pytest.raises(UsageError, match="fits several runs") as ambiguous:
        store.find("019a")
    assert ambiguous.value.code == "ambiguous_run"
    assert one in ambiguous.value.hint
    assert other in ambiguous.value.hint


@pytest.mark.parametrize("text", ["", "cd", "nowhere", "%%%%", "____", "a\0bcd"])
async def test_a_run_that_is_not_there_is_not_found(store: Store, text: str) -> None:
    await ended(store, "019a0000-0000-7000-8000-00000000abcd")
    with pytest.raises(UsageError) as unknown:
        store.find(text)
    assert unknown.value.code == "unknown_run"


def test_before_the_first_run_there_is_no_last(store: Store) -> None:
    with pytest.raises(UsageError, match="There is no run yet"):
        store.find("last")
    assert store.runs(RunFilter()) == []


async def test_a_session_goes_on_in_the_order_of_its_messages(store: Store) -> None:
    def said(*messages: tuple[str, str]) -> SessionMessages:
        told = [{"id": key, "role": "user", "content": text} for key, text in messages]
        return SessionMessages("sess\0ion", "letters", "talk", told)

    run_id = await begun(store)
    await store.append(Entry(step(run_id, 2).event, sessions=[said(("b", "first"), ("a", "second"))]))
    await store.append(Entry(step(run_id, 3).event, sessions=[said(("c", "third"), ("b", "first, mended"))]))
    kept = store.session("sess\0ion", "letters", "talk")
    assert [message["content"] for message in kept] == ["first, mended", "second", "third"]
    assert store.session("sess\0ion", "letters", "else") == []


async def test_what_is_deleted_goes_with_all_that_is_of_it(store: Store, settings: Settings) -> None:
    gone, running = await ended(store, steps=3), await begun(store)
    await store.append(Entry(step(running, 2).event, payloads={"h": "t"}))
    assert store.delete([gone, gone, running, "unknown"]) == 1
    assert store.events(gone) == []
    assert numbers(store, running) == [1, 2]
    await store.append(succeeded(running, 3))
    assert store.delete([running]) == 1
    tables = ("runs", "events", "payloads", "workflows")
    assert [sql(settings, f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 4  # noqa: S608
    with pytest.raises(StoreError, match="No run that is kept has a workflow"):
        store.workflow(WORKFLOW.hash)


async def test_room_is_given_back(store: Store) -> None:
    runs = [await ended(store, steps=20) for _ in range(20)]
    await store.append(Entry(step(last := await begun(store), 2, os.urandom(1_000_000).hex()).event))
    await store.append(succeeded(last, 3))
    store.delete([*runs, last])
    assert store.compact() > 500_000
    assert numbers(store, await ended(store)) == [1, 2]


async def test_a_run_that_was_deleted_while_it_ran_is_lost(store: Store, settings: Settings) -> None:
    run_id = await begun(store)
    sql(settings, "UPDATE runs SET lease_until = 0")
    assert store.delete([run_id]) == 1
    with pytest.raises(StoreError, match="was deleted while it ran") as lost:
        await store.append(step(run_id, 2))
    assert lost.value.code == "run_lost"
