"""`run`: run a workflow, with its progress on stderr and its output on stdout."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from configurable_agents.app import RunResult, Workflow
    from configurable_agents.runs.models import Models


def run(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A workflow file.")],
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="K=V",
            help="An input field; a list as JSON, or repeated. `-` reads all from stdin.",
        ),
    ] = None,
    input_file: Annotated[
        str | None,
        typer.Option("--input-file", metavar="FILE", help="The input as a JSON or YAML file; `-` is stdin."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Ask this model instead of every model of the file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as one JSON object.")] = False,
) -> None:
    """Run a workflow.

    The output goes to stdout, all else to stderr. Exit status: 0 if it succeeded, 1 if it failed, 2 if the file or
    the input is wrong and nothing was run, 130 if it was interrupted.
    """
    from configurable_agents.cli.output import print_invalid, print_result
    from configurable_agents.errors import UsageError

    try:
        _refuse(context.args)
        workflow, values = _prepare(file, given or [], input_file)
        result = _execute(workflow, values, model, as_json=as_json)
    except UsageError as error:
        if not as_json:
            raise
        print_invalid(error)
        raise typer.Exit(error.exit_status) from None
    print_result(workflow, result, as_json=as_json)
    raise typer.Exit({"succeeded": 0, "cancelled": 130}.get(result.status, 1))


def _refuse(words: list[str]) -> None:
    """Refuse what stands after the file; most often it is an input that lacks its option."""
    from configurable_agents.errors import UsageError

    if words:
        hint = f"An input is an option: --input {words[0]}"
        raise UsageError("unexpected_argument", f"'{words[0]}' is one argument too many.", hint)


def _prepare(file: str, pairs: list[str], input_file: str | None) -> tuple[Workflow, dict[str, Any]]:
    """The workflow and its input, checked."""
    from configurable_agents.app import load
    from configurable_agents.cli.errors import print_findings
    from configurable_agents.cli.inputs import read_input
    from configurable_agents.runs.input import parse_pairs
    from configurable_agents.spec.inputs import check_input

    workflow = load(file)
    print_findings(finding for finding in workflow.findings if finding.severity != "advice")  # for `validate`
    fields = workflow.spec.input
    values: dict[str, Any] = {}
    if "-" in pairs:
        pairs = [pair for pair in pairs if pair != "-"]
        values.update(read_input("-"))
    if input_file is not None:
        values.update(read_input(input_file))
    read, problems = parse_pairs(fields, pairs)
    return workflow, check_input(fields, {**values, **read}, problems)


def _execute(workflow: Workflow, values: dict[str, Any], model: str | None, *, as_json: bool) -> RunResult:
    """Run to the end, showing how it goes; Ctrl-C cancels the run."""
    from configurable_agents.cli.interrupt import run_interruptibly
    from configurable_agents.cli.output import print_result
    from configurable_agents.cli.progress import Progress

    gc.enable()
    progress = Progress(workflow.spec)
    restore = _divert_stdout()

    def show(result: RunResult) -> None:
        restore()
        print_result(workflow, result, as_json=as_json)

    async def execute(models: Models) -> RunResult:
        from configurable_agents.runs.runner import Start

        return await workflow.start(Start(values, model), models, None, (progress.take,))

    try:
        return run_interruptibly(workflow, model, execute, progress, show)
    finally:
        progress.close()
        restore()


def _divert_stdout() -> Callable[[], None]:
    """Send to stderr what functions of a workflow, and processes they start, print: it is no output of the workflow.

    Gives a function that takes it back.
    """
    stdout, sys.stdout = sys.stdout, sys.stderr
    stdout.flush()
    try:
        kept = [os.dup(1)]
        os.dup2(2, 1)
    except OSError:  # one of them is closed: there is nothing to keep apart
        kept = []

    def restore() -> None:
        sys.stdout = stdout
        while kept:
            os.dup2(kept[-1], 1)
            os.close(kept.pop())

    return restore
