"""Types, and values that fit them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

WORDS = ("tide", "Öl", "a b c", "x", "漢字 👋", "it's", 'say "no"', "")
# A rule for each kind that has any, with values that obey it.
RULES: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "str": ({"minLength": 2, "maxLength": 9}, ("tide", "ebb", "Öl")),
    "int": ({"minimum": 1, "maximum": 9}, (1, 5, 9)),
    "float": ({"minimum": 0, "maximum": 1}, (0, 0.25, 1)),
}
NUMBERS = ("int", "float")
PLAIN = ("str", "int", "float", "bool", "date", "datetime", "enum")


@dataclass(frozen=True)
class Type:
    """A type: of a list, a dict or an optional one, what is in it; of an object its fields, of an enum its values."""

    kind: str
    of: Type | None = None
    name: str = ""
    values: tuple[str, ...] = ()
    fields: tuple[tuple[str, Type], ...] = ()
    ruled: bool = False

    def __str__(self) -> str:
        match self.kind:
            case "list":
                return f"list[{self.of}]"
            case "dict":
                return f"dict[str, {self.of}]"
            case "optional":
                return f"{self.of}?"
            case "enum":
                return f"enum[{', '.join(self.values)}]"
            case "object":
                return self.name
        return self.kind

    @property
    def inner(self) -> Type:
        assert self.of is not None
        return self.of

    def declared(self, **more: Any) -> Any:
        """As the value of a field in a file."""
        rules = RULES[self.kind][0] if self.ruled else {}
        return {"type": str(self), **rules, **more} if rules or more else str(self)


STR, INT, FLOAT, BOOL = (Type(kind) for kind in ("str", "int", "float", "bool"))
ENUMS = (Type("enum", values=("low", "high")), Type("enum", values=("red", "green", "blue")))


def listed(of: Type) -> Type:
    return Type("list", of)


@dataclass
class Types:
    """Draws types and values; `objects` are the named types that were drawn so far."""

    draw: st.DrawFn
    objects: dict[str, Type] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=lambda: count(1))

    def pick(self, *of: Any) -> Any:
        return self.draw(st.sampled_from(of))

    def some(self, one_in: int = 2) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == one_in)

    def type(self, depth: int = 2) -> Type:
        kind = self.pick(*PLAIN, *(("list", "list", "dict", "optional", "object", "object") if depth else ()))
        match kind:
            case "enum":
                return self.enum()
            case "list":
                return listed(self.type(depth - 1))
            case "dict":
                return Type("dict", self.type(depth - 1))
            case "optional":
                of = self.type(depth - 1)
                return of if of.kind == "optional" else Type("optional", of)
            case "object":
                return self.object(depth - 1)
        return Type(kind)

    def enum(self) -> Type:
        found: Type = self.pick(*ENUMS)
        return found

    def object(self, depth: int = 1) -> Type:
        """A new type under `types`, or one that is there."""
        if self.objects and self.some():
            there: Type = self.pick(*self.objects.values())
            if depth or not any(of.kind == "object" for _, of in there.fields):
                return there
        name = f"Thing{next(self.names)}"
        # So many that attributes of all simple kinds are there for filters to look at.
        fields = [("label", STR), ("size", INT), ("good", BOOL)]
        fields += [(f"part{number}", self.type(depth)) for number in range(self.draw(st.integers(0, 2)))]
        found = Type("object", name=name, fields=tuple(fields))
        self.objects[name] = found
        return found

    def value(self, of: Type) -> Any:  # noqa: PLR0911  # a case for each kind of type
        """A value, as in JSON."""
        if of.ruled:
            return self.pick(*RULES[of.kind][1])
        match of.kind:
            case "str":
                return self.pick(*WORDS)
            case "int":
                return self.draw(st.integers(-3, 9))
            case "float":
                return self.pick(0, 0.5, -2.25, 7)
            case "bool":
                return self.draw(st.booleans())
            case "date":
                return self.pick("2026-01-31", "1999-12-01")
            case "datetime":
                return self.pick("2026-01-31T12:00:00Z", "2025-06-01T08:30:00+02:00")
            case "enum":
                return self.pick(*of.values)
            case "list":
                return [self.value(of.inner) for _ in range(self.draw(st.integers(0, 2)))]
            case "dict":
                return {key: self.value(of.inner) for key in self.pick((), ("a",), ("a", "b"))}
            case "optional":
                return None if self.some() else self.value(of.inner)
        return {name: self.value(inner) for name, inner in of.fields}

    def literal(self, of: Type) -> str:
        """A value, as an expression writes it."""
        return json.dumps(self.value(of), ensure_ascii=False)


def types_section(objects: dict[str, Type], text: str) -> dict[str, Any]:
    """Those of the types that a text names, and those that these hold."""
    found: dict[str, Any] = {}
    for name in reversed(objects):  # a type holds earlier ones only
        if re.search(rf"\b{name}\b", text + json.dumps(found)):
            found[name] = {key: of.declared() for key, of in objects[name].fields}
    return found
