"""`runs export`: all that is kept of a run, in one file that may be shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write instead of stdout.")
    ] = None,
) -> None:
    """Write all that is kept of a run as one JSON object: the run, its workflow's files, its events and payloads.

    Secrets are masked: the values that the environment has for each ${NAME} of the workflow, and of variables that are
    named like a KEY, TOKEN, SECRET or PASSWORD, where they have 6 characters or more; also passwords in URLs.
    """
    from dataclasses import asdict

    from configurable_agents.cli.jsontext import json_text
    from configurable_agents.cli.runs.listing import as_object
    from configurable_agents.cli.runs.opened import find, history
    from configurable_agents.errors import UsageError
    from configurable_agents.history.masking import masked, secrets

    with history() as store:
        found = find(store, run)
        hashes = dict.fromkeys([found.run.workflow_hash, found.view.workflow_hash])
        workflows = [store.workflow(one) for one in hashes if one]
        payloads = store.payloads(found.run.id)
    texts = [text for workflow in workflows for text in workflow.files.values()]
    whole = {
        "run": as_object(found.run, found.view.spent, found.view.duration_s),
        "workflows": [{**asdict(workflow), "files": dict(workflow.files)} for workflow in workflows],
        "events": [event.model_dump() for event in found.events],
        "payloads": payloads,
    }
    text = json_text(masked(whole, secrets(os.environ, texts)))
    if output is None:
        print(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        message = f"{output} can't be written: {error.strerror}."
        raise UsageError("not_writable", message, "Name another file by --output.") from None
