"""SQLite: one file, made by whoever needs it first; readers never wait for a writer, writers wait for each other."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from configurable_agents.settings import FOLDER, Settings

_BUSY_S = 60
_LOG_BYTES = 64 * 2**20  # what is kept of the write-ahead log's file after it had to grow


def engines(settings: Settings, file: Path) -> tuple[Engine, Engine]:
    """An engine that reads and one that writes; a file that is not there is not made."""
    return _engine(settings, file, writes=False), _engine(settings, file, writes=True)


def make_file(file: Path) -> None:
    """An empty database in WAL mode, and its folder. It is called by one process at a time (see `creating`)."""
    connection = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


@contextmanager
def creating(file: Path) -> Iterator[None]:
    """Within it, no other process makes this file or changes its tables. Its folder is there.

    Raises:
        OSError: the folder can't be made or written.
    """
    folder = file.parent
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if folder.name == FOLDER and not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    handle = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def size(file: Path) -> int:
    """The bytes that the database and its log take on the disk."""
    return sum(part.stat().st_size for name in ("", "-wal") if (part := Path(f"{file}{name}")).exists())


def vacuum(file: Path) -> int:
    """Write the file anew without its gaps, once nobody writes; the bytes that were given back."""
    before = size(file)
    connection = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None)
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return max(before - size(file), 0)


def _engine(settings: Settings, file: Path, *, writes: bool) -> Engine:
    address = f"file:{quote(str(file.absolute()))}"

    def connect() -> sqlite3.Connection:
        if not file.exists():
            raise FileNotFoundError("the file is gone")
        # Transactions are begun by us: Python's own way to begin them takes the lock too late.
        connection = sqlite3.connect(
            f"{address}?{_mode(file)}", uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {settings.sync.upper()}")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        return connection

    def identify(_: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(file)

    def check_out(_: object, record: ConnectionPoolEntry, __: object) -> None:
        # What is written into a file that was removed is gone with it, and SQLite says nothing.
        if record.info["file"] != _identity(file):
            raise DisconnectionError

    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool, max_overflow=-1)

    def begin(connection: Connection) -> None:
        # Who wants to write says so at once: a reader who would become a writer may find that it can't.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", identify)
    event.listen(engine, "checkout", check_out)
    event.listen(engine, "begin", begin)
    return engine


def _mode(file: Path) -> str:
    """How to open the file: beside one that may only be read, SQLite can't make the files that share its log."""
    if os.access(file.parent, os.W_OK) or Path(f"{file}-wal").exists():
        return "mode=rw"
    return "mode=ro&immutable=1"


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
