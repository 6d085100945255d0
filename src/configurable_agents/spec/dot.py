"""A workflow's graph in DOT, the language of Graphviz (graphviz.org/doc/info/lang.html), which lays it out."""

from __future__ import annotations

from collections.abc import Iterator

from configurable_agents.spec.edges import END, START
from configurable_agents.spec.marks import How, Marks
from configurable_agents.spec.picture import Arrow, Box, Picture, picture
from configurable_agents.spec.picturetext import plain, wrapped
from configurable_agents.spec.workflow import WorkflowSpec

# Dark on light with a background of its own, so that it reads the same on a dark page.
_INK, _SOFT, _FAILURE = "#1f2933", "#52606d", "#b42318"
_FONT = "Helvetica,Arial,sans-serif"
_HEAD = f"""\
    graph [compound=true, bgcolor="#ffffff", pad=0.2, nodesep=0.4, ranksep=0.45, labelloc=t,
        fontname="{_FONT}", fontcolor="{_INK}", fontsize=13]
    node [shape=box, style="filled", fillcolor="#ffffff", color="{_SOFT}", margin="0.16,0.09",
        fontname="{_FONT}", fontcolor="{_INK}", fontsize=13]
    edge [color="{_SOFT}", arrowsize=0.75, fontname="{_FONT}", fontcolor="{_INK}", fontsize=10.5]
"""
# Round and blue for models, green for code, violet for other workflows, white for the rest.
_STYLES = {
    "prompt": 'style="filled,rounded", fillcolor="#e3effb"',
    "messages": 'style="filled,rounded", fillcolor="#e3effb"',
    "python": 'fillcolor="#e6f4e6"',
    "workflow": 'fillcolor="#efe7fa", peripheries=2',
}
# Of a run: the border of a node by how it went, and what was not reached is pale.
_WENT: dict[How | None, str] = {
    "succeeded": 'color="#2e7d32", penwidth=2.5',
    "failed": f'color="{_FAILURE}", penwidth=2.5',
    "skipped": f'color="{_SOFT}", penwidth=1.5',
    None: 'color="#c5ccd3", fontcolor="#8a95a1", fillcolor="#ffffff"',
}
_STOPPED = 'color="#b7791f", penwidth=2.5'
_TAKEN, _PALE, _PALE_INK = "#2e7d32", "#c5ccd3", "#8a95a1"
_ROOM = 54  # columns of a line in a box
_LABEL_ROOM = 34  # of one beside an arrow


def dot(workflow: WorkflowSpec, marks: Marks | None = None) -> str:
    """The text of a directed graph. A node is named by its path (`review/score`); `marks` show a run on it."""
    said = [f"<B>{_escaped(workflow.name)}</B>", *_small([*wrapped(plain(workflow.description), 70), " "])]
    shown = picture(workflow, marks)
    lines = [*_boxes(shown, ""), *_arrows(shown, "")]
    body = "\n".join(f"    {line}" for line in lines)
    return f'digraph "{workflow.name}" {{\n    label=<{"<BR/>".join(said)}>\n{_HEAD}{body}\n}}\n'


def _boxes(graph: Picture, prefix: str) -> Iterator[str]:
    ends = f'style="filled,rounded", fontsize=10, margin="0.1,0.04", height=0.25, width=0.55, color="{_INK}"'
    yield f'"{prefix}{START}" [label="START", {ends}, fillcolor="{_INK}", fontcolor="#ffffff"]'
    for box in graph.boxes:
        if box.inner is None:
            styles = ", ".join(filter(None, (f"label=<{_label(box)}>", _STYLES.get(box.kind), _went(box))))
            yield f'"{prefix}{box.name}" [{styles}]'
        else:
            yield f'subgraph "cluster_{prefix}{box.name}" {{'
            yield f'    label=<{_label(box)}>; style="filled,rounded"; fillcolor="#f5f7fa"; color="{_SOFT}"; margin=14'
            if box.mark is not None:
                yield f"    {_went(box).replace(', ', '; ')}"
            yield from _boxes(box.inner, f"{prefix}{box.name}/")
            yield "}"
    for number, arrow in _failures(graph):
        said = "<BR/>".join(map(_escaped, wrapped(f"fail: {arrow.fails}", _ROOM)))
        style = f'fillcolor="#fdecea", color="{_FAILURE}", fontcolor="{_FAILURE}", fontsize=11'
        yield f'"{prefix}fail {number}" [label=<{said}>, {style}{_pale(unreached=arrow.taken == 0)}]'
    yield f'"{prefix}{END}" [label="END", {ends}, peripheries=2{_pale(unreached=not graph.ends)}]'


