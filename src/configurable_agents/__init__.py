"""Configurable Agents: workflows of language models in one YAML file, checked before they run.

>>> import configurable_agents
>>> result = configurable_agents.load("workflow.yaml").run({"topic": "tides"})
>>> print(result.output)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from configurable_agents.app import RunResult, Workflow, check, load, open_store, resume
    from configurable_agents.errors import (
        ConfigurableAgentsError,
        Finding,
        InputError,
        RunError,
        SettingsError,
        StoreError,
        UsageError,
        WorkflowError,
    )

# Where each public name lies; it is imported when it is first used, so that importing the package costs nothing.
_HOMES = {
    "RunResult": "app.workflows",
    "Workflow": "app.workflows",
    "check": "app.workflows",
    "load": "app.workflows",
    "open_store": "app.reruns",
    "resume": "app.reruns",
    "ConfigurableAgentsError": "errors",
    "Finding": "errors",
    "InputError": "errors",
    "RunError": "errors",
    "SettingsError": "errors",
    "StoreError": "errors",
    "UsageError": "errors",
    "WorkflowError": "errors",
}

__all__ = [
    "ConfigurableAgentsError",
    "Finding",
    "InputError",
    "RunError",
    "RunResult",
    "SettingsError",
    "StoreError",
    "UsageError",
    "Workflow",
    "WorkflowError",
    "check",
    "load",
    "open_store",
    "resume",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
