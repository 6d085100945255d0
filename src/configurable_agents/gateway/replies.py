"""Reading a model's reply: finding the JSON in it, checking it, and saying what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from configurable_agents.errors import ModelError
from configurable_agents.gateway.structured import Wanted
from configurable_agents.plugins.models import Message, ModelResponse, ModelSettings
from configurable_agents.spec.validation import TypeMismatch, check_value, show

_FENCE = re.compile(r"```[A-Za-z]*\s*\n(.*?)```", re.DOTALL)
_DECODER = json.JSONDecoder()
_MOST_PROBLEMS = 8


class ReplyProblem(Exception):
    """A reply is not what was asked for: `problems` are told to the model, so that it can mend them."""

    def __init__(self, reply: str, problems: Sequence[str]) -> None:
        more = len(problems) - _MOST_PROBLEMS
        self.problems = (*problems[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else []))
        super().__init__("; ".join(self.problems))
        self.reply = reply.strip()


def read_reply(response: ModelResponse, want: Wanted, model: str, settings: ModelSettings) -> Any:
    """The value in a reply, checked against the type that was asked for.

    Raises:
        ReplyProblem: it does not fit, but the model may do better when it is told why.
        ModelError: it does not fit, and asking again would change nothing.
    """
    if response.stop_reason == "content_filter":
        raise ModelError(
            "content_filter",
            f"{model} did not answer: the provider's content filter stopped the reply.",
            "Rephrase the prompt, or use another model.",
        )
    try:
        return _fitting(response.text, want)
    except ReplyProblem:
        if response.stop_reason == "length" and (want.schema is not None or not response.text.strip()):
            raise _cut_off(response, model, settings) from None
        raise


def asked_again(messages: Sequence[Message], problem: ReplyProblem, want: Wanted) -> list[Message]:
    """The conversation that returns a reply to the model, with what is wrong with it."""
    form = "the text" if want.schema is None else "one JSON object that fits the schema"
    complaint = "\n".join(
        (
            "Your reply can't be used:",
            *(f"- {line}" for line in problem.problems),
            f"Answer again, with {form} and nothing else.",
        )
    )
    # Providers refuse an empty turn.
    said = [Message("assistant", problem.reply)] if problem.reply else []
    return [*messages, *said, Message("user", complaint)]


def reply_invalid(model: str, problem: ReplyProblem, want: Wanted) -> ModelError:
    """The error for a reply that still does not fit after the model was told why."""
    if not problem.reply:
        message = f"{model} gave an empty reply, twice."
    else:
        message = f"The reply of {model} does not fit what was asked for, twice: {problem}."
        if want.schema is not None:  # a text is quoted in the problem already
            message += f" It was {show(problem.reply)}."
    hint = (
        "Say in the prompt what the reply should be."
        if want.schema is None
        else "Say in the prompt what each field should hold, use simpler types, or a more capable model."
    )
    return ModelError("reply_invalid", message, hint)


def _fitting(reply: str, want: Wanted) -> Any:
    # Leading spaces may be the indentation of code.
    text = reply.lstrip("\r\n").rstrip()
    if not text:
        raise ReplyProblem(text, ["It is empty."])
    value = text if want.schema is None else _json_object(text.lstrip())
    try:
        return want.unwrapped(check_value(want.type, value))
    except TypeMismatch as mismatch:
        raise ReplyProblem(text, mismatch.problems) from None


def _cut_off(response: ModelResponse, model: str, settings: ModelSettings) -> ModelError:
    tokens = response.usage.output_tokens
    after = f" after {tokens} tokens" if tokens else ""
    hint = (
        f"Raise max_tokens (it is {settings.max_tokens}), or ask for less."
        if settings.max_tokens is not None
        else "Set max_tokens higher than the model's default, or ask for less."
    )
    what = "is not complete" if response.text.strip() else "is empty"
    return ModelError("reply_truncated", f"The reply of {model} {what}: it was cut off{after}, at its limit.", hint)


def _json_object(text: str) -> Any:
    """The JSON object that a text is, or holds between other words."""
    try:
        return _parse(text)
    except ValueError as error:
        first = error
    for fenced in _FENCE.findall(text):
        try:
            return _parse(fenced)
        except ValueError:
            continue
    at = text.find("{")
    while at >= 0:
        try:
            value, _ = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            # What is inside a broken object is not the answer.
            at = text.find("{", at + 1) if at else -1
        else:
            return value
    if not text.startswith(("{", "[", "```")):
        raise ReplyProblem(text, ["It is not JSON."])
    raise ReplyProblem(text, [f"It is not valid JSON: {first}."])


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
