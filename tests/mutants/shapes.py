"""Defects of the file's shape: its keys, fields, types, models, functions and the workflows that it runs."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tests.mutants.plant import Defect
from tests.mutants.text import KINDS, MARK, Document, Edit, NodeAt, Seed, get, key_of, misspelt, types_of

Edits = Iterator[list[Edit]]
ASKS = ("prompt", "messages")


def kind(node: NodeAt) -> str:
    return next(kind for kind in KINDS if get(node.body, kind) is not None)


def keys(document: Document, mapping: MappingNode, without: Collection[str] = ()) -> Edits:
    """Every key of a mapping, misspelt."""
    for key, _ in mapping.value:
        if key.value not in without:
            yield [document.span(key).replaced(MARK + misspelt(key.value))]


def key_of_a_node(_: Seed, document: Document) -> Edits:
    for node in document.nodes:
        yield from keys(document, node.body, without=KINDS)


def kind_of_a_node(_: Seed, document: Document) -> Edits:
    for node in document.nodes:
        others = [key.value for key, _ in node.body.value if key.value not in KINDS]
        yield from keys(document, node.body, without=others)


def key_of_the_file(_: Seed, document: Document) -> Edits:
    yield from keys(document, document.root)


def key_twice(_: Seed, document: Document) -> Edits:
    """A copy of a mapping's first key, with what it holds, before its last."""
    for mapping in (document.root, *(node.body for node in document.nodes)):
        if len(mapping.value) > 1:
            yield [document.before(mapping.value[-1][0], MARK + source(document, *mapping.value[0]))]


def node_twice(_: Seed, document: Document) -> Edits:
    """A copy of a graph's first node before each of the others."""
    first: dict[int, NodeAt] = {}
    for node in document.nodes:
        copied = first.setdefault(node.depth, node)
        if copied is not node:
            yield [document.before(node.key, MARK + source(document, copied.key, copied.body))]


def source(document: Document, key: Node, value: Node) -> str:
    return document.text[document.span(key).start : document.span(value).end].rstrip()


def written(document: Document) -> Iterator[ScalarNode]:
    """Every word that names a field which a node writes."""
    for node in document.nodes:
        writes, given = get(node.body, "writes"), get(node.body, "set")
        if isinstance(writes, ScalarNode):
            yield writes
        elif isinstance(writes, SequenceNode):
            yield from writes.value
        for mapping in (writes, given):
            if isinstance(mapping, MappingNode):
                yield from (key for key, _ in mapping.value)


def undeclared_field(_: Seed, document: Document) -> Edits:
    for word in written(document):
        yield [document.span(word).replaced(MARK + misspelt(word.value))]


def unknown_type(_: Seed, document: Document) -> Edits:
    fields = [get(document.root, "input"), get(document.root, "state")]
    types = get(document.root, "types")
    fields += [value for _, value in types.value] if isinstance(types, MappingNode) else []
    fields += [get(node.body, "state") for node in document.nodes]
    for field in fields:
        for _, value in field.value if isinstance(field, MappingNode) else ():
            of = value if isinstance(value, ScalarNode) else get(value, "type")
            if isinstance(of, ScalarNode):
                name = next(document.span(of).words(r"(?<!dict\[)\b(?!list\b|dict\b|enum\b)(\w+)\b"))
                if "enum" not in of.value and name.text != "any":
                    yield [name.replaced(MARK + misspelt(name.text))]


def unknown_model(_: Seed, document: Document) -> Edits:
    for node in document.nodes:
        if kind(node) in ASKS:
            named = get(node.body, "model")
            if named is not None:
                yield [document.span(named).replaced(f"{MARK}nonesuch")]
            else:
                yield [document.before(node.body.value[0][0], f"model: {MARK}nonesuch")]


def no_unit(_: Seed, document: Document) -> Edits:
    for path, value in document.values:
        if path[-1] in ("timeout", "backoff", "max_backoff"):
            digits = re.sub(r"\D", "", value.value)
            yield [document.span(value).replaced(MARK + digits)]
    for node in document.nodes:
        if get(node.body, "timeout") is None:
            yield [document.before(node.body.value[0][0], f"timeout: {MARK}30")]


def map_key_without_map(_: Seed, document: Document) -> Edits:
    for number, node in enumerate(document.nodes):
        if get(node.body, "for_each") is None:
            more = ("concurrency: 4", "flatten: true", "on_item_error: skip")[number % 3]
            yield [document.before(node.body.value[0][0], MARK + more)]


def comment_in_text(_: Seed, document: Document) -> Edits:
    """In a template without quotes, of at least three words on one line, a number sign before a word."""
    for text in document.templates:
        plain = text.text[0] not in "|>'\"" and "\n" not in text.text and ": " not in text.text
        words = [word for word in text.words(r" (\w)") if not _in_braces(text.text, word.start - text.start)]
        if plain and len(words) >= 2:
            yield [Edit(document.file, words[-1].start, words[-1].start, f"{MARK}#")]


