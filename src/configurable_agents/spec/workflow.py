"""A workflow that was read and checked: what the compiler, the runs and the commands work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configurable_agents.errors import Finding
from configurable_agents.spec.document import DocumentBase, ModelShape
from configurable_agents.spec.edges import Outgoing
from configurable_agents.spec.shapes import DataPath, NodeConfig, NodeShape
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.topology import Fork
from configurable_agents.spec.types import Field, Type


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A node: `rank` is its place in the file, from 0; `line` its line, from 1.

    `texts` are its parsed templates and expressions by their place in the file's data; `written` the fields it writes.
    """

    name: str
    rank: int
    line: int
    kind: NodeShape[Any]
    config: NodeConfig
    texts: Mapping[DataPath, Template | Expression]
    written: tuple[str, ...]
    returns: Type


@dataclass(frozen=True, slots=True)
class WorkflowSpec:
    """A whole workflow. `contents` are the text of its file and those of the text files that it reads."""

    name: str
    description: str
    source: str
    directory: Path
    contents: tuple[str, ...]
    document: DocumentBase
    types: Mapping[str, Type]
    input: Mapping[str, Field]
    state: Mapping[str, Field]
    output: Mapping[str, Expression]
    models: Mapping[str, ModelShape]
    files: Mapping[str, str]
    nodes: Mapping[str, NodeSpec]
    edges: Mapping[str, Outgoing]
    forks: tuple[Fork, ...]
    texts: Mapping[DataPath, Template | Expression]
    max_steps: int
    findings: tuple[Finding, ...]

    @property
    def hash(self) -> str:
        """What identifies the content: SHA-256, in hexadecimal digits."""
        import hashlib  # loads OpenSSL, which a check of a file has no use for

        return hashlib.sha256("\0".join(self.contents).encode()).hexdigest()
