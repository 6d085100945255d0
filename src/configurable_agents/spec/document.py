"""The shape of a workflow file, as Pydantic models: what `schema` prints and the language reference is made from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, WithJsonSchema, create_model, model_validator

from configurable_agents.spec import schemawords
from configurable_agents.spec.edgeshapes import Edge
from configurable_agents.spec.nodeshapes import NodeShape, RetryShape
from configurable_agents.spec.shapes import EnvironmentText, Expression, FieldName, Shape
from configurable_agents.spec.types import BUILTIN
from configurable_agents.spec.words import NAME_SCHEMA, Duration, MemberName, Name, Number

_MOST = 1_000_000_000  # of characters or items

FUNCTION = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"


class FieldShape(Shape):
    """A field of an object: a type, or a mapping of `type` and JSON Schema's words."""

    called: ClassVar[str] = "a field"

    type: str = Field(
        description="A type: str, int, float, bool, any, date, datetime, messages, list[T], dict[str, T], enum[a, b], "
        "T?, or a name under types.",
        json_schema_extra=schemawords.TYPE,
    )
    description: str = Field("", description="What the field means. Models are told.")
    default: Any = Field(None, description="The value where none is given.")
    minimum: Number | None = Field(None, description="The least number allowed.")
    maximum: Number | None = Field(None, description="The greatest number allowed.")
    minLength: int | None = Field(None, ge=0, le=_MOST, description="The least number of characters.")
    maxLength: int | None = Field(None, ge=0, le=_MOST, description="The greatest number of characters.")
    pattern: str | None = Field(
        None, description="A regular expression the text must match somewhere (no look-around)."
    )
    minItems: int | None = Field(None, ge=0, le=_MOST, description="The least number of items.")
    maxItems: int | None = Field(None, ge=0, le=_MOST, description="The greatest number of items.")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value


class PythonMerge(Shape):
    """A function that merges."""

    called: ClassVar[str] = "merge"

    python: str = Field(
        pattern=FUNCTION,
        description="module:function, called with the value that is there (or null) and what is written.",
        json_schema_extra=schemawords.FUNCTION,
    )


class KeepShape(Shape):
    """How much of a conversation is kept: one of the two. Messages of the role system always are."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})
    called: ClassVar[str] = "keep"

    last: int | None = Field(None, ge=1, description="This many messages.")
    tokens: int | None = Field(None, ge=1, description="About this many tokens, counted as 4 bytes of text each.")


_SCOPES = {
    "run": "It begins anew in each run. This is the default.",
    "session": "It goes on in the next run with the same --session. In a workflow that is a node, it begins anew.",
}


def _merge_tag(value: Any) -> str:
    return "<word>" if isinstance(value, str) else "<python>"


Merge = Annotated[
    Annotated[
        Literal["replace", "append", "update", "add", "messages"], Tag("<word>"), WithJsonSchema(schemawords.MERGE)
    ]
    | Annotated[PythonMerge, Tag("<python>")],
    Discriminator(_merge_tag),
]


class StateShape(FieldShape):
    """A field of the state."""

    called: ClassVar[str] = "a field of the state"

    merge: Merge | None = Field(
        None,
        description="How a write combines with what is there. By default `replace`; for messages, `messages`.",
    )
    keep: KeepShape | None = Field(None, description="How much of a conversation is kept. For messages only.")
    scope: Annotated[Literal["run", "session"], WithJsonSchema(schemawords.choice(_SCOPES))] | None = Field(
        None, description="How long a conversation lives. By default `run`. For messages of a workflow's own state."
    )


class ModelShape(Shape):
    """A model and how to call it. Nodes name it by its alias."""

    called: ClassVar[str] = "a model"

    model: str = Field(
        min_length=1,
        description="provider/model as LiteLLM names it, `demo`, or `auto`.",
        json_schema_extra={"examples": schemawords.MODEL["examples"]},
    )
    temperature: float | None = Field(None, ge=0, le=2, description="How much chance there is in the reply, 0 to 2.")
    max_tokens: int | None = Field(None, ge=1, description="The greatest number of tokens of a reply.")
    timeout: Duration | None = Field(None, description="How long one call may take: 500ms, 30s, 5m.")
    api_key: EnvironmentText | None = Field(
        None, description="The key, as ${NAME}; by default the provider's own variable is read."
    )
    api_base: EnvironmentText | None = Field(
        None, description="The URL of the provider, where it is not the usual one."
    )
    headers: dict[str, EnvironmentText] = Field(default_factory=dict, description="Further HTTP headers.")


class LimitsShape(Shape):
    """What a run may use at most."""

    called: ClassVar[str] = "limits"

    max_steps: int = Field(
        100,
        ge=1,
        description="How many nodes may be executed, counting repetitions; a map counts as one. "
        "A workflow or group in a node counts its own.",
    )
    timeout: Duration | None = Field(None, description="How long a run may take.")
    max_parallel: int | None = Field(
        None,
        ge=1,
        description="How many nodes and items of maps may be executed at once. By default as many as there are.",
    )
    max_depth: int = Field(10, ge=1, le=50, description="How deeply workflows and groups in nodes may be nested.")


class LlmDefaults(Shape):
    """What the nodes that ask a model have where they don't say it themselves."""

    called: ClassVar[str] = "defaults of models"

    model: str | None = Field(
        None,
        min_length=1,
        description="An alias under models, or a model's name.",
        json_schema_extra=schemawords.MODEL,
    )
    temperature: float | None = Field(None, ge=0, le=2, description="How much chance there is in the reply, 0 to 2.")
    max_tokens: int | None = Field(None, ge=1, description="The greatest number of tokens of a reply.")
    timeout: Duration | None = Field(None, description="How long one attempt may take.")
    retry: RetryShape | None = Field(None, description="Tries a node again where it fails.")


