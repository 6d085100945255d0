"""A workflow file, read and checked: the one way from YAML to a `WorkflowSpec`, with every finding on the way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from configurable_agents.errors import Finding, UsageError, WorkflowError
from configurable_agents.spec.datatree import data_source, data_tree
from configurable_agents.spec.document import DocumentBase
from configurable_agents.spec.environment import broken_reference, resolve_environment
from configurable_agents.spec.fields import Declarations
from configurable_agents.spec.fixes import without_vain_fixes
from configurable_agents.spec.graphs import GraphReader, Kinds
from configurable_agents.spec.nodecheck import Names
from configurable_agents.spec.reading import read_document
from configurable_agents.spec.report import Report
from configurable_agents.spec.scope import surrounding_scope
from configurable_agents.spec.shapes import DataPath, Role
from configurable_agents.spec.source import Source, read_source
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.textfiles import TextFiles
from configurable_agents.spec.texts import Site, sites
from configurable_agents.spec.unusedcheck import asked_models, check_unused
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec
from configurable_agents.spec.yamltree import read_tree

# Far more than `max_depth` allows in a run, and few enough to be read one inside of the other.
_MAX_OPEN = 50

Where = str | os.PathLike[str] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: the findings in the order of the file, and the workflow where there is no error."""

    findings: tuple[Finding, ...]
    workflow: WorkflowSpec | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")


def load(where: Where, kinds: Kinds, directory: str | os.PathLike[str] = ".") -> WorkflowSpec:
    """The workflow in a file, or in data of the same form, in which nodes of these `kinds` may stand.

    Paths in data are relative to `directory`.

    Raises:
        UsageError: there is no such file, or it can't be read.
        WorkflowError: it has mistakes; all of them are in `findings`.
    """
    checked = check(where, kinds, directory)
    if checked.workflow is None:
        raise WorkflowError(checked.findings)
    return checked.workflow


def check(where: Where, kinds: Kinds, directory: str | os.PathLike[str] = ".") -> Checked:
    """All findings about a file, or about data of the same form.

    Raises:
        UsageError: there is no such file, or it can't be read.
    """
    if isinstance(where, Mapping):
        return check_data(where, kinds, Path(directory))
    try:
        source = read_source(where)
    except WorkflowError as error:
        return Checked(error.findings, None)
    return check_source(source, kinds)


def load_kept(files: Mapping[str, str], main: str | None, kinds: Kinds, directory: Path) -> WorkflowSpec:
    """The workflow as its files were once: their texts by path relative to `directory`, and which is its own.

    Without `main` Python made it, and its own text is the data in JSON, by the path "".

    Raises:
        WorkflowError: it can't be read any more: what it needs beside its files has changed.
    """
    kept = {(directory / path).resolve(): text for path, text in files.items()}
    if main is None:
        checked = check_data(json.loads(files[""]), kinds, directory, kept)
    else:
        shown = os.path.relpath(directory / main) if (directory / main).is_relative_to(Path.cwd()) else directory / main
        checked = check_source(read_source(shown, kept), kinds)
    if checked.workflow is None:
        raise WorkflowError(checked.findings)
    return checked.workflow


def check_source(source: Source, kinds: Kinds) -> Checked:
    """All findings about a source."""
    return _Loading(kinds).source(source)


def check_data(
    data: Mapping[str, Any], kinds: Kinds, directory: Path, kept: Mapping[Path, str] | None = None
) -> Checked:
    """All findings about a workflow that Python made; each is located by the path of its keys."""
    root, findings = data_tree(data)
    if findings:
        return Checked(tuple(findings), None)
    source = replace(data_source(data, directory.resolve()), kept=kept)
    return _Loading(kinds).checked(Report(source, root))


