"""The type language: `str`, `list[File]`, `enum[a, b]`, `int?` as frozen values.

`parse_type` reads the text; `validation.py` and `jsonschema.py` say what a type means to a value and to a model.
Long forms (`{type: float, minimum: 0}`) put their rules on the type they speak of, named by JSON Schema's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from configurable_agents.spec.suggest import Suggestion, nearest, sure

SCALARS = ("str", "int", "float", "bool", "any", "date", "datetime")
BUILTIN = ("messages", "ItemError")

# JSON Schema's words that a long form may carry, and the types each of them speaks of.
RULES: Mapping[str, tuple[str, ...]] = {
    "minimum": ("int", "float"),
    "maximum": ("int", "float"),
    "minLength": ("str",),
    "maxLength": ("str",),
    "pattern": ("str",),
    "minItems": ("list",),
    "maxItems": ("list",),
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One of `SCALARS`."""

    name: str
    rules: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list[T]`."""

    item: Type
    rules: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return "messages" if self.item is MESSAGE else f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class DictOf:
    """`dict[str, T]`: JSON has no other keys."""

    value: Type

    def __str__(self) -> str:
        return f"dict[str, {self.value}]"


@dataclass(frozen=True, slots=True)
class OptionalOf:
    """`T?`: a T, or null."""

    of: Type

    def __str__(self) -> str:
        return f"{self.of}?"


@dataclass(frozen=True, slots=True)
class EnumOf:
    """`enum[a, b]`: one of some texts."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"enum[{', '.join(self.values)}]"


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """A named type of the file, or one that is made on the way (the fields a node writes)."""

    name: str
    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return self.name

    def get(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)


Type = Scalar | ListOf | DictOf | OptionalOf | EnumOf | ObjectOf


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __deepcopy__(self, memo: object) -> _Missing:
        return self


MISSING: Any = _Missing()


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of a conversation is kept: this many messages, or about this many tokens."""

    last: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A named value of the input, the state or an object. `default` is MISSING where none is given."""

    name: str
    type: Type
    description: str = ""
    default: Any = field(default=MISSING, compare=False)
    merge: str = "replace"
    function: str = ""  # of `merge: {python: module:function}`
    keep: Keep | None = None  # of messages
    scope: Literal["run", "session"] = "run"  # of messages
    written_default: str = field(init=False, repr=False)  # to compare by: to Python, true and 1 are the same

    def __post_init__(self) -> None:
        object.__setattr__(self, "written_default", repr(self.default))


STR, INT, FLOAT, BOOL, ANY = (Scalar(name) for name in ("str", "int", "float", "bool", "any"))

# What `messages` is a list of. A message without an id is given one when it is written.
MESSAGE = ObjectOf(
    "message",
    (Field("id", OptionalOf(STR)), Field("role", EnumOf(("system", "user", "assistant"))), Field("content", STR)),
)
MESSAGES = ListOf(MESSAGE)

# What a map writes of an item that failed. `item` is the loop's value; of several loops, the values by name.
ITEM_ERROR = ObjectOf("ItemError", (Field("index", INT), Field("code", STR), Field("message", STR), Field("item", ANY)))

_KNOWN: Mapping[str, Type] = {"messages": MESSAGES, "ItemError": ITEM_ERROR}


class TypeSyntaxError(Exception):
    """A type's text can't be read: `offset` and `width` say where in the text."""

    def __init__(self, code: str, message: str, hint: str, offset: int, width: int) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.offset, self.width = offset, max(width, 1)


# What people write from other languages, and what it is called here.
_SYNONYMS = {
    "string": "str", "text": "str", "integer": "int", "number": "float", "double": "float", "boolean": "bool",
    "array": "list[any]", "object": "dict[str, any]", "map": "dict[str, any]", "null": "T?", "none": "T?",
    "list": "list[any]", "dict": "dict[str, any]", "List": "list[any]", "Dict": "dict[str, any]", "Any": "any",
    "time": "datetime", "timestamp": "datetime", "json": "any", "enum": "enum[a, b]", "Optional": "T?",
    "literal": "enum[a, b]", "Literal": "enum[a, b]", "union": "any", "Union": "any", "float64": "float",
}  # fmt: skip

_MAX_DEPTH = 20

_WORD = re.compile(r"[A-Za-z_]\w*")
_SPACE = re.compile(r"\s*")


class _Parser:
    def __init__(self, text: str, lookup: Callable[[str], Type | None], names: tuple[str, ...]) -> None:
        self.text, self.at, self.lookup, self.names = text, 0, lookup, names
        self.depth = 0

    def skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def expect(self, char: str, after: str) -> None:
        self.skip()
        if not self.text.startswith(char, self.at):
            found = f"'{self.text[self.at]}'" if self.at < len(self.text) else "the end"
            message = f"Expected '{char}' after {after} in the type '{self.text}', found {found}."
            raise TypeSyntaxError("type_syntax", message, "Write it like list[str] or dict[str, int].", self.at, 1)
        self.at += 1

    def whole(self) -> Type:
        found = self.type()
        self.skip()
        if self.at < len(self.text):
            rest = self.text[self.at :]
            hint = "A field that may be null is written T?." if rest.startswith("|") else "Remove it."
            message = f"'{rest}' is too much in the type '{self.text}'."
            raise TypeSyntaxError("type_syntax", message, hint, self.at, len(rest))
        return found

    def type(self) -> Type:
        self.skip()
        start = self.at
        match = _WORD.match(self.text, start)
        if match is None:
            message = f"Expected the name of a type in '{self.text}'." if self.text else "The type is empty."
            raise TypeSyntaxError("type_syntax", message, f"Types are {_catalogue(self.names)}.", start, 1)
        self.at = match.end()
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            message = f"The type is nested more than {_MAX_DEPTH} levels deep."
            raise TypeSyntaxError("type_syntax", message, "Name the inner parts under types.", start, 1)
        found = self.named(match.group(), start)
        self.depth -= 1
        self.skip()
        while self.text.startswith("?", self.at):
            self.at += 1
            found = found if isinstance(found, OptionalOf) else OptionalOf(found)
            self.skip()
        return found

    def named(self, word: str, start: int) -> Type:
        if word in SCALARS:
            return Scalar(word)
        if word in _KNOWN:
            return _KNOWN[word]
        self.skip()
        bracket = self.text.startswith("[", self.at)
        if word == "list" and bracket:
            self.at += 1
            item = self.type()
            self.expect("]", "the type of the items")
            return ListOf(item)
        if word == "dict" and bracket:
            self.at += 1
            self.skip()
            key = _WORD.match(self.text, self.at)
            if key is None or key.group() != "str":
                message = f"The keys of a dict are always str, as in JSON: '{self.text}'."
                raise TypeSyntaxError(
                    "type_syntax", message, "Write dict[str, T].", self.at, key.end() - self.at if key else 1
                )
            self.at = key.end()
            self.expect(",", "str")
            value = self.type()
            self.expect("]", "the type of the values")
            return DictOf(value)
        if word == "enum" and bracket:
            return self.enum()
        known = self.lookup(word)
        if known is not None:
            return known
        raise self.unknown(word, start)

    def enum(self) -> EnumOf:
        self.at += 1
        end = self.text.find("]", self.at)
        if end < 0:
            message = f"'enum[' is never closed in the type '{self.text}'."
            raise TypeSyntaxError("type_syntax", message, "Write it like enum[low, high].", self.at, 1)
        values = tuple(part.strip() for part in self.text[self.at : end].split(","))
        twice = next((v for i, v in enumerate(values) if v in values[:i]), None)
        if not all(values) or twice is not None:
            message = f"The enum in '{self.text}' has " + (f"'{twice}' twice." if twice else "an empty value.")
            raise TypeSyntaxError("type_syntax", message, "Write it like enum[low, high].", self.at, end - self.at)
        self.at = end + 1
        return EnumOf(values)

    def unknown(self, word: str, start: int) -> TypeSyntaxError:
        if word in _SYNONYMS:
            hint = f"Here it is written {_SYNONYMS[word]}."
            if _SYNONYMS[word] in SCALARS:
                hint = Suggestion(hint, word, _SYNONYMS[word])
        else:
            near = nearest(word, (*SCALARS, *BUILTIN, "list", "dict", "enum", *self.names))
            if near is None and (synonym := nearest(word, _SYNONYMS)) and _SYNONYMS[synonym] in SCALARS:
                near = _SYNONYMS[synonym]
            hint = f"Types are {_catalogue(self.names)}."
            if near:
                hint = sure(f"Did you mean '{near}'?", word, near, self.names)
        return TypeSyntaxError("unknown_type", f"There is no type '{word}'.", hint, start, len(word))


def _catalogue(names: tuple[str, ...]) -> str:
    return ", ".join((*SCALARS, "messages", "list[T]", "dict[str, T]", "enum[a, b]", "T?", *names))


def parse_type(text: str, lookup: Callable[[str], Type | None] = lambda _: None, names: tuple[str, ...] = ()) -> Type:
    """The type that `text` describes; `lookup` answers for the names under `types`.

    Raises:
        TypeSyntaxError: the text is no type, with the offset of the first wrong character.
    """
    return _Parser(text, lookup, names).whole()


def is_conversation(a_type: Type) -> bool:
    """Whether a type is `messages`."""
    bare = a_type.of if isinstance(a_type, OptionalOf) else a_type
    return isinstance(bare, ListOf) and bare.item is MESSAGE


def kind_of(a_type: Type) -> str:
    """The word by which `RULES` knows a type."""
    match a_type:
        case Scalar(name=name):
            return name
        case ListOf():
            return "list"
        case OptionalOf(of=of):
            return kind_of(of)
        case DictOf():
            return "dict"
        case EnumOf():
            return "enum"
        case ObjectOf():
            return "object"


def with_rules(a_type: Type, rules: Mapping[str, Any]) -> Type:
    """`a_type` with JSON Schema's `rules` on it; each must speak of its kind (see `RULES`)."""
    match a_type:
        case OptionalOf(of=of):
            return OptionalOf(with_rules(of, rules))
        case Scalar() | ListOf():
            return replace(a_type, rules=tuple(rules.items()))
        case _:
            return a_type
