"""The kind `human`: asks a person, and waits for the answer, for days if need be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from pydantic import Field

from configurable_agents.plugins.nodes import NodeContext, NodeKind
from configurable_agents.spec.merging import written_type
from configurable_agents.spec.nodeshapes import NodeConfig, NodeFacts, NodeProblem
from configurable_agents.spec.shapes import Text, Writes
from configurable_agents.spec.types import ANY, STR, ObjectOf, Type
from configurable_agents.spec.types import Field as StateField


class HumanConfig(NodeConfig):
    """Asks a person."""

    called: ClassVar[str] = "a human node"

    human: Text = Field(description="The question, a template; or {file: path}, a template in a file of its own.")
    writes: Writes = Field(
        description="Where the answer goes: a field or a list of fields, whose types are what the person may answer "
        "(an enum or a bool gives choices), or a mapping of fields to expressions over `result`, a text.",
        json_schema_extra={"minItems": 1, "minProperties": 1},
    )


class Human(NodeKind[HumanConfig]):
    """`human: question`."""

    kind: ClassVar[str] = "human"
    summary: ClassVar[str] = "asks a person, and waits for the answer"
    waits: ClassVar[bool] = True
    Config = HumanConfig

    def returns(self, facts: NodeFacts[HumanConfig]) -> Type:
        """One field: what is written to it; a list: an object of these; a mapping: text."""
        writes = facts.config.writes
        if isinstance(writes, str):
            return written_type(facts.state[writes]) if writes in facts.state else ANY
        if isinstance(writes, dict):
            return STR
        known = [facts.state[name] for name in writes if name in facts.state]
        return ObjectOf("answer", tuple(StateField(f.name, written_type(f), f.description) for f in known))

    def check(self, facts: NodeFacts[HumanConfig]) -> Iterable[NodeProblem]:
        if facts.config.writes in ([], {}):
            yield NodeProblem("no_writes", "The answer goes nowhere.", "Name a field of the state.", ("writes",))

    async def run(self, config: HumanConfig, ctx: NodeContext) -> Any:
        # The config has been rendered: what was the path of a file is the text in it by now.
        return await ctx.ask(str(config.human), output=ctx.returns)
