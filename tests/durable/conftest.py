"""Stores of both kinds, as the tests of the storage have them."""

from tests.storage.conftest import postgres, server, settings, sqlite, store

__all__ = ["postgres", "server", "settings", "sqlite", "store"]
