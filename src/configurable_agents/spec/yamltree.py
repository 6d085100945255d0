"""YAML 1.2 as a tree that knows the line and column of every key and value.

libyaml reads (fast, with marks, but by YAML 1.1's idea of what a plain word means), so scalars are resolved here by
YAML 1.2's core schema: `on`, `no` and `12:30` are text. What YAML offers beyond plain data (anchors,
aliases, merge keys, tags, several documents, keys that are no text) is refused, each with its remedy.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from configurable_agents.errors import Finding
from configurable_agents.spec.quoting import parses, quoted
from configurable_agents.spec.source import Source, lines_of, place_in_text
from configurable_agents.spec.suggest import Suggestion
from configurable_agents.spec.traps import explain

MAX_DEPTH = 40

Place = tuple[int, int]


@dataclass(slots=True)
class YamlScalar:
    """A scalar: its text, how it was written (`""` plain, `'`, `"`, `|`, `>`), and where it starts and ends."""

    text: str
    style: str
    place: Place
    start: int
    end: int
    plain: bool = True

    @property
    def value(self) -> Any:
        """The value by YAML 1.2's core schema; quoted text is always text."""
        return resolve(self.text) if self.plain else self.text


@dataclass(slots=True)
class YamlMap:
    """A mapping: its values by key, each with its key's own scalar. `end`: the index of its `}`, where it has one."""

    place: Place
    pairs: dict[str, tuple[YamlScalar, YamlNode]] = field(default_factory=dict)
    end: int | None = None


@dataclass(slots=True)
class YamlList:
    """A list. `end`: the index of its `]`, where it has one."""

    place: Place
    items: list[YamlNode] = field(default_factory=list)
    end: int | None = None


@dataclass(slots=True)
class YamlBroken:
    """Something refused, about which nothing more is to be said."""

    place: Place


YamlNode = YamlScalar | YamlMap | YamlList | YamlBroken

