"""Wires the parts together, and is the Python API: load a workflow, run it, go on with a run, open the history."""

from configurable_agents.app.reruns import Rerun, forking, open_store, replaying, resume, resuming, stored_workflow
from configurable_agents.app.workflows import RunResult, Workflow, check, load

__all__ = [
    "Rerun",
    "RunResult",
    "Workflow",
    "check",
    "forking",
    "load",
    "open_store",
    "replaying",
    "resume",
    "resuming",
    "stored_workflow",
]
