"""One body of tests for both databases: `settings` is a fresh one of each kind."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from configurable_agents.settings import Settings
from configurable_agents.storage import schema
from configurable_agents.storage.store import Store, open_store
from configurable_agents.storage.tables import metadata
from tests.storage.histories import sql
from tests.storage.server import Server, programs


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    bindir = programs()
    if bindir is None:
        if os.environ.get("CONFIGURABLE_AGENTS_TEST_POSTGRES") == "required":
            pytest.fail("PostgreSQL is not installed, and required")
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # Not among pytest's own folders, which other users (the server's is one) can't enter.
    folder = Path(tempfile.mkdtemp(prefix="configurable-agents-postgres-"))
    running = Server(folder, bindir)
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


@pytest.fixture
def postgres(server: Server) -> Iterator[Settings]:
    """An empty database of the server."""
    name = f"test_{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    yield Settings(None, server.url(name))
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite(tmp_path: Path) -> Settings:
    """A file that is not there yet."""
    return Settings(tmp_path / "history.db")


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with its tables, to be copied."""
    made = Settings(tmp_path_factory.mktemp("empty") / "history.db")
    schema.upgrade(made)
    assert made.file is not None
    return made.file


@pytest.fixture(scope="session")
def emptied(server: Server) -> Settings:
    """A database of the server with its tables, to be emptied: to make one takes it a second."""
    server.execute("CREATE DATABASE emptied")
    made = Settings(None, server.url("emptied"))
    schema.upgrade(made)
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A database of each kind, with its tables."""
    if request.param == "sqlite":
        return Settings(Path(shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "history.db")))
    found: Settings = request.getfixturevalue("emptied")
    sql(found, f"TRUNCATE {', '.join(metadata.tables)}")
    return found


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    yield opened
    opened.close()
