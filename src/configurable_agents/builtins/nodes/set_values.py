"""The kind `set`: values without a model. All of them see the state as it was before the node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import Field

from configurable_agents.plugins.nodes import NodeContext, NodeKind
from configurable_agents.spec.fields import written_type
from configurable_agents.spec.shapes import DataPath, NodeConfig, NodeFacts, NodeProblem, Values
from configurable_agents.spec.typerules import assignable
from configurable_agents.spec.types import ANY, STR, Type
from configurable_agents.spec.validation import TypeMismatch, check_value


class SetConfig(NodeConfig):
    """Gives fields values."""

    called: ClassVar[str] = "a set node"

    set: Values = Field(
        min_length=1,
        description="Values by field: literals, or templates. A lone {{ x }} keeps the type of x.",
    )


class SetValues(NodeKind[SetConfig]):
    """`set: {field: value}`."""

    kind: ClassVar[str] = "set"
    summary: ClassVar[str] = "gives fields values, without a model"
    Config = SetConfig

    def written(self, config: SetConfig) -> Mapping[str, DataPath]:
        return {name: ("set", name) for name in config.set}

    def returns(self, facts: NodeFacts[SetConfig]) -> Type:
        return ANY

    def check(self, facts: NodeFacts[SetConfig]) -> Iterable[NodeProblem]:
        for name, value in facts.config.set.items():
            field = facts.state.get(name)
            if field is None:
                continue
            path: DataPath = ("set", name)
            hint = f"'{name}' is {field.type}."
            given = facts.gives.get(path)
            if given is not None and given != STR:
                if not (assignable(given, field.type) or assignable(given, written_type(field))):
                    yield NodeProblem("write_type", f"This gives {given}, but '{name}' is {field.type}.", hint, path)
            elif "{{" not in str(value) and "{%" not in str(value):
                problem = _misfit(value, field.type, written_type(field))
                if problem:
                    yield NodeProblem("write_type", f"'{name}' {problem}.", hint, path)
            elif given is not None and not assignable(given, field.type) and not assignable(given, written_type(field)):
                yield NodeProblem("write_type", f"This gives text, but '{name}' is {field.type}.", hint, path)

    async def run(self, config: SetConfig, ctx: NodeContext) -> Any:
        return config.set


def _misfit(value: Any, *types: Type) -> str | None:
    """What keeps a literal from fitting any of the types; None where it fits one."""
    problem = None
    for a_type in types:
        try:
            check_value(a_type, value)
        except TypeMismatch as mismatch:
            problem = problem or str(mismatch)
        else:
            return None
    return problem
