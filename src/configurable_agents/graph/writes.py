"""From a node's result to the fields that it writes, each value checked against its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from configurable_agents.errors import NodeError, WriteError
from configurable_agents.graph.merging import accept
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.types import ANY, Field, ListOf, OptionalOf
from configurable_agents.spec.validation import TypeMismatch, check_value, plain, show
from configurable_agents.spec.workflow import NodeSpec


class ResultWriter:
    """What `writes` says of one node, for a result and for those of a map's items. `node` is the path for errors."""

    def __init__(self, spec: NodeSpec, fields: Mapping[str, Field]) -> None:
        path: DataPath = ("nodes", spec.name, "writes")
        declared = getattr(spec.config, "writes", None)
        self.fields = fields
        self.gives = spec.gives
        self.flatten = bool(spec.config.flatten)
        self.single = declared if isinstance(declared, str) else None
        self.expressions: dict[str, Expression] | None = None
        if isinstance(declared, dict):
            texts = {name: spec.texts[*path, name] for name in declared}
            self.expressions = {name: text for name, text in texts.items() if isinstance(text, Expression)}

    def of_result(self, result: Any, names: Mapping[str, Any], node: str, key: str) -> dict[str, Any]:
        """The values to write of a result."""
        if self.single is not None:
            return {self.single: accept(node, self.fields[self.single], result, key)}
        if self.expressions is not None:
            scope = {**names, "result": result}
            return {n: accept(node, self.fields[n], e.evaluate(scope), key) for n, e in self.expressions.items()}
        return {name: accept(node, self.fields[name], value, key) for name, value in self._taken(result, node).items()}

    def of_item(self, result: Any, node: str, key: str) -> Any:
        """The value of an item, checked."""
        if self.single is not None:
            return accept(node, self.gives[self.single], result, key)
        if self.expressions is not None:
            return _plain(result, node)
        return {name: accept(node, self.gives[name], value, key) for name, value in self._taken(result, node).items()}

    def of_items(self, values: Sequence[Any], names: Mapping[str, Any], node: str, key: str) -> dict[str, Any]:
        """The values to write of a map, from those of its items in their order."""
        if self.single is not None:
            return {self.single: self._accept_list(self.single, self._joined(values, node), node, key)}
        if self.expressions is not None:
            return self.of_result(self._joined(values, node), names, node, key)
        columns = {name: self._joined([value[name] for value in values], node) for name in self.gives}
        return {name: self._accept_list(name, column, node, key) for name, column in columns.items()}

    def _accept_list(self, name: str, values: list[Any], node: str, key: str) -> Any:
        field = self.fields[name]
        wanted = field.type.of if isinstance(field.type, OptionalOf) else field.type
        if field.merge == "append" and isinstance(wanted, ListOf):
            return values  # each is an item, and was checked as one
        if field.merge == "messages":  # each gave a list of messages already
            return [message for said in values for message in (said if isinstance(said, list) else [said])]
        return accept(node, field, values, key)

    def _joined(self, values: Sequence[Any], node: str) -> list[Any]:
        if not self.flatten:
            return list(values)
        joined: list[Any] = []
        for value in values:
            if not isinstance(value, list):
                message = f"An item of '{node}' gave {show(value)}, which is no list: flatten joins lists."
                raise WriteError("write_type", message, "Let each item give a list, or remove flatten.", node)
            joined.extend(value)
        return joined

    def _taken(self, result: Any, node: str) -> dict[str, Any]:
        """The keys of a result that fields are named after."""
        if not self.gives:
            return {}
        if not isinstance(result, Mapping):
            names = ", ".join(self.gives)
            message = f"The node '{node}' writes {names}: its result must be an object, not {show(result)}."
            raise NodeError("write_type", message, "Return a dict with these keys.", node)
        missing = [name for name in self.gives if name not in result]
        if missing:
            message = f"The result of the node '{node}' lacks {', '.join(repr(name) for name in missing)}."
            hint = f"It has {', '.join(map(repr, result))}." if result else "It is empty."
            raise NodeError("write_type", message, hint, node)
        return {name: result[name] for name in self.gives}


def _plain(result: Any, node: str) -> Any:
    try:
        return check_value(ANY, plain(result))
    except TypeMismatch as mismatch:
        message = f"The result of the node '{node}' {mismatch}."
        raise WriteError("write_type", message, "Let it give plain data.", node) from None
