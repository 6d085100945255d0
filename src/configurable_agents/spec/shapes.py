"""What a part of a workflow file looks like.

A shape is a Pydantic model whose fields say by a `Role` which texts are templates, expressions or environment
references; the loader, the checks, the JSON Schema and the compiler all read that and nothing else.
"""

from __future__ import annotations

import enum
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from configurable_agents.spec import schemawords
from configurable_agents.spec.words import NAME_SCHEMA

# A place in a file's data: the keys and list indices that lead to it.
DataPath = tuple[str | int, ...]


class Role(enum.Enum):
    """What a text is to the language."""

    TEMPLATE = "template"  # gives text
    VALUE = "value"  # any data; a text in it that is one lone {{ x }} keeps the type of x
    EXPRESSION = "expression"
    ENVIRONMENT = "environment"


def _source_text(value: Any) -> Any:
    # `when: true` and `max: 3` are read by YAML as a bool and a number; as expressions they are that text.
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else value


Template = Annotated[str, Role.TEMPLATE]
Values = Annotated[dict[str, Any], Role.VALUE]
Expression = Annotated[str, BeforeValidator(_source_text), WithJsonSchema(schemawords.EXPRESSION), Role.EXPRESSION]
EnvironmentText = Annotated[str, WithJsonSchema(schemawords.ENVIRONMENT), Role.ENVIRONMENT]

# The name of a field, as a schema can check it; whether there is such a field the analysis knows.
FieldName = Annotated[str, WithJsonSchema(NAME_SCHEMA)]


class Shape(BaseModel):
    """A mapping of the file: frozen, strict, no unknown keys. `called` is how messages speak of it."""

    # Built when first used: most shapes are only ever used as parts of the document's.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True, defer_build=True)
    called: ClassVar[str] = "this"

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, value: Any) -> Any:
        # Pydantic reports these without saying which keys there are; the loader wants both for its suggestion.
        if isinstance(value, dict):
            known = cls.keys()
            unknown = [key for key in value if key not in known]
            if unknown:
                context = {"unknown": unknown, "known": known, "called": cls.called}
                raise PydanticCustomError("unknown_keys", "unknown keys", context)
            # `key:` with nothing after it; null is a value only where any value may stand.
            empty = [key for key, given in value.items() if given is None and key not in cls._any_keys()]
            if empty:
                raise PydanticCustomError("null_values", "keys without a value", {"empty": empty})
        return value

    @classmethod
    def _any_keys(cls) -> list[str]:
        return [name for name, info in cls.model_fields.items() if info.annotation is Any]

    @classmethod
    def keys(cls) -> list[str]:
        """The keys as they are written in the file."""
        return [info.alias or name for name, info in cls.model_fields.items()]


class TextFile(Shape):
    """A text that lies in a file of its own, relative to the workflow's."""

    called: ClassVar[str] = "a text file"

    file: EnvironmentText = Field(min_length=1, description="The file's path, relative to the workflow's.")


def _text_tag(value: Any) -> str:
    return "<file>" if isinstance(value, dict | TextFile) else "<text>"


# A template in the workflow's file or in one of its own.
Text = Annotated[
    Annotated[str, Role.TEMPLATE, Tag("<text>")] | Annotated[TextFile, Tag("<file>")],
    Discriminator(_text_tag),
]


def _writes_tag(value: Any) -> str:
    return "<fields>" if isinstance(value, dict) else "<list>" if isinstance(value, list) else "<field>"


# What to write: one field, several, or expressions over the result by field.
Writes = Annotated[
    Annotated[FieldName, Tag("<field>")]
    | Annotated[list[FieldName], Tag("<list>"), Field(json_schema_extra={"uniqueItems": True})]
    | Annotated[dict[FieldName, Expression], Tag("<fields>")],
    Discriminator(_writes_tag),
]
