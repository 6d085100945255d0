"""A workflow as a store keeps it, and back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from configurable_agents.plugins.nodes import NodeKind
from configurable_agents.plugins.stores import StoredWorkflow
from configurable_agents.spec.loader import load_kept
from configurable_agents.spec.nodeshapes import NodeShape
from configurable_agents.spec.workflow import WorkflowSpec


def stored_workflow(workflow: WorkflowSpec) -> StoredWorkflow:
    """The workflow with the texts of all its files."""
    directory = workflow.directory
    files = {os.path.relpath(path, directory.resolve()): text for path, text in workflow.files_read.items()}
    main = Path(workflow.source).name if workflow.is_file else None
    if main is None:
        files[""] = workflow.contents[0]
    return StoredWorkflow(workflow.hash, workflow.name, os.fspath(directory.resolve()), main, files)


def workflow_of(stored: StoredWorkflow, kinds: Mapping[str, NodeKind[Any]]) -> WorkflowSpec:
    """The workflow as it was when it was stored; its functions are those of today.

    Raises:
        WorkflowError: what it needs beside its files has changed so that it can't be read any more.
    """
    known: Mapping[str, NodeShape[Any]] = kinds
    return load_kept(stored.files, stored.main, known, Path(stored.directory))


def source_of(workflow: WorkflowSpec) -> str:
    """Where the file of a workflow lies; empty where Python made it."""
    return os.fspath(workflow.directory.resolve() / Path(workflow.source).name) if workflow.is_file else ""
