"""The shape of a workflow file, as Pydantic models: what `schema` prints and the language reference is made from."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from configurable_agents.spec.shapes import (
    EnvironmentText,
    Expression,
    NodeShape,
    Shape,
    Template,
)

DURATION = r"^\d+(\.\d+)?(ms|s|m|h)$"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
NAME = r"^(?!__)[A-Za-z_][A-Za-z0-9_]*$"
RESERVED = (
    "START",
    "END",
    "run",
    "error",
    "result",
    "item",
    "files",
    "null",
    "true",
    "false",
    "none",
    "loop",
    "range",
    # words of expressions
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "True",
    "False",
    "None",
    "self",
)


def _seconds(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(DURATION, value):
        number = re.match(r"[\d.]+", value)
        unit = value[number.end() :] if number else "s"
        return float(value.removesuffix(unit)) * _UNITS[unit]
    hint = f"Write {value}s for seconds." if isinstance(value, int | float) else "Write it like 500ms, 30s, 5m or 24h."
    raise PydanticCustomError("duration", "should be a duration", {"hint": hint})


Duration = Annotated[float, BeforeValidator(_seconds), WithJsonSchema({"type": "string", "pattern": DURATION})]


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
        return value
    raise PydanticCustomError("float_type", "should be a number")


Number = Annotated[Any, PlainValidator(_number), WithJsonSchema({"type": "number"})]


def _plain_name(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(NAME, value):
        hint = "A name is a letter or _ followed by letters, digits or _ (and does not begin with __)."
        mended = re.sub(r"[^A-Za-z0-9_]+", "_", str(value)).strip("_")
        hint += f" Write {mended}." if re.fullmatch(NAME, mended) else ""
        raise PydanticCustomError("bad_name", "is no name", {"hint": hint})
    return value


def _name(value: Any) -> Any:
    _plain_name(value)
    if value in RESERVED:
        hint = f"Reserved are {', '.join(RESERVED)}."
        raise PydanticCustomError("reserved_name", "is a reserved name", {"hint": hint})
    return value


_NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": NAME})
Name = Annotated[str, BeforeValidator(_name), _NAME_SCHEMA]
# A field of an object is only ever read as `object.field`, so no name is reserved.
MemberName = Annotated[str, BeforeValidator(_plain_name), _NAME_SCHEMA]


_MOST = 1_000_000_000  # of characters or items


class FieldShape(Shape):
    """A field of an object: a type, or a mapping of `type` and JSON Schema's words."""

    called: ClassVar[str] = "a field"

    type: str = Field(
        description="A type: str, int, float, bool, any, date, datetime, list[T], dict[str, T], enum[a, b], T?, "
        "or a name under types."
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


class StateShape(FieldShape):
    """A field of the state."""

    called: ClassVar[str] = "a field of the state"

    merge: Literal["replace", "append", "update", "add"] = Field(
        "replace",
        description="How writes combine: replace the value; append to a list (an item, or a list of them); "
        "update a dict; add to a number.",
    )


class ModelShape(Shape):
    """A model and how to call it. Nodes name it by its alias."""

    called: ClassVar[str] = "a model"

    model: str = Field(min_length=1, description="provider/model as LiteLLM names it, `demo`, or `auto`.")
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

    max_steps: int = Field(100, ge=1, description="How many nodes a run may execute, counting repetitions.")


class FailShape(Shape):
    """A target that fails the run."""

    called: ClassVar[str] = "a fail target"

    fail: Template = Field(min_length=1, description="The message to fail with.")


def _target_tag(value: Any) -> str:
    return "<fail>" if isinstance(value, dict | FailShape) else "<target>"


Target = Annotated[
    Annotated[str, Tag("<target>")] | Annotated[FailShape, Tag("<fail>")],
    Discriminator(_target_tag),
]


class RuleShape(Shape):
    """A rule of a route: `{when, to, max_times}`, or `{else}` as the last."""

    called: ClassVar[str] = "a rule"

    when: Expression | None = Field(None, description="The condition under which the rule holds.")
    to: Target | None = Field(None, description="Where to go: a node, several (`A & B`), END, or {fail: message}.")
    max_times: int | None = Field(None, ge=1, description="How often the rule may be taken in a run.")
    otherwise: Target | None = Field(None, alias="else", description="Where to go when no rule holds.")


def _source_tag(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<node>"


Source = Annotated[
    Annotated[str, Tag("<node>")] | Annotated[list[str], Field(min_length=1), Tag("<list>")],
    Discriminator(_source_tag),
]


class RouteShape(Shape):
    """The first rule that holds decides."""

    called: ClassVar[str] = "a route"

    source: Source = Field(alias="from", description="The node or nodes the route leaves.")
    route: list[RuleShape] = Field(min_length=1, description="The rules, tried in order.")


class SwitchShape(Shape):
    """A choice by a value: an enum, a bool or an int."""

    called: ClassVar[str] = "a switch"

    source: Source = Field(alias="from", description="The node or nodes the switch leaves.")
    switch: Expression = Field(description="The expression whose value decides.")
    cases: dict[str, Target] = Field(min_length=1, description="Where each value leads.")
    otherwise: Target | None = Field(None, alias="else", description="Where all other values lead.")


def _edge_tag(value: Any) -> str:
    if isinstance(value, str):
        return "<chain>"
    if isinstance(value, dict):
        return "<switch>" if "switch" in value or "cases" in value else "<route>"
    return "<switch>" if isinstance(value, SwitchShape) else "<route>"


Edge = Annotated[
    Annotated[str, Tag("<chain>")] | Annotated[RouteShape, Tag("<route>")] | Annotated[SwitchShape, Tag("<switch>")],
    Discriminator(_edge_tag),
]


def _output_tag(value: Any) -> str:
    return "<fields>" if isinstance(value, dict) else "<list>"


Output = Annotated[
    Annotated[list[str], Tag("<list>")] | Annotated[dict[Name, Expression], Tag("<fields>")],
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
    types: dict[Name, dict[MemberName, FieldShape]] = Field(default_factory=dict, description="Object types by name.")
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
        None, description="The order of the nodes. Without edges they run as they are written."
    )
    limits: LimitsShape = Field(default_factory=LimitsShape, description="What a run may use at most.")


def _kind_tag(kinds: tuple[str, ...]) -> Any:
    def tag(value: Any) -> str | None:
        if isinstance(value, dict):
            return next((f"<{kind}>" for kind in kinds if kind in value), None)
        return None

    return tag


@lru_cache(maxsize=8)
def _document_model(shapes: tuple[NodeShape[Any], ...]) -> type[DocumentBase]:
    members: Any = None
    for shape in shapes:
        config: Any = shape.Config
        member = Annotated[config, Tag(f"<{shape.kind}>")]
        members = member if members is None else members | member
    node = Annotated[members, Discriminator(_kind_tag(tuple(s.kind for s in shapes)))]
    # That there is one at all is said by the reader, which must go on where the only one was wrong.
    field = Field(
        description="The nodes by name; each has the key of exactly one kind.",
        json_schema_extra={"minProperties": 1},
    )
    model: type[DocumentBase] = create_model("Document", __base__=DocumentBase, nodes=(dict[Name, node], field))
    return model


def document_model(kinds: Mapping[str, NodeShape[Any]]) -> type[DocumentBase]:
    """The shape of a whole file in which these kinds of node may stand."""
    return _document_model(tuple(kinds.values()))
