"""What all tests have in common: runs at the command line keep their history in a place of the tests' own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from configurable_agents.settings import DATABASE_SYNC, DATABASE_URL
from tests.databases import emptied, empty_file, postgres, server, settings, sqlite, store

__all__ = ["emptied", "empty_file", "postgres", "server", "settings", "sqlite", "store"]


@pytest.fixture(scope="session", autouse=True)
def _history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes beside the repository; a loss of power in the middle of a test loses nothing worth waiting for."""
    before = {name: os.environ.get(name) for name in (DATABASE_URL, DATABASE_SYNC)}
    os.environ[DATABASE_URL] = f"sqlite:///{tmp_path_factory.mktemp('history') / 'data.db'}"
    os.environ[DATABASE_SYNC] = "normal"
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
