"""What a node may touch while it runs: `NodeContext`, for one attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from configurable_agents.graph.execution import Instance, ModelAsk
from configurable_agents.graph.past import Key
from configurable_agents.graph.people import asked
from configurable_agents.plugins.models import Message
from configurable_agents.plugins.threads import in_daemon_thread
from configurable_agents.spec.types import Type

if TYPE_CHECKING:
    from configurable_agents.graph.nodes import CompiledNode

Result = TypeVar("Result")


class Context:
    """One attempt at a node or an item of a map. `names` are what its texts read, `extra` what it wrote by `write`."""

    def __init__(
        self,
        instance: Instance,
        node: CompiledNode,
        key: Key,
        names: Mapping[str, Any],
        fields: Mapping[str, Any],
        *,
        attempt: int,
        tries: int,
        first: bool,
    ) -> None:
        self._instance = instance
        self._node = node
        self._key = key
        self._attempt = attempt
        self._tries = tries
        self._first = first  # of the attempts that are made now: what is recorded of the last may be used
        self._names = names
        self._fields = fields
        self.left_behind = 0  # threads that could not be stopped
        self.extra: dict[str, Any] = {}

    @property
    def run_id(self) -> str:
        return self._instance.run.id

    @property
    def node(self) -> str:
        return self._key.node

    @property
    def fields(self) -> Mapping[str, Any]:
        return self._fields

    @property
    def returns(self) -> Type:
        return self._node.spec.returns

    @property
    def directory(self) -> Path:
        return self._instance.spec.directory

    async def model(
        self,
        messages: Sequence[Message],
        *,
        output: Type,
        name: str = "value",
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> Any:
        source = self._instance.workflow.source
        key, attempt = self._key, self._attempt
        ask = ModelAsk(messages, output, name, model, temperature, max_tokens, source, key, attempt, self._first)
        return await self._instance.run.ask(ask)

    async def ask(self, question: str, *, output: Type) -> Any:
        timeout = self._node.spec.config.timeout
        return await asked(self._instance.run, self._key, self._attempt, question, output, timeout, known=self._first)

    async def workflow(self, arguments: Mapping[str, Any] | None) -> Any:
        inner = self._node.inner
        if inner is None:
            raise TypeError(f"{self.node}: its kind holds no graph")
        return await inner.run_within(
            self._instance, self._key, self._tries, names=self._names, fields=self._fields, arguments=arguments
        )

    def write(self, field: str, value: Any) -> None:
        if field not in self._node.spec.written:
            raise TypeError(f"{self.node}: its kind does not say that it writes '{field}'")
        self.extra[field] = value

    async def in_thread(self, function: Callable[[], Result]) -> Result:
        begun: list[bool] = []
        try:
            return await in_daemon_thread(function, lambda: begun.append(True))
        except asyncio.CancelledError:
            self.left_behind += len(begun)
            raise
