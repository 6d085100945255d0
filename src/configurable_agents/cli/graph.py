"""`graph`: a workflow as a picture."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """What `graph` can print."""

    MERMAID = "mermaid"


def graph(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A workflow file.")],
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.MERMAID,
) -> None:
    """Print a workflow's graph in Mermaid.

    GitHub and most editors show such a diagram in Markdown.
    """
    from configurable_agents.app import load
    from configurable_agents.spec.mermaid import mermaid

    workflow = load(file)
    print({Format.MERMAID: mermaid}[form](workflow.spec), end="")
