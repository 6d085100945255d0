"""`runs show`: one run, from its input to its output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from configurable_agents.cli.runs.opened import Found
    from configurable_agents.events import Question
    from configurable_agents.projection import StepView

_RESUMABLE = ("interrupted", "waiting", "failed", "cancelled")


def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as one JSON object.")] = False,
) -> None:
    """Show a run.

    Its status, its input, the executions of its nodes, its output or what it failed with, the questions that it waits
    for, and how to go on with it.
    """
    from configurable_agents.cli.jsontext import json_text
    from configurable_agents.cli.runs.opened import find, history

    with history() as store:
        found = find(store, run)
    if as_json:
        print(json_text(as_object(found)))
    else:
        _print(found)


def as_object(found: Found) -> dict[str, Any]:
    """A run as `runs show --json` prints it."""
    from configurable_agents.cli.runs.listing import as_object as kept

    view = found.view
    return {
        # By the events, not by what is kept beside them, which lags behind while a run goes on.
        **kept(found.run, view.spent, view.duration_s),
        "status": found.status,
        "input": view.input,
        "output": view.output,
        "error": view.error.model_dump() if view.error is not None else None,
        "steps": [_step(step) for step in view.steps],
        "questions": [question.model_dump() for question in view.questions],
        "resumable": found.status in _RESUMABLE,
    }


def _step(step: StepView) -> dict[str, Any]:
    return {
        "node": step.node,
        "visit": step.visit,
        "status": step.status,
        "started_at": step.started_at,
        "duration_s": round(step.duration_s, 6),
        "input_tokens": step.spent.input_tokens,
        "output_tokens": step.spent.output_tokens,
        "model_calls": step.spent.model_calls,
        "cost_usd": step.spent.cost_usd,
        "items": step.items,
        "failed_items": step.failed_items,
        "retries": step.retries,
        "error": step.error.model_dump() if step.error is not None else None,
        "handled": step.status == "succeeded" or step.handled if step.error is not None else None,
    }


def _print(found: Found) -> None:
    from configurable_agents.cli.output import print_fields
    from configurable_agents.cli.runs.tables import painted, status_painted
    from configurable_agents.cli.runs.times import shown
    from configurable_agents.cli.words import asked_model, counted, duration, spent

    run, view = found.run, found.view
    parts = [f"{status_painted(found.status)}, {duration(view.duration_s)}"]
    if view.spent.model_calls or view.spent.replayed:
        parts += [counted(view.spent.model_calls, "model call"), spent(view.spent)]
    head = {
        "run": run.id,
        "workflow": f"{run.workflow} ({run.source})" if run.source else run.workflow,
        "status": "; ".join(parts),
        "started": shown(run.started_at),
        run.relation or "parent": f"of run {run.parent}" if run.parent else "",
        "session": view.session or "",
        "model": asked_model(view),
    }
    for title, text in head.items():
        if text:
            print(f"{title:<10}{text}")
    if view.input:
        print(f"\n{painted('input', '1')}")
        print_fields(view.input)
    if view.steps:
        print(f"\n{painted('steps', '1')}")
        for step in view.steps:
            _print_step(step)
    if view.output is not None:
        print(f"\n{painted('output', '1')}")
        print_fields(view.output)
    if view.error is not None:
        where = f" (node '{view.error.node}')" if view.error.node else ""
        print(f"\n{painted(f'error[{view.error.code}]', '31')}: {view.error.message}{where}")
        if view.error.hint:
            print(f"  hint: {view.error.hint}")
    for question in view.questions:
        _print_question(question)
    if found.status in _RESUMABLE:
        print(f"\nTo go on: configurable-agents runs resume {run.id}{_answers(view.questions)}")


def _answers(questions: Sequence[Question]) -> str:
    """The options by which open questions are answered."""
    from configurable_agents.runs.answers import named

    if len(questions) == 1:
        return " --answer ..."
    return "".join(f" --answer {named(question)}=..." for question in questions)


def _print_step(step: StepView) -> None:
    from configurable_agents.cli.progress import MARKS, called, detail
    from configurable_agents.cli.runs.tables import painted
    from configurable_agents.cli.words import duration

    colours = {"succeeded": "32", "failed": "31", "skipped": "90"}
    sign = painted(MARKS.get(step.status, ("…", "", ""))[0], colours.get(step.status, "33"))
    took = duration(step.duration_s) if step.status in ("succeeded", "failed", "cancelled") else step.status
    print(f"{sign} {called(step.node, step.visit):<24} {took:>8}  {detail(step)}".rstrip())


def _print_question(question: Question) -> None:
    from configurable_agents.cli.progress import called
    from configurable_agents.cli.runs.tables import painted
    from configurable_agents.cli.runs.times import shown

    print(f"\n{painted('question', '35')} of {called(question.node, question.visit, question.item)}: {question.text}")
    print(f"  answer: {' | '.join(question.choices) if question.choices else question.answer_type}")
    until = f", until {shown(question.expires_at)}" if question.expires_at is not None else ""
    print(f"  asked: {shown(question.asked_at)}{until}")
