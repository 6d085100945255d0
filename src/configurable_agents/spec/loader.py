"""A workflow file, read and checked: the one way from YAML to a `WorkflowSpec`, with every finding on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from configurable_agents.errors import Finding, WorkflowError
from configurable_agents.spec.document import DocumentBase
from configurable_agents.spec.edgecheck import check_edges
from configurable_agents.spec.edges import END, START, EdgeReader
from configurable_agents.spec.fields import Declarations
from configurable_agents.spec.graphcheck import check_graph
from configurable_agents.spec.nodecheck import NodeChecker
from configurable_agents.spec.reading import read_document
from configurable_agents.spec.report import Report
from configurable_agents.spec.scope import scope_of
from configurable_agents.spec.shapes import NodeShape, Role
from configurable_agents.spec.source import Source, read_source
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.templates import Expression, parse_expression
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.textfiles import TextFiles
from configurable_agents.spec.texts import Site, sites
from configurable_agents.spec.topology import forks
from configurable_agents.spec.types import ANY, Field, Type
from configurable_agents.spec.workflow import WorkflowSpec
from configurable_agents.spec.yamltree import read_tree

Kinds = Mapping[str, NodeShape[Any]]


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: the findings in the order of the file, and the workflow where there is no error."""

    findings: tuple[Finding, ...]
    workflow: WorkflowSpec | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")


def load(path: str | os.PathLike[str], kinds: Kinds) -> WorkflowSpec:
    """The workflow in the file at `path`, in which nodes of these `kinds` may stand.

    Raises:
        UsageError: there is no such file, or it can't be read.
        WorkflowError: it has mistakes; all of them are in `findings`.
    """
    checked = check(path, kinds)
    if checked.workflow is None:
        raise WorkflowError(checked.findings)
    return checked.workflow


def check(path: str | os.PathLike[str], kinds: Kinds) -> Checked:
    """All findings about the file at `path`.

    Raises:
        UsageError: there is no such file, or it can't be read.
    """
    try:
        source = read_source(path)
    except WorkflowError as error:
        return Checked(error.findings, None)
    return check_source(source, kinds)


def check_source(source: Source, kinds: Kinds) -> Checked:
    """All findings about a source."""
    root, findings = read_tree(source)
    if root is None:
        if not findings:
            hint = "Start one with: configurable-agents init"
            findings = [source.finding("empty_file", "The file holds nothing but comments.", hint, (0, 0))]
        return Checked(_in_order(findings), None)
    report = Report(source, root)
    report.findings.extend(findings)
    workflow = _workflow(report, kinds)
    found = _in_order(report.findings)
    if workflow is None or any(finding.severity == "error" for finding in found):
        return Checked(found, None)
    return Checked(found, workflow)


def _workflow(report: Report, kinds: Kinds) -> WorkflowSpec | None:
    read = read_document(report, kinds)
    if read is None:
        return None
    document, source = read.document, report.source
    declared = Declarations(document, report)
    types, given, state = declared.types(), declared.input(), declared.state()
    files = TextFiles(report)
    named = files.named(document.files)
    cut = {name for section, name in read.cut if section == "nodes" and isinstance(name, str)}
    edges = EdgeReader(report, list(document.nodes), cut, read.meant)
    edges.broken = read.is_cut("edges")
    outgoing = edges.in_order() if document.edges is None else edges.read(document.edges, read.edges)
    edges.broken |= bool(cut) or ("nodes", "") in read.cut
    texts = TextChecker(report, files)
    # Fields whose names were refused: they are not missed where they are read and written.
    refused = {str(name): Field(str(name), ANY) for section, name in read.cut if section in ("input", "state")}
    scope = scope_of({**refused, **given, **state}, named)
    for site in _other_texts(document):
        texts.check(site, scope)
    nodes = NodeChecker(texts, document, scope, {**refused, **state}).nodes(kinds)
    output = _output(texts, document, {**given, **state}, scope)
    check_edges(texts, outgoing, scope)
    _secrets(report, document)
    if not edges.broken:
        check_graph(report, outgoing, nodes, state)
    ordered = {name: outgoing[name] for name in (START, *document.nodes, END) if name in outgoing}
    return WorkflowSpec(
        name=document.name,
        description=document.description,
        source=source.name,
        directory=source.directory.absolute(),
        contents=(source.text, *(f"{name}\0{text}" for name, text in sorted(files.read.items()))),
        document=document,
        types=types,
        input=given,
        state=state,
        output=output,
        models=document.models,
        files=named,
        nodes=nodes,
        edges=ordered,
        forks=tuple(forks(ordered)) if not edges.broken else (),
        texts=texts.parsed,
        max_steps=document.limits.max_steps,
        findings=tuple(report.findings),
    )


def _other_texts(document: DocumentBase) -> Iterator[Site]:
    """The texts that stand neither in nodes nor in edges nor in the output: references to the environment."""
    for name, model in document.models.items():
        yield from sites(model, ("models", name))
    for name, path in document.files.items():
        yield Site(("files", name), Role.ENVIRONMENT, path)


def _output(
    texts: TextChecker, document: DocumentBase, fields: Mapping[str, Field], scope: Mapping[str, Type]
) -> dict[str, Expression]:
    """The output as expressions by name; a list of fields is each field's own name."""
    found: dict[str, Expression] = {}
    declared = document.output
    if isinstance(declared, dict):
        for name, text in declared.items():
            path = ("output", name)
            texts.check(Site(path, Role.EXPRESSION, text), scope)
            parsed = texts.parsed.get(path)
            if isinstance(parsed, Expression):
                found[name] = parsed
        return found
    for index, name in enumerate(fields if declared is None else declared):
        if name in fields:
            found[name] = parse_expression(name)
        elif name not in scope or name in ("run", "files"):
            hint = did_you_mean(name, fields, "Declare it under state.")
            texts.report.add("unknown_field", f"There is no field '{name}'.", hint, ("output", index))
    return found


def _secrets(report: Report, document: DocumentBase) -> None:
    for name, model in document.models.items():
        if model.api_key and "${" not in model.api_key:
            message = f"The key of the model '{name}' stands in the file, for everybody who reads it."
            hint = "Keep it in the environment: api_key: ${MY_KEY}"
            report.add("secret_in_file", message, hint, ("models", name, "api_key"), severity="warning")


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(
            findings,
            key=lambda finding: (finding.location.file, finding.location.line, finding.location.column),
        )
    )
