"""A workflow's graph as a Mermaid flowchart, with conditions on the edges and kinds on the nodes."""

from __future__ import annotations

from collections.abc import Iterator

from configurable_agents.spec.edges import END, START, Fail, Goto, Outgoing, Route, Switch, Target
from configurable_agents.spec.workflow import WorkflowSpec

# Shapes by kind of node: round for models, a subroutine for code, a box for the rest.
_SHAPES = {"prompt": ("([", "])"), "messages": ("([", "])"), "python": ("[[", "]]")}


def mermaid(workflow: WorkflowSpec) -> str:
    """The text of a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html)."""
    lines = ["flowchart TD"]
    if workflow.description:
        lines.insert(0, f"%% {workflow.description.splitlines()[0]}")
    lines += [f"    {_id(START)}((START))", f"    {_id(END)}((END))"]
    for name, node in workflow.nodes.items():
        left, right = _SHAPES.get(node.kind.kind, ("[", "]"))
        label = f"{name}<br/><small>{_detail(workflow, name)}</small>"
        if node.config.description:
            label += f"<br/><small>{_escaped(node.config.description)}</small>"
        lines.append(f'    {_id(name)}{left}"{label}"{right}')
    failing = 0
    for name, outgoing in workflow.edges.items():
        for label, target in _ways(outgoing):
            arrow = f"-->|{_quoted(label)}|" if label else "-->"
            if isinstance(target, Fail):
                failing += 1
                lines.append(f"    {_id(name)} {arrow} fail_{failing}{{{{{_quoted('fail: ' + target.message)}}}}}")
            else:
                lines.append(f"    {_id(name)} {arrow} {' & '.join(_id(to) for to in target)}")
    return "\n".join(lines) + "\n"


def _detail(workflow: WorkflowSpec, name: str) -> str:
    node = workflow.nodes[name]
    model = getattr(node.config, "model", None)
    kind = f"{node.kind.kind} · {model}" if model else node.kind.kind
    written = ", ".join(node.written)
    return _escaped(f"{kind} → {written}" if written else kind)


def _ways(outgoing: Outgoing) -> Iterator[tuple[str, Target]]:
    match outgoing:
        case Goto(to=to):
            yield "", to
        case Route(rules=rules):
            for rule in rules:
                label = rule.when if rule.when is not None else "else"
                yield (f"{label} (at most {rule.max_times}×)" if rule.max_times else label), rule.to
        case Switch(on=on, cases=cases, otherwise=otherwise):
            for value, target in cases:
                yield f"{on} = {value}", target
            if otherwise is not None:
                yield "else", otherwise


def _id(name: str) -> str:
    # `end` in any case is a word of Mermaid's own, and so are some others; a prefix keeps clear of them all.
    return f"n_{name}"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    plain = text.strip().replace("&", "&amp;").replace('"', "&quot;").replace("\n", " ")
    return plain.replace("<", "&lt;").replace(">", "&gt;")
