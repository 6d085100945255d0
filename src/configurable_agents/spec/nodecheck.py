"""Checks the nodes of a document: what they write, their texts, and what their kind has to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configurable_agents.spec.document import DocumentBase
from configurable_agents.spec.fields import written_type
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath, NodeConfig, NodeFacts, NodeShape
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.texts import sites
from configurable_agents.spec.typerules import assignable
from configurable_agents.spec.types import Field, Type
from configurable_agents.spec.workflow import NodeSpec


class NodeChecker:
    """Checks nodes one by one against the names there are (`scope`) and the fields of the input and the state."""

    def __init__(
        self,
        texts: TextChecker,
        document: DocumentBase,
        scope: Mapping[str, Type],
        state: Mapping[str, Field],
    ) -> None:
        self.texts = texts
        self.report: Report = texts.report
        self.document = document
        self.scope = scope
        self.state = state

    def nodes(self, kinds: Mapping[str, NodeShape[Any]]) -> dict[str, NodeSpec]:
        """Every node of the document, checked."""
        of_config = {kind.Config: kind for kind in kinds.values()}
        found = {}
        for rank, (name, config) in enumerate(self.document.nodes.items()):
            found[name] = self.node(name, rank, of_config[type(config)], config)
        return found

    def node(self, name: str, rank: int, kind: NodeShape[Any], config: NodeConfig) -> NodeSpec:
        path: DataPath = ("nodes", name)
        written = kind.written(config)
        twice = _twice(getattr(config, "writes", None))
        if twice is not None:
            name_twice, index = twice
            at = (*path, "writes", index)
            self.report.add("duplicate_name", f"'{name_twice}' stands here twice.", "Remove one of them.", at)
        for field, where in written.items():
            self.writable(field, (*path, *where))
        gives: dict[DataPath, Type] = {}
        facts = self.facts(name, config, gives)
        returns = kind.returns(facts)
        with_result = {**self.scope, "result": returns}
        before = set(self.texts.parsed)
        for site in sites(config, path):
            where = site.path[len(path) :]
            in_writes = where[0] == "writes"
            inferred = self.texts.check(site, with_result if in_writes else self.scope)
            gives[where] = inferred.type
            if in_writes:
                self.fits(str(where[-1]), inferred.type, site.path)
        for problem in kind.check(facts):
            at = (*path, *problem.path)
            self.report.add(problem.code, problem.message, problem.hint, at, on_key=problem.on_key)
        texts = {key: self.texts.parsed[key] for key in self.texts.parsed if key not in before}
        line = self.report.node(path)[0]
        place = line.place[0] + 1 if line is not None else 1
        return NodeSpec(name, rank, place, kind, config, texts, tuple(written), returns)

    def facts(self, name: str, config: NodeConfig, gives: Mapping[DataPath, Type]) -> NodeFacts[Any]:
        directory = self.report.source.directory
        return NodeFacts(name, config, self.scope, self.state, tuple(self.document.models), directory, gives)

    def writable(self, field: str, path: DataPath) -> None:
        if field in self.state:
            return
        on_key = path[-1] == field  # in a mapping; in `writes: field` and in a list the name is the value
        if field in self.document.input:
            hint = "Nodes never write the input: declare a field under state, with a default from the input if need be."
            self.report.add("writes_input", f"'{field}' is an input, which no node writes.", hint, path, on_key=on_key)
            return
        hint = did_you_mean(field, self.state, "Declare it under state.")
        self.report.add("unknown_field", f"There is no field '{field}' in the state.", hint, path, on_key=on_key)

    def fits(self, field: str, given: Type, path: DataPath) -> None:
        declared = self.state.get(field)
        if declared is None or assignable(given, declared.type) or assignable(given, written_type(declared)):
            return
        message = f"This gives {given}, but '{field}' is {declared.type}."
        self.report.add("write_type", message, "Change the expression or the field's type.", path)


def _twice(writes: object) -> tuple[str, int] | None:
    """The first name that a list holds again, and its place."""
    if isinstance(writes, list):
        return next(((name, index) for index, name in enumerate(writes) if name in writes[:index]), None)
    return None
