"""What a part of a workflow file looks like, and the small contract that a kind of node answers to be checked.

A shape is a Pydantic model whose fields say by a `Role` which texts are templates, expressions or environment
references; the loader, the checks, the JSON Schema and the compiler all read that and nothing else.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from configurable_agents.spec.types import Field as StateField
from configurable_agents.spec.types import Type

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
Expression = Annotated[str, BeforeValidator(_source_text), Role.EXPRESSION]
EnvironmentText = Annotated[str, Role.ENVIRONMENT]


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
    Annotated[str, Tag("<field>")]
    | Annotated[list[str], Tag("<list>")]
    | Annotated[dict[str, Expression], Tag("<fields>")],
    Discriminator(_writes_tag),
]


class NodeConfig(Shape):
    """What every kind of node has."""

    description: str = Field("", description="What the node is for.")


class WritingConfig(NodeConfig):
    """A node whose result goes into fields of the state."""

    writes: Writes | None = Field(
        None,
        description="Where the result goes: a field, a list of fields (the result's keys of these names), "
        "or a mapping of fields to expressions over `result`.",
    )


C = TypeVar("C", bound=NodeConfig)


@dataclass(frozen=True, slots=True)
class NodeFacts(Generic[C]):
    """What is known of a node before it runs.

    `scope` are the names its texts may read, `state` the fields it may write, `models` the aliases of the file,
    `gives` the types that its texts were found to give, by their place in the node.
    """

    name: str
    config: C
    scope: Mapping[str, Type]
    state: Mapping[str, StateField]
    models: tuple[str, ...]
    directory: Path
    gives: Mapping[DataPath, Type]


@dataclass(frozen=True, slots=True)
class NodeProblem:
    """Something wrong with a node, and at which of its keys: at the key itself, or at its value."""

    code: str
    message: str
    hint: str
    path: DataPath
    on_key: bool = False


class NodeShape(ABC, Generic[C]):
    """A kind of node, as far as a check goes. The key that names it in the file is `kind`."""

    kind: ClassVar[str]
    Config: type[C]

    def written(self, config: C) -> Mapping[str, DataPath]:
        """The fields that a node with this config writes, and at which of its keys it says so."""
        writes = getattr(config, "writes", None)
        if isinstance(writes, str):
            return {writes: ("writes",)}
        if isinstance(writes, list):
            return {name: ("writes", index) for index, name in enumerate(writes)}
        return {name: ("writes", name) for name in writes or ()}

    @abstractmethod
    def returns(self, facts: NodeFacts[C]) -> Type:
        """The type of the node's result."""

    def check(self, facts: NodeFacts[C]) -> Iterable[NodeProblem]:
        """What is wrong with this node beyond its shape. Reads files at most; never imports or runs anything."""
        return ()
