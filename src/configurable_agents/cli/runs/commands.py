"""The commands of `runs`, one file each."""

from __future__ import annotations

import typer
from typer.core import TyperGroup
from typer.main import get_group

from configurable_agents.cli.runs.cancel import cancel
from configurable_agents.cli.runs.delete import delete
from configurable_agents.cli.runs.diff import diff
from configurable_agents.cli.runs.events import events
from configurable_agents.cli.runs.export import export
from configurable_agents.cli.runs.fork import fork
from configurable_agents.cli.runs.listing import listing
from configurable_agents.cli.runs.replay import replay
from configurable_agents.cli.runs.resume import resume
from configurable_agents.cli.runs.show import show
from configurable_agents.cli.runs.state import state
from configurable_agents.cli.runs.why import why


def group() -> TyperGroup:
    """The group of all commands of `runs`."""
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    app.command("list")(listing)
    for command in (show, events, state, why, diff, resume, replay, fork, export, cancel, delete):
        app.command()(command)
    return get_group(app)