def _in_braces(text: str, at: int) -> bool:
    return text.rfind("{{", 0, at) > text.rfind("}}", 0, at)


# Workflows and functions -------------------------------------------------------------------------------------------


def called(seed: Seed, document: Document, kind: str) -> Iterator[tuple[ScalarNode, MappingNode, dict[str, str]]]:
    """The nodes of a kind that say what they are `with`: what they name, what they give, what is taken and how.

    A parameter or an input that may be left out has a `+` after its type.
    """
    for node in document.nodes:
        named, given = get(node.body, kind), get(node.body, "with")
        if isinstance(named, ScalarNode) and isinstance(given, MappingNode):
            yield named, given, inputs(seed, named.value) if kind == "workflow" else parameters(seed, named.value)


def inputs(seed: Seed, file: str) -> dict[str, str]:
    other = next(document for document in seed.documents if document.file == file)
    return types_of(get(other.root, "input"))


def parameters(seed: Seed, named: str) -> dict[str, str]:
    module, _, name = named.partition(":")
    tree = ast.parse(seed.files[f"{module}.py"])
    function = next(part for part in tree.body if getattr(part, "name", None) == name)
    if isinstance(function, ast.ClassDef):
        function = next(part for part in function.body if getattr(part, "name", None) == "__call__")
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments, defaults = function.args.args, function.args.defaults
    needed = len(arguments) - len(defaults)
    return {a.arg: "any" if place < needed else "any +" for place, a in enumerate(arguments) if a.arg != "self"}


def lacks(seed: Seed, document: Document, kind: str) -> Edits:
    """An argument that has to be given is left out."""
    for _, given, takes in called(seed, document, kind):
        names = [key.value for key, _ in given.value]
        for place, (key, value) in enumerate(given.value):
            if takes.get(key.value, "+").endswith("+"):
                continue
            if len(names) == 1:
                cut = document.span(given).replaced("{}")
            elif place + 1 < len(names):
                next_key = given.value[place + 1][0]
                cut = Edit(document.file, document.span(key).start, document.span(next_key).start, "")
            else:
                before = given.value[place - 1][1]
                cut = Edit(document.file, document.span(before).end, document.span(value).end, "")
            yield [document.span(_key(document, given)).marked(), cut]


def _key(document: Document, held: MappingNode) -> ScalarNode:
    for node in document.nodes:
        if get(node.body, "with") is held:
            key = key_of(node.body, "with")
            assert key is not None
            return key
    raise AssertionError("no node holds it")


def input_not_given(seed: Seed, document: Document) -> Edits:
    yield from lacks(seed, document, "workflow")


def argument_not_given(seed: Seed, document: Document) -> Edits:
    yield from lacks(seed, document, "python")
    # Where `with` does not say it, a parameter more is a field that is not there.
    for node in document.nodes:
        named = get(node.body, "python")
        if isinstance(named, ScalarNode) and get(node.body, "with") is None:
            module, _, name = named.value.partition(":")
            file = posixpath.join(posixpath.dirname(document.file), f"{module}.py")
            function = re.search(rf"def {name}\(", seed.files[file])
            if function and document.text.count(named.value) == 1:
                added = Edit(file, function.end(), function.end(), "nonesuch: int, ")
                yield [document.span(named).marked(), added]


def more(seed: Seed, document: Document, kind: str) -> Edits:
    for _, given, _ in called(seed, document, kind):
        yield [document.before(given.value[-1][0], f"{MARK}nonesuch: 1")]
    for _, given, takes in called(seed, document, kind):
        for key, _ in given.value:
            if takes.get(key.value, "").endswith("+"):
                yield [document.span(key).replaced(MARK + misspelt(key.value))]


def unknown_input(seed: Seed, document: Document) -> Edits:
    yield from more(seed, document, "workflow")


def unknown_argument(seed: Seed, document: Document) -> Edits:
    yield from more(seed, document, "python")


SHAPE: Iterable[Defect] = (
    Defect("a misspelt key of a node", "unknown_key", key_of_a_node),
    # What is misspelt is its kind, so that it has none: the hint names the one that is meant.
    Defect("a misspelt kind of a node", "no_kind", kind_of_a_node),
    Defect("a misspelt key of the file", "unknown_key", key_of_the_file),
    Defect("a key twice", "duplicate_key", key_twice),
    Defect("a node twice", "duplicate_key", node_twice),
    Defect("a write to a field that is not declared", "unknown_field", undeclared_field),
    Defect("a type that is not there", "unknown_type", unknown_type),
    Defect("a model that is not there", "unknown_model", unknown_model),
    Defect("a duration without a unit", "wrong_shape", no_unit),
    Defect("a key of maps in a node that is none", "not_a_map", map_key_without_map),
    Defect("a text that ends at a #", "text_cut_short", comment_in_text),
    Defect("a workflow not given what it needs", "missing_argument", input_not_given),
    Defect("a workflow given what it does not take", "wrong_argument", unknown_input),
    Defect("a function not given what it needs", "python_signature", argument_not_given),
    Defect("a function given what it does not take", "python_signature", unknown_argument),
)
