"""A workflow that was read and checked: what the compiler, the runs and the commands work with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configurable_agents.errors import Finding, Location
from configurable_agents.spec.document import DocumentBase, LimitsShape, ModelShape
from configurable_agents.spec.edges import Outgoing
from configurable_agents.spec.nodeshapes import NodeConfig, NodeShape
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.topology import Fork
from configurable_agents.spec.types import Field, ObjectOf, Type


@dataclass(frozen=True, slots=True)
class Loop:
    """`name in over` of a `for_each`."""

    name: str
    over: Expression


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A node: `rank` is its place in the file, from 0; `line` its line, from 1.

    `texts` are its parsed templates and expressions by their place in the graph's data. `gives` are the fields that its
    result is written to, as one item gives them where it is a map; `written` all that it may write, and at which of its
    keys it says so. `inner` is the graph that it holds.
    """

    name: str
    rank: int
    line: int
    kind: NodeShape[Any]
    config: NodeConfig
    texts: Mapping[DataPath, Template | Expression]
    loops: tuple[Loop, ...]
    gives: Mapping[str, Field]
    written: Mapping[str, DataPath]
    returns: Type
    inner: GraphSpec | None


@dataclass(frozen=True, slots=True)
class GraphSpec:
    """Nodes and edges with a state of their own: a workflow, or a group in a node.

    `input` are a workflow's input, and what `with` gives to a group; `output_types` the types of its output, by name.
    `whole_output`: it has no `output`, and gives every field that is set.
    """

    input: Mapping[str, Field]
    state: Mapping[str, Field]
    output: Mapping[str, Expression]
    output_types: Mapping[str, Type]
    whole_output: bool
    nodes: Mapping[str, NodeSpec]
    edges: Mapping[str, Outgoing]
    forks: tuple[Fork, ...]
    texts: Mapping[DataPath, Template | Expression]
    directory: Path

    @property
    def returns(self) -> Type:
        """The type of what a node that holds this graph gives: its one output itself, or an object of all."""
        if len(self.output_types) == 1:
            return next(iter(self.output_types.values()))
        return ObjectOf("output", tuple(Field(name, of) for name, of in self.output_types.items()))


@dataclass(frozen=True, slots=True)
class WorkflowSpec(GraphSpec):
    """A whole workflow. `contents` are the text of its file and of all that it reads, other workflows included.

    `files_read` are the texts of the files themselves by where they lie; that of what Python made (`is_file` is false)
    is the first of `contents`.
    `asked` are the models that its own nodes ask, by their full names, with the places that name them.
    """

    name: str
    description: str
    source: str
    contents: tuple[str, ...]
    files_read: Mapping[Path, str]
    is_file: bool
    document: DocumentBase
    types: Mapping[str, Type]
    models: Mapping[str, ModelShape]
    files: Mapping[str, str]
    limits: LimitsShape
    findings: tuple[Finding, ...]
    asked: Mapping[str, Location]

    @property
    def hash(self) -> str:
        """What identifies the content: SHA-256, in hexadecimal digits."""
        import hashlib  # loads OpenSSL, which a check of a file has no use for

        return hashlib.sha256("\0".join(self.contents).encode()).hexdigest()

    def find(self, path: str) -> tuple[NodeSpec, str] | None:
        """The node that a path of an event names (`review[3]/score`), and the file that it stands in."""
        graph: GraphSpec | None = self
        source, found = self.source, None
        for part in path.split("/"):
            if isinstance(graph, WorkflowSpec):
                source = graph.source
            found = graph.nodes.get(re.split(r"[#\[~]", part)[0]) if graph is not None else None
            if found is None:
                return None
            graph = found.inner
        return (found, source) if found is not None else None
