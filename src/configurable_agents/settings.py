"""What a process is told by its environment, never by a workflow: where the history of runs is kept, and how safely.

| variable | value |
| --- | --- |
| CONFIGURABLE_AGENTS_DATABASE_URL | `sqlite:///path` or `postgresql://user:password@host/name` |
| CONFIGURABLE_AGENTS_DATABASE_SYNC | `full`: what is committed is on the disk; `normal`: unless the power goes |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from configurable_agents.errors import SettingsError

DATABASE_URL = "CONFIGURABLE_AGENTS_DATABASE_URL"
DATABASE_SYNC = "CONFIGURABLE_AGENTS_DATABASE_SYNC"

FOLDER = ".configurable-agents"
FILE = "data.db"

Sync = Literal["full", "normal"]

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_EXAMPLES = "sqlite:///history.db, or postgresql://user@host/name"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a process. One of `file` (SQLite) and `url` (PostgreSQL) is set; a URL may hold a password."""

    file: Path | None
    url: str | None = field(default=None, repr=False)
    sync: Sync = "full"

    @property
    def shown(self) -> str:
        """The database as a message may name it: the file, or the URL without its password."""
        if self.url is None:
            return str(self.file)
        parts = urlsplit(self.url)
        user, at, host = parts.netloc.rpartition("@")
        query = "&".join(part for part in parts.query.split("&") if not _is_password(part.partition("=")[0]))
        return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}", query=query))

    def masked(self, text: str) -> str:
        """A text of others in which the password, if it is in there, is `***`."""
        if self.url is None:
            return text
        parts = urlsplit(self.url)
        queried = [value for key, value in parse_qsl(parts.query) if _is_password(key)]
        for secret in (self.url, parts.password, unquote(parts.password or ""), *queried):
            if secret:
                text = text.replace(secret, "***")
        return text


def read_settings(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """The settings of this process; both arguments are for others than its own environment and working directory.

    Raises:
        SettingsError: a variable has a value that it can't have.
    """
    environment = os.environ if environment is None else environment
    directory = Path.cwd() if directory is None else directory
    sync = environment.get(DATABASE_SYNC) or "full"
    if sync not in {"full", "normal"}:
        message = f"{DATABASE_SYNC} is '{sync}', which is neither full nor normal."
        raise SettingsError("wrong_setting", message, f"Unset it, or write {DATABASE_SYNC}=full")
    found: Sync = "full" if sync == "full" else "normal"
    url = environment.get(DATABASE_URL)
    if not url:
        return Settings(default_file(directory), sync=found)
    parts = _parts(url)
    if parts.scheme in _POSTGRES:
        return Settings(None, url, found)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1 and not (parts.query or parts.fragment):
        # Three slashes are relative, four absolute; what is joined with an absolute path is that path.
        return Settings(directory / parts.path[1:], sync=found)
    scheme = f"begins with {parts.scheme}:" if parts.scheme else "has no scheme"
    what = "names no file" if parts.scheme == "sqlite" else f"{scheme}, which is no database that is known here"
    raise SettingsError("wrong_setting", f"{DATABASE_URL} {what}.", f"Write it as {_EXAMPLES}")


def default_file(directory: Path) -> Path:
    """The project's file: in the nearest `.configurable-agents` from this directory upwards, else in one to be made."""
    for folder in (directory, *directory.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER / FILE
    return directory / FOLDER / FILE


def _is_password(key: str) -> bool:
    return "password" in key.lower()


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # its message repeats what may be a password
        message = f"{DATABASE_URL} can't be read: its host or its port is not written as one is."
        raise SettingsError("wrong_setting", message, f"Write it as {_EXAMPLES}") from None
    return parts