class _Loading:
    """Reads a workflow and those that its nodes run, each file once."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.open: list[Path] = []  # the files that are being read, outermost first
        self.read: dict[Path, WorkflowSpec | None] = {}

    def source(self, source: Source) -> Checked:
        root, findings = read_tree(source)
        findings = without_vain_fixes(source, findings)
        if root is None:
            if not findings:
                hint = "Start one with: configurable-agents init"
                findings = [source.finding("empty_file", "The file holds nothing but comments.", hint, (0, 0))]
            return Checked(_in_order(findings), None)
        report = Report(source, root)
        report.findings.extend(findings)
        self.open.append(source.path)
        checked = self.checked(report)
        self.open.pop()
        return checked

    def checked(self, report: Report) -> Checked:
        workflow = self.workflow(report)
        found = _in_order(report.findings)
        if workflow is None or any(finding.severity == "error" for finding in found):
            return Checked(found, None)
        return Checked(found, workflow)

    def workflow(self, report: Report) -> WorkflowSpec | None:
        read = read_document(report, self.kinds)
        if read is None:
            return None
        document, source = read.document, report.source
        declared = Declarations(document, report, lost="types" in read.lost)
        types, given = declared.types(), declared.input()
        files = TextFiles(report)
        named = files.named(document.files)
        _file_names(report, document)
        texts = TextChecker(report, files)
        scope = surrounding_scope(named)
        for site in _other_texts(document):
            texts.check(site, scope)
        inner: dict[str, str] = {}
        places: dict[Path, str] = {}

        def open_file(path: str, at: DataPath, where: Report) -> GraphSpec | None:
            found = self.file(path, at, where)
            if found is not None:
                # Not as it is shown, which depends on where the user is: the hash must not.
                lies = found.directory.resolve() / Path(found.source).name
                inner[os.path.relpath(lies, source.directory.resolve())] = found.hash
                places.update(found.files_read)
            return found

        # A model that could not be read is there all the same; "" is any.
        cut = {str(name) for section, name in read.cut if section == "models"}
        models = (*document.models, *cut, *([""] if "models" in read.lost else []))
        names = Names(scope, given, {}, models, document.defaults.llm, declared)
        graph = GraphReader(self.kinds, open_file).graph(texts, read, names, declared)
        _models(report, document, models)
        if not report.findings:
            check_unused(texts, document, graph, declared)
        read_too = [*files.read.items(), *inner.items()]
        return WorkflowSpec(
            **{member.name: getattr(graph, member.name) for member in fields(GraphSpec)},
            name=document.name,
            description=document.description,
            source=source.name,
            is_file=source.is_file,
            files_read={**places, **files.places, **({source.path: source.text} if source.is_file else {})},
            contents=(source.text, *(f"{name}\0{text}" for name, text in sorted(read_too))),
            document=document,
            types=types,
            models=document.models,
            files=named,
            limits=document.limits,
            findings=tuple(report.findings),
            asked=asked_models(report, document, graph),
        )

    def file(self, path: str, at: DataPath, report: Report) -> WorkflowSpec | None:
        """The workflow in another file, which a node names at `at`; what is wrong with it is reported there."""
        if broken_reference(path) is not None or "{{" in path:
            return None  # said where the texts are checked
        try:
            resolved = resolve_environment(path, os.environ, f"The path '{path}'")
            file = (report.source.directory / resolved).resolve()
            if file in self.open:
                way = [*self.open[self.open.index(file) :], file]
                message = f"The workflows run each other without end: {' -> '.join(part.name for part in way)}."
                hint = "A workflow may run others, but not itself; repeat by a route, or by for_each."
                report.add("workflow_cycle", message, hint, at)
                return None
            if len(self.open) > _MAX_OPEN:
                message = f"Workflows are nested more than {_MAX_OPEN} files deep here."
                report.add("too_deep", message, "Let fewer of them run each other.", at)
                return None
            if file not in self.read:
                shown = os.path.normpath(Path(report.source.name).parent / resolved)
                checked = self.source(read_source(shown if report.source.is_file else file, report.source.kept))
                self.read[file] = checked.workflow
                for finding in checked.findings:
                    if finding.severity != "advice":  # that is for who validates the other file
                        report.put(finding)
            return self.read[file]
        except WorkflowError as error:
            for finding in error.findings:
                report.put(finding)
        except UsageError as error:
            report.add(error.code, error.message, error.hint, at)
        return None


def _file_names(report: Report, document: DocumentBase) -> None:
    """Report a field called `files` where that is already the name of the text files."""
    for section in ("input", "state"):
        if document.files and "files" in getattr(document, section):
            message = "'files' is already the name of the text files of this workflow."
            report.add("duplicate_name", message, "Give the field another name.", (section, "files"), on_key=True)


def _other_texts(document: DocumentBase) -> Iterator[Site]:
    """The texts that stand neither in nodes nor in edges nor in the output: references to the environment."""
    for name, model in document.models.items():
        yield from sites(model, ("models", name))
    for name, path in document.files.items():
        yield Site(("files", name), Role.ENVIRONMENT, path)


def _models(report: Report, document: DocumentBase, models: tuple[str, ...]) -> None:
    for name, model in document.models.items():
        if model.api_key and "${" not in model.api_key:
            message = f"The key of the model '{name}' stands in the file, for everybody who reads it."
            hint = "Keep it in the environment: api_key: ${MY_KEY}"
            report.add("secret_in_file", message, hint, ("models", name, "api_key"), severity="warning")
    default = document.defaults.llm.model
    if default is not None and not is_model(default, models):
        hint = did_you_mean(default, document.models, "Declare it under models, or write provider/model.")
        report.add("unknown_model", f"There is no model '{default}'.", hint, ("defaults", "llm", "model"))


def is_model(name: str, aliases: tuple[str, ...]) -> bool:
    """Whether a name may be a model's: an alias of the file, or one that needs none."""
    return name in aliases or "" in aliases or "/" in name or name in ("auto", "demo")


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(
            findings,
            key=lambda finding: (
                finding.location.file,
                # In data that Python made there are no lines: the order in which they were found.
                *((0, 0) if finding.location.path else (finding.location.line, finding.location.column)),
            ),
        )
    )
