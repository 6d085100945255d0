"""A workflow's graph as a Mermaid flowchart: conditions on the edges, kinds on the nodes, groups round theirs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from configurable_agents.spec.edges import END, START
from configurable_agents.spec.marks import Mark, Marks
from configurable_agents.spec.picture import Arrow, Box, Picture, picture
from configurable_agents.spec.picturetext import plain
from configurable_agents.spec.workflow import WorkflowSpec

# Shapes by kind of node: round for models, a subroutine for code and other workflows, a box for the rest.
_SHAPES = {"prompt": ("([", "])"), "messages": ("([", "])"), "python": ("[[", "]]"), "workflow": ("[[", "]]")}


# How a node went is its border, which reads the same on every filling.
_BORDERS = {
    "run": "stroke:#2e7d32,stroke-width:3px",
    "failed": "stroke:#b42318,stroke-width:3px",
    "stopped": "stroke:#b7791f,stroke-width:3px",
    "skipped": "stroke:#7b8794,stroke-width:2px,stroke-dasharray:6 4",
    "unreached": "stroke:#c5ccd3,stroke-dasharray:3 3,color:#8a95a1",
}
_TAKEN, _NOT_TAKEN = "stroke:#2e7d32,stroke-width:3px", "stroke:#c5ccd3"


def mermaid(workflow: WorkflowSpec, marks: Marks | None = None) -> str:
    """The text of a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html); `marks` show a run on it."""
    # `%%{` would begin a directive of Mermaid's own.
    said = plain(next(iter(workflow.description.strip().splitlines()), ""))
    lines = [f"%% {said}"] if said else []
    drawing = _Drawing()
    lines += ["flowchart TD", *drawing.graph(picture(workflow, marks), "n_", "    ")]
    return "\n".join([*lines, *drawing.styles()]) + "\n"


class _Drawing:
    """Writes the lines of graphs, and remembers what is styled at the end: nodes by class, links by their number."""

    def __init__(self) -> None:
        self.numbers = count(1)  # of groups and fail targets
        self.classes: dict[str, list[str]] = {}
        self.links: list[bool | None] = []  # in the order of the text, whether each was taken

    def graph(self, graph: Picture, prefix: str, indent: str) -> Iterator[str]:
        """The lines of a graph; `prefix` keeps its nodes apart from others."""
        # `end` in any case is a word of Mermaid's own, and so are some others; a prefix keeps clear of them all.
        yield f"{indent}{prefix}{START}((START))"
        yield f"{indent}{prefix}{END}((END))"
        if not graph.ends:
            self.classes.setdefault("unreached", []).append(prefix + END)
        for box in graph.boxes:
            if box.mark is not None:
                self.classes.setdefault(_class(box.mark), []).append(prefix + box.name)
            if box.inner is None:
                left, right = _SHAPES.get(box.kind, ("[", "]"))
                yield f'{indent}{prefix}{box.name}{left}"{_label(box)}"{right}'
            else:
                # Mermaid leaves room for one line only above what is in a subgraph.
                yield f'{indent}subgraph {prefix}{box.name}["{" · ".join([box.name, *map(_escaped, _lines(box))])}"]'
                yield from self.graph(box.inner, f"g{next(self.numbers)}_", f"{indent}    ")
                yield f"{indent}end"
        for arrow in graph.arrows:
            yield f"{indent}{prefix}{arrow.source} {self.link(arrow, prefix)}"

    def link(self, arrow: Arrow, prefix: str) -> str:
        """A way from its arrow on."""
        label = f"{arrow.label} · {arrow.taken}×".removeprefix(" · ") if arrow.taken else arrow.label
        drawn = f'-->|"{_escaped(label)}"|' if label else "-->"
        self.links += [None if arrow.taken is None else arrow.taken > 0] * max(len(arrow.to), 1)
        if arrow.fails is None:
            return f"{drawn} {' & '.join(prefix + to for to in arrow.to)}"
        target = f"fail_{next(self.numbers)}"
        if arrow.taken is not None:
            self.classes.setdefault("failed" if arrow.taken else "unreached", []).append(target)
        return f'{drawn} {target}{{{{"{_escaped("fail: " + arrow.fails)}"}}}}'

    def styles(self) -> Iterator[str]:
        """The lines that say how nodes and links are drawn; none where no run is shown."""
        for name, style in _BORDERS.items():
            if name in self.classes:
                yield f"    classDef {name} {style}"
                yield f"    class {','.join(self.classes[name])} {name}"
        for taken, style in ((True, _TAKEN), (False, _NOT_TAKEN)):
            numbers = [str(number) for number, link in enumerate(self.links) if link is taken]
            if numbers:
                yield f"    linkStyle {','.join(numbers)} {style}"


def _class(mark: Mark) -> str:
    match mark.how:
        case None:
            return "unreached"
        case "succeeded":
            return "run"
        case "failed" | "skipped" as how:
            return how
        case _:
            return "stopped"


def _lines(box: Box) -> tuple[str, ...]:
    return box.lines if box.mark is None else (box.mark.text, *box.lines)


def _label(box: Box) -> str:
    return box.name + "".join(f"<br/><small>{_escaped(line)}</small>" for line in _lines(box))


def _escaped(text: str) -> str:
    # Mermaid reads `#35;` as a character by its number, before all else.
    safe = text.replace("&", "&amp;").replace('"', "&quot;").replace("#", "&num;")
    return safe.replace("<", "&lt;").replace(">", "&gt;")
