"""Questions of a run, asked at the terminal: one after the other, again where an answer does not fit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from configurable_agents.cli.errors import print_error
from configurable_agents.errors import InputError
from configurable_agents.runs.answers import answer_type, answers_of, named, open_questions
from configurable_agents.runs.input import read_texts
from configurable_agents.spec.types import ObjectOf, Type

if TYPE_CHECKING:
    from configurable_agents.app import RunResult, Workflow
    from configurable_agents.events import Question


def ask(workflow: Workflow, result: RunResult) -> dict[str, Any]:
    """The answers by the names of their questions; fewer, or none, where the person ends the input."""
    answers: dict[str, Any] = {}
    for question in open_questions(result.events):
        print(f"\n{named(question)}: {question.text.strip()}", file=sys.stderr)
        if question.choices:
            print(f"  ({' / '.join(question.choices)})", file=sys.stderr)
        try:
            answers[named(question)] = _answer(workflow, question)
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            break
    return answers


def _answer(workflow: Workflow, question: Question) -> Any:
    wanted = answer_type(workflow.spec, question)
    while True:
        try:
            value = _read(wanted)
            answers_of(workflow.spec, [question], {named(question): value})
        except ValueError as error:
            print(f"It {error}.", file=sys.stderr)
        except InputError as error:
            print_error(error)
        else:
            return value


def _read(wanted: Type) -> Any:
    """A value of this type, typed: of an object field by field."""
    if isinstance(wanted, ObjectOf):
        return {field.name: read_texts(field.type, [_line(f"{field.name} ({field.type})")]) for field in wanted.fields}
    return read_texts(wanted, [_line("")])


def _line(prompt: str) -> str:
    # Not `input`: that would print the prompt on stdout, which is for the output of the workflow.
    print(f"{prompt}> ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")
