"""`runs delete`: runs that are not needed any more, with all that is kept of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from configurable_agents.cli.runs.listing import RunStatus

if TYPE_CHECKING:
    from configurable_agents.plugins.stores import RunStore, StoredRun

_SHOWN = 10


def delete(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN]...", help="These runs.")] = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="All begun longer ago: 30d, 12h, or before a date."),
    ] = None,
    workflow: Annotated[
        str | None, typer.Option("--workflow", "-w", metavar="NAME", help="All of this workflow.")
    ] = None,
    status: Annotated[RunStatus | None, typer.Option("--status", "-s", help="All with this status.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which they are, and leave them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete runs with their events and payloads, and give their room back.

    Name runs, or choose them by options, which all have to hold. Runs that are running are left. On a terminal it
    asks before it deletes; elsewhere it takes --yes.
    """
    from configurable_agents.cli.runs.opened import history
    from configurable_agents.cli.words import counted, size
    from configurable_agents.errors import UsageError

    if not runs and older_than is None and workflow is None and status is None:
        hint = "Name runs, or choose them: configurable-agents runs delete --older-than 30d"
        raise UsageError("nothing_chosen", "No run is named to be deleted.", hint)
    with history() as store:
        found = _chosen(store, runs or [], older_than, workflow, status)
        ready = [run for run in found if run.status != "running"]
        if len(found) > len(ready):
            left = counted(len(found) - len(ready), "run is running and is left", "runs are running and are left")
            print(f"{left}.", file=sys.stderr)
        if not ready:
            print("No run to delete.", file=sys.stderr)
            return
        _say(ready, deleted=not dry_run)
        if dry_run or not _agreed(len(ready), yes=yes):
            return
        deleted = store.delete([run.id for run in ready])
        given = store.compact()
    print(f"Deleted {counted(deleted, 'run')}; {size(given)} given back.", file=sys.stderr)


def _chosen(
    store: RunStore, named: Sequence[str], older_than: str | None, workflow: str | None, status: RunStatus | None
) -> list[StoredRun]:
    """The runs that are named, or all; of these those that the options choose."""
    from configurable_agents.cli.runs.times import since
    from configurable_agents.plugins.stores import RunFilter

    before = since(older_than) if older_than is not None else None
    chosen: Any = status.value if status is not None else None
    if not named:
        return store.runs(RunFilter(workflow, chosen, before=before))
    found = {run.id: run for run in map(store.find, named)}
    return [
        run
        for run in found.values()
        if (before is None or run.started_at < before)
        and (workflow is None or run.workflow == workflow)
        and (chosen is None or run.status == chosen)
    ]


def _say(runs: Sequence[StoredRun], *, deleted: bool) -> None:
    from configurable_agents.cli.runs.listing import short_ids
    from configurable_agents.cli.runs.times import shown
    from configurable_agents.cli.words import counted

    print(f"{counted(len(runs), 'run')} {'to delete' if deleted else 'would be deleted'}:", file=sys.stderr)
    for run, short in zip(runs[:_SHOWN], short_ids([run.id for run in runs]), strict=False):
        print(f"  {short}  {run.workflow}, {run.status}, {shown(run.started_at)}", file=sys.stderr)
    if len(runs) > _SHOWN:
        print(f"  … and {len(runs) - _SHOWN} more", file=sys.stderr)


def _agreed(count: int, *, yes: bool) -> bool:
    """Whether the person at the terminal agrees.

    Raises:
        UsageError: there is nobody to ask.
    """
    from configurable_agents.errors import UsageError

    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("needs_yes", "Deleting runs takes a yes, and there is no terminal to ask on.", "Add --yes.")
    these = "it" if count == 1 else "them"
    if typer.confirm(f"Delete {these} for good?", err=True):
        return True
    print("Nothing was deleted.", file=sys.stderr)
    return False
