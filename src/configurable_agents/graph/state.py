"""LangGraph's channel for the state of a graph: all fields in one mapping of those that are set.

LangGraph hands it the writes of one superstep in the order of the nodes' names; they are merged in that of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from langgraph.channels.base import BaseChannel

from configurable_agents.graph.merging import Merger, Writes


class StateChannel(BaseChannel[dict[str, Any], Writes, dict[str, Any]]):
    """The state, merged by the rules of its fields."""

    __slots__ = ("merger", "value")

    def __init__(self, merger: Merger) -> None:
        super().__init__(dict)
        self.merger = merger
        self.value: dict[str, Any] = {}

    @property
    def ValueType(self) -> Any:
        return dict

    @property
    def UpdateType(self) -> Any:
        return Writes

    def from_checkpoint(self, checkpoint: Any) -> Self:
        new = type(self)(self.merger)
        new.key = self.key
        if isinstance(checkpoint, dict):
            new.value = checkpoint
        return new

    def get(self) -> dict[str, Any]:
        return self.value

    def is_available(self) -> bool:
        return True

    def update(self, values: Sequence[Writes]) -> bool:
        if not values:
            return False
        self.value = self.merger.in_order(self.value, values)
        return True
