"""A cache that all processes share: texts by key, until a time; after it they can still be had, as stale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select

from configurable_agents.storage import tables
from configurable_agents.storage.database import Database
from configurable_agents.storage.rows import as_bytes, as_text, micros, moment


@dataclass(frozen=True, slots=True)
class Cached:
    """A text that was kept. Times are UTC; None as its end says that it has none."""

    value: str
    created_at: datetime
    expires_at: datetime | None

    def is_stale(self, now: datetime | None = None) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= (now or datetime.now(UTC))


class Cache:
    """Texts by key. Its methods wait for the database: call them in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Cached | None:
        """What is kept by this key, stale or not.

        Raises:
            StoreError: `store_failed`.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(tables.cache).where(tables.cache.c.key == key)).first()
        if row is None:
            return None
        expires = None if row.expires_at is None else moment(row.expires_at)
        return Cached(as_text(row.value), moment(row.created_at), expires)

    def put(self, key: str, value: str, expires_at: datetime | None = None) -> None:
        """Keep a text, in the place of what was kept by this key.

        Raises:
            StoreError: `store_failed`.
        """
        row = {
            "key": key,
            "value": as_bytes(value),
            "created_at": micros(datetime.now(UTC)),
            "expires_at": None if expires_at is None else micros(expires_at),
        }
        with self._database.writing() as connection:
            kept = self._database.upsert(tables.cache, ("key",), ("value", "created_at", "expires_at"))
            connection.execute(kept, row)

    def prune(self, before: datetime) -> int:
        """Forget what expired before this time; gives how many there were.

        Raises:
            StoreError: `store_failed`.
        """
        with self._database.writing() as connection:
            return connection.execute(delete(tables.cache).where(tables.cache.c.expires_at < micros(before))).rowcount
