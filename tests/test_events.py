"""What the events of every run have in common: numbered without a gap, each start with one end, told inside out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from configurable_agents.events import Event, event_from_json, owner_of, path_within
from configurable_agents.projection import project
from tests.workflows import data, functions, load

ENDS = ("node_succeeded", "node_failed", "node_cancelled")


def group(**nodes: Any) -> dict[str, Any]:
    return {"state": {"y": "any"}, "nodes": nodes, "output": ["y"]}


WAIT = {"python": "f:wait", "writes": "y"}
SOON = {"python": "f:wait", "with": {"seconds": 0.02}, "writes": "y"}
FAIL = {"python": "f:fail", "writes": "y"}
MAPPED = {"for_each": "i in range(5)", "concurrency": 3}

RUNS: dict[str, dict[str, Any]] = {
    "all is well": data({"a": {**group(b={**group(c=SOON), **MAPPED, "writes": "y"}), **MAPPED, "writes": "x"}}),
    "a failure deep inside": data(
        {"a": {**group(b={**group(c=FAIL), "writes": "y"}), **MAPPED, "writes": "x"}, "z": {**WAIT, "writes": "x"}},
        ["START -> a & z -> END"],
        state={"x": {"type": "list[any]", "merge": "append"}},
    ),
    "a failure that is tried again": data(
        {
            "a": {
                **group(b=FAIL),
                "retry": {"attempts": 3, "backoff": "1ms"},
                "on_error": {"set": {"x": 1}},
                "writes": "x",
            }
        }
    ),
    "a timeout of a group": data({"a": {**group(b={**group(c=WAIT), **MAPPED, "writes": "y"}), "timeout": "100ms"}}),
    "a timeout of the run": data(
        {"a": {**group(b={**WAIT, **MAPPED}), **MAPPED, "writes": "x"}, "b": {**WAIT, "writes": "x"}},
        limits={"timeout": "150ms"},
    ),
    "too many steps": data(
        {"a": {"set": {"x": 1}}, "b": SOON},
        ["START -> a & b", {"from": "a", "route": [{"when": "true", "to": "a"}, {"else": "END"}]}, "b -> END"],
        state={"x": "any", "y": "any"},
        limits={"max_steps": 5},
    ),
    "a route that fails the run": data(
        {"a": {"set": {"x": 1}}, "b": WAIT},
        ["START -> a & b", {"from": "a", "route": [{"else": {"fail": "no"}}]}, "b -> END"],
        state={"x": "any", "y": "any"},
    ),
}


def assert_told_well(events: list[Event]) -> None:
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].type == "run_started"
    assert [event.type for event in events if event.type.startswith("run_")][1:] == [events[-1].type]
    going: list[tuple[str, int]] = []
    ended: set[tuple[str, int]] = set()
    for event in events:
        if event.type.startswith("run_"):
            continue
        key = (event.node, event.visit)  # type: ignore[union-attr]
        assert key not in ended or event.type == "route_taken", f"{key} goes on after its end: {event.type}"
        if event.type == "node_started":
            assert key not in going
            owner = owner_of(key[0])
            assert owner is None or owner in going, f"{key} began outside of what it is in"
            going.append(key)
        elif event.type in ENDS:
            going.remove(key)
            ended.add(key)
            inside = [other for other in going if owner_of(other[0]) == key]
            assert not inside, f"{key} ended before {inside}"
        elif event.type not in ("route_taken", "node_skipped"):
            assert key in going
    assert not going, "these never ended"
    assert [event_from_json(event.model_dump_json()) for event in events] == events
    project(events)


@pytest.mark.parametrize("name", RUNS)
async def test_events_are_told_well(name: str, tmp_path: Path) -> None:
    made = RUNS[name]
    sections = {key: value for key, value in made.items() if key not in ("nodes", "edges", "version", "name")}
    result = await load(functions(tmp_path), made["nodes"], made.get("edges"), **sections).arun()
    assert_told_well(result.events)


@pytest.mark.parametrize("after", range(1, 20, 3))
async def test_events_of_a_cancelled_run_are_told_well(after: int, tmp_path: Path) -> None:
    nodes = {"a": {**group(b={**group(c=SOON), **MAPPED, "writes": "y"}), **MAPPED, "writes": "x"}, "b": WAIT}
    workflow = load(functions(tmp_path), nodes, ["START -> a & b -> END"], state={"x": "any", "y": "any"})
    events: list[Event] = []
    enough = asyncio.Event()

    def take(event: Event) -> None:
        events.append(event)
        if len(events) == after:
            enough.set()

    run = asyncio.ensure_future(workflow.arun(subscribers=[take]))
    await enough.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert events[-1].type == "run_cancelled"
    assert_told_well(events)


PATHS = [("a", 1, None, 1, "a"), ("a", 2, 3, 4, "a#2[3]~4"), ("b~2/a", 1, 0, 1, "b~2/a[0]"), ("a", 1, None, 2, "a~2")]


@pytest.mark.parametrize(("node", "visit", "item", "attempt", "path"), PATHS)
def test_a_path_tells_what_it_is_in(node: str, visit: int, item: int | None, attempt: int, path: str) -> None:
    assert path_within(node, visit, item, attempt) == path
    assert owner_of(f"{path}/inner") == (node, visit)
    assert owner_of("a") is None
