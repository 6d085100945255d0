"""Checks the nodes of a graph: what they read and write, their texts, the graphs in them, and what their kind says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from configurable_agents.spec.definedness import defined_names
from configurable_agents.spec.document import LlmDefaults
from configurable_agents.spec.edgecheck import check_code
from configurable_agents.spec.fields import Declarations
from configurable_agents.spec.mapcheck import check_collected, check_loops, check_map_keys, item_fields
from configurable_agents.spec.merging import written_type
from configurable_agents.spec.nodeshapes import (
    CollectShape,
    HandledShape,
    InnerFacts,
    InnerFile,
    InnerGraph,
    NodeConfig,
    NodeFacts,
    NodeShape,
)
from configurable_agents.spec.report import Report
from configurable_agents.spec.scope import ERROR, OPEN
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.texts import sites
from configurable_agents.spec.typerules import assignable, bare, of_const
from configurable_agents.spec.types import ANY, Field, ListOf, Type
from configurable_agents.spec.valuecheck import misfits
from configurable_agents.spec.workflow import GraphSpec, NodeSpec


@dataclass(frozen=True, slots=True)
class Names:
    """What the nodes of a graph may read (`scope`) and write (`state`); `given` are fields that they only read."""

    scope: Mapping[str, Type]
    given: Mapping[str, Field]
    state: Mapping[str, Field]
    models: tuple[str, ...]
    defaults: LlmDefaults
    types: Declarations


class Inner(Protocol):
    """Reads the graph that a node holds; None where it has mistakes, which are reported."""

    def file(self, path: str, at: DataPath) -> GraphSpec | None: ...

    def group(self, at: DataPath, names: Names) -> GraphSpec | None: ...


class NodeChecker:
    """Checks nodes one by one against the names there are."""

    def __init__(self, texts: TextChecker, names: Names, inner: Inner, meant: Collection[DataPath]) -> None:
        self.texts = texts
        self.report: Report = texts.report
        self.names = names
        self.inner = inner
        self.fields = {**names.given, **names.state}
        self.misspelled = {path[1] for path in meant if path[0] == "nodes" and len(path) > 2}
        self.lost_writes = False  # whether a node writes a field that is not there, which was meant to be another

    def nodes(self, configs: Mapping[str, NodeConfig], kinds: Mapping[str, NodeShape[Any]]) -> dict[str, NodeSpec]:
        """Every node of the graph, checked."""
        of_config = {kind.Config: kind for kind in kinds.values()}
        found = {}
        for rank, (name, config) in enumerate(configs.items()):
            found[name] = self.node(name, rank, of_config[type(config)], self.with_defaults(config))
        return found

    def with_defaults(self, config: NodeConfig) -> NodeConfig:
        """The config of a node that asks a model, with what it does not say itself from `defaults`."""
        members = type(config).model_fields
        said = {key: getattr(self.names.defaults, key) for key in self.names.defaults.model_fields_set}
        missing = {key: value for key, value in said.items() if getattr(config, key, value) is None}
        return config.model_copy(update=missing) if missing and "model" in members else config

    def node(self, name: str, rank: int, kind: NodeShape[Any], config: NodeConfig) -> NodeSpec:
        path: DataPath = ("nodes", name)
        state = self.names.state
        results = kind.written(config)
        written = {**results, **kind.also_written(config), **_written_else(config)}
        self.check_writes(config, path, results)
        readable: Mapping[str, Type] = self.names.scope
        if name in self.misspelled:  # a loop, a state, arguments may be lost with the key: nothing is missed
            readable = {**readable, OPEN: ANY}
        else:
            check_map_keys(self.texts, config, path)
        # Here and below: nothing is done for each node that takes longer the more nodes and fields there are.
        others, self.texts.parsed = self.texts.parsed, {}
        loops, scope = check_loops(self.texts, config, path, readable, self.fields)
        items = item_fields(self.texts, config, path, results, state)
        gives: dict[DataPath, Type] = {}
        self.check_texts(config, path, scope, gives)
        inner = self.graph(kind, config, path, scope, gives)
        facts: NodeFacts[Any] = NodeFacts(
            name,
            config,
            scope,
            state if config.for_each is None else {**state, **items},
            self.names.models,
            self.report.source.directory,
            gives,
            self.names.types.parse,
            InnerFacts(inner.input, inner.returns) if inner is not None else None,
        )
        for also in kind.also_read(facts):
            self.texts.read(also.name, (*path, *also.path), guarded=not also.needed)
        returns = kind.returns(facts) if name not in self.misspelled else ANY
        self.check_expressions_of_writes(config, path, returns)
        for problem in kind.check(facts) if name not in self.misspelled else ():
            at = (*path, *problem.path)
            said = problem.code, problem.message, problem.hint
            self.report.add(*said, at, on_key=problem.on_key, offset=problem.offset, width=problem.width)
        self.check_handling(config, path, gives)
        texts = self.texts.parsed
        others.update(texts)
        self.texts.parsed = others
        line = self.report.node(path)[0]  # of its key
        place = line.place[0] + 1 if line is not None else 1
        return NodeSpec(name, rank, place, kind, config, texts, loops, items, written, returns, inner)

    def check_writes(self, config: NodeConfig, path: DataPath, results: Mapping[str, DataPath]) -> None:
        twice = _twice(getattr(config, "writes", None))
        if twice is not None:
            name, index = twice
            self.report.add("duplicate_name", f"'{name}' stands here twice.", "Remove one.", (*path, "writes", index))
        for field, where in results.items():
            self.writable(field, (*path, *where))
        if isinstance(config.on_error, HandledShape):
            for field in config.on_error.set:
                self.writable(field, (*path, "on_error", "set", field))
        check_collected(self.texts, config, path, self.names.state, results, self.names.scope)

    def check_texts(
        self, config: NodeConfig, path: DataPath, scope: Mapping[str, Type], gives: dict[DataPath, Type]
    ) -> None:
        """Check all texts but those over the result, and note the types that they give."""
        failed = {**self.names.scope, "error": ERROR} if isinstance(config.on_error, HandledShape) else scope
        for site in sites(config, path):  # `when` is the first of them
            where = site.path[len(path) :]
            if where[0] != "writes":
                names = failed if where[0] == "on_error" else scope
                known = self.known_by_when(path) | ({"error"} if where[0] == "on_error" else frozenset())
                condition, chosen = where == ("when",), config.when is not None and where[0] not in ("when", "for_each")
                gives[where] = self.texts.check(site, names, condition=condition, known=known, chosen=chosen).type

    def known_by_when(self, path: DataPath) -> frozenset[str]:
        """The names that are set where the node at `path` runs, for its condition says so."""
        condition = self.texts.parsed.get((*path, "when"))
        return defined_names(condition.tree)[0] if isinstance(condition, Expression) else frozenset()

    def check_expressions_of_writes(self, config: NodeConfig, path: DataPath, returns: Type) -> None:
        result = returns
        if (
            config.flatten
            and config.for_each is not None
            and isinstance(getattr(config, "writes", None), dict)
            and not _may_be_list(returns)
        ):
            message = f"flatten joins lists, and an item gives {returns}."
            self.report.add("not_a_list", message, "Remove flatten.", (*path, "flatten"), on_key=True)
        if config.for_each is not None:
            result = ListOf(returns.item if config.flatten and isinstance(returns, ListOf) else returns)
        for site in sites(config, path):
            if site.path[len(path)] == "writes":
                # In a map, `when` is asked of each item, and this is computed of all of them.
                known = self.known_by_when(path) if config.for_each is None else frozenset()
                given = self.texts.check(site, {**self.names.scope, "result": result}, known=known).type
                self.fits(str(site.path[-1]), given, site.path)

    def check_handling(self, config: NodeConfig, path: DataPath, gives: Mapping[DataPath, Type]) -> None:
        for index, code in enumerate((config.retry and config.retry.codes) or ()):
            check_code(self.report, code, (*path, "retry", "for", index))
        if isinstance(config.on_error, HandledShape):
            values = config.on_error.set
            for problem in misfits(values, self.names.state, gives, ("on_error", "set"), "write_type"):
                self.report.add(problem.code, problem.message, problem.hint, (*path, *problem.path))

    def graph(
        self,
        kind: NodeShape[Any],
        config: NodeConfig,
        path: DataPath,
        scope: Mapping[str, Type],
        gives: Mapping[DataPath, Type],
    ) -> GraphSpec | None:
        """The graph that the node holds, read and checked."""
        match kind.inner(config):
            case InnerFile(path=file, key=key):
                return self.inner.file(file, (*path, key))
            case InnerGraph():
                given = {
                    name: Field(name, gives.get(("with", name)) or _of_literal(value))
                    for name, value in (getattr(config, "arguments", None) or {}).items()
                }
                names = self.names
                found = self.inner.group(path, Names(scope, given, {}, names.models, names.defaults, names.types))
                self.read_within(config, path)
                return found
            case None:
                return None

    def read_within(self, config: NodeConfig, path: DataPath) -> None:
        """Note of what a group reads from outside that its condition holds then."""
        known, within = self.known_by_when(path), (*path, "nodes")
        if config.when is not None and within in self.texts.reads:
            self.texts.reads[within] = [
                replace(reading, guarded=reading.guarded or reading.name in known, chosen=True)
                for reading in self.texts.reads[within]
            ]

    def writable(self, field: str, path: DataPath) -> None:
        if field in self.names.state:
            return
        self.lost_writes = True
        if OPEN in self.names.scope:
            return
        if "{{" in field:
            hint = f"A field stands bare here: {field.strip('{} ')}"
            self.report.add("braces_in_expression", "The name of a field takes no braces.", hint, path)
            return
        on_key = path[-1] == field  # in a mapping; in `writes: field` and in a list the name is the value
        if field in self.names.given:
            hint = "Nodes never write the input: declare a field under state, with a default from the input if need be."
            self.report.add("writes_input", f"'{field}' is an input, which no node writes.", hint, path, on_key=on_key)
            return
        hint = did_you_mean(field, self.names.state, "Declare it under state.")
        self.report.add("unknown_field", f"There is no field '{field}' in the state.", hint, path, on_key=on_key)

    def fits(self, field: str, given: Type, path: DataPath) -> None:
        declared = self.names.state.get(field)
        if declared is None or assignable(given, declared.type) or assignable(given, written_type(declared)):
            return
        message = f"This gives {given}, but '{field}' is {declared.type}."
        self.report.add("write_type", message, "Change the expression or the field's type.", path)


def _may_be_list(a_type: Type) -> bool:
    return bare(a_type) == ANY or isinstance(bare(a_type), ListOf)


def _of_literal(value: object) -> Type:
    return of_const(value) if isinstance(value, str | int | float | bool) else ANY


def _written_else(config: NodeConfig) -> dict[str, DataPath]:
    """The fields that a node writes beside its result: where it fails, and the errors of its items."""
    found: dict[str, DataPath] = {}
    if isinstance(config.on_error, HandledShape):
        found.update({name: ("on_error", "set", name) for name in config.on_error.set})
    if isinstance(config.on_item_error, CollectShape):
        found[config.on_item_error.collect] = ("on_item_error", "collect")
    return found


def _twice(writes: object) -> tuple[str, int] | None:
    """The first name that a list holds again, and its place."""
    if isinstance(writes, list):
        return next(((name, index) for index, name in enumerate(writes) if name in writes[:index]), None)
    return None
