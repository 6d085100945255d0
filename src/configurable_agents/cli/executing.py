"""Running under a person's eyes: progress on stderr, Ctrl-C, questions asked at the terminal, the result at the end."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from configurable_agents.cli.interrupt import run_interruptibly
from configurable_agents.cli.output import print_result
from configurable_agents.cli.progress import Progress

if TYPE_CHECKING:
    from configurable_agents.app import RunResult, Workflow
    from configurable_agents.events import Event
    from configurable_agents.plugins.stores import RunStore
    from configurable_agents.runs.journal import Subscriber
    from configurable_agents.runs.models import Models

Resolve = Callable[[], Awaitable["Models"]]
Begin = Callable[["Models", "Sequence[Subscriber]"], Awaitable["RunResult"]]

EXIT = {"succeeded": 0, "waiting": 3, "cancelled": 130}


def execute(
    workflow: Workflow,
    resolve: Resolve,
    begin: Begin,
    store: RunStore | None,
    *,
    as_json: bool,
    before: Sequence[Event] = (),
) -> RunResult:
    """Run to the end, or until it waits for a person who is not at the terminal, and print the result.

    `before` are the events that a run has which goes on.
    """
    result = _execute(workflow, resolve, begin, before, as_json=as_json)
    while result.status == "waiting" and store is not None and not as_json and _at_terminal():
        from configurable_agents.cli.questions import ask

        answers = ask(workflow, result)
        if not answers:
            break
        from configurable_agents.app import resuming

        rerun = resuming(store, result.run_id, answers=answers)
        result = _execute(workflow, rerun.models, rerun.begin, rerun.events, as_json=as_json)
    print_result(workflow, result, as_json=as_json, kept=store is not None)
    return result


def leave(result: RunResult) -> None:
    """End the command with the status that says how the run went."""
    raise typer.Exit(EXIT.get(result.status, 1))


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _execute(
    workflow: Workflow, resolve: Resolve, begin: Begin, before: Sequence[Event], *, as_json: bool
) -> RunResult:
    gc.enable()
    progress = Progress(workflow.spec, before)
    restore = _divert_stdout()

    def show(result: RunResult) -> None:
        restore()
        print_result(workflow, result, as_json=as_json)

    async def run(models: Models) -> RunResult:
        return await begin(models, (progress.take,))

    try:
        return run_interruptibly(workflow, resolve, run, progress, show)
    finally:
        progress.close()
        restore()


def _divert_stdout() -> Callable[[], Any]:
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
