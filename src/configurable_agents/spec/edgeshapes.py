"""The shapes of the edges: chains, routes and their rules, switches, and what they lead to."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from configurable_agents.spec import schemawords
from configurable_agents.spec.shapes import Expression, Shape, Template


class FailShape(Shape):
    """A target that fails the run."""

    called: ClassVar[str] = "a fail target"

    fail: Template = Field(min_length=1, description="The message to fail with.")


def _target_tag(value: Any) -> str:
    return "<fail>" if isinstance(value, dict | FailShape) else "<target>"


Target = Annotated[
    Annotated[str, Tag("<target>"), WithJsonSchema(schemawords.TARGET)] | Annotated[FailShape, Tag("<fail>")],
    Discriminator(_target_tag),
]


class RuleShape(Shape):
    """A rule of a route: `{when, to, max_times}`, `{on_error, to, max_times}`, or `{else}` as the last."""

    model_config = ConfigDict(json_schema_extra=schemawords.RULE)
    called: ClassVar[str] = "a rule"

    when: Expression | None = Field(None, description="The condition under which the rule holds.")
    on_error: str | None = Field(
        None,
        description="In place of `when`: the rule holds where the node failed with this code; `any` is every code.",
        json_schema_extra=schemawords.CODE,
    )
    to: Target | None = Field(None, description="Where to go: a node, several (`A & B`), END, or {fail: message}.")
    max_times: int | None = Field(None, ge=1, description="How often the rule may be taken in a run.")
    otherwise: Target | None = Field(None, alias="else", description="Where to go when no rule holds.")


def _source_tag(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<node>"


_SourceName = Annotated[str, WithJsonSchema(schemawords.SOURCE)]
Source = Annotated[
    Annotated[_SourceName, Tag("<node>")] | Annotated[list[_SourceName], Field(min_length=1), Tag("<list>")],
    Discriminator(_source_tag),
]


class RouteShape(Shape):
    """The first rule that holds decides."""

    called: ClassVar[str] = "a route"

    source: Source = Field(alias="from", description="The node or nodes the route leaves.")
    route: list[RuleShape] = Field(
        min_length=1, description="The rules, tried in order.", json_schema_extra=schemawords.ROUTE
    )


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
    Annotated[str, Tag("<chain>"), WithJsonSchema(schemawords.CHAIN)]
    | Annotated[RouteShape, Tag("<route>")]
    | Annotated[SwitchShape, Tag("<switch>")],
    Discriminator(_edge_tag),
]
