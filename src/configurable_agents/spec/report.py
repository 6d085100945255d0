"""Findings gathered against the tree of a file: a path in its data becomes file:line:column."""

from __future__ import annotations

from configurable_agents.errors import Finding, Severity
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.source import Source
from configurable_agents.spec.yamltree import (
    Place,
    YamlList,
    YamlMap,
    YamlNode,
    YamlScalar,
    is_broken,
    place_in,
)


class Report:
    """Collects findings; about what is already refused as YAML it says nothing more."""

    def __init__(self, source: Source, root: YamlNode) -> None:
        self.source = source
        self.root = root
        self.findings: list[Finding] = []
        self._said: set[Finding] = set()

    def node(self, path: DataPath) -> tuple[YamlScalar | None, YamlNode]:
        """The key (where there is one) and the value at `path`; of the deepest part of it that is there.

        Parts that name nothing in the file are passed over: Pydantic puts the tags of its unions between.
        """
        key, node = None, self.root
        for part in path:
            if isinstance(node, YamlMap) and isinstance(part, str) and part in node.pairs:
                key, node = node.pairs[part]
            elif isinstance(node, YamlList) and isinstance(part, int) and part < len(node.items):
                key, node = None, node.items[part]
        return key, node

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
        place, length = self._place(key if on_key and key is not None else node, offset)
        self.put(self.source.finding(code, message, hint, place, length if width is None else width, severity))

    def put(self, finding: Finding) -> None:
        if finding not in self._said:
            self._said.add(finding)
            self.findings.append(finding)

    def _place(self, node: YamlNode, offset: int | None) -> tuple[Place, int]:
        if not isinstance(node, YamlScalar):
            return node.place, 1
        if offset is not None:
            place, exact = place_in(node, offset, self.source)
            return place, 1 if exact else self._length(node)
        return node.place, self._length(node)

    def _length(self, scalar: YamlScalar) -> int:
        text = self.source.text[scalar.start : scalar.end]
        return max(len(text.split("\n", 1)[0].rstrip()), 1)
