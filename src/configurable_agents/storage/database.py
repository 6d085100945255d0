"""A database as the rest of the storage sees it: its transactions, and the few words in which the two kinds differ."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from sqlite3 import Error as SQLiteError
from typing import cast

from sqlalchemy import BigInteger, ColumnElement, Connection, Insert, Table, literal, literal_column
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import SQLAlchemyError

from configurable_agents.settings import Settings
from configurable_agents.storage import postgres
from configurable_agents.storage import sqlite as sqlite_file
from configurable_agents.storage.failures import store_failed, trouble_of
from configurable_agents.storage.forks import forks


class Database:
    """The engines of a database. Any thread may use it; no transaction outlives a `with`.

    Raises:
        SettingsError: a package is missing, or the URL can't be read.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_sqlite = settings.file is not None
        if settings.file is not None:
            self._reading, self._writing = sqlite_file.engines(settings, settings.file)
        else:
            self._reading = self._writing = postgres.engine(settings, settings.url or "")
        forks.watch(self)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that writes; errors are the database's own, for one who tries again."""
        with forks.connected(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes.

        Raises:
            StoreError: `store_failed`.
        """
        with self._told(), self.transaction() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads: it sees one state of the database, and waits for no writer.

        Raises:
            StoreError: `store_failed`.
        """
        with self._told(), forks.connected(), self._reading.begin() as connection:
            yield connection

    def now(self) -> ColumnElement[int]:
        """The time in microseconds, by the one clock that all who use the database share: a server's is its own."""
        if self.is_sqlite:
            return literal(time.time_ns() // 1000, BigInteger)
        return literal_column("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint", BigInteger)

    def upsert(self, table: Table, key: tuple[str, ...], changed: tuple[str, ...] = ()) -> Insert:
        """An insert which, where this key is there already, changes these columns, or leaves all as it is."""
        return _upsert(table, key, changed, sqlite=self.is_sqlite)

    def compact(self) -> int:
        """Give back room that holds nothing any more; the bytes that were given back.

        Raises:
            StoreError: `store_failed`.
        """
        with self._told(), forks.connected():
            if self.settings.file is not None:
                return sqlite_file.vacuum(self.settings.file)
            return postgres.vacuum(self._writing)

    def disconnect(self) -> None:
        """Close the connections that are not in use; new ones are made when they are needed."""
        self._reading.dispose()
        self._writing.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, SQLiteError, OSError) as error:
            raise store_failed(trouble_of(error, self.settings), self.settings) from None


@cache  # making a statement takes longer than executing it
def _upsert(table: Table, key: tuple[str, ...], changed: tuple[str, ...], *, sqlite: bool) -> Insert:
    # The two dialects have the same words, and no type in common that has them.
    statement = cast("PostgresInsert", (insert_sqlite if sqlite else insert_postgres)(table))
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=list(key))
    new = {column: statement.excluded[column] for column in changed}
    return statement.on_conflict_do_update(index_elements=list(key), set_=new)
