"""What went wrong with a database: whether waiting helps, and how it is told."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from configurable_agents.errors import StoreError
from configurable_agents.settings import Settings

# lost: the server can't be reached, or broke off. locked: another program holds the file. full: no room, or no right
# to write. gone: the file is not there any more. refused: the database is there, and will refuse the same again.
Kind = Literal["lost", "locked", "full", "gone", "refused"]

_SQLITE: dict[int, Kind] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "full",
    sqlite3.SQLITE_IOERR: "full",
    sqlite3.SQLITE_CANTOPEN: "full",
    sqlite3.SQLITE_PERM: "full",
}

# By class or code of SQLSTATE (PostgreSQL's manual, appendix A).
_POSTGRES: dict[str, Kind] = {
    "08": "lost",  # connection exception
    "53": "lost",  # insufficient resources, as too many connections
    "53100": "full",  # the disk
    "57": "lost",  # operator intervention, as shutting down and starting up
    "58": "full",  # system error, as of input and output
    "40": "locked",  # transaction rollback, as a deadlock
    "55": "locked",  # object not in its required state, as a lock that is not available
    "25006": "full",  # the server only reads
}

_HINTS: dict[Kind, str] = {
    "lost": "Check that the server runs and can be reached: configurable-agents db status",
    "locked": "Another program holds it locked: end that program, or wait until it is done.",
    "full": "Make room on its disk, and let this user write the file and its folder.",
    "gone": "Put it back, or begin a new history: a new process makes the file.",
    "refused": "configurable-agents db status says whether the database fits this version.",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure of a database: its kind, and the cause in the database's own words, without a password."""

    kind: Kind
    cause: str


def trouble_of(error: Exception, settings: Settings) -> Trouble:
    """What an error of the database, or of what lies between it and us, comes to."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    lines = str(origin).strip().splitlines()
    cause = settings.masked(lines[0] if lines else type(origin).__name__).rstrip(".")
    return Trouble(_kind(error, origin), cause)


def store_failed(
    trouble: Trouble, settings: Settings, what: str = "The history of runs can't be read or written"
) -> StoreError:
    """The error that says so; `what` is what could not be done."""
    return StoreError("store_failed", f"{what}, in {settings.shown}: {trouble.cause}.", _HINTS[trouble.kind])


def _kind(error: Exception, origin: BaseException | None) -> Kind:
    if isinstance(origin, sqlite3.Error):
        code = getattr(origin, "sqlite_errorcode", None)
        return _SQLITE.get((code or 0) & 0xFF, "refused")  # the low byte is the primary code
    if isinstance(error, FileNotFoundError):
        return "gone"
    if isinstance(error, OSError):
        return "full"
    state = getattr(origin, "sqlstate", None)
    if state:
        return _POSTGRES.get(state, _POSTGRES.get(state[:2], "refused"))
    if isinstance(error, DBAPIError) and (error.connection_invalidated or type(origin).__name__ == "OperationalError"):
        return "lost"  # it broke off, or there never was a connection
    if isinstance(error, SQLAlchemyError) and type(error).__name__ == "TimeoutError":
        return "lost"  # every connection of the pool is in use
    return "refused"
