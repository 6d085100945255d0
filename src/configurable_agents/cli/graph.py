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
    from configurable_agents.spec.marks import Marks
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
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="A workflow file; with --run, by default that run's.")
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="What to draw; by default what the suffix of --output says, else mermaid."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PATH", help="The file to write instead of stdout.")
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="RUN", help="Mark the way that this run took: its id, or `last`.")
    ] = None,
) -> None:
    """Draw a workflow's graph.

    mermaid is text that GitHub and most editors show as a diagram in Markdown; ascii is drawn for a terminal. svg and
    png are pictures, drawn by Graphviz: pip install 'configurable-agents[graph]'.

    With --run, each node says how it went in that run, and each way how often it was taken.
    """
    chosen = form or _by_suffix(output)
    if output is None and chosen in {Format.SVG, Format.PNG} and sys.stdout.isatty():
        of, name = (file, Path(file).stem) if file is not None else (f"--run {run}", "run")
        hint = f"Name a file: configurable-agents graph {of} --output {name}.{chosen}"
        raise UsageError("needs_output", f"{chosen.upper()} is not for a terminal.", hint)
    workflow, marks = _shown(file, run)
    drawn = _drawn(workflow, marks, chosen, to_terminal=output is None)
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


def _shown(file: str | None, run: str | None) -> tuple[WorkflowSpec, Marks | None]:
    """The workflow to draw, and what is marked on it."""
    from configurable_agents.app import load

    if run is None:
        if file is None:
            hint = "Name a file, or a run by --run."
            raise UsageError("nothing_chosen", "There is no workflow to draw.", hint)
        return load(file).spec, None
    from configurable_agents.cli.runs.opened import find, history, workflow_of
    from configurable_agents.history.way import marks

    given = load(file).spec if file is not None else None
    with history() as store:
        found = find(store, run)
        workflow = given or workflow_of(store, found)
    if workflow.hash != found.view.workflow_hash:
        print(f"{file} is not as it was when run {found.run.id} ran; some of its way may not fit.", file=sys.stderr)
    return workflow, marks(workflow, found.events)


def _by_suffix(output: Path | None) -> Format:
    if output is None:
        return Format.MERMAID
    found = _SUFFIXES.get(output.suffix.lower())
    if found is None:
        message = f"The name {output.name} does not say what to draw."
        raise UsageError("unknown_format", message, "Add --format mermaid, ascii, svg or png.")
    return found


def _drawn(workflow: WorkflowSpec, marks: Marks | None, form: Format, *, to_terminal: bool) -> bytes:
    """The picture as it is written; text for a terminal in its encoding."""
    if form is Format.SVG or form is Format.PNG:
        from configurable_agents.cli.drawing import draw
        from configurable_agents.spec.dot import dot

        return draw(dot(workflow, marks), "svg" if form is Format.SVG else "png")
    encoding = (sys.stdout.encoding if to_terminal else None) or "utf-8"
    if form is Format.MERMAID:
        from configurable_agents.spec.mermaid import mermaid

        return mermaid(workflow, marks).encode(encoding, "backslashreplace")
    from configurable_agents.spec.boxes import boxes, without_lines

    width = min(shutil.get_terminal_size((100, 24)).columns, _MOST_COLUMNS) if to_terminal else 100
    text = boxes(workflow, width, marks)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return without_lines(text).encode(encoding, "backslashreplace")
