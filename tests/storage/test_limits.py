"""Limits and a cache that processes share; on both databases."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from configurable_agents.settings import Settings
from configurable_agents.storage.store import Store
from tests.storage.child import begin, result, start
from tests.storage.histories import sql


def test_no_more_is_taken_than_a_limit_allows(store: Store) -> None:
    assert store.limits.reserve("tokens", 60, 100, 60) is not None
    assert store.limits.reserve("tokens", 41, 100, 60) is None
    assert store.limits.reserve("tokens", 40, 100, 60) is not None
    assert store.limits.reserve("tokens", 0.5, 100, 60) is None
    assert store.limits.reserve("other", 100, 100, 60) is not None


def test_what_was_not_needed_is_free_again_once_it_is_settled(store: Store) -> None:
    taken = store.limits.reserve("tokens", 100, 100, 60)
    assert taken is not None
    assert store.limits.reserve("tokens", 1, 100, 60) is None
    store.limits.settle(taken, 30)
    assert store.limits.reserve("tokens", 71, 100, 60) is None
    assert store.limits.reserve("tokens", 70, 100, 60) is not None


def test_more_than_was_reserved_counts_once_it_is_settled(store: Store) -> None:
    taken = store.limits.reserve("tokens", 10, 100, 60)
    assert taken is not None
    store.limits.settle(taken, 100)
    assert store.limits.reserve("tokens", 1, 100, 60) is None


def test_what_is_older_than_the_window_does_not_count(store: Store, settings: Settings) -> None:
    assert store.limits.reserve("tokens", 100, 100, 3600) is not None
    sql(settings, "UPDATE reservations SET time = time - 61000000")
    assert store.limits.reserve("tokens", 1, 100, 3600) is None
    assert store.limits.reserve("tokens", 100, 100, 60) is not None


def test_reservations_are_forgotten_when_their_time_is_over(store: Store, settings: Settings) -> None:
    for _ in range(5):
        assert store.limits.reserve("tokens", 1, 100, 3600, expires_s=0.01) is not None
    time.sleep(0.05)
    assert store.limits.reserve("tokens", 100, 100, 3600) is not None
    assert sql(settings, "SELECT count(*) FROM reservations") == [(1,)]


def test_processes_together_never_take_more_than_a_limit_allows(settings: Settings) -> None:
    processes = [begin(settings, "reserve", "40", "60") for _ in range(4)]
    start(processes)
    taken = [int(result(process)) for process in processes]
    assert sum(taken) == 60
    assert sql(settings, "SELECT sum(amount) FROM reservations") == [(60,)]


def test_a_text_is_kept_until_it_is_replaced(store: Store) -> None:
    assert store.cache.get("key") is None
    store.cache.put("key", "one")
    before = datetime.now(UTC)
    store.cache.put("key", "two\0\udc80")
    kept = store.cache.get("key")
    assert kept is not None
    assert (kept.value, kept.expires_at, kept.is_stale()) == ("two\0\udc80", None, False)
    assert before - timedelta(seconds=1) <= kept.created_at <= datetime.now(UTC)


def test_what_has_expired_can_still_be_had_until_it_is_pruned(store: Store) -> None:
    now = datetime.now(UTC)
    store.cache.put("old", "a", now - timedelta(hours=2))
    store.cache.put("stale", "b", now - timedelta(minutes=1))
    store.cache.put("fresh", "c", now + timedelta(hours=1))
    store.cache.put("always", "d")
    stale = store.cache.get("stale")
    assert stale is not None
    assert stale.is_stale()
    assert store.cache.prune(now - timedelta(hours=1)) == 1
    assert [key for key in ("old", "stale", "fresh", "always") if store.cache.get(key)] == ["stale", "fresh", "always"]
