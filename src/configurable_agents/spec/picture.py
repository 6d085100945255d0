"""What a picture of a workflow shows, whichever way it is drawn: boxes with lines of text, and arrows between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from configurable_agents.spec.edges import END, Fail, Goto, Outgoing, Route, Rule, Switch, Target
from configurable_agents.spec.marks import Mark, Marks
from configurable_agents.spec.nodeshapes import CollectShape, HandledShape
from configurable_agents.spec.picturetext import plain, shortened
from configurable_agents.spec.workflow import GraphSpec, NodeSpec, WorkflowSpec

_MOST_FIELDS = 6
_MOST_OF_A_TYPE = 48

_Way = tuple[str, Target, bool]  # its condition, where it leads, and whether it is taken after a failure


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way out of a node: to other nodes (several: at the same time), or with `fails` to the failure of the run.

    `label` is the condition, empty where there is none; `handles` says that it is taken after the node failed. Where a
    run is shown, `taken` is how often it went this way.
    """

    source: str
    label: str
    handles: bool
    to: tuple[str, ...]
    fails: str | None = None
    taken: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A node. `lines` are what is told of it under its name; `inner` is the graph that it is the frame of.

    Where a run is shown, `mark` says how it went.
    """

    name: str
    kind: str
    lines: tuple[str, ...]
    inner: Picture | None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph. Arrows lead from START and to END as well, which have no box. All texts are on one line."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    @property
    def ends(self) -> bool:
        """Whether END was reached; so it is where no run is shown."""
        return any(arrow.taken != 0 for arrow in self.arrows if END in arrow.to)


def picture(workflow: WorkflowSpec, marks: Marks | None = None) -> Picture:
    """What a picture of a workflow shows, and of a run of it where `marks` are given.

    Another workflow in a node is a box, a group a frame with its graph.
    """
    return _graph(workflow, workflow, marks, "")


def _graph(graph: GraphSpec, owner: WorkflowSpec, marks: Marks | None, prefix: str) -> Picture:
    boxes = tuple(_box(node, graph, owner, marks, prefix) for node in graph.nodes.values())
    arrows = tuple(
        _arrow(name, way, marks.way(f"{prefix}{name}", number) if marks is not None else None)
        for name, outgoing in graph.edges.items()
        for number, way in enumerate(_ways(outgoing))
    )
    return Picture(boxes, arrows)


def _box(node: NodeSpec, graph: GraphSpec, owner: WorkflowSpec, marks: Marks | None, prefix: str) -> Box:
    inner, path = node.inner, f"{prefix}{node.name}"
    framed = None if inner is None or isinstance(inner, WorkflowSpec) else _graph(inner, owner, marks, f"{path}/")
    mark = marks.node(path) if marks is not None else None
    return Box(node.name, node.kind.kind, tuple(map(plain, _lines(node, graph, owner))), framed, mark)


def _arrow(source: str, way: _Way, taken: int | None) -> Arrow:
    label, target, handles = way
    if isinstance(target, Fail):
        return Arrow(source, plain(label), handles, (), plain(target.message), taken)
    return Arrow(source, plain(label), handles, target, None, taken)


def _lines(node: NodeSpec, graph: GraphSpec, owner: WorkflowSpec) -> Iterator[str]:
    config = node.config
    which = _which(node, owner)
    if node.inner is None or isinstance(node.inner, WorkflowSpec):  # a frame says by itself what it is
        yield f"{node.kind.kind} · {which}" if which else node.kind.kind
    if node.loops:
        loops = ", ".join(f"{loop.name} in {loop.over.text}" for loop in node.loops)
        yield f"for each {loops}" + (f" ({config.concurrency} at once)" if config.concurrency else "")
    if config.when is not None:
        yield f"when {config.when}"
    written = list(node.written)
    for name in written[:_MOST_FIELDS]:
        yield f"→ {name}: {shortened(str(graph.state[name].type), _MOST_OF_A_TYPE)}" if name in graph.state else name
    if len(written) > _MOST_FIELDS:
        yield f"→ and {len(written) - _MOST_FIELDS} more"
    if isinstance(config.on_error, HandledShape):
        yield f"on error set {', '.join(config.on_error.set)}"
    if isinstance(config.on_item_error, CollectShape):
        yield f"on item error collect {config.on_item_error.collect}"
    elif config.on_item_error == "skip":
        yield "on item error skip"
    if config.description.strip():
        yield config.description


def _which(node: NodeSpec, owner: WorkflowSpec) -> str:
    """What a node runs or asks: another workflow's file, a function, the model by its alias or name."""
    for key in ("workflow", "python"):
        found = getattr(node.config, key, None)
        if isinstance(found, str):
            return found
    if not hasattr(node.config, "model"):
        return ""
    return node.config.model or next(iter(owner.models), "auto")


def _ways(outgoing: Outgoing) -> Iterator[_Way]:
    match outgoing:
        case Goto(to=to):
            yield "", to, False
        case Route(rules=rules):
            for rule in rules:
                label = condition(rule)
                bounded = f"{label} (at most {rule.max_times}×)" if rule.max_times else label
                yield bounded, rule.to, rule.on_error is not None
        case Switch(on=on, cases=cases, otherwise=otherwise):
            for value, target in cases:
                yield f"{on} = {value}", target, False
            if otherwise is not None:
                yield "else", otherwise, False


def condition(rule: Rule) -> str:
    """The condition of a rule as a person reads it."""
    if rule.on_error is not None:
        return "on any error" if rule.on_error == "any" else f"on error {rule.on_error}"
    return rule.when if rule.when is not None else "else"
