"""What every node may say, and the small contract that a kind of node answers to be checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from configurable_agents.spec import schemawords
from configurable_agents.spec.merging import written_type
from configurable_agents.spec.shapes import DataPath, Expression, FieldName, Shape, Values, Writes
from configurable_agents.spec.types import Field as StateField
from configurable_agents.spec.types import Type
from configurable_agents.spec.words import NAME_SCHEMA, Duration


class RetryShape(Shape):
    """How often a node is tried, and how long is waited between."""

    called: ClassVar[str] = "retry"

    attempts: int = Field(ge=1, le=100, description="How often the node is tried at most, the first time included.")
    backoff: Duration | None = Field(
        None, description="How long to wait before the second attempt; doubled before each further one. By default 1s."
    )
    max_backoff: Duration | None = Field(None, description="How long to wait at most. By default 60s.")
    codes: list[Annotated[str, WithJsonSchema(schemawords.CODE)]] | None = Field(
        None,
        alias="for",
        min_length=1,
        description="The errors to try again after, by their codes. By default all that may pass.",
    )


class HandledShape(Shape):
    """What to write where a node fails."""

    called: ClassVar[str] = "on_error"

    set: Values = Field(
        min_length=1,
        description="Values by field. Texts in them are templates, which may read `error`.",
        json_schema_extra={"propertyNames": NAME_SCHEMA},
    )


class CollectShape(Shape):
    """Where the errors of a map's items go."""

    called: ClassVar[str] = "on_item_error"

    collect: FieldName = Field(description="A field of type list[ItemError].")


def _form_tag(value: Any) -> str:
    return "<word>" if isinstance(value, str) else "<mapping>"


_ON_ERROR = {"fail": "The node fails, and the run with it unless a route goes on. This is the default."}
_ON_ITEM_ERROR = {
    "fail": "An item that fails makes the node fail. This is the default.",
    "skip": "An item that fails is left out.",
}
OnError = Annotated[
    Annotated[Literal["fail"], Tag("<word>"), WithJsonSchema(schemawords.choice(_ON_ERROR))]
    | Annotated[HandledShape, Tag("<mapping>")],
    Discriminator(_form_tag),
]
OnItemError = Annotated[
    Annotated[Literal["fail", "skip"], Tag("<word>"), WithJsonSchema(schemawords.choice(_ON_ITEM_ERROR))]
    | Annotated[CollectShape, Tag("<mapping>")],
    Discriminator(_form_tag),
]


