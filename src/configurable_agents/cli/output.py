"""What a run gives: its output for a person, or all of it as one JSON object."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from configurable_agents.cli.errors import print_error
from configurable_agents.cli.jsontext import json_text, plain_json
from configurable_agents.cli.words import duration, spent
from configurable_agents.errors import RunError, UsageError, WorkflowError

if TYPE_CHECKING:
    from configurable_agents.app import RunResult, Workflow


def print_result(workflow: Workflow, result: RunResult, *, as_json: bool, kept: bool = False) -> None:
    """The result on stdout, how it ended on stderr; of a run that is `kept`, how to go on with it as well."""
    view = result.view
    if as_json:
        _print_json(as_object(result))
    elif view.output is not None:
        print_output(view.output)
    if view.error is not None and not as_json:
        where = ""
        found = workflow.spec.find(view.error.node or "")
        if found is not None:
            node, file = found
            where = f" ({file}:{node.line}, node '{view.error.node}')"
        print_error(RunError(view.error.code, view.error.message + where, view.error.hint, view.error.node))
    parts = [f"{view.status} in {duration(view.duration_s)}"]
    if view.spent.model_calls:
        calls = view.spent.model_calls
        parts += [f"{calls} model call{'' if calls == 1 else 's'}", spent(view.spent)]
    parts.append(f"run {view.run_id}")
    if view.status == "cancelled":
        left = [step.node for step in view.steps if step.left_behind and step.status == "cancelled"]
        done = len(view.finished)
        parts[0] = f"interrupted after {duration(view.duration_s)}, {done} step{'' if done == 1 else 's'} done"
        if left:
            parts.insert(1, f"a thread of {', '.join(left)} could not be stopped and ends with this process")
    if view.status == "waiting" and not as_json:
        _print_questions(result)
    print("; ".join(parts), file=sys.stderr)
    again = _again(result) if kept else None
    if again is not None:
        print(f"  go on with it: configurable-agents runs resume {view.run_id}{again}", file=sys.stderr)


def _print_questions(result: RunResult) -> None:
    from configurable_agents.runs.answers import named, open_questions

    for question in open_questions(result.events):
        choices = f" ({' / '.join(question.choices)})" if question.choices else ""
        until = f", until {question.expires_at:%Y-%m-%d %H:%M} UTC" if question.expires_at is not None else ""
        print(f"{named(question)} asks{until}: {question.text.strip()}{choices}", file=sys.stderr)


def _again(result: RunResult) -> str | None:
    """What stands after the command that goes on with a run; None where there is nothing to go on with."""
    match result.status:
        case "waiting":
            from configurable_agents.runs.answers import named, open_questions

            questions = open_questions(result.events)
            if len(questions) == 1:
                return " --answer ..."
            return "".join(f" --answer {shlex.quote(named(question) + '=...')}" for question in questions)
        case "failed" | "cancelled":
            return ""
        case _:
            return None


def as_object(result: RunResult) -> dict[str, Any]:
    """The result as `run --json` prints it."""
    view = result.view
    found: dict[str, Any] = {
        "run_id": view.run_id,
        "status": view.status,
        "output": view.output,
        "state": result.state,
        "steps": view.finished,
        "usage": {
            "input_tokens": view.spent.input_tokens,
            "output_tokens": view.spent.output_tokens,
            "model_calls": view.spent.model_calls,
        },
        "cost_usd": view.spent.cost_usd,
        "duration_s": round(view.duration_s, 6),
    }
    if view.status == "waiting":
        found["questions"] = _questions(result)
    if view.error is not None:
        error = view.error
        found["error"] = {
            "code": error.code,
            "message": error.message,
            "node": error.node,
            "hint": error.hint,
        }
    return found


def _questions(result: RunResult) -> list[dict[str, Any]]:
    from configurable_agents.runs.answers import named, open_questions

    return [{"name": named(q), **q.model_dump(mode="json")} for q in open_questions(result.events)]


def print_invalid(error: UsageError) -> None:
    """The same object for a run that never began."""
    told: dict[str, Any] = {"code": error.code, "message": error.message, "node": None, "hint": error.hint}
    if isinstance(error, WorkflowError):
        told["findings"] = [finding.as_dict() for finding in error.findings]
    empty = {"input_tokens": 0, "output_tokens": 0, "model_calls": 0}
    _print_json(
        {
            "run_id": None,
            "status": "invalid",
            "output": None,
            "state": {},
            "steps": [],
            "usage": empty,
            "cost_usd": 0.0,
            "duration_s": 0.0,
            "error": told,
        }
    )


def print_output(output: Mapping[str, Any]) -> None:
    """A single value as it is; several by name."""
    if len(output) == 1:
        (value,) = output.values()
        print(_shown(value))
    else:
        print_fields(output)


def print_fields(fields: Mapping[str, Any]) -> None:
    """Values by their names; those that take several lines stand under theirs."""
    for name, value in fields.items():
        text = _shown(value)
        if "\n" in text or len(text) > 100 or (value and isinstance(value, list) and isinstance(value[0], str)):
            print(f"{name}:\n" + "\n".join(f"  {line}" if line else "" for line in text.splitlines()))
        else:
            print(f"{name}: {text}")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n".join(f"- {item}" for item in value)
    text = json.dumps(value, ensure_ascii=False, default=plain_json)
    return text if len(text) <= 100 else json.dumps(value, ensure_ascii=False, indent=2, default=plain_json)


def _print_json(found: Mapping[str, Any]) -> None:
    print(json_text(found))
