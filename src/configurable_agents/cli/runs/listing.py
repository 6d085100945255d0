"""`runs list`: the runs that are kept, the newest first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from configurable_agents.plugins.stores import RunStore, StoredRun
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
    from configurable_agents.cli.jsontext import json_line
    from configurable_agents.cli.runs.opened import history
    from configurable_agents.cli.runs.tables import print_table
    from configurable_agents.cli.runs.times import since as time_of
    from configurable_agents.plugins.stores import RunFilter

    begun = time_of(since) if since is not None else None
    chosen: Any = status.value if status is not None else None
    with history() as store:
        runs = store.runs(RunFilter(workflow, chosen, session, since=begun, limit=limit))
        told = [_told(store, run) for run in runs]
    if as_json:
        for run, (spent, seconds) in zip(runs, told, strict=True):
            print(json_line(as_object(run, spent, seconds)))
    elif runs:
        print_table(_table(runs, told), right=(4, 5, 6, 7), status=2)
    else:
        print("No runs.", file=sys.stderr)


def _told(store: RunStore, run: StoredRun) -> tuple[Spent, float]:
    """What a run used, and how long it took in seconds: while it goes on, only its events tell."""
    from configurable_agents.cli.runs.opened import look_at
    from configurable_agents.projection import Spent

    if run.status in ("succeeded", "failed", "cancelled") and run.ended_at is not None:
        spent = Spent(run.model_calls, run.input_tokens, run.output_tokens, run.cost_usd, list(run.unpriced))
        return spent, (run.ended_at - run.started_at).total_seconds()
    view = look_at(store, run).view
    return view.spent, view.duration_s


def as_object(run: StoredRun, spent: Spent, seconds: float) -> dict[str, Any]:
    """A run as `runs list --json` prints it, with what it used and how long it took."""
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
            "input_tokens": spent.input_tokens,
            "output_tokens": spent.output_tokens,
            "model_calls": spent.model_calls,
        },
        "cost_usd": spent.cost_usd,
        "known_cost_usd": spent.known_cost_usd,
        "unpriced": spent.unpriced,
        "duration_s": round(seconds, 6),
    }


def short_ids(ids: Sequence[str]) -> list[str]:
    """The ends of ids, as long as it takes to tell them apart: the beginning of an id is its time."""
    length = _LEAST_OF_AN_ID
    while len({one[-length:] for one in ids}) < len(set(ids)):
        length += 1
    return [one[-length:] for one in ids]


def _table(runs: Sequence[StoredRun], told: Sequence[tuple[Spent, float]]) -> list[list[str]]:
    from configurable_agents.cli.runs.times import shown
    from configurable_agents.cli.words import cost, duration

    rows = [["RUN", "WORKFLOW", "STATUS", "STARTED", "TOOK", "CALLS", "TOKENS", "COST"]]
    for run, (total, seconds), short in zip(runs, told, short_ids([run.id for run in runs]), strict=True):
        rows.append(
            [
                short,
                run.workflow,
                run.status,
                shown(run.started_at),
                duration(seconds),
                f"{total.model_calls:,}",
                f"{total.input_tokens + total.output_tokens:,}",
                cost(total).removeprefix("cost "),
            ]
        )
    return rows