def _loops_tag(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<loop>"


# `x in xs`, or a list of them. What stands after `in` is an expression.
_Loop = Annotated[str, WithJsonSchema(schemawords.LOOP)]
Loops = Annotated[
    Annotated[_Loop, Tag("<loop>")] | Annotated[list[_Loop], Field(min_length=1), Tag("<list>")],
    Discriminator(_loops_tag),
]


class NodeConfig(Shape):
    """What every kind of node has."""

    # What is said of the items of a map.
    model_config = ConfigDict(
        json_schema_extra={
            "dependentRequired": {key: ["for_each"] for key in ("concurrency", "flatten", "on_item_error")}
        }
    )

    description: str = Field("", description="What the node is for.")
    when: Expression | None = Field(
        None, description="Runs the node only where this holds. Else it writes nothing, and its successors run."
    )
    for_each: Loops | None = Field(
        None,
        description="Runs the node once for each item of a list: `x in xs`. A list of them: each with each. "
        "The node's value is the list of its items' values.",
    )
    concurrency: int | None = Field(
        None, ge=1, le=10_000, description="How many items run at once. By default 10. With for_each only."
    )
    flatten: bool | None = Field(
        None, description="Joins the lists that the items give to one list. With for_each only."
    )
    on_item_error: OnItemError | None = Field(
        None,
        description="What an item that fails does: `fail` (the default) fails the node, `skip` leaves it out, "
        "`{collect: field}` leaves it out and writes its error to a field. With for_each only.",
    )
    retry: RetryShape | None = Field(None, description="Tries the node again where it fails.")
    timeout: Duration | None = Field(None, description="How long one attempt may take.")
    on_error: OnError | None = Field(
        None, description="What to do where the node fails: `fail`, or `{set: {field: value}}` to go on with that."
    )


class WritingConfig(NodeConfig):
    """A node whose result goes into fields of the state."""

    writes: Writes | None = Field(
        None,
        description="Where the result goes: a field, a list of fields (the result's keys of these names), "
        "or a mapping of fields to expressions over `result`.",
    )


C = TypeVar("C", bound=NodeConfig)


@dataclass(frozen=True, slots=True)
class InnerFacts:
    """What is known of the graph that a node holds: the input it takes, and the type of what it gives."""

    input: Mapping[str, StateField]
    returns: Type


@dataclass(frozen=True, slots=True)
class NodeFacts(Generic[C]):
    """What is known of a node before it runs.

    `scope` are the names its texts may read, `state` the fields it may write, `models` the aliases of the file,
    `gives` the types that its texts were found to give, by their place in the node. In a map, a field of `state` has
    the type of what one item gives. `inner` is None where the node holds no graph, or where it has mistakes.
    `type_of` reads a type's text; it raises TypeSyntaxError.
    """

    name: str
    config: C
    scope: Mapping[str, Type]
    state: Mapping[str, StateField]
    models: tuple[str, ...]
    directory: Path
    gives: Mapping[DataPath, Type]
    type_of: Callable[[str], Type]
    inner: InnerFacts | None = field(default=None)

    def accepts(self, name: str) -> tuple[Type, ...]:
        """What a write to a field may give: its type, or what its merge takes."""
        found = self.state[name]
        return (found.type, written_type(found))


@dataclass(frozen=True, slots=True)
class NodeProblem:
    """Something wrong with a node, and at which of its keys: at the key itself, at its value, or within its text."""

    code: str
    message: str
    hint: str
    path: DataPath
    on_key: bool = False
    offset: int | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class AlsoRead:
    """A field that a node reads, and at which of its keys it says so; `needed`: it fails where the field is unset."""

    name: str
    path: DataPath
    needed: bool


@dataclass(frozen=True, slots=True)
class InnerFile:
    """Another workflow, by its file: the path as it is written, relative to the workflow's own, and its key."""

    path: str
    key: str


@dataclass(frozen=True, slots=True)
class InnerGraph:
    """A graph in the node itself, in its keys `state`, `nodes`, `edges` and `output`."""


class NodeShape(ABC, Generic[C]):
    """A kind of node, as far as a check goes. The key that names it in the file is `kind`."""

    kind: ClassVar[str]
    Config: type[C]

    def written(self, config: C) -> Mapping[str, DataPath]:
        """The fields that a node with this config writes its result to, and at which of its keys it says so."""
        writes = getattr(config, "writes", None)
        if isinstance(writes, str):
            return {writes: ("writes",)}
        if isinstance(writes, list):
            return {name: ("writes", index) for index, name in enumerate(writes)}
        return {name: ("writes", name) for name in writes or ()}

    def also_written(self, config: C) -> Mapping[str, DataPath]:
        """Further fields that a node with this config may write, by `ctx.write`."""
        return {}

    def also_read(self, facts: NodeFacts[C]) -> Iterable[AlsoRead]:
        """The fields that the node reads beside those that its texts read."""
        return ()

    def inner(self, config: C) -> InnerFile | InnerGraph | None:
        """The graph that a node with this config holds and runs by `ctx.workflow`."""
        return None

    @abstractmethod
    def returns(self, facts: NodeFacts[C]) -> Type:
        """The type of the node's result; in a map, of one item's."""

    def check(self, facts: NodeFacts[C]) -> Iterable[NodeProblem]:
        """What is wrong with this node beyond its shape. Reads files at most; never imports or runs anything."""
        return ()
