"""`db`: the database of the history of runs."""

from __future__ import annotations

import json
from typing import Annotated

import typer

db = typer.Typer(
    help="Look at the database of the history of runs, and give it the tables of this version.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_STATES = {
    "missing": "not there yet: a run makes it",
    "empty": "no tables yet: configurable-agents db upgrade",
    "outdated": "of an older version: configurable-agents db upgrade",
    "current": "as this version needs it",
    "newer": "of a newer version: upgrade this program",
}


@db.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Say where the history of runs is kept, and whether its tables fit this version.

    Nothing is made or changed.

    Exit status: 0 if it can be used (or is yet to be made), 1 if it can't be read, 2 if its tables do not fit.
    """
    from configurable_agents.settings import read_settings
    from configurable_agents.storage import schema

    settings = read_settings()
    found = schema.status(settings)
    if as_json:
        told = {
            "database": settings.shown,
            "kind": "postgresql" if settings.file is None else "sqlite",
            "state": found.state,
            "revision": found.revision,
            "newest": schema.REVISIONS[-1],
            "sync": settings.sync,
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"{settings.shown}: {_STATES[found.state]}")
    if found.state not in {"current", "missing"}:
        raise typer.Exit(2)


@db.command()
def upgrade() -> None:
    """Give the database the tables of this version; nothing is deleted.

    A file of SQLite is made where there is none, and gets its tables from any run by itself; PostgreSQL by this command
    alone, so that it happens when you want it to. It may run on several machines at once.
    """
    from configurable_agents.settings import read_settings
    from configurable_agents.storage import schema

    settings = read_settings()
    before = schema.upgrade(settings)
    newest = schema.REVISIONS[-1]
    done = f"is at {newest} already" if before.state == "current" else f"was upgraded to {newest}"
    print(f"{settings.shown}: {done}")
