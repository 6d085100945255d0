"""Workflow files as text whose parts are known by their place, so that a change leaves comments and layout alone.

The places come from PyYAML, not from the loader that is tested.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

# Stands in a changed text before the word that the finding has to point at.
MARK = "«"

# The keys whose values are templates, and those whose values are bare expressions.
TEMPLATES = ("prompt", "system", "content", "fail")
EXPRESSIONS = ("when", "switch")
KINDS = ("human", "prompt", "messages", "set", "python", "workflow", "nodes")


@dataclass(frozen=True)
class Edit:
    """What stands between two offsets of a file is replaced."""

    file: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Span:
    """A part of a file, by its offsets."""

    file: str
    start: int
    end: int
    text: str

    def replaced(self, by: str) -> Edit:
        return Edit(self.file, self.start, self.end, by)

    def marked(self) -> Edit:
        return Edit(self.file, self.start, self.start, MARK)

    def words(self, pattern: str) -> Iterator[Span]:
        """What a pattern finds in it: its first group."""
        for match in re.finditer(pattern, self.text):
            yield Span(self.file, self.start + match.start(1), self.start + match.end(1), match[1])


@dataclass(frozen=True)
class NodeAt:
    """A node of a workflow: its key, what it holds, and whether it stands in a group."""

    name: str
    key: ScalarNode
    body: MappingNode
    depth: int


@dataclass(frozen=True)
class Document:
    """One YAML file of a workflow."""

    file: str
    text: str

    @cached_property
    def root(self) -> MappingNode:
        root = yaml.compose(self.text, yaml.CSafeLoader)
        assert isinstance(root, MappingNode)
        return root

    def span(self, node: Node) -> Span:
        """A value of the file; of a text in quotes, with them."""
        start, end = node.start_mark.index, node.end_mark.index
        return Span(self.file, start, end, self.text[start:end])

    def section(self, name: str) -> MappingNode | SequenceNode | None:
        found = get(self.root, name)
        return found if isinstance(found, MappingNode | SequenceNode) else None

    @cached_property
    def nodes(self) -> list[NodeAt]:
        return list(nodes_in(self.root, 0))

    @cached_property
    def input(self) -> dict[str, str]:
        return types_of(get(self.root, "input"))

    @cached_property
    def state(self) -> dict[str, str]:
        return types_of(get(self.root, "state"))

    @property
    def fields(self) -> dict[str, str]:
        """Every field that is declared anywhere, with its type."""
        groups = [types_of(get(node.body, "state")) for node in self.nodes]
        return {**self.input, **self.state, **{name: of for group in groups for name, of in group.items()}}

    @cached_property
    def values(self) -> list[tuple[tuple[str, ...], ScalarNode]]:
        """Every scalar that is a value, with the keys that lead to it; of a list, the place is left out."""
        return list(scalars(self.root, ()))

    @property
    def templates(self) -> Iterator[Span]:
        for path, node in self.values:
            deep = {"set", "with"} & set(path[path.index("nodes") :] if "nodes" in path else ())
            if (path[-1] in TEMPLATES and ({"nodes", "edges"} & set(path))) or deep:
                yield self.span(node)

    @property
    def expressions(self) -> Iterator[Span]:
        for path, node in self.values:
            if path[-1] in EXPRESSIONS or path[-2:-1] in (("writes",), ("output",)):
                yield self.span(node)
            elif path[-1] == "for_each":
                yield from self.span(node).words(r"(?s) in (.+)")

    @property
    def conditions(self) -> Iterator[Span]:
        """What has to be a bool: the values of `when`."""
        yield from (self.span(node) for path, node in self.values if path[-1] == "when")

    @property
    def edges(self) -> SequenceNode | None:
        found = get(self.root, "edges")
        return found if isinstance(found, SequenceNode) else None

    # What is added --------------------------------------------------------------------------------------------------

    def before(self, node: Node, text: str) -> Edit:
        """A key with its value, or an item of a list, before another one, in flow or on a line of its own."""
        at = node.start_mark
        line = self.text[: at.index].rpartition("\n")[2]
        holder = self.holders[id(node)]
        if holder.flow_style:
            more = ", "
        else:
            item = isinstance(holder, SequenceNode)
            more = f"\n{' ' * (len(line) - 2)}- " if item else f"\n{' ' * len(line)}"
        return Edit(self.file, at.index, at.index, text + more)

    @cached_property
    def holders(self) -> dict[int, MappingNode | SequenceNode]:
        """The mapping or list that each key and item stands in."""
        return {id(inner): held for held in collections(self.root) for inner in inner_of(held)}


@dataclass(frozen=True)
class Seed:
    """A right workflow, with all files of its folder by their names; it is begun at `workflow.yaml`."""

    name: str
    files: Mapping[str, str]
    documents: tuple[Document, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = [Document(file, text) for file, text in self.files.items() if file.endswith(".yaml")]
        object.__setattr__(self, "documents", tuple(found))

    def templates(self, document: Document) -> Iterator[Span]:
        """The templates of a file, and of the files of prompts that it names."""
        for path, node in document.values:
            if path[-1] == "file" and "nodes" in path:
                file = posixpath.join(posixpath.dirname(document.file), node.value)
                yield Span(file, 0, len(self.files[file]), self.files[file])
        yield from document.templates

    def computed(self, document: Document) -> Iterator[Span]:
        """Everything in which something is computed: bare expressions, and the parts of templates in braces."""
        yield from document.expressions
        for template in self.templates(document):
            yield from template.words(r"((?<=\{\{).*?(?=\}\})|(?<=\{%).*?(?=%\}))")


def get(node: Node | None, *keys: str) -> Node | None:
    """What a mapping holds under keys."""
    for key in keys:
        if not isinstance(node, MappingNode):
            return None
        node = next((value for name, value in node.value if name.value == key), None)
    return node


def key_of(node: MappingNode, name: str) -> ScalarNode | None:
    """A key itself."""
    return next((key for key, _ in node.value if key.value == name), None)


def nodes_in(graph: MappingNode, depth: int) -> Iterator[NodeAt]:
    held = get(graph, "nodes")
    if isinstance(held, MappingNode):
        for key, body in held.value:
            yield NodeAt(key.value, key, body, depth)
            yield from nodes_in(body, depth + 1)


def types_of(fields: Node | None) -> dict[str, str]:
    """The types of fields: a `default` or `merge` is shown after them."""
    found = {}
    for key, value in fields.value if isinstance(fields, MappingNode) else ():
        if isinstance(value, ScalarNode):
            found[key.value] = value.value
        else:
            parts = [get(value, "type"), *(name for name in value.value if name[0].value in ("default", "merge"))]
            found[key.value] = f"{getattr(parts[0], 'value', '')}{' +' * (len(parts) > 1)}"
    return found


def scalars(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ScalarNode]]:
    if isinstance(node, ScalarNode):
        yield path, node
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from scalars(item, path)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from scalars(value, (*path, key.value))


def collections(node: Node) -> Iterator[MappingNode | SequenceNode]:
    if isinstance(node, MappingNode | SequenceNode):
        yield node
        for inner in node.value:
            yield from collections(inner[1] if isinstance(node, MappingNode) else inner)


def inner_of(node: MappingNode | SequenceNode) -> list[Node]:
    return [key for key, _ in node.value] if isinstance(node, MappingNode) else node.value


def misspelt(word: str) -> str:
    """A word with two letters in the wrong order, or one too many: what fingers do."""
    for place in range(len(word) - 2, 0, -1):
        if word[place] != word[place + 1]:
            return f"{word[:place]}{word[place + 1]}{word[place]}{word[place + 2 :]}"
    return f"{word}{word[-1]}x"
