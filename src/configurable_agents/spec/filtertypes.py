"""What each filter takes and what it gives, by the types of the value before the `|` and of the arguments."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import nodes

from configurable_agents.spec.jinja import ENVIRONMENT, FILTERS, TESTS
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.typerules import bare, called, can_compute, comparable_kind, either
from configurable_agents.spec.types import ANY, FLOAT, INT, STR, DictOf, ListOf, ObjectOf, Type, kind_of

_PRINTED, _WALKED = frozenset({"text", "number", "bool", "date", "datetime"}), frozenset({"text", "list", "object"})
_NUMERIC = frozenset({"text", "number", "bool"})
_NUMBER, _TEXT, _OBJECT = frozenset({"number"}), frozenset({"text"}), frozenset({"object"})
_LIST = frozenset({"list"})

# What a value must be for a filter to take it; a filter that is not named here takes everything.
_TAKES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("capitalize", "lower", "replace", "title", "trim", "upper", "wordcount"),
        _PRINTED,
    ),
    **dict.fromkeys(("int", "float"), _NUMERIC),
    **dict.fromkeys(("abs", "round"), _NUMBER),
    **dict.fromkeys(("dictsort", "items"), _OBJECT),
    **dict.fromkeys(
        ("batch", "count", "first", "groupby", "join", "last", "length", "list", "map", "max", "min", "reject",
         "rejectattr", "reverse", "select", "selectattr", "slice", "sort", "unique"),
        _WALKED,
    ),
    "sum": _LIST,
    **dict.fromkeys(("indent", "split", "truncate", "wordwrap"), _TEXT),
}  # fmt: skip
_WANTS = {
    _PRINTED: "text",
    _NUMERIC: "text or a number",
    _NUMBER: "a number",
    _TEXT: "text",
    _OBJECT: "an object",
    _LIST: "a list",
    _WALKED: "a list",
}

# What the items of a list must not be, where no attribute of theirs is named.
_ITEMS: Mapping[str, frozenset[str]] = {
    "sum": frozenset({"text", "list", "object", "date", "datetime"}),
    "max": _OBJECT, "min": _OBJECT, "sort": _OBJECT, "unique": frozenset({"list", "object"}),
}  # fmt: skip

_GIVES: Mapping[str, Type] = {
    "bucket": INT, "capitalize": STR, "count": INT, "float": FLOAT, "indent": STR, "int": INT, "join": STR,
    "length": INT, "lower": STR, "replace": STR, "round": FLOAT, "split": ListOf(STR), "string": STR, "title": STR,
    "tojson": STR, "trim": STR, "truncate": STR, "upper": STR, "wordcount": INT, "wordwrap": STR,
}  # fmt: skip
_KEEPS = frozenset({"list", "reject", "rejectattr", "select", "selectattr", "sort", "unique"})
_PICKS = frozenset({"first", "last", "max", "min"})

# Filters whose signatures don't tell that they need an argument, and how they are written.
_ARGUED: Mapping[str, str] = {
    "map": "map(attribute='name')",
    "rejectattr": "rejectattr('name')",
    "selectattr": "selectattr('name')",
}

# Where the name of an attribute stands among the arguments, for the filters that take one by its place.
_ATTRIBUTE_AT = {"groupby": 0, "join": 1, "rejectattr": 0, "selectattr": 0, "sum": 0}
_TEST_AT = {"reject": 0, "rejectattr": 1, "select": 0, "selectattr": 1}


@dataclass(frozen=True, slots=True)
class Misuse:
    """Something wrong with the use of a filter, at one of its arguments or (None) at its name."""

    code: str
    message: str
    hint: str
    at: nodes.Node | None = None


@dataclass(slots=True)
class Use:
    """A filter with its arguments and their types, by place and by name. `misuses` are gathered by `given`."""

    name: str
    value: Type
    args: list[nodes.Expr]
    types: list[Type]
    named: Mapping[str, nodes.Expr]
    named_types: Mapping[str, Type]
    misuses: list[Misuse] = field(default_factory=list)

    def given(self) -> Type:
        """The type of what comes of it."""
        if self.name not in FILTERS:
            hint = did_you_mean(self.name, sorted(FILTERS), "The language reference lists the filters.")
            self.misuses.append(Misuse("unknown_filter", f"There is no filter '{self.name}'.", hint))
            return ANY
        self.check_arguments()
        self.check_test()
        value = bare(self.value)
        kind, takes = comparable_kind(value), _TAKES.get(self.name)
        if takes is not None and kind is not None and kind not in takes:
            message = f"'{self.name}' is for {_WANTS[takes]}, not for {called(value)}."
            self.misuses.append(Misuse("filter_type", message, self.remedy(kind)))
            return ANY
        return self.result(value)

    def remedy(self, kind: str) -> str:
        if kind in ("list", "object") and _TAKES[self.name] is _PRINTED:
            return f"Make text of it first: | tojson | {self.name}, or | join(', ')"
        return "Read a part of the value, or compute it in a python node."

    def result(self, value: Type) -> Type:
        item = value.item if isinstance(value, ListOf) else STR if comparable_kind(value) == "text" else ANY
        if self.name == "map":
            return ListOf(self.mapped(item))
        member = self.member(item)
        refused = _ITEMS.get(self.name, frozenset())
        if self.name == "sum" and ("start" in self.named or len(self.args) > 1):
            return self.summed(bare(member if member is not None else item))
        of = comparable_kind(bare(member if member is not None else item))
        if of in refused:
            message = f"'{self.name}' can't be taken of {called(member if member is not None else item)} each."
            hint = "Name an attribute of the items: attribute='…'" if of == "object" else "Compute it in a python node."
            self.misuses.append(Misuse("filter_type", message, hint))
            return ANY
        found: Type = _GIVES.get(self.name, ANY)
        match self.name:
            case "default" | "d":
                found = either(value, self.types[0] if self.types else STR)
            case "abs":
                found = value
            case "sum":
                summed = bare(member if member is not None else item)
                found = {"int": INT, "float": FLOAT}.get(kind_of(summed), ANY)
            case "batch" | "slice":
                found = ListOf(ListOf(item))
            case "groupby" | "dictsort" | "items":
                found = ListOf(ANY)
            case "reverse":
                found = value if isinstance(value, ListOf) else STR if comparable_kind(value) == "text" else ANY
            case name if name in _KEEPS:
                found = value if isinstance(value, ListOf) else ListOf(item)
            case name if name in _PICKS:
                found = item
        return found

    def summed(self, item: Type) -> Type:
        """What `sum` gives that begins with a start: numbers are added to a number, lists joined to a list."""
        at = self.named.get("start") or self.args[1]
        start = bare(self.named_types["start"] if "start" in self.named else self.types[1])
        kinds = comparable_kind(start), comparable_kind(item)
        if kinds[0] == "text":  # Python's own sum refuses it, whatever there is to add
            message = "'sum' does not join text."
            self.misuses.append(Misuse("filter_type", message, "Join the items: | join, or | join(', ')", at))
        elif not can_compute("Add", *kinds):
            message = f"'sum' can't add {called(item)} to {called(start)}."
            self.misuses.append(Misuse("filter_type", message, "Begin with a value like the items: 0, or [].", at))
        elif kinds == ("number", "number"):
            return INT if kind_of(start) == kind_of(item) == "int" else FLOAT
        return ANY

    def mapped(self, item: Type) -> Type:
        """What `map` makes of an item: an attribute of it, or what a filter gives."""
        if "attribute" in self.named:
            member = self.member(item)
            return ANY if member is None or "default" in self.named else member
        name = _text(self.args[0]) if self.args else None
        if name is None:
            return ANY
        inner = Use(name, item, self.args[1:], self.types[1:], self.named, self.named_types)
        found = inner.given()
        self.misuses += [Misuse(m.code, m.message, m.hint, m.at or self.args[0]) for m in inner.misuses]
        return found

    def member(self, item: Type) -> Type | None:
        """The type of the attribute of an item that the filter is told to look at; None where it is told of none."""
        place = _ATTRIBUTE_AT.get(self.name)
        node = self.named.get("attribute")
        if node is None and place is not None and len(self.args) > place:
            node = self.args[place]
        path = _text(node)
        if node is None:
            return None
        if path is None or "," in path:
            return ANY
        found = item
        for part in path.split("."):
            owner = bare(found)
            if isinstance(owner, DictOf):
                found = owner.value
            elif not isinstance(owner, ObjectOf):
                return ANY
            elif (known := owner.get(part)) is None:
                hint = did_you_mean(part, (f.name for f in owner.fields))
                message = f"{owner.name} has no field '{part}'."
                self.misuses.append(Misuse("unknown_attribute", message, hint, node))
                return ANY
            else:
                found = known.type
        return found

    def check_test(self) -> None:
        """Report a test of `select` and its like that there is not."""
        place = _TEST_AT.get(self.name)
        if place is not None and len(self.args) > place:
            name = _text(self.args[place])
            if name is not None and name not in TESTS:
                hint = did_you_mean(name, sorted(TESTS), "The language reference lists the tests.")
                self.misuses.append(Misuse("unknown_test", f"There is no test '{name}'.", hint, self.args[place]))

    def check_arguments(self) -> None:
        """Report arguments that the filter does not take, and those that it lacks."""
        signature = _signature(self.name)
        try:
            signature.bind(None, *self.args, **self.named)
        except TypeError as error:
            message = f"'{self.name}' can't be given these arguments: {error}."
            takes = ", ".join(str(parameter) for parameter in list(signature.parameters.values())[1:])
            hint = f"It takes: {self.name}({takes})" if takes else "It takes none."
            self.misuses.append(Misuse("filter_arguments", message, hint))
        else:
            if self.name in _ARGUED and not self.args and not self.named:
                message = f"'{self.name}' needs an argument."
                self.misuses.append(Misuse("filter_arguments", message, f"Write it like: {_ARGUED[self.name]}"))


def _text(node: nodes.Node | None) -> str | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None


@lru_cache(maxsize=128)
def _signature(name: str) -> inspect.Signature:
    """The parameters of a filter, the value first, without what Jinja itself hands over and without annotations."""
    function = ENVIRONMENT.filters[name]
    found = list(inspect.signature(function).parameters.values())
    if hasattr(inspect.unwrap(function), "jinja_pass_arg"):
        found = found[1:]
    return inspect.Signature([parameter.replace(annotation=parameter.empty) for parameter in found])
