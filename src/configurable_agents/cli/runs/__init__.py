"""`runs`: looking back at runs. The commands are imported when one of them, or the help of all, is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Command, Context


class _Commands(TyperGroup):
    """The commands of the group, made when they are first needed: no other command has a use for them."""

    _made: TyperGroup | None = None

    def _group(self) -> TyperGroup:
        if self._made is None:
            from configurable_agents.cli.runs.commands import group

            self._made = group()
        return self._made

    def list_commands(self, ctx: Context) -> list[str]:
        return self._group().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        return self._group().get_command(ctx, cmd_name)


runs = typer.Typer(
    name="runs",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@runs.callback()
def _group() -> None:
    """The history of runs: list, look at, compare, export, cancel and delete them.

    RUN is the id of a run, the beginning or the end of one (4 characters or more), or `last`.
    """
