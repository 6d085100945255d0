"""A workflow's graph as a Mermaid flowchart: conditions on the edges, kinds on the nodes, groups round theirs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from configurable_agents.spec.edges import END, START, Fail, Goto, Outgoing, Route, Rule, Switch, Target
from configurable_agents.spec.workflow import GraphSpec, NodeSpec, WorkflowSpec

# Shapes by kind of node: round for models, a subroutine for code and other workflows, a box for the rest.
_SHAPES = {"prompt": ("([", "])"), "messages": ("([", "])"), "python": ("[[", "]]"), "workflow": ("[[", "]]")}


def mermaid(workflow: WorkflowSpec) -> str:
    """The text of a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html)."""
    lines = [f"%% {workflow.description.splitlines()[0]}"] if workflow.description else []
    return "\n".join([*lines, "flowchart TD", *_graph(workflow, "n_", "    ", count(1))]) + "\n"


def _graph(graph: GraphSpec, prefix: str, indent: str, numbers: Iterator[int]) -> Iterator[str]:
    """The lines of a graph; `prefix` keeps its nodes apart from others, `numbers` numbers groups and fail targets."""
    # `end` in any case is a word of Mermaid's own, and so are some others; a prefix keeps clear of them all.
    yield f"{indent}{prefix}{START}((START))"
    yield f"{indent}{prefix}{END}((END))"
    for name, node in graph.nodes.items():
        if node.inner is None or isinstance(node.inner, WorkflowSpec):
            left, right = _SHAPES.get(node.kind.kind, ("[", "]"))
            yield f'{indent}{prefix}{name}{left}"{_label(node)}"{right}'
        else:
            # Mermaid leaves room for one line only above what is in a subgraph.
            yield f'{indent}subgraph {prefix}{name}["{" · ".join([name, *map(_escaped, _lines(node)[1:])])}"]'
            yield from _graph(node.inner, f"g{next(numbers)}_", f"{indent}    ", numbers)
            yield f"{indent}end"
    for name, outgoing in graph.edges.items():
        for label, target in _ways(outgoing):
            arrow = f"-->|{_quoted(label)}|" if label else "-->"
            if isinstance(target, Fail):
                said = _quoted("fail: " + target.message)
                yield f"{indent}{prefix}{name} {arrow} fail_{next(numbers)}{{{{{said}}}}}"
            else:
                yield f"{indent}{prefix}{name} {arrow} {' & '.join(prefix + to for to in target)}"


def _label(node: NodeSpec) -> str:
    return node.name + "".join(f"<br/><small>{_escaped(line)}</small>" for line in _lines(node))


def _lines(node: NodeSpec) -> list[str]:
    """What is told of a node under its name."""
    lines = [_detail(node)]
    if node.loops:
        lines.append("for each " + ", ".join(f"{loop.name} in {loop.over.text}" for loop in node.loops))
    if node.config.when is not None:
        lines.append(f"when {node.config.when}")
    if node.config.description:
        lines.append(node.config.description)
    return lines


def _detail(node: NodeSpec) -> str:
    # Of a workflow the file is what tells most, of what asks a model the model.
    which = getattr(node.config, "workflow", None) or getattr(node.config, "model", None)
    kind = f"{node.kind.kind} · {which}" if which else node.kind.kind
    written = ", ".join(node.written)
    return f"{kind} → {written}" if written else kind


def _ways(outgoing: Outgoing) -> Iterator[tuple[str, Target]]:
    match outgoing:
        case Goto(to=to):
            yield "", to
        case Route(rules=rules):
            for rule in rules:
                label = _condition(rule)
                yield (f"{label} (at most {rule.max_times}×)" if rule.max_times else label), rule.to
        case Switch(on=on, cases=cases, otherwise=otherwise):
            for value, target in cases:
                yield f"{on} = {value}", target
            if otherwise is not None:
                yield "else", otherwise


def _condition(rule: Rule) -> str:
    if rule.on_error is not None:
        return "on any error" if rule.on_error == "any" else f"on error {rule.on_error}"
    return rule.when if rule.when is not None else "else"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    plain = text.strip().replace("&", "&amp;").replace('"', "&quot;").replace("\n", " ")
    return plain.replace("<", "&lt;").replace(">", "&gt;")
