"""`runs resume`: go on with a run from where it stopped."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from configurable_agents.app import Rerun


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", metavar="[NODE=]TEXT", help="The answer to a question that it waits for."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="K=V",
            help="Another value of an input field; results that it does not touch are kept.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Ask this model from here on, instead of every other.")
    ] = None,
    use_current_file: Annotated[
        bool,
        typer.Option(
            "--use-current-file",
            help="Go on with the file as it is now; results of nodes that have not "
            "changed, nor what they read, are kept.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before nodes are executed again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as one JSON object.")] = False,
) -> None:
    """Go on with a run that was interrupted, cancelled, failed, or waits for a person.

    What had succeeded is not done again. With another input or the current file it is said first which nodes would be
    executed again, and what they cost before.

    Exit status: as `run`.
    """  # fmt: skip
    from configurable_agents.app import open_store, resuming
    from configurable_agents.cli.executing import execute, leave

    store = open_store(create=False)
    try:
        rerun = resuming(
            store, run, answers=answer or [], given=given, model=model, use_current_file=use_current_file
        )  # fmt: skip
        if use_current_file or given:
            _say_what_is_due(rerun, yes=yes)
        result = execute(
            rerun.workflow, rerun.models, rerun.begin, store, as_json=as_json, before=rerun.events
        )  # fmt: skip
    finally:
        store.close()
    leave(result)


def _say_what_is_due(rerun: Rerun, *, yes: bool) -> None:
    """Say which results are kept and which nodes are executed again, and ask whether to go on.

    Raises:
        UsageError: there is nobody to ask.
    """
    from configurable_agents.app import due_again
    from configurable_agents.cli.words import spent
    from configurable_agents.errors import UsageError

    due = due_again(rerun)
    print(f"{due.kept} result{'' if due.kept == 1 else 's'} kept.", file=sys.stderr)
    if not due.again:
        return
    cost = f" Before, they took {spent(due.spent)}." if due.spent.model_calls else ""
    print(f"Executed again: {', '.join(due.again)}.{cost}", file=sys.stderr)
    if yes:
        return
    if not (sys.stdin is not None and sys.stdin.isatty()):
        message = f"{len(due.again)} recorded results would be made again."
        raise UsageError("needs_yes", message, "Add --yes to go on.")
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise typer.Exit(1)