def _arrows(graph: Picture, prefix: str) -> Iterator[str]:
    """The edges of a graph and of those in it. They stand outside of all frames, which would take in their ends."""
    framed = {box.name for box in graph.boxes if box.inner is not None}
    numbers = {id(arrow): number for number, arrow in _failures(graph)}
    for arrow in graph.arrows:
        source = f"{prefix}{arrow.source}"
        tail = f'ltail="cluster_{source}", ' if arrow.source in framed else ""
        start = f"{source}/{END}" if arrow.source in framed else source
        for to in arrow.to or (f"fail {numbers[id(arrow)]}",):
            target = f"{prefix}{to}"
            head = f'lhead="cluster_{target}", minlen=2, ' if to in framed else ""
            end = f"{target}/{START}" if to in framed else target
            yield f'"{start}" -> "{end}" [{tail}{head}{_line(arrow)}{_beside(arrow)}]'
    for box in graph.boxes:
        if box.inner is not None:
            yield from _arrows(box.inner, f"{prefix}{box.name}/")


def _failures(graph: Picture) -> Iterator[tuple[int, Arrow]]:
    return enumerate((arrow for arrow in graph.arrows if arrow.fails is not None), 1)


def _went(box: Box) -> str:
    """How the border of a node is drawn where a run is shown."""
    return _WENT.get(box.mark.how, _STOPPED) if box.mark is not None else ""


def _pale(*, unreached: bool) -> str:
    return f', color="{_PALE}", fillcolor="#ffffff", fontcolor="{_PALE_INK}"' if unreached else ""


def _line(arrow: Arrow) -> str:
    colour = {None: _FAILURE if arrow.handles else "", 0: _PALE}.get(arrow.taken, _FAILURE if arrow.handles else _TAKEN)
    line = "style=dashed, " if arrow.handles else ""
    line += f'color="{colour}", ' if colour else ""
    return line + ("penwidth=2.2, " if arrow.taken else f'fontcolor="{_PALE_INK}", ' if arrow.taken == 0 else "")


def _label(box: Box) -> str:
    name = "<BR/>".join(f"<B>{_escaped(part)}</B>" for part in wrapped(box.name, _ROOM))
    told = [part for line in box.lines for part in wrapped(line, _ROOM)]
    marked = [f'<FONT POINT-SIZE="10.5">{_escaped(box.mark.text)}</FONT>'] if box.mark is not None else []
    pale = box.mark is not None and box.mark.how is None
    return "<BR/>".join([name, *marked, *_small(told, _PALE_INK if pale else _SOFT)])


def _beside(arrow: Arrow) -> str:
    # Spaces round each line keep it off the arrow.
    lines = [f" {_escaped(part)}  " for part in wrapped(arrow.label, _LABEL_ROOM)]
    lines += [f" <B>{arrow.taken}×</B>  "] if arrow.taken else []
    return f"label=<{'<BR/>'.join(lines)}>" if lines else ""


def _small(lines: list[str], colour: str = _SOFT) -> list[str]:
    return [f'<FONT POINT-SIZE="10.5" COLOR="{colour}">{_escaped(line)}</FONT>' for line in lines]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
