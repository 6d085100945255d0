"""How writes are checked and merged into a state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from configurable_agents.errors import NodeError, RunError, WriteError
from configurable_agents.graph.conversations import as_messages, upserted
from configurable_agents.plugins.functions import told, user_function, where
from configurable_agents.spec.merging import initial_value
from configurable_agents.spec.types import ANY, MISSING, Field, ListOf, OptionalOf
from configurable_agents.spec.validation import TypeMismatch, check_value, plain, show

# The last failure that a route handled is kept beside the fields, under a name that none of them can have.
ERROR = "error"


@dataclass(frozen=True, slots=True)
class Writes:
    """What one execution of a node added. `rank` is the node's place in the file; a rank of -1 begins a state.

    `sets` are fields that were changed from outside before the node was executed, where a run was forked.
    """

    node: str
    rank: int
    values: Mapping[str, Any]
    sets: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Merger:
    """The fields of a state, and how writes combine in them. `directory` is where functions that merge are found."""

    def __init__(self, fields: Mapping[str, Field], directory: Path) -> None:
        self.fields = fields
        self.directory = directory

    @cached_property
    def functions(self) -> Mapping[str, Any]:
        """The functions of fields that are merged by one; loading them may take its time.

        Raises:
            NodeError: one can't be loaded.
        """
        return {f.name: user_function(f.function, self.directory) for f in self.fields.values() if f.function}

    def initial(self) -> dict[str, Any]:
        """The fields that hold something before anything is written, each with a value of its own."""
        found = {name: initial_value(field) for name, field in self.fields.items()}
        values = {name: plain(value) for name, value in found.items() if value is not MISSING}
        for name, field in self.fields.items():
            if field.merge == "messages" and values[name]:
                values[name] = upserted([], as_messages(values[name], "default"), field.keep)
        return values

    def merged(self, state: Mapping[str, Any], values: Mapping[str, Any], node: str) -> dict[str, Any]:
        """The state with accepted writes of a node merged in; what was there is not changed.

        Raises:
            NodeError: a function that merges failed, or gave what its field can't hold.
        """
        new = dict(state)
        for name, value in values.items():
            if name == ERROR:
                new[name] = value
                continue
            field = self.fields[name]
            old = new.get(name)
            match field.merge:
                case "append":
                    new[name] = _bounded(field, [*(old or []), *value], node)
                case "messages":
                    new[name] = upserted(old or [], value, field.keep)
                case "update" if isinstance(old, dict) and isinstance(value, dict):
                    new[name] = {**old, **value}
                case "add" if old is not None and value is not None:
                    new[name] = _added(field, old, value, node)
                case "python":
                    new[name] = self._by_function(field, old, value, node)
                case _:
                    new[name] = value
        return new

    def in_order(self, state: Mapping[str, Any], writes: Sequence[Writes]) -> dict[str, Any]:
        """The state with the writes of one superstep merged in, in the order of the file.

        Raises:
            RunError: two nodes write a field that holds one value; which would win is nowhere said.
        """
        if len(writes) == 1 and writes[0].rank < 0:
            return dict(writes[0].values)
        new = dict(state)
        for write in writes:
            new.update(write.sets)
        if len(writes) == 1:
            return self.merged(new, writes[0].values, writes[0].node)
        by: dict[str, str] = {}
        for write in sorted(writes, key=lambda w: w.rank):
            for name in write.values:
                if name != ERROR and self.fields[name].merge == "replace":
                    other = by.setdefault(name, write.node)
                    if other != write.node:
                        raise _conflict(name, other, write.node)
            new = self.merged(new, write.values, write.node)
        return new

    def _by_function(self, field: Field, old: Any, value: Any, node: str) -> Any:
        try:
            merged = plain(self.functions[field.name](plain(old), plain(value)))
        except BaseException as error:  # the boundary to the user's code
            message = f"{field.function} raised {told(error)}{where(error, self.directory)}, merging '{field.name}'."
            raise NodeError("python_error", message, "The function's own error; mend it there.", node) from error
        try:
            return check_value(field.type, merged)
        except TypeMismatch as mismatch:
            message = f"{field.function} merged '{field.name}' to what is no {field.type}: {mismatch}."
            raise WriteError("write_type", message, f"Let it return a {field.type}.", node) from None


def _bounded(field: Field, merged: list[Any], node: str) -> list[Any]:
    """A list that was appended to. Its items were checked one by one; so it may only have become too long."""
    most = dict(getattr(field.type, "rules", ())).get("maxItems")
    if most is not None and len(merged) > most:
        message = f"The node '{node}' made '{field.name}' a list of {len(merged)} items; it may have {most}."
        raise WriteError("write_type", message, f"Write fewer, or raise the maxItems of '{field.name}'.", node)
    return merged


def _added(field: Field, old: Any, value: Any, node: str) -> Any:
    """A sum, which has to fit the field as well."""
    wrong, numbers = "they are no numbers", (int, float)
    if type(old) in numbers and type(value) in numbers:
        try:
            return check_value(field.type, old + value)
        except TypeMismatch as mismatch:
            wrong = f"the sum {mismatch}"
    message = f"The node '{node}' adds {show(value)} to {show(old)} in '{field.name}', which is {field.type}: {wrong}."
    raise WriteError("write_type", message, f"Add what keeps '{field.name}' within its type.", node)


def accept(node: str, field: Field, value: Any, key: str) -> Any:
    """What a write of `value` adds to a field: a list for `append` and messages, else the value, checked by its type.

    `key` names the execution, for the ids of messages.

    Raises:
        WriteError: it does not fit, with the node, the field, its type and the value.
    """
    wanted = field.type.of if isinstance(field.type, OptionalOf) else field.type
    try:
        value = plain(value)
        match field.merge:
            case "append" if isinstance(wanted, ListOf):
                return _items(wanted, value)
            case "messages":
                return as_messages(value, key)
            case "python":
                return check_value(ANY, value)
            case "replace":
                return check_value(field.type, value)
            case _:
                return check_value(field.type if value is None else wanted, value)
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


def _conflict(field: str, one: str, other: str) -> RunError:
    message = f"'{one}' and '{other}' wrote '{field}' in the same step, and it holds one value."
    hint = f"Give '{field}' a merge (append, update, add, …), or let them write fields of their own."
    return RunError("parallel_writes", message, hint, other)
