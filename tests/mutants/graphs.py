"""Defects of the graph: its edges, and what nodes write and read on the ways through it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tests.mutants.plant import Defect
from tests.mutants.text import MARK, Document, Edit, NodeAt, Seed, Span, get, misspelt
from tests.mutants.texts import plainly, quoted

Edits = Iterator[list[Edit]]

ENDS = ("START", "END")
# What is unset until a node writes it.
PLAIN = ("str", "int", "float", "bool")


@dataclass(frozen=True)
class Graph:
    """The edges of a file, read by ourselves: who leads to whom, and where each source stands."""

    arrows: tuple[tuple[str, str], ...]
    sources: tuple[tuple[int, Span], ...]
    forks: tuple[tuple[str, ...], ...]

    def after(self, *names: str) -> set[str]:
        """All that is reached from nodes; they themselves, if there is a way back."""
        found: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            for target in (target for source, target in self.arrows if source == name):
                if target not in found:
                    found.add(target)
                    left.append(target)
        return found

    def later_branch(self, one: str, other: str) -> str | None:
        """Of two nodes that lie in different branches of a fan-out, each in one only, the head of the later branch."""
        for heads in self.forks:
            branches = [{head, *self.after(head)} for head in heads]
            joined = set.intersection(*branches)
            first, second = ([p for p, of in enumerate(branches) if name in of - joined] for name in (one, other))
            if len(first) == len(second) == 1 and first != second:
                return heads[max(*first, *second)]
        return None


def graph(document: Document) -> Graph:
    arrows: list[tuple[str, str]] = []
    sources: list[tuple[int, Span]] = []
    forks: list[tuple[str, ...]] = []
    for place, edge in enumerate(document.edges.value if document.edges else ()):
        if isinstance(edge, ScalarNode):
            steps = [step.split("&") for step in edge.value.split("->")]
            names = [[name.strip() for name in step] for step in steps]
            for left, right in itertools.pairwise(names):
                arrows += [(one, other) for one in left for other in right]
                forks += [tuple(right)] if len(right) > 1 else []
            text = document.span(edge)
            spans = list(text.words(r"\b([A-Za-z_]\w*)\b(?=.*->)"))
            sources += [(place, span) for span in spans]
        else:
            start = get(edge, "from")
            froms: list[Node] = start.value if isinstance(start, SequenceNode) else [start] if start else []
            targets = [t for found in leaves(edge) for t in re.findall(r"\w+", found.value)]
            arrows += [(node.value, target) for node in froms for target in targets]
            sources += [(place, document.span(node)) for node in froms]
    if document.edges is None:
        order = ["START", *(node.name for node in document.nodes if node.depth == 0), "END"]
        arrows = list(itertools.pairwise(order))
    return Graph(tuple(arrows), tuple((p, s) for p, s in sources if s.text != "START"), tuple(forks))


def leaves(edge: Node) -> Iterator[ScalarNode]:
    """The targets of a route or a switch."""
    rules = get(edge, "route")
    cases = get(edge, "cases")
    for rule in (*(rules.value if rules else ()), edge):
        for key in ("to", "else"):
            target = get(rule, key)
            if isinstance(target, ScalarNode):
                yield target
    if isinstance(cases, MappingNode):
        yield from (value for _, value in cases.value)


# Edges -------------------------------------------------------------------------------------------------------------


def unknown_node(_: Seed, document: Document) -> Edits:
    for path, value in document.values:
        if "edges" in path and path[-1] not in ("when", "switch", "max_times", "on_error", "fail"):
            for name in document.span(value).words(r"\b([A-Za-z_]\w*)\b"):
                if name.text not in ENDS:
                    wrong = misspelt(name.text) if len(name.text) > 2 else f"{name.text}x"
                    yield [name.replaced(MARK + wrong)]


def unknown_case(_: Seed, document: Document) -> Edits:
    for path, value in document.values:
        if path[-2:-1] == ("cases",):
            key = next(k for held in switches(document) for k, v in held.value if v is value)
            yield [document.span(key).replaced(MARK + misspelt(key.value))]
            yield [document.before(key, f"{MARK}nonesuch: {value.value}")]


def switches(document: Document) -> Iterator[MappingNode]:
    for edge in document.edges.value if document.edges else ():
        cases = get(edge, "cases")
        if isinstance(cases, MappingNode):
            yield cases


def stray_node(_: Seed, document: Document) -> Edits:
    """A node that no edge leads to; every second one leads to END itself."""
    field = next((name for name, of in document.state.items() if of.startswith(("str", "any"))), None)
    if document.edges is None or field is None:
        return
    outer = [node for node in document.nodes if node.depth == 0]
    for number, node in enumerate(outer):
        stray = document.before(node.key, f"{MARK}stray: {{set: {{{field}: x}}}}")
        edge = document.before(document.edges.value[-1], "stray -> END")
        yield [stray, edge] if number % 2 == 0 else [stray]


def two_declarations(_: Seed, document: Document) -> Edits:
    if document.edges is None:
        return
    last = document.edges.value[-1]
    for place, source in graph(document).sources:
        if document.edges.value[place] is last:
            yield [document.before(last, f"{source.text} -> END"), source.marked()]
        else:
            yield [document.before(last, f"{MARK}{source.text} -> END")]


def no_way_out(_: Seed, document: Document) -> Edits:
    """The last edge leads back to the first node, or to its own."""
    outer = [node.name for node in document.nodes if node.depth == 0]
    if document.edges is None:
        nodes = next(key for key, _ in document.root.value if key.value == "nodes")
        if len(outer) > 1:
            yield [document.before(nodes, f"edges: [START -> {' -> '.join(outer)} -> {MARK}{outer[0]}]")]
        yield [document.before(nodes, f"edges: [START -> {' -> '.join(outer)} -> {MARK}{outer[-1]}]")]
        return
    drawn = graph(document)
    if sum(target == "END" for _, target in drawn.arrows) != 1:
        return
    first = [target for source, target in drawn.arrows if source == "START"]
    for edge in document.edges.value:
        text = document.span(edge)
        end = next(text.words(r"\b(END)\b"), None)
        if isinstance(edge, ScalarNode) and end:
            last = edge.value.split("->")[-2].strip()
            yield [end.replaced(MARK + last)]
            if (
                len(first) == 1 and sum(target == first[0] for _, target in drawn.arrows) == 1
            ):  # else two edges close it
                yield [end.replaced(MARK + first[0])]


def shared_node(_: Seed, document: Document) -> Edits:
    """Where branches join, one of them may go through a node of another first.

    It is told where the fan-out opens the later of the two.
    """
    drawn = graph(document)
    for edge in document.edges.value if document.edges else ():
        steps = edge.value.split(" -> ") if isinstance(edge, ScalarNode) else []
        for place in range(len(steps) - 1):
            names = steps[place].split(" & ")
            for one, other in itertools.pairwise(names):
                head = drawn.later_branch(one, other)
                if head is None:
                    continue
                rest = " & ".join(name for name in names if name != other)
                rules = f"[{{when: run.attempt > 1, to: {one}}}, {{else: {steps[place + 1]}}}]"
                route = f"{{from: {other}, route: {rules}}}"
                rest = " -> ".join([rest, *steps[place + 1 :]])
                edits = [document.before(edge, route), document.span(edge).replaced(rest)]
                opens = fan_out(document, head)
                if opens.start < document.span(edge).end and opens.end > document.span(edge).start:
                    fork = " -> ".join(steps[: place + 1])
                    edits.insert(0, document.before(edge, re.sub(rf"\b{head}\b", MARK + head, fork)))
                else:
                    edits.append(opens.marked())
                yield edits


def fan_out(document: Document, head: str) -> Span:
    """Where a branch is opened."""
    for edge in document.edges.value if document.edges else ():
        found = next(document.span(edge).words(rf"->[^>]*?\b({head})\b"), None)
        if found and isinstance(edge, ScalarNode):
            return found
    raise AssertionError(f"nothing leads to {head}")


# What is written and read ------------------------------------------------------------------------------------------


def ghost(document: Document) -> Edit | None:
    """A field more in the state."""
    state = document.section("state")
    return document.before(state.value[0][0], "ghost: str") if state is not None else None


def never_written(seed: Seed, document: Document) -> Edits:
    """A field that no node writes, or none yet, is read in a text."""
    drawn, declared = graph(document), ghost(document)
    first = [target for source, target in drawn.arrows if source == "START"]
    unset = [name for name, of in document.state.items() if of in PLAIN]
    for node in document.nodes:
        prompt = get(node.body, "prompt")
        if node.depth == 0 and first == [node.name] and node.name not in drawn.after(node.name) and prompt:
            for name in unset:
                yield from ([edit] for edit in added(document, [document.span(prompt)], name))
    if declared:
        for edit in added(document, seed.templates(document), "ghost"):
            yield [declared, edit]


def added(document: Document, templates: Iterable[Span], name: str) -> Iterator[Edit]:
    for template in plainly(document, templates):
        brace = next(template.words(r"(\{[{%])"), None)
        lone = re.fullmatch(r"[\"']?\{\{[^{]*\}\}[\"']?", template.text.strip())
        if brace and not lone and not template.text.startswith("{{"):
            yield Edit(template.file, brace.start, brace.start, f"{{{{ {MARK}{name} }}}} ")


def written_twice(_: Seed, document: Document) -> Edits:
    """Two nodes of different branches write one field more."""
    drawn, declared = graph(document), ghost(document)
    outer = [node for node in document.nodes if node.depth == 0]
    for place, node in enumerate(outer):
        for other in outer[place + 1 :]:
            if declared and drawn.later_branch(node.name, other.name):
                edits = [*more_writes(document, node, ""), *more_writes(document, other, MARK)]
                if len(edits) == 2:
                    yield [declared, *edits]


def more_writes(document: Document, node: NodeAt, mark: str) -> Sequence[Edit]:
    """The edit by which a node writes `ghost` as well, where that can be done."""
    writes, given = get(node.body, "writes"), get(node.body, "set")
    if get(node.body, "for_each") is not None:
        return []
    if isinstance(given, MappingNode):
        return [document.before(given.value[-1][0], f"{mark}ghost: x")]
    if isinstance(writes, MappingNode):
        return [document.before(writes.value[-1][0], f"{mark}ghost: \"'x'\"")]
    if isinstance(writes, ScalarNode) and get(node.body, "prompt") and not quoted(document, document.span(writes)):
        return [document.span(writes).replaced(f"[{writes.value}, {mark}ghost]")]
    if isinstance(writes, SequenceNode) and get(node.body, "prompt"):
        return [document.before(writes.value[0], f"{mark}ghost")]
    return []


GRAPH: Iterable[Defect] = (
    Defect("an edge to a node that is not there", "unknown_node", unknown_node),
    Defect("a case for a value that the enum lacks", "unknown_case", unknown_case),
    Defect("a node that no edge leads to", "unreachable_node", stray_node),
    Defect("two outgoing declarations of a node", "two_outgoing", two_declarations),
    Defect("a loop with no way out", "endless_cycle", no_way_out),
    Defect("branches that share a node", "shared_branch", shared_node),
    Defect("a field that is read before it is written", "never_written", never_written),
    Defect("a field that two branches write", "parallel_writes", written_twice),
)
