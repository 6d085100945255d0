"""The declarations of a document as fields with types: `types`, `input`, `state`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from configurable_agents.spec.document import Document, DocumentBase, FieldShape, PythonMerge, StateShape
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.signatures import NoSignature, read_signature
from configurable_agents.spec.types import (
    ANY,
    BUILTIN,
    MISSING,
    RULES,
    DictOf,
    Field,
    Keep,
    ListOf,
    ObjectOf,
    OptionalOf,
    Type,
    TypeSyntaxError,
    is_conversation,
    kind_of,
    parse_type,
    with_rules,
)
from configurable_agents.spec.validation import TypeMismatch, check_pattern, check_value

# What merging needs of a field's type.
_MERGEABLE = {"append": "list", "update": "dict"}

_MAX_DEPTH = 20
_MAX_SIZE = 2000


class Declarations:
    """Reads the declared fields of a document; a type that can't be read is reported and taken as `any`.

    A group has the types of the file that it is in, which are those of `outer`.
    """

    def __init__(
        self, document: Document, report: Report, outer: Declarations | None = None, *, lost: bool = False
    ) -> None:
        self.document = document
        self.report = report
        self.outer = outer
        self.lost = lost  # the section of the types
        self.shapes = document.types if isinstance(document, DocumentBase) else {}
        self.known: dict[str, Type] = {}
        self.unread: set[DataPath] = set()  # the fields whose types could not be read
        self.used: set[str] = set()  # the named types that something is declared as
        self.open: list[str] = []  # the named types that are being read, outermost first
        self.sizes: dict[str, int] = {}  # of the named types that were read, with all that they hold

    def input(self) -> dict[str, Field]:
        shapes = self.document.input if isinstance(self.document, DocumentBase) else {}
        return {name: self.field(name, shape, ("input", name)) for name, shape in shapes.items()}

    def state(self, given: Mapping[str, Field]) -> dict[str, Field]:
        """The fields of the state; those named like an input, which `given` are, are reported and left out."""
        found = {}
        for name, shape in self.document.state.items():
            path: DataPath = ("state", name)
            if name in given:
                hint = "Nodes never write the input; give the field of the state another name."
                self.report.add("duplicate_name", f"'{name}' is an input already.", hint, path, on_key=True)
                continue
            found[name] = self.merged(self.field(name, shape, path), shape, path)
        return found

    def merged(self, a_field: Field, shape: StateShape, path: DataPath) -> Field:
        """The field with what its shape says of merging and keeping."""
        if path in self.unread:
            return replace(a_field, merge="unknown")
        a_field = replace(a_field, merge=_merge(shape, a_field), function=_function(shape))
        self.check_merge(a_field, path)
        if a_field.function:
            self.check_function(a_field, path)
        if shape.scope is not None:
            a_field = self.scoped(a_field, shape.scope, path)
        if shape.keep is None:
            return a_field
        if a_field.merge != "messages":
            message = f"'keep' is for conversations; '{a_field.name}' is {a_field.type}."
            hint = "Make the field messages, or remove keep."
            self.report.add("wrong_merge", message, hint, (*path, "keep"), on_key=True)
            return a_field
        if (shape.keep.last is None) == (shape.keep.tokens is None):
            hint = "Write keep: {last: 40}, or keep: {tokens: 4000}."
            self.report.add("wrong_merge", "'keep' takes one of last and tokens.", hint, (*path, "keep"))
        return replace(a_field, keep=Keep(shape.keep.last, shape.keep.tokens))

    def scoped(self, a_field: Field, scope: Literal["run", "session"], path: DataPath) -> Field:
        """The field with how long it lives."""
        if a_field.merge == "messages" and isinstance(self.document, DocumentBase):
            return replace(a_field, scope=scope)
        message, hint = f"'scope' is for conversations; '{a_field.name}' is {a_field.type}.", "Remove scope."
        if a_field.merge == "messages":
            message, hint = "A group's conversation lives as long as the group.", "Declare it in the workflow's state."
        self.report.add("wrong_merge", message, hint, (*path, "scope"), on_key=True)
        return a_field

    def types(self) -> dict[str, Type]:
        """All named types, so that those which nothing uses are read too."""
        for name in self.shapes:
            if name in BUILTIN:
                hint = "Give it another name; there is a type of this name already."
                self.report.add(
                    "reserved_name", f"'{name}' is a type of the language.", hint, ("types", name), on_key=True
                )
            self.named(name)
        return self.known

    def parse(self, text: str) -> Type:
        """The type that a text describes. Raises TypeSyntaxError."""
        return parse_type(text, self.looked_up, tuple((self.outer or self).shapes))

    def looked_up(self, name: str) -> Type | None:
        (self.outer or self).used.add(name)
        return self.named(name)

    def named(self, name: str) -> Type | None:
        if self.outer is not None:
            return self.outer.named(name)
        if name not in self.shapes:
            return ANY if self.lost else None
        if name in self.open:
            way = " -> ".join((*self.open[self.open.index(name) :], name))
            hint = "Types can't hold themselves; use any, or a list of names."
            self.report.add("recursive_type", f"The type holds itself: {way}.", hint, ("types", name), on_key=True)
            return ANY
        if name not in self.known and len(self.open) >= _MAX_DEPTH:
            self.too_large(name, f"nested more than {_MAX_DEPTH} levels deep")
        if name not in self.known:
            self.open.append(name)
            shapes = self.shapes[name]
            members = tuple(self.field(key, shape, ("types", name, key)) for key, shape in shapes.items())
            self.open.pop()
            self.known[name] = ObjectOf(name, members)
            self.sizes[name] = 1 + sum(self.size(member.type) for member in members)
            if self.sizes[name] > _MAX_SIZE:
                self.too_large(name, f"of more than {_MAX_SIZE} fields, counting those of the types it holds")
            if not members:
                hint = "Give it one, or use dict[str, any]."
                self.report.add("no_fields", f"The type '{name}' has no fields.", hint, ("types", name), on_key=True)
        return self.known[name]

    def size(self, a_type: Type) -> int:
        match a_type:
            case ListOf(item=of) | DictOf(value=of) | OptionalOf(of=of):
                return self.size(of)
            case ObjectOf(name=name):
                return self.sizes.get(name, 1)
            case _:
                return 1

    def too_large(self, name: str, how: str) -> None:
        # A type is written out wherever it stands: a few lines of types that hold types are a bomb otherwise.
        hint = "Use any, or a list of names, for a part of it."
        self.report.add("type_too_large", f"The type '{name}' is {how}.", hint, ("types", name), on_key=True)
        self.known[name] = ANY

    def field(self, name: str, shape: FieldShape, path: DataPath) -> Field:
        a_type = self.type(shape, path)
        default = MISSING
        if "default" in shape.model_fields_set:
            try:
                default = check_value(a_type, shape.default)
            except TypeMismatch as mismatch:
                message = f"The default of '{name}' does not fit its type {a_type}: {mismatch}."
                self.report.add("wrong_default", message, f"Give it a value of type {a_type}.", (*path, "default"))
        return Field(name, a_type, shape.description, default)

    def type(self, shape: FieldShape, path: DataPath) -> Type:
        where = (*path, "type")
        try:
            a_type = self.parse(shape.type)
        except TypeSyntaxError as error:
            self.report.add(error.code, error.message, error.hint, where, offset=error.offset, width=error.width)
            self.unread.add(path)
            return ANY
        rules: dict[str, Any] = {rule: getattr(shape, rule) for rule in RULES if getattr(shape, rule) is not None}
        for rule, speaks_of in RULES.items():
            if rule in rules and kind_of(a_type) not in speaks_of:
                message = f"'{rule}' does not apply to {a_type}."
                hint = f"It is for {' and '.join(speaks_of)}."
                self.report.add("wrong_rule", message, hint, (*path, rule), on_key=True)
                del rules[rule]
        for rule in ("minimum", "maximum"):
            if rule in rules and kind_of(a_type) == "int" and rules[rule] != int(rules[rule]):
                hint = "Write a whole number, or make the field a float."
                self.report.add("wrong_rule", f"'{rule}' of an int is a whole number.", hint, (*path, rule))
                del rules[rule]
        for least, most in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
            if least in rules and most in rules and rules[least] > rules[most]:
                message = f"'{least}' is greater than '{most}': nothing fits."
                self.report.add("wrong_rule", message, "Exchange them.", (*path, least))
        if "pattern" in rules and (wrong := check_pattern(rules["pattern"])):
            hint = "It is a regular expression without look-around."
            self.report.add("wrong_rule", f"The pattern can't be read: {wrong}.", hint, (*path, "pattern"))
            del rules["pattern"]
        return with_rules(a_type, rules) if rules else a_type

    def check_function(self, a_field: Field, path: DataPath) -> None:
        """Report a function that is not there, or can't be called with two values."""
        at = (*path, "merge", "python")
        module, _, name = a_field.function.partition(":")
        try:
            signature = read_signature(module, name, self.report.source.directory)
        except NoSignature as error:
            self.report.add(error.code, error.message, error.hint, at)
            return
        if signature is None:
            return
        least, most = signature.places
        if least > 2 or (most is not None and most < 2):
            message = f"{a_field.function} can't be called with two values."
            hint = f"Write it: def {name}(old, new)"
            self.report.add("python_signature", message, hint, at)
        elif signature.is_async:
            message = f"{a_field.function} is async, and a merge is not waited for."
            self.report.add("python_signature", message, f"Write it: def {name}(old, new)", at)

    def check_merge(self, a_field: Field, path: DataPath) -> None:
        bare = a_field.type.of if isinstance(a_field.type, OptionalOf) else a_field.type
        needed = _MERGEABLE.get(a_field.merge)
        fits = needed is None or kind_of(bare) in (needed, "any")
        if a_field.merge == "add":
            needed, fits = "int or float", kind_of(bare) in ("int", "float", "any")
        conversation = is_conversation(bare)
        if conversation or a_field.merge == "messages":
            # A conversation is merged by its own rule, which nothing else can be.
            needed, fits = "type messages", conversation and a_field.merge in ("messages", "replace", "python")
        if not fits:
            message = f"merge: {a_field.merge} needs a {needed}; '{a_field.name}' is {a_field.type}."
            if conversation:
                message = f"Messages can't be merged by {a_field.merge}."
            self.report.add("wrong_merge", message, "Change the type or the merge.", (*path, "merge"))


def _merge(shape: StateShape, a_field: Field) -> str:
    if shape.merge is None:
        return "messages" if is_conversation(a_field.type) else "replace"
    return "python" if isinstance(shape.merge, PythonMerge) else shape.merge


def _function(shape: StateShape) -> str:
    return shape.merge.python if isinstance(shape.merge, PythonMerge) else ""
