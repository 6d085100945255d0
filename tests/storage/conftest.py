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


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """A database of each kind, with its tables."""
    found: Settings = request.getfixturevalue(request.param)
    schema.upgrade(found)
    return found


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    yield opened
    opened.close()
