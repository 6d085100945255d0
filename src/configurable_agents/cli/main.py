"""The command line: its commands, and the one place where an error is printed."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from configurable_agents.cli.db import db
from configurable_agents.cli.graph import graph
from configurable_agents.cli.init import init
from configurable_agents.cli.nodes import nodes
from configurable_agents.cli.plan import plan
from configurable_agents.cli.run import run
from configurable_agents.cli.runs import runs
from configurable_agents.cli.schema import schema
from configurable_agents.cli.validate import validate
from configurable_agents.errors import ConfigurableAgentsError

# Plain help: it reads the same in a pipe, and rich need not be imported for it.
app = typer.Typer(
    name="configurable-agents",
    help="Workflows of language models in one YAML file, checked as a whole before they run.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(init)
# What stands after the file is told apart by `run` itself: it is most often an input that lacks its option.
app.command(context_settings={"allow_extra_args": True})(run)
for command in (validate, plan, graph, schema, nodes):
    app.command()(command)
app.add_typer(runs)
app.add_typer(db, name="db")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"configurable-agents {version('configurable-agents')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; errors of ours are printed here, once, and give the exit status."""
    gc.disable()  # collecting while modules are imported is 7 % of a short command; `run` turns it on again
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller, who does not want it
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # it stays open to the end
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what the terminal's encoding lacks is shown by its number
    try:
        app()
    except ConfigurableAgentsError as error:
        from configurable_agents.cli.errors import print_error

        print_error(error)
        sys.exit(error.exit_status)
    except Exception as error:  # ours to mend: still one message, never a traceback unless it is asked for
        if os.environ.get("CONFIGURABLE_AGENTS_TRACEBACK"):
            raise
        from configurable_agents.cli.errors import print_error

        message = f"{type(error).__name__}: {error}"
        hint = "This is a mistake of ours, not of yours: please report it. CONFIGURABLE_AGENTS_TRACEBACK=1 shows where."
        print_error(ConfigurableAgentsError("internal", message, hint))
        sys.exit(1)


if __name__ == "__main__":
    main()
