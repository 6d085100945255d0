"""Whether a database has the tables that this version reads and writes, and how it gets them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import inspect, text

from configurable_agents.errors import SettingsError
from configurable_agents.settings import Settings
from configurable_agents.storage import sqlite
from configurable_agents.storage.database import Database
from configurable_agents.storage.failures import store_failed, trouble_of

# The steps in `migrations`, by their revision, from the first to the last. To look into a database by it is quick;
# asking Alembic for the last would import it.
REVISIONS = ("0001",)

State = Literal["missing", "empty", "outdated", "current", "newer"]


@dataclass(frozen=True, slots=True)
class Status:
    """How far a database is: `missing` where there is no file, `empty` without tables; `revision` is its last step."""

    state: State
    revision: str | None = None


def status(settings: Settings) -> Status:
    """How far the database is; nothing is made or changed.

    Raises:
        SettingsError: a package is missing, or the URL can't be read.
        StoreError: the database can't be read.
    """
    if settings.file is not None and not settings.file.exists():
        return Status("missing")
    database = Database(settings)
    try:
        return _status(database)
    finally:
        database.disconnect()


def upgrade(settings: Settings) -> Status:
    """Give the database the tables of this version, and its file where it has none; gives how far it was.

    Any number of processes may do so at once.

    Raises:
        SettingsError: as `status`, or `database_newer`.
        StoreError: the database can't be read or written.
    """
    if settings.file is None:
        return _upgrade(settings)
    found = status(settings)
    if found.state == "current":
        return found
    try:
        with sqlite.creating(settings.file):
            found = status(settings)
            if found.state == "missing" or _is_bare(settings.file):
                sqlite.make_file(settings.file)
            _upgrade(settings)
    except OSError as error:
        what = "The file of the history can't be made"
        raise store_failed(trouble_of(error, settings), settings, what) from None
    return found


def check(found: Status, settings: Settings) -> None:
    """See that a database is as this version needs it.

    Raises:
        SettingsError: `database_outdated`, `database_newer`.
    """
    if found.state in {"empty", "outdated"}:
        lacks = "has no tables yet" if found.state == "empty" else "is of an older version"
        raise SettingsError(
            "database_outdated",
            f"The database {settings.shown} {lacks}.",
            "configurable-agents db upgrade   (nothing is deleted by it)",
        )
    if found.state == "newer":
        raise SettingsError(
            "database_newer",
            f"The database {settings.shown} is of a newer version than this program (its step is {found.revision}).",
            "Upgrade: pip install --upgrade configurable-agents",
        )


def _status(database: Database) -> Status:
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return Status("empty")
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is None:
        return Status("empty")
    if revision == REVISIONS[-1]:
        return Status("current", revision)
    return Status("outdated" if revision in REVISIONS else "newer", revision)


def _is_bare(file: Path) -> bool:
    """Whether a file was begun, by a process that ended before it was in WAL mode."""
    return file.stat().st_size == 0


def _upgrade(settings: Settings) -> Status:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    database = Database(settings)
    try:
        found = _status(database)
        if found.state == "newer":
            check(found, settings)
        with database.writing() as connection:
            if not database.is_sqlite:  # who comes second waits here, and finds nothing left to do
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('configurable-agents'))"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.disconnect()
    return found
