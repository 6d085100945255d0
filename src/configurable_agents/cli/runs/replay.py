"""`runs replay`: go through a run again, on its record."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def replay(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as one JSON object.")] = False,
) -> None:
    """Go through a run again, with its input and the replies of its models, without calling any.

    Nodes that act on the outside (functions, people) are not executed: their recorded results are taken. So the way and
    the output are the same, and nothing is spent; where they are not, it is said how.

    Exit status: as `run`, and 1 where the replay differs.
    """
    from configurable_agents.app import open_store, replaying
    from configurable_agents.cli.executing import execute, leave
    from configurable_agents.history.comparison import compare

    store = open_store(create=False)
    try:
        rerun = replaying(store, run)
        result = execute(rerun.workflow, rerun.models, rerun.begin, store, as_json=as_json)
    finally:
        store.close()
    before = rerun.run
    same = compare(list(rerun.events), result.events).parting is None
    print(f"The same way as {before.id}." if same else f"Another way than {before.id}.", file=sys.stderr)
    if not same:
        raise typer.Exit(1)
    leave(result)
