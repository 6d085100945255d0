"""A workflow's graph as a Mermaid flowchart: conditions on the edges, kinds on the nodes, groups round theirs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from configurable_agents.spec.edges import END, START
from configurable_agents.spec.picture import Box, Picture, picture
from configurable_agents.spec.picturetext import plain
from configurable_agents.spec.workflow import WorkflowSpec

# Shapes by kind of node: round for models, a subroutine for code and other workflows, a box for the rest.
_SHAPES = {"prompt": ("([", "])"), "messages": ("([", "])"), "python": ("[[", "]]"), "workflow": ("[[", "]]")}


def mermaid(workflow: WorkflowSpec) -> str:
    """The text of a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html)."""
    # `%%{` would begin a directive of Mermaid's own.
    said = plain(next(iter(workflow.description.strip().splitlines()), ""))
    lines = [f"%% {said}"] if said else []
    return "\n".join([*lines, "flowchart TD", *_graph(picture(workflow), "n_", "    ", count(1))]) + "\n"


def _graph(graph: Picture, prefix: str, indent: str, numbers: Iterator[int]) -> Iterator[str]:
    """The lines of a graph; `prefix` keeps its nodes apart from others, `numbers` numbers groups and fail targets."""
    # `end` in any case is a word of Mermaid's own, and so are some others; a prefix keeps clear of them all.
    yield f"{indent}{prefix}{START}((START))"
    yield f"{indent}{prefix}{END}((END))"
    for box in graph.boxes:
        if box.inner is None:
            left, right = _SHAPES.get(box.kind, ("[", "]"))
            yield f'{indent}{prefix}{box.name}{left}"{_label(box)}"{right}'
        else:
            # Mermaid leaves room for one line only above what is in a subgraph.
            yield f'{indent}subgraph {prefix}{box.name}["{" · ".join([box.name, *map(_escaped, box.lines)])}"]'
            yield from _graph(box.inner, f"g{next(numbers)}_", f"{indent}    ", numbers)
            yield f"{indent}end"
    for arrow in graph.arrows:
        drawn = f'-->|"{_escaped(arrow.label)}"|' if arrow.label else "-->"
        if arrow.fails is not None:
            said = _escaped("fail: " + arrow.fails)
            yield f'{indent}{prefix}{arrow.source} {drawn} fail_{next(numbers)}{{{{"{said}"}}}}'
        else:
            yield f"{indent}{prefix}{arrow.source} {drawn} {' & '.join(prefix + to for to in arrow.to)}"


def _label(box: Box) -> str:
    return box.name + "".join(f"<br/><small>{_escaped(line)}</small>" for line in box.lines)


def _escaped(text: str) -> str:
    # Mermaid reads `#35;` as a character by its number, before all else.
    safe = text.replace("&", "&amp;").replace('"', "&quot;").replace("#", "&num;")
    return safe.replace("<", "&lt;").replace(">", "&gt;")
