"""Answers of people to the questions of a run, read by the type of each question and checked before it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from configurable_agents.errors import InputError, InputProblem, UsageError
from configurable_agents.events import Event, NodeAnswered, Question, RunWaiting
from configurable_agents.graph.past import Key
from configurable_agents.runs.input import read_texts
from configurable_agents.runs.runner import Answer
from configurable_agents.spec.types import Type
from configurable_agents.spec.validation import TypeMismatch, check_value, plain
from configurable_agents.spec.workflow import WorkflowSpec


def open_questions(events: Sequence[Event]) -> list[Question]:
    """The questions that a run waits for, in the order they were asked; none where it does not wait."""
    found: dict[Key, Question] = {}
    for event in events:
        if isinstance(event, RunWaiting):
            found = {Key(q.node, q.visit, q.item): q for q in event.questions}
        elif isinstance(event, NodeAnswered):
            found.pop(Key(event.node, event.visit, event.item), None)
    return sorted(found.values(), key=lambda question: question.asked_at)


def named(question: Question) -> str:
    """What an answer calls a question: `approve`, `approve#2` at the second visit, `approve[3]` for an item."""
    return str(Key(question.node, question.visit, question.item))


def answers_of(
    workflow: WorkflowSpec, questions: Sequence[Question], given: Mapping[str, Any], by: str = ""
) -> list[Answer]:
    """The answers by the names of the questions, as values of their types.

    Raises:
        UsageError: a name is none of an open question, or its time is over.
        InputError: an answer does not fit.
    """
    known = {named(question): question for question in questions}
    answers, problems = [], []
    for name, value in given.items():
        if name not in known:
            hint = f"Open are: {', '.join(known)}." if known else "It can go on without one: runs resume RUN"
            raise UsageError("no_question", f"The run asks no question called '{name}'.", hint)
        question = known[name]
        if question.expires_at is not None and question.expires_at <= datetime.now(UTC):
            message = f"The time to answer '{name}' was over at {question.expires_at:%Y-%m-%d %H:%M} UTC."
            raise UsageError("too_late", message, "Resume the run without an answer: the node fails with timeout.")
        try:
            checked = check_value(answer_type(workflow, question), plain(value))
        except TypeMismatch as mismatch:
            problems.append(InputProblem(name, f"The answer to '{name}' {mismatch}.", _expected(question)))
        else:
            answers.append(Answer(Key(question.node, question.visit, question.item), checked, by))
    if problems:
        raise InputError(tuple(problems))
    return answers


def read_answers(workflow: WorkflowSpec, questions: Sequence[Question], texts: Sequence[str]) -> dict[str, Any]:
    """The values of answers that were typed: the answer itself where one question is open, else `name=answer`.

    Raises:
        UsageError: no question is open, or it can't be told which is answered.
        InputError: a text can't be read as the type of its question.
    """
    known = {named(question): question for question in questions}
    if not known:
        raise UsageError("no_question", "The run waits for no answer.", "Go on with it: runs resume RUN")
    found, problems = {}, []
    for text in texts:
        name, equals, rest = text.partition("=")
        if not (equals and name in known):
            name, rest = next(iter(known)), text
            if len(known) > 1:
                hint = f"Write --answer '{name}=...'; open are {', '.join(known)}."
                raise UsageError("which_question", f"{len(known)} questions are open.", hint)
        try:
            found[name] = read_texts(answer_type(workflow, known[name]), [rest])
        except ValueError as error:
            problems.append(InputProblem(name, f"The answer to '{name}' {error}.", _expected(known[name])))
    if problems:
        raise InputError(tuple(problems))
    return found


def answer_type(workflow: WorkflowSpec, question: Question) -> Type:
    """The type of the answer to a question. Raises UsageError where the workflow has no such node."""
    found = workflow.find(question.node)
    if found is None:
        message = f"The workflow has no node '{question.node}' any more."
        raise UsageError("unknown_node", message, "Go on with the file as it was.")
    return found[0].returns


def _expected(question: Question) -> str:
    if question.choices:
        return f"It is one of {', '.join(question.choices)}."
    return f"It is {question.answer_type}."
