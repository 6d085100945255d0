"""Two runs side by side: what they were given, where their ways part, what they gave, and what it took."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from configurable_agents.events import Event, NodeFailed, NodeSkipped, NodeSucceeded, RouteTaken
from configurable_agents.projection import RunView, project

_LONG = 60  # characters of a text that is shown as a difference, not whole
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A value by its name that differs: `before` in the first run, `after` in the second; missing where it has none."""

    name: str
    before: Any
    after: Any

    def lines(self) -> list[str]:
        """The difference of two long texts line by line, as `diff -u` shows it; empty where they are short."""
        before, after = self.before, self.after
        if not isinstance(before, str) or not isinstance(after, str):
            return []
        if max(len(before), len(after)) <= _LONG and "\n" not in before + after:
            return []
        return list(difflib.unified_diff(_lines(before), _lines(after), "A", "B", n=1, lineterm=""))[2:]


MISSING = object()


@dataclass(frozen=True, slots=True)
class Parting:
    """The first execution or choice that the runs do not share, by `node` and `visit`.

    `before` and `after` are what each did there, empty where it did not come so far; `common` says how many executions
    before it were the same in both.
    """

    node: str
    visit: int
    kind: str
    before: str
    after: str
    common: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`before` is the first run, `after` the second. `writes` are by node and visit, of executions that both have."""

    before: RunView
    after: RunView
    input: tuple[Change, ...]
    parting: Parting | None
    writes: Mapping[tuple[str, int], tuple[Change, ...]]
    output: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        """The comparison as `runs diff --json` prints it; a value that one run lacks is left out."""
        parting = self.parting
        return {
            "a": _about(self.before),
            "b": _about(self.after),
            "same_workflow": self.before.workflow_hash == self.after.workflow_hash,
            "input": [_change(change) for change in self.input],
            "way": None
            if parting is None
            else {
                "node": parting.node,
                "visit": parting.visit,
                "kind": parting.kind,
                "a": parting.before or None,
                "b": parting.after or None,
                "common_steps": parting.common,
            },
            "writes": [
                {"node": node, "visit": visit, **_change(change)}
                for (node, visit), changes in self.writes.items()
                for change in changes
            ],
            "output": [_change(change) for change in self.output],
        }


def compare(before: Sequence[Event], after: Sequence[Event]) -> Comparison:
    """The runs of these events."""
    one, other = project(list(before)), project(list(after))
    writes = {}
    for step in one.steps:
        twin = next((found for found in other.steps if (found.node, found.visit) == (step.node, step.visit)), None)
        if twin is not None:
            changes = _changes(step.writes, twin.writes)
            if changes:
                writes[step.node, step.visit] = changes
    return Comparison(
        one,
        other,
        _changes(one.input, other.input),
        _parting(_way(before), _way(after)),
        writes,
        _changes(one.output or {}, other.output or {}),
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names = dict.fromkeys([*before, *after])
    pairs = ((name, before.get(name, MISSING), after.get(name, MISSING)) for name in names)
    return tuple(Change(name, one, other) for name, one, other in pairs if not _same(one, other))


def _same(one: Any, other: Any) -> bool:
    # To Python, true is 1; to who reads two outputs, it is not.
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


# How an execution ended, or where a choice led, by what it is of.
_Place = tuple[str, str, int]


def _way(events: Sequence[Event]) -> dict[_Place, str]:
    found: dict[_Place, str] = {}
    for event in events:
        match event:
            case NodeSkipped():
                found["step", event.node, event.visit] = "skipped"
            case NodeSucceeded():
                found["step", event.node, event.visit] = (
                    "ran" if event.error is None else f"failed ({event.error.code})"
                )
            case NodeFailed():
                found["step", event.node, event.visit] = f"failed ({event.error.code})"
            case RouteTaken():
                found["route", event.node, event.visit] = f"-> {' & '.join(event.targets)}"
    return found


def _parting(before: Mapping[_Place, str], after: Mapping[_Place, str]) -> Parting | None:
    """Branches that run at the same time end in any order, so the order is not compared, only what there is."""
    place = next(_differing(before, after), None)
    if place is None:
        return None
    kind, node, visit = place
    earlier = list(before if place in before else after)
    earlier = earlier[: earlier.index(place)]
    common = sum(before.get(key) == after.get(key) for key in earlier if key[0] == "step")
    return Parting(node, visit, kind, before.get(place, ""), after.get(place, ""), common)


def _differing(before: Mapping[_Place, str], after: Mapping[_Place, str]) -> Iterator[_Place]:
    yield from (place for place in before if before[place] != after.get(place))
    yield from (place for place in after if place not in before)


def _lines(text: str) -> list[str]:
    """The lines of a text, long ones broken, so that a difference within a paragraph is seen."""
    return [part for line in text.splitlines() for part in textwrap.wrap(line, _WIDTH) or [""]]


def _about(view: RunView) -> dict[str, Any]:
    spent = view.spent
    return {
        "run_id": view.run_id,
        "workflow": view.workflow,
        "status": view.status,
        "model": view.model,
        "error": view.error.model_dump() if view.error is not None else None,
        "steps": len(view.steps),
        "model_calls": spent.model_calls,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "cost_usd": spent.cost_usd,
        "duration_s": round(view.duration_s, 6),
    }


def _change(change: Change) -> dict[str, Any]:
    found = {"field": change.name}
    found |= {"a": change.before} if change.before is not MISSING else {}
    return found | ({"b": change.after} if change.after is not MISSING else {})
