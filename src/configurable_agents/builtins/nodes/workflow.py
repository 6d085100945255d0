"""The kinds `workflow` and `nodes`: another workflow's file, or a group of nodes in place, run as one node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from configurable_agents.plugins.nodes import NodeContext, NodeKind
from configurable_agents.spec.nodeshapes import (
    AlsoRead,
    InnerFile,
    InnerGraph,
    NodeFacts,
    NodeProblem,
    WritingConfig,
)
from configurable_agents.spec.scope import OPEN
from configurable_agents.spec.shapes import EnvironmentText, Values
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.typerules import assignable
from configurable_agents.spec.types import ANY, MISSING, ObjectOf, OptionalOf, Type
from configurable_agents.spec.types import Field as StateField
from configurable_agents.spec.valuecheck import misfits


class WorkflowConfig(WritingConfig):
    """Runs another workflow."""

    called: ClassVar[str] = "a workflow node"

    workflow: EnvironmentText = Field(
        min_length=1, description="The file of the other workflow, relative to this one's."
    )
    arguments: Values | None = Field(
        None,
        alias="with",
        description="Its input by name: values, or templates. By default the fields that its inputs are named after.",
    )


class GroupConfig(WritingConfig):
    """Runs a group of nodes."""

    called: ClassVar[str] = "a group"

    nodes: Any = Field(description="The nodes of the group by name, as those of a file.")
    state: Any = Field(None, description="The group's own fields. Its nodes write these, and no others.")
    edges: Any = Field(None, description="The order of its nodes. Without edges they run as they are written.")
    output: Any = Field(
        None, description="What the group gives: fields, or names with expressions. By default its state."
    )
    arguments: Values | None = Field(
        None,
        alias="with",
        description="Further names that its nodes may read, with values or templates. They may read all that this node "
        "may read as well.",
    )


class _Holding(NodeKind[Any]):
    """What both kinds do."""

    effects: ClassVar[Literal["none"]] = "none"  # what its nodes do is theirs

    def returns(self, facts: NodeFacts[Any]) -> Type:
        return facts.inner.returns if facts.inner is not None else ANY

    def check(self, facts: NodeFacts[Any]) -> Iterable[NodeProblem]:
        writes = facts.config.writes
        if facts.inner is None or writes is None or isinstance(writes, dict):
            return
        gives = facts.inner.returns
        for index, name in enumerate(writes if isinstance(writes, list) else ()):
            if name not in facts.state:
                continue  # said where the fields are checked
            member = gives.get(name) if isinstance(gives, ObjectOf) else None
            if member is None and gives != ANY:
                names = [field.name for field in gives.fields] if isinstance(gives, ObjectOf) else []
                hint = did_you_mean(name, names, f"Its only output is its value: writes: {name}")
                message = f"What this node gives has no '{name}'."
                yield NodeProblem("unknown_attribute", message, hint, ("writes", index))
            elif member is not None:
                yield from _misfit(name, member.type, facts, ("writes", index))
        if isinstance(writes, str):
            yield from _misfit(writes, gives, facts, ("writes",))


def _misfit(name: str, gives: Type, facts: NodeFacts[Any], path: tuple[str | int, ...]) -> Iterable[NodeProblem]:
    field = facts.state.get(name)
    if field is not None and not any(assignable(gives, of) for of in facts.accepts(name)):
        hint = f"Change the type of '{name}', or what is given."
        given = _called(gives) if facts.config.for_each is None else f"{_called(gives)} for each item"
        yield NodeProblem("write_type", f"This gives {given}, but '{name}' takes {field.type}.", hint, path)


def _called(gives: Type) -> str:
    """What a graph gives, as a sentence names it: several outputs have no name of their own."""
    if isinstance(gives, ObjectOf) and gives.name == "output":
        named = ", ".join(f"{field.name} ({field.type})" for field in gives.fields)
        return f"an object of {named}" if named else "nothing, for it has no output"
    return str(gives)


class WorkflowNode(_Holding):
    """`workflow: file`."""

    kind: ClassVar[str] = "workflow"
    summary: ClassVar[str] = "runs another workflow, with a state of its own"
    Config = WorkflowConfig

    def inner(self, config: WorkflowConfig) -> InnerFile:
        return InnerFile(config.workflow, "workflow")

    def also_read(self, facts: NodeFacts[Any]) -> Iterable[AlsoRead]:
        if facts.inner is not None and facts.config.arguments is None:
            for name, field in facts.inner.input.items():
                yield AlsoRead(name, ("workflow",), needed=_needed(field))

    def check(self, facts: NodeFacts[Any]) -> Iterable[NodeProblem]:
        yield from super().check(facts)
        if facts.inner is None:
            return
        inputs, arguments = facts.inner.input, facts.config.arguments
        if arguments is None:
            for name, field in inputs.items():
                if name not in facts.scope:
                    if _needed(field) and OPEN not in facts.scope:
                        message = f"The workflow needs '{name}', which is no field here."
                        yield NodeProblem("missing_argument", message, f"Give it: with: {{{name}: …}}", ("workflow",))
                elif not assignable(facts.scope[name], field.type):
                    message = f"The workflow takes '{name}' as {field.type}; here it is {facts.scope[name]}."
                    yield NodeProblem("wrong_argument", message, f"Give it: with: {{{name}: …}}", ("workflow",))
            return
        for name in arguments:
            if name not in inputs:
                hint = did_you_mean(name, inputs, "It takes no input.")
                message = f"The workflow has no input '{name}'."
                yield NodeProblem("wrong_argument", message, hint, ("with", name), on_key=True)
        missing = [name for name, field in inputs.items() if name not in arguments and _needed(field)]
        if missing:
            message = f"The workflow needs {', '.join(repr(name) for name in missing)}, which 'with' does not give."
            yield NodeProblem("missing_argument", message, f"Add {missing[0]}: … to it.", ("with",), on_key=True)
        yield from misfits(arguments, inputs, facts.gives, ("with",), "wrong_argument")

    async def run(self, config: WorkflowConfig, ctx: NodeContext) -> Any:
        return await ctx.workflow(config.arguments)


class Group(_Holding):
    """`nodes: {...}` in a node."""

    kind: ClassVar[str] = "nodes"
    summary: ClassVar[str] = "runs a group of nodes, with a state of its own"
    Config = GroupConfig

    def inner(self, config: GroupConfig) -> InnerGraph:
        return InnerGraph()

    async def run(self, config: GroupConfig, ctx: NodeContext) -> Any:
        return await ctx.workflow(config.arguments)


def _needed(field: StateField) -> bool:
    return field.default is MISSING and not isinstance(field.type, OptionalOf)
