"""Questions to people: asked once, answered when the run goes on, over when their time is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from configurable_agents.errors import NodeError
from configurable_agents.events import NodeAsked, Question
from configurable_agents.graph.execution import Run, Suspended
from configurable_agents.graph.past import Key
from configurable_agents.spec.jsonschema import json_schema
from configurable_agents.spec.types import EnumOf, OptionalOf, Scalar, Type
from configurable_agents.spec.validation import check_value


async def asked(
    run: Run, key: Key, attempt: int, text: str, output: Type, patience_s: float | None, *, known: bool
) -> Any:
    """The answer to a question that an execution asks; `patience_s` is how long it may take since it was first asked.

    `known`: the question and its answer may be on record.

    Raises:
        NodeError: `timeout`, its time is over.
        TypeMismatch: the answer is not of the type that is asked for.
        Suspended: it is not answered yet.
    """
    question = run.past.questions.get(key) if known else None
    if question is not None and question.text != text:
        question = None  # with another input or file it is another
    answer = run.past.answers.get(key)
    if question is not None and answer is not None:
        return check_value(output, answer.answer)
    if question is None:
        now = datetime.now(UTC)
        question = Question(
            node=key.node,
            visit=key.visit,
            item=key.item,
            text=text,
            answer_type=str(output),
            answer_schema=json_schema(output),
            choices=choices(output),
            asked_at=now,
            expires_at=now + timedelta(seconds=patience_s) if patience_s is not None else None,
        )
        about: dict[str, Any] = {"node": key.node, "visit": key.visit, "item": key.item}
        await run.emit(NodeAsked, **about, attempt=attempt, question=question)
    if question.expires_at is not None and question.expires_at <= datetime.now(UTC):
        message = f"Nobody answered '{key}' within {(question.expires_at - question.asked_at).total_seconds():g}s."
        raise NodeError("timeout", message, "Give it a longer timeout, or a rule on_error: timeout.", key.node)
    run.waiting[key] = question
    raise Suspended


def choices(output: Type) -> list[str]:
    """The answers that a type allows, where they can be told one by one."""
    if isinstance(output, OptionalOf):
        return choices(output.of)
    if isinstance(output, EnumOf):
        return list(output.values)
    return ["true", "false"] if output == Scalar("bool") else []
