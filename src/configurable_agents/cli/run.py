"""`run`: run a workflow, with its progress on stderr and its output on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from configurable_agents.app import RunResult, Workflow
    from configurable_agents.runs.journal import Subscriber
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
    session: Annotated[
        str | None,
        typer.Option("--session", metavar="ID", help="Go on with the conversations of this session."),
    ] = None,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Keep nothing of the run; it can't be resumed or looked at then.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as one JSON object.")] = False,
) -> None:
    """Run a workflow.

    The output goes to stdout, all else to stderr. The run is kept in .configurable-agents/data.db, or where
    CONFIGURABLE_AGENTS_DATABASE_URL says. Exit status: 0 if it succeeded, 1 if it failed, 2 if the file or the input is
    wrong and nothing was run, 3 if it waits for a person, 130 if it was interrupted.
    """
    from configurable_agents.cli.output import print_invalid
    from configurable_agents.errors import UsageError

    try:
        _refuse(context.args)
        workflow, values = _prepare(file, given or [], input_file)
        _session(workflow, session, no_history=no_history)
        result = _execute(workflow, values, model, session, kept=not no_history, as_json=as_json)
    except UsageError as error:
        if not as_json:
            raise
        print_invalid(error)
        raise typer.Exit(error.exit_status) from None
    from configurable_agents.cli.executing import leave

    leave(result)


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


def _session(workflow: Workflow, session: str | None, *, no_history: bool) -> None:
    """Refuse a session that nothing is kept of."""
    from configurable_agents.errors import UsageError

    if session is None:
        return
    if not any(field.scope == "session" for field in workflow.spec.state.values()):
        hint = "Declare one under state: chat: {type: messages, scope: session}"
        raise UsageError("no_session", f"'{workflow.name}' has no conversation that lives in a session.", hint)
    if no_history:
        raise UsageError("no_session", "A session is kept in the history.", "Leave out --no-history.")


def _execute(
    workflow: Workflow, values: dict[str, Any], model: str | None, session: str | None, *, kept: bool, as_json: bool
) -> RunResult:
    from configurable_agents.app import open_store
    from configurable_agents.cli.executing import execute
    from configurable_agents.errors import StoreError
    from configurable_agents.runs.runner import Start

    try:
        store = open_store() if kept else None
    except StoreError as error:
        raise StoreError(error.code, error.message, f"{error.hint} To keep nothing of the run: --no-history") from None
    try:

        async def begin(models: Models, subscribers: Sequence[Subscriber]) -> RunResult:
            return await workflow.start(Start(values, model, session), models, store, subscribers)

        return execute(workflow, lambda: workflow.models(model), begin, store, as_json=as_json)
    finally:
        if store is not None:
            store.close()
