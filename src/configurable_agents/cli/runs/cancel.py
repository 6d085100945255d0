"""`runs cancel`: stop a run that another process runs, or that nobody runs."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from configurable_agents.cli.runs.opened import Found
    from configurable_agents.plugins.stores import RunStore

_PAUSE_S = 0.2
_PATIENCE_S = 10.0


def cancel(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
) -> None:
    """Cancel a run.

    The process that runs it is asked to stop it, and waited for, 10 seconds at most. A run that waits or was
    interrupted is cancelled at once.

    Exit status: 0 if it does not run any more, 1 if it still does.
    """
    from configurable_agents.cli.runs.opened import find, history

    with history() as store:
        found = find(store, run)
        status: str = found.status
        if status in ("waiting", "interrupted"):
            _cancel_here(store, found)
            status = store.find(found.run.id).status
        elif status == "running":
            store.request_cancel(found.run.id)
            status = _wait(store, found.run.id)
        else:
            print(f"Run {found.run.id} had ended already: {status}.", file=sys.stderr)
            return
    if status == "running":
        print(f"Run {found.run.id} was asked to stop, and has not within {_PATIENCE_S:g} s.", file=sys.stderr)
        raise typer.Exit(1)
    how = "cancelled" if status == "cancelled" else f"not cancelled: by now it is {status}"
    print(f"Run {found.run.id} is {how}.", file=sys.stderr)


def _wait(store: RunStore, run_id: str) -> str:
    until = time.monotonic() + _PATIENCE_S
    while (status := store.find(run_id).status) == "running" and time.monotonic() < until:
        time.sleep(_PAUSE_S)
    return status


def _cancel_here(store: RunStore, found: Found) -> None:
    """Make the run this process's, and end it."""
    import asyncio
    from datetime import UTC, datetime

    from configurable_agents.events import RunCancelled, RunResumed
    from configurable_agents.plugins.stores import Entry, RunChange

    run, spent = found.run, found.view.spent
    change = RunChange(
        "cancelled",
        model_calls=spent.model_calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost_usd=spent.known_cost_usd,
        unpriced=spent.unpriced,
    )

    async def end() -> None:
        number, now = len(found.events) + 1, datetime.now(UTC)
        await store.claim(run.id, RunResumed(run_id=run.id, seq=number, time=now), None, lambda: None)
        await store.append(Entry(RunCancelled(run_id=run.id, seq=number + 1, time=now), change=change))

    asyncio.run(end())
