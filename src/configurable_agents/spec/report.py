"""Findings gathered against the tree of a file: a path in its data becomes file:line:column."""

from __future__ import annotations

import re

from configurable_agents.errors import Finding, Fix, Location, Severity
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.source import Source, lines_of, place_in_text
from configurable_agents.spec.suggest import Suggestion
from configurable_agents.spec.yamltree import (
    Place,
    YamlList,
    YamlMap,
    YamlNode,
    YamlScalar,
    is_broken,
    path_text,
    place_in,
)


class Report:
    """Collects findings; about what is already refused as YAML it says nothing more."""

    def __init__(self, source: Source, root: YamlNode) -> None:
        self.source = source
        self.root = root
        self.findings: list[Finding] = []
        self._said: set[Finding] = set()
        self._prefix: DataPath = ()

    def within(self, path: DataPath) -> Report:
        """A report whose paths begin at `path`; its findings are among this one's."""
        inner = Report(self.source, self.node(path)[1])
        inner.findings, inner._said = self.findings, self._said
        inner._prefix = (*self._prefix, *self.existing(path))
        return inner

    def node(self, path: DataPath) -> tuple[YamlScalar | None, YamlNode]:
        """The key (where there is one) and the value at `path`; of the deepest part of it that is there.

        Parts that name nothing in the file are passed over: Pydantic puts the tags of its unions between.
        """
        key, node = None, self.root
        for part in path:
            found = _step(node, part)
            if found is not None:
                key, node = found
        return key, node

    def existing(self, path: DataPath) -> DataPath:
        """The parts of a path that are there."""
        node, parts = self.root, []
        for part in path:
            found = _step(node, part)
            if found is not None:
                node = found[1]
                parts.append(part)
        return tuple(parts)

    def add(
        self,
        code: str,
        message: str,
        hint: str,
        path: DataPath,
        *,
        on_key: bool = False,
        offset: int | None = None,
        width: int | None = None,
        severity: Severity = "error",
    ) -> None:
        """Add a finding at the key or the value at `path`, or at `offset` in that value's text."""
        key, node = self.node(path)
        if is_broken(node):
            return
        if not self.source.is_file:
            where, text = self._in_data(path, node, offset, width)
            self.put(Finding(code, message, where, hint, severity, text))
            return
        found = key if on_key and key is not None else node
        place, length = self._place(found, offset)
        if isinstance(hint, Suggestion) and not self._is_safe(hint, path, found, offset):
            hint = str(hint)
        self.put(self.source.finding(code, message, hint, place, length if width is None else width, severity))

    def put(self, finding: Finding) -> None:
        if finding not in self._said:
            self._said.add(finding)
            self.findings.append(finding)

    def offset_of(self, path: DataPath, word: str) -> int | None:
        """Where a word stands in the text at `path`."""
        _, node = self.node(path)
        found = re.search(rf"\b{re.escape(word)}\b", node.text) if isinstance(node, YamlScalar) else None
        return found.start() if found else None

    def location(self, path: DataPath) -> Location:
        """Where the value at `path` stands."""
        _, node = self.node(path)
        if not self.source.is_file:
            return self._in_data(path, node, None, None)[0]
        place, length = self._place(node, None)
        return self.source.location(place, length)

    def append(self, path: DataPath, text: str) -> Fix | None:
        """The edit that adds an entry to the mapping or the list at `path`; None where its end can't be told."""
        _, node = self.node(path)
        if not self.source.is_file or not isinstance(node, YamlMap | YamlList):
            return None
        if node.end is not None:  # in brackets: right after the last entry, for a comment may follow
            last_entry = _entries(node)[-1:]
            if not last_entry or (end := _end(last_entry[0])) is None:
                return None
            line, column = self.source.place(end)
            return Fix(line + 1, column + 1, 0, f", {text}")
        last = _last_line(node, self.source)
        if last is None:
            return None
        lead = "- " if isinstance(node, YamlList) else ""
        return Fix(last + 1, len(self.source.lines[last]) + 1, 0, f"\n{' ' * node.place[1]}{lead}{text}")

    def in_brackets(self, path: DataPath) -> bool:
        """Whether the value at `path` stands between brackets or braces, which end a text that has no quotes."""
        above = (self.node(path[:depth])[1] for depth in range(len(path)))
        return any(isinstance(node, YamlMap | YamlList) and node.end is not None for node in above)

    def where(self, path: DataPath) -> str:
        """A place as a sentence names it: `on line 12`."""
        if not self.source.is_file:
            return f"at {path_text((*self._prefix, *self.existing(path)))}"
        return f"on line {self.node(path)[1].place[0] + 1}"

    def _in_data(self, path: DataPath, node: YamlNode, offset: int | None, width: int | None) -> tuple[Location, str]:
        """The location in data that Python made, and the line of text that is meant."""
        shown = path_text((*self._prefix, *self.existing(path))) or "."
        if not isinstance(node, YamlScalar):
            return Location(self.source.name, 1, 1, 1, shown), ""
        line, column = place_in_text(node.text, offset or 0)
        text = lines_of(node.text)[line]
        length = max(min(width or len(text), len(text) - column), 1)
        return Location(self.source.name, line + 1, column + 1, length, shown), text

    def _place(self, node: YamlNode, offset: int | None) -> tuple[Place, int]:
        if not isinstance(node, YamlScalar):
            return node.place, 1
        if offset is not None:
            place, exact = place_in(node, offset, self.source)
            return place, 1 if exact else self._length(node)
        return node.place, self._length(node)

    def _is_safe(self, hint: Suggestion, path: DataPath, found: YamlNode, offset: int | None) -> bool:
        """Whether it is known where the word stands, and what is suggested does not stand beside it already."""
        if offset is not None and isinstance(found, YamlScalar) and not place_in(found, offset, self.source)[1]:
            return False
        beside = self.node(path[:-1])[1]
        if isinstance(beside, YamlList):
            return not any(isinstance(item, YamlScalar) and item.text == hint.instead for item in beside.items)
        return not (isinstance(beside, YamlMap) and isinstance(found, YamlScalar) and hint.instead in beside.pairs)

    def _length(self, scalar: YamlScalar) -> int:
        text = self.source.text[scalar.start : scalar.end]
        return max(len(text.split("\n", 1)[0].rstrip()), 1)


def _last_line(node: YamlNode, source: Source) -> int | None:
    """The line on which a value ends; None where it is a text of several lines."""
    if isinstance(node, YamlScalar):
        return node.place[0] if source.place(node.end)[0] == node.place[0] else None
    if isinstance(node, YamlMap | YamlList) and node.end is not None:
        return source.place(node.end)[0]
    entries = _entries(node)
    return _last_line(entries[-1], source) if entries else None


def _entries(node: YamlNode) -> list[YamlNode]:
    """The values of a mapping, the items of a list."""
    if isinstance(node, YamlMap):
        return [value for _, value in node.pairs.values()]
    return node.items if isinstance(node, YamlList) else []


def _end(node: YamlNode) -> int | None:
    """Where a value in brackets ends: the index after it."""
    if isinstance(node, YamlMap | YamlList):
        return node.end + 1 if node.end is not None else None
    return node.end if isinstance(node, YamlScalar) else None


def _step(node: YamlNode, part: str | int) -> tuple[YamlScalar | None, YamlNode] | None:
    """The key and the value that a part of a path leads to."""
    if isinstance(node, YamlMap) and isinstance(part, str) and part in node.pairs:
        return node.pairs[part]
    if isinstance(node, YamlList) and isinstance(part, int) and part < len(node.items):
        return None, node.items[part]
    return None
