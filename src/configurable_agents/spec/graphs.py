"""One graph of a document, read and checked: a workflow's own, or a group in a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from configurable_agents.spec.document import Document, GroupBase
from configurable_agents.spec.edgecheck import check_edges
from configurable_agents.spec.edges import END, START, EdgeReader, Outgoing, Route
from configurable_agents.spec.fields import Declarations
from configurable_agents.spec.flowcheck import check_flow
from configurable_agents.spec.graphcheck import check_graph
from configurable_agents.spec.nodecheck import Names, NodeChecker
from configurable_agents.spec.nodeshapes import NodeShape
from configurable_agents.spec.reading import Read, read_group
from configurable_agents.spec.report import Report
from configurable_agents.spec.scope import ERROR, OPEN, scope_of
from configurable_agents.spec.shapes import DataPath, Role
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.templates import Expression, parse_expression
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.texts import Site
from configurable_agents.spec.topology import forks
from configurable_agents.spec.types import ANY, Field, Type
from configurable_agents.spec.workflow import GraphSpec

Kinds = Mapping[str, NodeShape[Any]]
OpenFile = Callable[[str, DataPath, Report], GraphSpec | None]

# The keys of a node that are its group.
_OF_A_GROUP = ("state", "output", "nodes", "edges")

# Names that texts read beside fields.
_NO_FIELDS = ("run", "files", "item", "error")


class GraphReader:
    """Reads graphs of one file; `open_file` reads the other workflows that its nodes run."""

    def __init__(self, kinds: Kinds, open_file: OpenFile) -> None:
        self.kinds = kinds
        self.open_file = open_file

    def graph(self, texts: TextChecker, read: Read[Any], names: Names, own: Declarations) -> GraphSpec:
        """The graph of a document. `names` are those from outside of it; `own` are its declarations."""
        document: Document = read.document
        report = texts.report
        state = own.state(names.given)
        for section, name in read.cut:
            if section == "state" and name in state:  # nothing is known of it, nor of how it is merged
                state[str(name)] = replace(state[str(name)], merge="unknown")
        cut = {name for section, name in read.cut if section == "nodes" and isinstance(name, str)}
        cut |= {""} if "nodes" in read.lost else set()
        edges = EdgeReader(report, list(document.nodes), cut, read.meant)
        edges.broken = read.is_cut("edges")
        outgoing = edges.in_order() if document.edges is None else edges.read(document.edges, read.edges)
        edges.broken |= bool(cut) or ("nodes", "") in read.cut
        # Fields whose names were refused: they are not missed where they are read and written.
        refused = {str(name): Field(str(name), ANY) for section, name in read.cut if section in ("input", "state")}
        fields = scope_of({**refused, **names.given, **state})
        outside = {name: of for name, of in names.scope.items() if name not in fields}
        scope = {**fields, **outside, **_failures(outgoing, broken=edges.broken)}
        if read.lost & {"input", "state", "files", "edges"}:
            scope[OPEN] = ANY
        inside = Names(scope, names.given, {**refused, **state}, names.models, names.defaults, names.types)
        checker = NodeChecker(texts, inside, _Inner(self, texts), read.meant)
        nodes = checker.nodes(document.nodes, self.kinds)
        given = {} if isinstance(document, GroupBase) else names.given
        output, output_types = self.output(texts, document, {**given, **state}, scope)
        check_edges(texts, outgoing, scope)
        ordered = {name: outgoing[name] for name in (START, *document.nodes, END) if name in outgoing}
        split = () if edges.broken else tuple(forks(ordered))
        sound = bool(nodes) and not edges.broken and check_graph(report, ordered, nodes, state, split)
        if sound and not (read.cut or read.meant or checker.lost_writes):  # what is lost may be what is missed
            check_flow(texts, ordered, nodes, state, split, handles="error" in scope and "error" not in names.scope)
        return GraphSpec(
            input=names.given,
            state=state,
            output=output,
            output_types=output_types,
            whole_output=document.output is None,
            nodes=nodes,
            edges=ordered,
            forks=split,
            texts=texts.parsed,
            directory=report.source.directory.absolute(),
        )

    def group(self, texts: TextChecker, at: DataPath, names: Names) -> GraphSpec | None:
        """The graph in the node at `at`, whose nodes may read the names from outside as well."""
        report = texts.report.within(at)
        read = read_group(report, _OF_A_GROUP, self.kinds)
        if read is None:
            return None
        inner = TextChecker(report, texts.files.within(report))
        group = self.graph(inner, read, names, Declarations(read.document, report, names.types))
        own = {*group.input, *group.state}
        outer = [reading for found in inner.reads.values() for reading in found if reading.name not in own]
        texts.reads.setdefault((*at, "nodes"), []).extend(outer)
        return group

    def output(
        self, texts: TextChecker, document: Document, fields: Mapping[str, Field], scope: Mapping[str, Type]
    ) -> tuple[dict[str, Expression], dict[str, Type]]:
        """The output as expressions by name, with their types; a list of fields is each field's own name."""
        found: dict[str, Expression] = {}
        types: dict[str, Type] = {}
        declared = document.output
        if isinstance(declared, dict):
            for name, text in declared.items():
                path = ("output", name)
                types[name] = texts.check(Site(path, Role.EXPRESSION, text), scope).type
                parsed = texts.parsed.get(path)
                if isinstance(parsed, Expression):
                    found[name] = parsed
            return found, types
        for index, name in enumerate(fields if declared is None else declared):
            if name in fields:
                found[name], types[name] = parse_expression(name), fields[name].type
                if declared is not None:
                    texts.read(name, ("output", index))
            elif name in scope and name not in _NO_FIELDS:  # a group may give what it reads from outside
                found[name], types[name] = parse_expression(name), scope[name]
                texts.read(name, ("output", index))
            elif OPEN in scope:
                types[name] = ANY
            else:
                hint = did_you_mean(name, fields, "Declare it under state.")
                texts.report.add("unknown_field", f"There is no field '{name}'.", hint, ("output", index))
                types[name] = ANY
        return found, types


class _Inner:
    """The graphs in the nodes of one graph."""

    def __init__(self, reader: GraphReader, texts: TextChecker) -> None:
        self.reader = reader
        self.texts = texts

    def file(self, path: str, at: DataPath) -> GraphSpec | None:
        return self.reader.open_file(path, at, self.texts.report)

    def group(self, at: DataPath, names: Names) -> GraphSpec | None:
        return self.reader.group(self.texts, at, names)


def _failures(edges: Mapping[str, Outgoing], *, broken: bool) -> dict[str, Type]:
    """`error`, where a failure may have happened before; where an edge could not be read, it may."""
    handled = any(
        rule.on_error for outgoing in edges.values() if isinstance(outgoing, Route) for rule in outgoing.rules
    )
    return {"error": ERROR} if handled or broken else {}
