"""The kind `set`: values without a model. All of them see the state as it was before the node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from configurable_agents.plugins.nodes import NodeContext, NodeKind
from configurable_agents.spec.nodeshapes import NodeConfig, NodeFacts, NodeProblem
from configurable_agents.spec.shapes import DataPath, Values
from configurable_agents.spec.types import ANY, Type
from configurable_agents.spec.valuecheck import misfits
from configurable_agents.spec.words import NAME_SCHEMA


class SetConfig(NodeConfig):
    """Gives fields values."""

    called: ClassVar[str] = "a set node"

    set: Values = Field(
        min_length=1,
        description="Values by field: literals, or templates. A lone {{ x }} keeps the type of x.",
        json_schema_extra={"propertyNames": NAME_SCHEMA},
    )


class SetValues(NodeKind[SetConfig]):
    """`set: {field: value}`."""

    kind: ClassVar[str] = "set"
    effects: ClassVar[Literal["none"]] = "none"
    summary: ClassVar[str] = "gives fields values, without a model"
    Config = SetConfig

    def written(self, config: SetConfig) -> Mapping[str, DataPath]:
        return {name: ("set", name) for name in config.set}

    def returns(self, facts: NodeFacts[SetConfig]) -> Type:
        return ANY

    def check(self, facts: NodeFacts[SetConfig]) -> Iterable[NodeProblem]:
        return misfits(facts.config.set, facts.state, facts.gives, ("set",), "write_type")

    async def run(self, config: SetConfig, ctx: NodeContext) -> Any:
        return config.set
