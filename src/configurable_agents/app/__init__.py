"""Wires the parts together, and is the Python API: load a workflow, run it, go on with a run, open the history."""

from configurable_agents.app.reruns import (
    Due,
    Rerun,
    due_again,
    forking,
    open_store,
    replaying,
    resume,
    resuming,
    stored_workflow,
)
from configurable_agents.app.workflows import RunResult, Workflow, check, load

__all__ = [
    "Due",
    "Rerun",
    "RunResult",
    "Workflow",
    "check",
    "due_again",
    "forking",
    "load",
    "open_store",
    "replaying",
    "resume",
    "resuming",
    "stored_workflow",
]
