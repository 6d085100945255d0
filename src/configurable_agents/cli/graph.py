"""`graph`: a workflow as a picture."""

from __future__ import annotations

import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from configurable_agents.errors import UsageError

if TYPE_CHECKING:
    from configurable_agents.spec.workflow import WorkflowSpec


class Format(StrEnum):
    """What `graph` can print."""

    MERMAID = "mermaid"
    ASCII = "ascii"
    SVG = "svg"
    PNG = "png"


_SUFFIXES = {
    ".mmd": Format.MERMAID,
    ".mermaid": Format.MERMAID,
    ".txt": Format.ASCII,
    ".svg": Format.SVG,
    ".png": Format.PNG,
}
_MOST_COLUMNS = 120


def graph(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A workflow file.")],
    form: Annotated[
        Format | None,
        typer.Option("--format", help="What to draw; by default what the suffix of --output says, else mermaid."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PATH", help="The file to write instead of stdout.")
    ] = None,
) -> None:
    """Draw a workflow's graph.

    mermaid is text that GitHub and most editors show as a diagram in Markdown; ascii is drawn for a terminal. svg and
    png are pictures, drawn by Graphviz: pip install 'configurable-agents[graph]'.
    """
    from configurable_agents.app import load

    chosen = form or _by_suffix(output)
    if output is None and chosen in {Format.SVG, Format.PNG} and sys.stdout.isatty():
        hint = f"Name a file: configurable-agents graph {file} --output {Path(file).stem}.{chosen}"
        raise UsageError("needs_output", f"{chosen.upper()} is not for a terminal.", hint)
    drawn = _drawn(load(file).spec, chosen, to_terminal=output is None)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(drawn)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(drawn)
    except OSError as error:
        message = f"{output} can't be written: {error.strerror}."
        raise UsageError("not_writable", message, "Name another file by --output.") from None


def _by_suffix(output: Path | None) -> Format:
    if output is None:
        return Format.MERMAID
    found = _SUFFIXES.get(output.suffix.lower())
    if found is None:
        message = f"The name {output.name} does not say what to draw."
        raise UsageError("unknown_format", message, "Add --format mermaid, ascii, svg or png.")
    return found


def _drawn(workflow: WorkflowSpec, form: Format, *, to_terminal: bool) -> bytes:
    """The picture as it is written; text for a terminal in its encoding."""
    if form is Format.SVG or form is Format.PNG:
        from configurable_agents.cli.drawing import draw
        from configurable_agents.spec.dot import dot

        return draw(dot(workflow), "svg" if form is Format.SVG else "png")
    encoding = (sys.stdout.encoding if to_terminal else None) or "utf-8"
    if form is Format.MERMAID:
        from configurable_agents.spec.mermaid import mermaid

        return mermaid(workflow).encode(encoding, "backslashreplace")
    from configurable_agents.spec.boxes import boxes, without_lines

    width = min(shutil.get_terminal_size((100, 24)).columns, _MOST_COLUMNS) if to_terminal else 100
    text = boxes(workflow, width)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return without_lines(text).encode(encoding, "backslashreplace")
