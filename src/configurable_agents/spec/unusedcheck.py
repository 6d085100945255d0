"""Advice about what a file declares and nothing uses: types, models, text files, inputs, fields of the state."""

from __future__ import annotations

from collections.abc import Iterator

from configurable_agents.errors import Location
from configurable_agents.spec.document import DocumentBase
from configurable_agents.spec.fields import Declarations
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.workflow import GraphSpec, NodeSpec, WorkflowSpec


def nodes_within(graph: GraphSpec) -> Iterator[NodeSpec]:
    """The nodes of a graph and of the groups in it, but not those of other files."""
    for node in graph.nodes.values():
        yield node
        if node.inner is not None and not isinstance(node.inner, WorkflowSpec):
            yield from nodes_within(node.inner)


def check_unused(texts: TextChecker, document: DocumentBase, graph: GraphSpec, declared: Declarations) -> None:
    """Advise to remove what nothing uses; of a file without other mistakes, which may be why something is not used."""
    report = texts.report
    for name in set(document.types) - declared.used:
        _say(report, ("types", name), f"Nothing is of the type '{name}'.")
    for name in set(document.models) - _models(document, graph):
        _say(report, ("models", name), f"No node asks the model '{name}'.")
    read = {reading.name for readings in texts.reads.values() for reading in readings}
    if document.files and "files" not in read:
        _say(report, ("files",), "No text reads files.")
    if document.output is None:
        return  # all fields are the output
    for name in set(graph.input) - read:
        _say(report, ("input", name), f"Nothing reads the input '{name}'.")
    for name in set(graph.state) - read:
        _say(report, ("state", name), f"Nothing reads '{name}', and it is not in the output.")


def _say(report: Report, path: DataPath, message: str) -> None:
    report.add("unused", message, "Remove it, or use it.", path, on_key=True, severity="advice")


def _models(document: DocumentBase, graph: GraphSpec) -> set[str]:
    """The aliases that are asked; a node that names none asks the first."""
    used = {name for name in (document.defaults.llm.model,) if name is not None}
    first = next(iter(document.models), None)
    for node in nodes_within(graph):
        if "model" in type(node.config).model_fields:
            used.add(getattr(node.config, "model", None) or document.defaults.llm.model or str(first))
    return used


def asked_models(report: Report, document: DocumentBase, graph: GraphSpec) -> dict[str, Location]:
    """The models that nodes ask, by their full names, each with the place that names it first."""
    used = _models(document, graph)
    found: dict[str, Location] = {}
    for alias, model in document.models.items():
        if alias in used:
            found.setdefault(model.model, report.location(("models", alias, "model")))
    for node in nodes_within(graph):
        name = getattr(node.config, "model", None)
        if name is not None and name not in document.models:
            found.setdefault(name, Location(report.source.name, node.line, 1))
    return found
