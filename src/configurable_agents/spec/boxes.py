"""A workflow's graph in the characters of a terminal: its nodes one below the other, in the order of the file.

A way to the next node goes straight down. Every other leaves to the right, for a rail that leads to its target, up or
down; ways to the same target share their rail. Where there is no room for another rail, the target is named instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from configurable_agents.spec.edges import END, START
from configurable_agents.spec.marks import How, Marks
from configurable_agents.spec.picture import Box, Picture, picture
from configurable_agents.spec.picturetext import columns, plain, wrapped
from configurable_agents.spec.workflow import WorkflowSpec

_LEAST_ROOM = 24  # columns of a text, however deep it stands in frames
_MOST_ROOM = 60
_MOST_RAILS = 12
_STEM = "  "  # what stands left of a line that goes down
_SINGLE, _DOUBLE = ("┌", "─", "┐", "│", "└", "┘"), ("╔", "═", "╗", "║", "╚", "╝")
_ASCII = str.maketrans("─│┌┐└┘├┤┼╭╮╰╯═║╔╗╚╝▼◀▶→×·…●◎✓✗■", "-|+++++++++++=#####v<>>x-~o@*!!")
_SIGNS: dict[How | None, str] = {None: "·", "succeeded": "✓", "failed": "✗", "skipped": "-"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A line without its rails: `to` is where a way leaves it to, `of` the node that ways come in to here."""

    text: str
    to: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class _Exit:
    """A way out of a node; `fails` as in an arrow."""

    label: str
    to: str
    fails: str | None = None


def boxes(workflow: WorkflowSpec, width: int, marks: Marks | None = None) -> str:
    """The drawing, of at most so many columns unless frames stand in frames in frames.

    Where `marks` of a run are given, `✓ 2×` stands at each way that was taken, and under each node how it went.
    """
    said = plain(f"{workflow.name}: {workflow.description}" if workflow.description.strip() else workflow.name)
    lines = [*wrapped(said, width), "", *_graph(picture(workflow, marks), width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def without_lines(text: str) -> str:
    """The drawing in ASCII, for a terminal that has no characters for lines."""
    return text.translate(_ASCII)


def _graph(graph: Picture, width: int) -> list[str]:
    order = [START, *(box.name for box in graph.boxes), END]
    exits = {name: list(_exits(graph, name)) for name in order}
    follows = dict(pairwise(order))
    far = {out.to for name in order for out in exits[name] if out.to and out.to != follows.get(name)}
    room = max(_LEAST_ROOM, min(_MOST_ROOM, width - 6 - 2 * min(len(far), _MOST_RAILS)))
    inner_room = max(width - 6 - 2 * min(len(far), _MOST_RAILS), _LEAST_ROOM)
    parts = {box.name: box for box in graph.boxes}
    rows: list[_Row] = []
    for name in order:
        rows += _node(name, parts.get(name), room, inner_room)
        rows += _ways_out(exits[name], follows.get(name), room)
    rails = _rails(rows, width)
    return _with_rails([_named(row, rails) for row in rows], rails)


def _exits(graph: Picture, name: str) -> Iterator[_Exit]:
    for arrow in graph.arrows:
        if arrow.source == name:
            label = f"{arrow.label} ✓ {arrow.taken}×".strip() if arrow.taken else arrow.label
            if arrow.fails is not None:
                yield _Exit(label, "", arrow.fails)
            for index, to in enumerate(arrow.to):
                yield _Exit(label if index == 0 else "and" * bool(label), to)


def _node(name: str, box: Box | None, room: int, inner_room: int) -> Iterator[_Row]:
    if box is None:
        yield _Row(f" {'●' if name == START else '◎'} {name} ", of=name)
        return
    marked = (f"{_SIGNS.get(box.mark.how, '■')} {box.mark.text}",) if box.mark is not None else ()
    told = [part for line in (box.name, *marked, *box.lines) for part in wrapped(line, room)]
    if box.inner is not None:
        told += ["", *_graph(box.inner, inner_room)]
    left_top, flat, right_top, upright, left_bottom, right_bottom = _SINGLE if box.inner is None else _DOUBLE
    wide = max(map(columns, told))
    yield _Row(f"{left_top}{flat * (wide + 2)}{right_top}")
    for index, line in enumerate(told):
        yield _Row(f"{upright} {line}{' ' * (wide - columns(line))} {upright}", of="" if index else name)
    yield _Row(f"{left_bottom}{flat * (wide + 2)}{right_bottom}")


def _ways_out(exits: list[_Exit], follower: str | None, room: int) -> Iterator[_Row]:
    straight = next((out for out in exits if out.to and out.to == follower), None)
    for index, out in enumerate(exits):
        goes_below = index < len(exits) - 1
        goes_on = straight is not None or goes_below
        if out is straight and not goes_below:
            continue
        text = out.label if out.fails is None else f"{out.label} ─▶ fail: {out.fails}".strip()
        first, *rest = wrapped(text, room) or [""]
        if out is straight:  # it goes on down the stem, after those below it
            if first:
                yield _Row(f"{_STEM}├▼ {first}")
        else:
            yield _Row(f"{_STEM}{'├' if goes_on else '╰'}─{' ' if first else ''}{first}", to=out.to)
        yield from (_Row(f"{_STEM}{'│' if goes_on else ' '}  {part}") for part in rest)
    if straight is not None:
        *above, last = wrapped(exits[-1].label, room) or [""] if straight is exits[-1] else [""]
        yield from (_Row(f"{_STEM}│ {part}") for part in above)
        yield _Row(f"{_STEM}▼ {last}")
    elif exits:
        yield _Row("")


def _rails(rows: list[_Row], width: int) -> dict[str, int]:
    """The columns of the rails, by the node they lead to; short ones lie inside of long ones."""
    spans: dict[str, tuple[int, int]] = {}
    for target in {row.to for row in rows if row.to}:
        at = [number for number, row in enumerate(rows) if target in (row.to, row.of)]
        spans[target] = (at[0], at[-1])
    left = max((columns(row.text) for row in rows), default=0) + 2
    taken: dict[int, list[tuple[int, int]]] = {column: [] for column in range(left, width, 2)}
    rails = {}
    for target, (top, bottom) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[1])):
        for column, others in taken.items():
            if all(bottom < first or last < top for first, last in others):
                others.append((top, bottom))
                rails[target] = column
                break
    return rails


def _named(row: _Row, rails: dict[str, int]) -> _Row:
    """A row whose way leads to a node without a rail, with the node's name in it."""
    return replace(row, text=f"{row.text} ─▶ {row.to}", to="") if row.to and row.to not in rails else row


def _with_rails(rows: list[_Row], rails: dict[str, int]) -> list[str]:
    at = {target: [n for n, row in enumerate(rows) if target in (row.to, row.of)] for target in rails}
    lines = []
    for number, row in enumerate(rows):
        met = row.to or (row.of if row.of in rails else "")
        end = rails[met] if met else 0
        used = columns(row.text)
        # Of a terminal's columns those right of the text, each one character.
        right = [" "] * (max(rails.values(), default=used) + 1 - used)
        if met:
            right[: end - used] = "─" * (end - used)
            right[0] = right[0] if row.to else "◀"
            if row.to and not row.text.endswith("─"):
                right[0] = " "
        for target, column in rails.items():
            touched = at[target]
            if target == met:
                right[column - used] = "╮" if number == touched[0] else "╯" if number == touched[-1] else "┤"
            elif touched[0] < number < touched[-1]:
                right[column - used] = "┼" if column < end else "│"
        lines.append(row.text + "".join(right))
    return lines