_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_TRUE = re.compile(r"(?:true|True|TRUE)\Z")
_FALSE = re.compile(r"(?:false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
# What may stand after a whole value: nothing, a comment that can't be text, or the end of an entry in brackets.
_ENDS = re.compile(r"[ \t]*(?:[,\]}\r\n]|\Z)|[ \t]+#(?:\s|\Z)")
_LONGEST = 2000  # characters of a template that stands without quotes

_STARTS = frozenset("nNtTfF~0123456789-+.")


def resolve(text: str) -> Any:
    """A plain scalar's value by YAML 1.2's core schema (yaml.org/spec/1.2.2, section 10.3.2), but for .inf and .nan."""
    if not text:
        return None
    if text[0] not in _STARTS:
        return text
    if _NULL.match(text):
        return None
    if _TRUE.match(text):
        return True
    if _FALSE.match(text):
        return False
    if _INT.match(text) and len(text) < 400:
        return int(text)
    if len(text) < 400 and re.fullmatch(r"0x[0-9a-fA-F]+|0o[0-7]+", text):
        return int(text, 0)
    number = float(text) if _FLOAT.match(text) and len(text) < 400 else math.inf
    return number if math.isfinite(number) else text


def read_tree(source: Source) -> tuple[YamlNode | None, list[Finding]]:
    """The tree of `source` and what is wrong with its YAML; no tree where the syntax itself is broken."""
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
            builder.take(event)
            if builder.too_deep:
                return None, builder.findings
            if builder.stopped:
                break
    except yaml.YAMLError as error:
        last = explain(error, source)
        before = [f for f in builder.findings if (f.code, f.location.line) != (last.code, last.location.line)]
        return None, [*before, last]
    return builder.root, builder.findings


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return (mark.line, mark.column) if mark is not None else (0, 0)


def _index(mark: Any) -> int:
    return int(mark.index) if mark is not None else 0


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.root: YamlNode | None = None
        self.stack: list[YamlMap | YamlList] = []
        self.keys: list[YamlScalar | None] = []  # for each open mapping, the key that waits for its value
        self.skipping = 0
        self.stopped = False
        self.too_deep = False
        self.aliased = False

    def say(self, code: str, message: str, hint: str, place: Place, width: int = 1) -> None:
        self.findings.append(self.source.finding(code, message, hint, place, width))

    def take(self, event: yaml.Event) -> None:
        if self.skipping:
            self.skip(event)
            self.too_deep = self.skipping > MAX_DEPTH
        elif isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.collection(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            node = self.stack.pop()
            if node.end is not None:
                node.end = _index(event.end_mark) - 1
            self.keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            place = _place(event)
            self.alias("*", event.anchor or "", place)
            self.put(YamlBroken(place))
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            place = _place(event)
            self.say(
                "second_document",
                "A second document starts here; a file holds one workflow.",
                "Remove the '---', or make two files.",
                place,
                3,
            )
            self.stopped = True

    def skip(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.CollectionStartEvent):
            self.skipping += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            self.skipping -= 1

    def scalar(self, event: yaml.ScalarEvent) -> None:
        place = _place(event)
        self.decorations(event, place)
        plain = event.style in ("", None) and event.tag is None
        self.put(
            YamlScalar(event.value, event.style or "", place, _index(event.start_mark), _index(event.end_mark), plain)
        )

    def alias(self, sign: str, name: str, place: Place) -> None:
        # Once a file: where there is one anchor there are its aliases, and a bomb has thousands.
        if not self.aliased:
            hint = f"Share values by types, files or models, or repeat them; to begin a text with {sign}, quote it."
            self.say(
                "yaml_alias",
                f"YAML's anchors and aliases ({sign}{name}) are not used here.",
                hint,
                place,
                len(name) + 1,
            )
        self.aliased = True

    def decorations(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> None:
        if event.anchor:
            self.alias("&", event.anchor, place)
        if event.tag and event.tag != "!":
            hint = "Remove it; a text that starts with ! must be quoted."
            self.say(
                "yaml_tag",
                f"'{event.tag}' is read as a YAML tag, which is not used here.",
                hint,
                place,
                len(event.tag),
            )

    def collection(self, event: yaml.CollectionStartEvent) -> None:
        index, place = _index(event.start_mark), _place(event)
        if self.source.text.startswith("{{", index) and isinstance(event, yaml.MappingStartEvent):
            self.unquoted_template(index, place)
            return
        self.decorations(event, place)
        if len(self.stack) >= MAX_DEPTH:
            self.say(
                "too_deep",
                f"This is nested more than {MAX_DEPTH} levels deep.",
                "Name the inner parts under types or files.",
                place,
            )
            self.too_deep = True  # libyaml takes minutes for what is nested a hundred thousand times
            return
        end = index if event.flow_style else None  # until the bracket that closes it is there
        is_map = isinstance(event, yaml.MappingStartEvent)
        node = YamlMap(place, end=end) if is_map else YamlList(place, end=end)
        if not self.put(node):
            self.skipping = 1
            return
        self.stack.append(node)
        self.keys.append(None)

    def unquoted_template(self, index: int, place: Place) -> None:
        end = self.source.text.find("}}", index, index + _LONGEST) + 2
        written = self.source.text[index:end] if end > 1 else "{{ … }}"
        text = " ".join(written.split())
        hint = f"Quote it: {quoted(text)}"
        if text == written and _ENDS.match(self.source.text, end) and parses(text):
            hint = Suggestion(hint, text, quoted(text))
        message = "YAML reads a value that starts with {{ as a mapping."
        self.say("unquoted_template", message, hint, place, len(written))
        self.put(YamlScalar(text, '"', place, index, index + len(written), plain=False))
        self.skipping = 1

    def put(self, node: YamlNode) -> bool:
        """Put `node` where it belongs; False where there is no place for it and it is to be passed over."""
        if not self.stack:
            self.root = node
            return True
        parent = self.stack[-1]
        if isinstance(parent, YamlList):
            parent.items.append(node)
            return True
        key = self.keys[-1]
        if key is None:
            return self.key(node)
        self.keys[-1] = None
        if key.text in parent.pairs:
            first = parent.pairs[key.text][0].place[0] + 1
            message = f"'{key.text}' stands here twice; the first is on line {first}."
            self.say("duplicate_key", message, "Remove or rename one of them.", key.place, len(key.text))
            return isinstance(node, YamlScalar | YamlBroken)
        if key.text == "<<" and key.plain:
            self.say(
                "yaml_merge_key",
                "YAML's merge key << is not used here.",
                "Write the keys out; share values by types, files or models.",
                key.place,
                2,
            )
            return isinstance(node, YamlScalar | YamlBroken)
        if key.text:
            parent.pairs[key.text] = (key, node)
        return True

    def key(self, node: YamlNode) -> bool:
        if not isinstance(node, YamlScalar):
            hint = "Quote it if it is meant as text."
            if not isinstance(node, YamlBroken):
                self.say("complex_key", "A key must be text, not a list or a mapping.", hint, node.place)
            self.keys[-1] = YamlScalar("", '"', node.place, 0, 0, plain=False)
            return isinstance(node, YamlBroken)
        if node.value is None or not node.text:
            self.say(
                "null_key",
                f"The key '{node.text}' is YAML's null." if node.text else "A key is missing before the ':'.",
                "Write a name, quoted if it must be this word.",
                node.place,
                node.end - node.start,
            )
            node = YamlScalar("", '"', node.place, 0, 0, plain=False)
        self.keys[-1] = node
        return True


def path_text(path: tuple[str | int, ...]) -> str:
    """A path as text: `nodes.ask.prompt`, `edges[2].route[0].when`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def to_data(node: YamlNode) -> Any:
    """The tree as plain Python data; what was refused becomes None."""
    match node:
        case YamlScalar():
            return node.value
        case YamlMap(pairs=pairs):
            return {key: to_data(value) for key, (_, value) in pairs.items()}
        case YamlList(items=items):
            return [to_data(item) for item in items]
        case YamlBroken():
            return None


def is_broken(node: YamlNode) -> bool:
    """Whether `node` holds anything that was refused."""
    match node:
        case YamlBroken():
            return True
        case YamlMap(pairs=pairs):
            return any(is_broken(value) for _, value in pairs.values())
        case YamlList(items=items):
            return any(is_broken(item) for item in items)
        case _:
            return False


def place_in(scalar: YamlScalar, offset: int, source: Source) -> tuple[Place, bool]:
    """Where character `offset` of a scalar's text stands in the file, and whether that is exact.

    Exact in block literals and in single-line scalars without escapes; elsewhere it is the scalar's start.
    """
    line, column = scalar.place
    if scalar.style == "|":
        return _place_in_literal(scalar, offset, source)
    quote = 1 if scalar.style in ("'", '"') else 0
    if source.text[scalar.start + quote : scalar.end - quote] == scalar.text and len(lines_of(scalar.text)) == 1:
        return (line, column + quote + offset), True
    return scalar.place, False


def _place_in_literal(scalar: YamlScalar, offset: int, source: Source) -> tuple[Place, bool]:
    lines = lines_of(scalar.text)
    first = scalar.place[0] + 1
    for number, text in enumerate(lines):
        written = source.lines[first + number] if first + number < len(source.lines) else ""
        if text and written.endswith(text):
            indent = len(written) - len(text)
            break
    else:
        return scalar.place, False
    line, column = place_in_text(scalar.text, offset)
    return (first + line, indent + column), True
