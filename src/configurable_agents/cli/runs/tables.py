"""Tables in plain characters: columns under their titles, with colour on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

_COLOURS = {
    "succeeded": "32",
    "failed": "31",
    "cancelled": "33",
    "interrupted": "33",
    "waiting": "35",
    "running": "36",
}


def print_table(rows: Sequence[Sequence[str]], *, right: Iterable[int] = (), status: int | None = None) -> None:
    """Rows whose first one are the titles; the columns of these numbers are flush right, one is coloured by status."""
    if not rows:
        return
    from configurable_agents.spec.picturetext import columns

    to_the_right = set(right)
    widths = [max(columns(row[index]) for row in rows) for index in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = []
        for index, cell in enumerate(row):
            space = " " * (widths[index] - columns(cell))
            shown = painted(cell, "1" if number == 0 else _COLOURS.get(cell, "") if index == status else "")
            cells.append(space + shown if index in to_the_right else shown + space)
        print("  ".join(cells).rstrip())


def painted(text: str, colour: str) -> str:
    """The text in a colour, where stdout takes any."""
    if not colour or not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{colour}m{text}\033[0m"


def status_painted(status: str) -> str:
    """A status in its colour."""
    return painted(status, _COLOURS.get(status, ""))
