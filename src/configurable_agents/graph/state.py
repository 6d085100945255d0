"""The state of a run: how writes are checked and merged, and LangGraph's channel that holds it.

All fields live in one channel, as a mapping of those that are set. LangGraph hands it the writes of one superstep
in the order of the nodes' names; the channel merges them in the order of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from langgraph.channels.base import BaseChannel

from configurable_agents.errors import WriteError
from configurable_agents.spec.fields import initial_value
from configurable_agents.spec.types import ANY, MISSING, Field, ListOf, OptionalOf
from configurable_agents.spec.validation import TypeMismatch, check_value, plain, show

Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Writes:
    """What one execution of a node added. `rank` is the node's place in the file; a rank of -1 begins a state."""

    rank: int
    values: Mapping[str, Any]


def initial_state(fields: Fields) -> dict[str, Any]:
    """The fields that hold something before anything is written, each with a value of its own."""
    found = {name: initial_value(field) for name, field in fields.items()}
    return {name: plain(value) for name, value in found.items() if value is not MISSING}


def accept(node: str, field: Field, value: Any) -> Any:
    """What a write of `value` adds to a field: a list for `append`, else the value, checked against the type.

    Raises:
        WriteError: it does not fit, with the node, the field, its type and the value.
    """
    wanted = field.type.of if isinstance(field.type, OptionalOf) else field.type
    try:
        value = plain(value)
        if field.merge == "append" and isinstance(wanted, ListOf):
            return _items(wanted, value)
        if field.merge == "replace" or value is None:
            return check_value(field.type, value)
        return check_value(wanted, value)
    except TypeMismatch as mismatch:
        message = f"The node '{node}' wrote {show(value)} to '{field.name}', which is {field.type}: it {mismatch}."
        if len(mismatch.problems) > 1 or not str(mismatch).startswith("should"):
            message = f"The node '{node}' wrote a value to '{field.name}' that is no {field.type}: {mismatch}."
        fitting = f"{wanted.item} or {wanted}" if field.merge == "append" and isinstance(wanted, ListOf) else field.type
        hint = f"Let the node give a value of type {fitting}, or change the type of '{field.name}'."
        raise WriteError("write_type", message, hint, node) from None


def _items(wanted: ListOf, value: Any) -> list[Any]:
    """The items that an `append` adds: the value is one, or a list of them."""
    bare = ListOf(wanted.item)  # minItems and maxItems speak of the whole
    if isinstance(value, list):
        if wanted.item == ANY:
            return list(check_value(bare, value))
        try:
            return [check_value(wanted.item, value)]
        except TypeMismatch:
            return list(check_value(bare, value))
    return [check_value(wanted.item, value)]


def merged(fields: Fields, state: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The state with accepted writes merged in; what was there is not changed."""
    new = dict(state)
    for name, value in values.items():
        old = new.get(name)
        match fields[name].merge:
            case "append":
                new[name] = [*(old or []), *value]
            case "update" if isinstance(old, dict) and isinstance(value, dict):
                new[name] = {**old, **value}
            case "add" if old is not None and value is not None:
                new[name] = old + value
            case _:
                new[name] = value
    return new


def merged_in_order(fields: Fields, state: Mapping[str, Any], writes: Sequence[Writes]) -> dict[str, Any]:
    """The state with the writes of one superstep merged in, in the order of the file."""
    new = dict(state)
    for write in sorted(writes, key=lambda w: w.rank):
        new = merged(fields, new, write.values)
    return new


class StateChannel(BaseChannel[dict[str, Any], Writes, dict[str, Any]]):
    """LangGraph's channel for the state."""

    __slots__ = ("fields", "value")

    def __init__(self, fields: Fields) -> None:
        super().__init__(dict)
        self.fields = fields
        self.value: dict[str, Any] = {}

    @property
    def ValueType(self) -> Any:
        return dict

    @property
    def UpdateType(self) -> Any:
        return Writes

    def from_checkpoint(self, checkpoint: Any) -> Self:
        new = type(self)(self.fields)
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
        self.value = merged_in_order(self.fields, self.value, values)
        return True
