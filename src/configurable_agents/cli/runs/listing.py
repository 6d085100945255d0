"""`runs list`: the runs that are kept, the newest first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from configurable_agents.plugins.stores import StoredRun
    from configurable_agents.projection import Spent

_LEAST_OF_AN_ID = 8


class RunStatus(StrEnum):
    """What `--status` may ask for."""

    RUNNING = "running"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


def listing(
    workflow: Annotated[str | None, typer.Option("--workflow", "-w", metavar="NAME", help="Of this workflow.")] = None,
    status: Annotated[RunStatus | None, typer.Option("--status", "-s", help="With this status.")] = None,
    session: Annotated[str | None, typer.Option("--session", metavar="NAME", help="Of this session.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="WHEN", help="Begun since: 2d, 12h, or a date.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="At most so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List runs, the newest first.

    A run whose process died is `interrupted`; one that waits for a person is `waiting`. RUN is the end of its id, which
    the other commands take; --json has all of it.
    """
    from datetime import UTC, datetime

    from configurable_agents.cli.jsontext import json_line
    from configurable_agents.cli.runs.opened import history
    from configurable_agents.cli.runs.tables import print_table
    from configurable_agents.cli.runs.times import since as time_of
    from configurable_agents.plugins.stores import RunFilter

    now = datetime.now(UTC)
    begun = time_of(since, now) if since is not None else None
    chosen = status.value if status is not None else None
    with history() as store:
        runs = store.runs(RunFilter(workflow, chosen, session, since=begun, limit=limit))
    if as_json:
        for run in runs:
            print(json_line(as_object(run)))
    elif runs:
        print_table(_table(runs, now), right=(4, 5, 6, 7), status=2)
    else:
        print("No runs.", file=sys.stderr)


def as_object(run: StoredRun) -> dict[str, Any]:
    """A run as `runs list --json` prints it."""
    return {
        "run_id": run.id,
        "workflow": run.workflow,
        "workflow_hash": run.workflow_hash,
        "source": run.source,
        "status": run.status,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "parent": run.parent,
        "relation": run.relation,
        "session": run.session,
        "model": run.model,
        "error_code": run.error_code,
        "usage": {
            "input_tokens": run.input_tokens,
            "output_tokens": run.output_tokens,
            "model_calls": run.model_calls,
        },
        "cost_usd": None if run.unpriced else run.cost_usd,
        "known_cost_usd": run.cost_usd,
        "unpriced": list(run.unpriced),
    }


def spent_of(run: StoredRun) -> Spent:
    """What is kept of what a run used."""
    from configurable_agents.projection import Spent

    return Spent(run.model_calls, run.input_tokens, run.output_tokens, run.cost_usd, list(run.unpriced))


def short_ids(ids: Sequence[str]) -> list[str]:
    """The ends of ids, as long as it takes to tell them apart: the beginning of an id is its time."""
    length = _LEAST_OF_AN_ID
    while len({one[-length:] for one in ids}) < len(set(ids)):
        length += 1
    return [one[-length:] for one in ids]


def _table(runs: Sequence[StoredRun], now: Any) -> list[list[str]]:
    from configurable_agents.cli.runs.times import shown
    from configurable_agents.cli.words import cost, duration

    rows = [["RUN", "WORKFLOW", "STATUS", "STARTED", "TOOK", "CALLS", "TOKENS", "COST"]]
    for run, short in zip(runs, short_ids([run.id for run in runs]), strict=True):
        total = spent_of(run)
        end = run.ended_at or now
        rows.append(
            [
                short,
                run.workflow,
                run.status,
                shown(run.started_at),
                duration((end - run.started_at).total_seconds()),
                f"{total.model_calls:,}",
                f"{total.input_tokens + total.output_tokens:,}",
                cost(total).removeprefix("cost "),
            ]
        )
    return rows
