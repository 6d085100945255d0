"""`runs state`: the fields of a run, at its end or as a node saw them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def state(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="NODE[#VISIT]", help="As this node saw it when it began, the first time or later."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the fields as one JSON object.")] = False,
) -> None:
    """Print the state of a run.

    Without --at as it is after the last event. Of branches that run at the same time, none sees what another writes in
    the same step. A node in a group is named as `runs events` names it (`review[2]/score`): the state is that group's.
    """
    from configurable_agents.cli.jsontext import json_text
    from configurable_agents.cli.output import print_fields
    from configurable_agents.cli.runs.opened import find, history, workflow_of
    from configurable_agents.history.states import state_at, state_at_end

    with history() as store:
        found = find(store, run)
        workflow = workflow_of(store, found)
    fields = state_at_end(workflow, found.events) if at is None else state_at(workflow, found.events, at)
    if as_json:
        print(json_text(fields))
    elif fields:
        print_fields(fields)
    else:
        print("No field is set.", file=sys.stderr)
