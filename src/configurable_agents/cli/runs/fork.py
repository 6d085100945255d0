"""`runs fork`: a new run from the middle of another."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer


def fork(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    at: Annotated[
        str,
        typer.Option("--at", metavar="NODE[#VISIT]", help="The node to go on at; all before it is taken over."),
    ],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", metavar="K=V", help="Another value of a field from there on; a list as JSON."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Ask this model from there on, instead of every other.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as one JSON object.")] = False,
) -> None:
    """Make a new run from a node of another on, and compare the two at the end.

    Exit status: as `run`.
    """
    from configurable_agents.app import forking, open_store
    from configurable_agents.cli.executing import execute, leave
    from configurable_agents.cli.runs.diff import print_comparison
    from configurable_agents.history.comparison import compare

    store = open_store(create=False)
    try:
        rerun = forking(store, run, at, changes=changes, model=model)
        result = execute(rerun.workflow, rerun.models, rerun.begin, store, as_json=as_json)
        if not as_json and result.status != "waiting":
            with redirect_stdout(sys.stderr):
                print_comparison(compare(list(rerun.events), result.events))
    finally:
        store.close()
    leave(result)
