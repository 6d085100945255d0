"""What is installed: kinds of node and model providers, found by their entry points, ours among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from configurable_agents.errors import SettingsError
from configurable_agents.plugins.nodes import NodeKind

if TYPE_CHECKING:
    from configurable_agents.plugins.models import ModelProvider

NODES = "configurable_agents.nodes"
PROVIDERS = "configurable_agents.providers"
_OURS = "configurable_agents."


@cache
def node_kinds() -> Mapping[str, NodeKind[Any]]:
    """Every kind of node by the key that names it, ours first.

    Raises:
        SettingsError: a plugin can't be loaded, or two plugins have one name.
    """
    return {name: _load(entry)() for name, entry in _entries(NODES).items()}


@cache
def model_providers() -> Mapping[str, Callable[[], ModelProvider]]:
    """A factory for every model provider by its name; the provider's module is imported when it is first called.

    Raises:
        SettingsError: two plugins have one name.
    """
    return {name: _factory(entry) for name, entry in _entries(PROVIDERS).items()}


def _entries(group: str) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group), key=lambda e: not e.value.startswith(_OURS)):
        other = found.setdefault(entry.name, entry)
        if other.value != entry.value:
            message = f"Two plugins give '{entry.name}': {other.value} and {entry.value}."
            raise SettingsError("plugin_conflict", message, "Uninstall one of them.")
    return found


def _factory(entry: EntryPoint) -> Callable[[], ModelProvider]:
    def make() -> ModelProvider:
        provider: ModelProvider = _load(entry)()
        return provider

    return make


def _load(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:  # a plugin's module may raise anything when it is imported
        message = f"The plugin '{entry.name}' ({entry.value}) can't be loaded: {type(error).__name__}: {error}."
        raise SettingsError("plugin_broken", message, "Reinstall or remove the package it comes from.") from error