class DefaultsShape(Shape):
    """What nodes have where they don't say it themselves."""

    called: ClassVar[str] = "defaults"

    llm: LlmDefaults = Field(default_factory=LlmDefaults, description="For the nodes that ask a model.")


def _output_tag(value: Any) -> str:
    return "<fields>" if isinstance(value, dict) else "<list>"


Output = Annotated[
    Annotated[list[FieldName], Tag("<list>")] | Annotated[dict[Name, Expression], Tag("<fields>")],
    Discriminator(_output_tag),
]


class DocumentBase(Shape):
    """A workflow file. `nodes` is added by `document_model`, for the kinds of node there are."""

    called: ClassVar[str] = "a workflow"

    version: Literal[2] = Field(description="The version of the workflow language: 2.")
    name: Name = Field(description="The workflow's name.")
    description: str = Field("", description="What the workflow is for.")
    models: dict[Name, ModelShape] = Field(
        default_factory=dict, description="Models by alias. The first is the one nodes use."
    )
    types: dict[Name, Annotated[dict[MemberName, FieldShape], Field(json_schema_extra={"minProperties": 1})]] = Field(
        default_factory=dict,
        description="Object types by name.",
        json_schema_extra={"propertyNames": {**NAME_SCHEMA, "not": {"enum": list(BUILTIN)}}},
    )
    files: dict[Name, EnvironmentText] = Field(
        default_factory=dict, description="Text files that templates read as files.NAME."
    )
    input: dict[Name, FieldShape] = Field(default_factory=dict, description="What a run is given.")
    state: dict[Name, StateShape] = Field(default_factory=dict, description="What nodes write.")
    output: Output | None = Field(
        None, description="What a run gives: fields, or names with expressions. By default input and state."
    )
    nodes: dict[str, Any] = Field(default_factory=dict)
    edges: list[Edge] | None = Field(
        None,
        description="The order of the nodes. Without edges they run as they are written.",
        json_schema_extra=schemawords.EDGES,
    )
    limits: LimitsShape = Field(default_factory=LimitsShape, description="What a run may use at most.")
    defaults: DefaultsShape = Field(
        default_factory=DefaultsShape, description="What nodes have where they don't say it themselves."
    )


class GroupBase(Shape):
    """The graph in a node: what its keys hold. `nodes` is added as for a file."""

    called: ClassVar[str] = "a group of nodes"

    state: dict[Name, StateShape] = Field(default_factory=dict)
    output: Output | None = None
    nodes: dict[str, Any] = Field(default_factory=dict)
    edges: list[Edge] | None = None


Document = DocumentBase | GroupBase


def _kind_tag(kinds: tuple[str, ...]) -> Any:
    def tag(value: Any) -> str | None:
        if isinstance(value, dict):
            return next((f"<{kind}>" for kind in kinds if kind in value), None)
        return None

    return tag


def _nodes_of(shapes: tuple[NodeShape[Any], ...]) -> Any:
    """The annotation of nodes of these kinds, by name."""
    members: Any = None
    for shape in shapes:
        config: Any = shape.Config
        member = Annotated[config, Tag(f"<{shape.kind}>")]
        members = member if members is None else members | member
    node = Annotated[members, Discriminator(_kind_tag(tuple(s.kind for s in shapes)))]
    return dict[Name, node]


@lru_cache(maxsize=8)
def _document_model(shapes: tuple[NodeShape[Any], ...]) -> type[DocumentBase]:
    # That there is one at all is said by the reader, which must go on where the only one was wrong.
    field = Field(
        description="The nodes by name; each has the key of exactly one kind.",
        json_schema_extra={"minProperties": 1},
    )
    model: type[DocumentBase] = create_model("Document", __base__=DocumentBase, nodes=(_nodes_of(shapes), field))
    return model


@lru_cache(maxsize=8)
def _group_model(shapes: tuple[NodeShape[Any], ...]) -> type[GroupBase]:
    model: type[GroupBase] = create_model("Group", __base__=GroupBase, nodes=(_nodes_of(shapes), Field()))
    return model


def document_model(kinds: Mapping[str, NodeShape[Any]]) -> type[DocumentBase]:
    """The shape of a whole file in which these kinds of node may stand."""
    return _document_model(tuple(kinds.values()))


def group_model(kinds: Mapping[str, NodeShape[Any]]) -> type[GroupBase]:
    """The shape of the graph in a node, in which these kinds of node may stand."""
    return _group_model(tuple(kinds.values()))
