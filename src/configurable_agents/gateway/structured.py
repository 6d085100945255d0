"""What a model is asked to answer in: plain text for one `str`, a JSON object for anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from configurable_agents.plugins.models import Message, OutputSchema
from configurable_agents.spec.jsonschema import json_schema
from configurable_agents.spec.types import Field, ObjectOf, Scalar, Type

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 64  # OpenAI's limit on the name of a schema and of a function

_INSTRUCTION = """\
Answer with one JSON object and nothing else: no explanation, no code fence. It must fit this JSON Schema:
{schema}"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reply has to be.

    `type` is the type that the reply itself is checked against; `property` is the name of its only property where the
    type asked for is no object and had to be wrapped in one; `schema` is None where plain text is wanted, and `rules`
    is what the model must be told of that text.
    """

    type: Type
    schema: OutputSchema | None = None
    property: str | None = None
    rules: str = ""

    def unwrapped(self, value: Any) -> Any:
        """The value that was asked for, out of a reply that fits `type`."""
        return value if self.property is None else value[self.property]


@lru_cache(maxsize=1024)  # the nodes of a process ask for the same again and again
def wanted(output: Type, name: str) -> Wanted:
    """How to ask for `output`; `name` is what its value is called where it has to be wrapped."""
    if isinstance(output, Scalar) and output.name == "str":
        return Wanted(output, rules=_rules(output))
    if isinstance(output, ObjectOf):
        return Wanted(output, OutputSchema(_schema_name(output.name), json_schema(output)))
    wrapper = ObjectOf("reply", (Field(name, output),))
    return Wanted(wrapper, OutputSchema(_schema_name(name), json_schema(wrapper)), property=name)


def schema_instruction(schema: OutputSchema) -> str:
    """The request to answer in `schema`, for models that have no other way."""
    return _INSTRUCTION.format(schema=json.dumps(schema.json_schema, ensure_ascii=False))


def instructed(messages: Sequence[Message], text: str) -> list[Message]:
    """`messages` with one more instruction.

    It goes into the first system message: some models' chat templates allow only one.
    """
    if messages and messages[0].role == "system":
        first, *rest = messages
        return [Message("system", f"{first.content}\n\n{text}"), *rest]
    return [Message("system", text), *messages]


_RULES = {
    "minLength": "have at least {} characters",
    "maxLength": "have at most {} characters",
    "pattern": "match the regular expression {}",
}


def _rules(text: Scalar) -> str:
    """What a model must know of the text that is wanted: it is told no schema that would say so."""
    rules = [_RULES[name].format(value) for name, value in text.rules if name in _RULES]
    return f"Your whole reply must {' and '.join(rules)}." if rules else ""


def _schema_name(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", name).strip("_")[:_LONGEST_NAME] or "reply"
