"""Random workflows go the way that the language says, by an interpreter of it that is as plain as can be."""

from __future__ import annotations

import gc
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import configurable_agents
from configurable_agents import RunResult
from tests import reference
from tests.random_workflows import (
    FUNCTIONS,
    GIVE,
    OWN,
    PLAIN_FUNCTIONS,
    READS,
    SHARED,
    Graph,
    Where,
    Workflow,
    graphs,
    workflow,
)

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
NODE_EVENTS = ("node_started", "node_skipped", "node_succeeded", "node_failed")


def random(of: st.SearchStrategy[Any], examples: int) -> Callable[[Any], Any]:
    """A test of that many cases, the same at each run; of FUZZ_EXAMPLES others where that is set."""

    def decorate(test: Any) -> Any:
        return settings(
            max_examples=int(EXAMPLES) if EXAMPLES else examples,
            derandomize=EXAMPLES is None,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )(given(case=of)(test))

    return decorate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random")
    (folder / "f.py").write_text(FUNCTIONS, "utf-8")
    return folder


@pytest.fixture(autouse=True)
def nothing_is_left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A task whose failure nobody looked at is told by asyncio when it is thrown away."""
    yield
    gc.collect()
    assert not [record.getMessage() for record in caplog.get_records("call")]


def told(event: Any) -> tuple[Any, ...] | None:
    """An event as the reference tells it."""
    about = (event.type, getattr(event, "node", None), getattr(event, "visit", None))
    match event.type:
        case "node_skipped" | "node_failed":
            return about
        case "node_succeeded":
            return (*about, event.superstep)
        case "item_succeeded":
            return (*about, event.item, text(event.value))
        case "item_failed":
            return (*about, event.item, event.handled)
        case "route_taken":
            return (*about, tuple(event.tried), text(event.values), event.rule, tuple(event.targets), event.count)
    return None


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def without_messages(value: Any) -> Any:
    """Data without the messages of errors, which the reference does not have."""
    if isinstance(value, Mapping):
        return {key: without_messages(inner) for key, inner in value.items() if key != "message"}
    return [without_messages(inner) for inner in value] if isinstance(value, list) else value


def in_lockstep(events: Iterable[Any], steps: Mapping[tuple[str, int], int]) -> None:
    """Each graph ends a step before it begins the next."""
    reached: dict[str, int] = {}
    for event in events:
        if event.type in NODE_EVENTS:
            graph, step = event.node.rpartition("/")[0], steps[event.node, event.visit]
            assert step >= reached.get(graph, 0), f"{event.type} of {event.node}, of step {step}, comes late"
            reached[graph] = step


def goes_as_the_reference_says(case: Workflow, folder: Path) -> RunResult:
    try:
        expected = reference.run(case.data, PLAIN_FUNCTIONS, case.given)
    except reference.Unsure:
        reject()
    result = configurable_agents.load(case.data, directory=folder).run(case.given)
    happened = Counter(about for event in result.events if (about := told(event)) is not None)
    missing, unexpected = expected.sure - happened, happened - Counter(expected.told)
    assert (missing, unexpected) == ({}, {})
    assert result.status == ("failed" if expected.errors else "succeeded"), result.view.error
    in_lockstep(result.events, expected.steps)
    if result.view.error is not None:
        assert (result.view.error.code, result.view.error.node) in expected.errors
    else:
        inputs = {name: declared["default"] for name, declared in case.data["input"].items()}
        assert result.output == {**inputs, **case.given, **result.state}
    if expected.state is not None:
        assert without_messages(result.state) == expected.state
    return result


@st.composite
def maps(draw: st.DrawFn) -> Workflow:
    """A map, its items late at random, between two nodes."""
    graph = Graph(draw, READS, delays=tuple(draw(st.lists(st.integers(0, 4), min_size=4, max_size=4))))
    nodes = {
        "before": {"set": {"n": draw(st.integers(0, 3))}},
        "m": draw(st.sampled_from([graph.mapped, graph.group]))("m", Where()),
        "after": {"set": {"facts": {"seen": "{{ seen }}"}}},
    }
    return Workflow(workflow({**OWN, **SHARED}, nodes=nodes), {"i": 1})


@st.composite
def routes(draw: st.DrawFn) -> Workflow:
    """Two nodes in a loop, by routes of random rules that they may share; by themselves or in a group, twice."""
    graph = Graph(draw, READS)
    nodes = {name: {"set": {"seen": f"{name} {{{{ n }}}}", "n": 1}} for name in "ab"}

    def rules() -> list[dict[str, Any]]:
        found = [
            graph.rule({"when": graph.condition(), "to": graph.pick("a", "b", "END")}, 2)
            for _ in range(draw(st.integers(0, 5)))
        ]
        return [{"when": "n > 20", "to": "END"}, *found, {"else": graph.pick("a", "b", "END", {"fail": "{{ n }}"})}]

    edges = [{"from": name, "route": rules()} for name in "ab"]
    if draw(st.booleans()):
        edges = [{"from": ["a", "b"], "route": rules()}]
    start = {"from": "START", "route": [{"when": graph.condition(), "to": "a"}, {"else": "b"}]}
    loop: dict[str, Any] = {"nodes": nodes, "edges": [start, *edges]}
    if draw(st.booleans()):
        group = {**loop, "state": OWN, "output": ["seen"], "writes": "seen"}
        loop = {"nodes": {"once": group, "again": {**group, "for_each": "k in [1, 2]", "flatten": True}}}
    given = {"i": draw(st.integers(-2, 5)), "flag": draw(st.booleans()), "kind": draw(st.sampled_from("xyz"))}
    return Workflow(workflow({**OWN, **SHARED}, **loop), given)


@st.composite
def merges(draw: st.DrawFn) -> Workflow:
    """Branches of random lengths that write to the same fields, sooner or later."""
    nodes: dict[str, Any] = {"last": {"set": {"facts": {"length": "{{ seen | length }}", "n": "{{ n }}"}}}}
    heads, edges = [], []
    for branch in range(draw(st.integers(2, 4))):
        names = [f"{draw(st.sampled_from('abc'))}{branch}{place}" for place in range(draw(st.integers(1, 4)))]
        for name in names:
            value = {
                "seen": [name, "at {{ n }}"],
                "n": draw(st.integers(-2, 2)),
                "facts": {"by": name, name: "{{ n }}"},
            }
            writes = draw(st.lists(st.sampled_from(list(value)), min_size=1, unique=True))
            given = {"value": {key: value[key] for key in writes}, "ms": draw(st.integers(0, 5))}
            nodes[name] = {"python": draw(st.sampled_from(list(GIVE))), "with": given, "writes": writes}
        heads.append(names[0])
        edges.append(" -> ".join([*names, "last"]))
    order = draw(st.permutations(list(nodes)))
    edges = [f"START -> {' & '.join(heads)}", *edges, "last -> END"]
    return Workflow(workflow({**OWN, **SHARED}, nodes={name: nodes[name] for name in order}, edges=edges), {})


@random(graphs(), 300)
def test_every_node_runs_when_it_must_and_the_state_is_merged_in_the_order_of_the_file(
    folder: Path, case: Workflow
) -> None:
    result = goes_as_the_reference_says(case, folder)
    if result.status == "succeeded":
        visits = Counter(step.node for step in result.view.steps)
        for fork, join in case.joins:
            assert visits[fork] == visits[join], f"{join} joins what {fork} opens"


@random(routes(), 100)
def test_the_first_rule_that_holds_is_taken_as_often_as_it_may(folder: Path, case: Workflow) -> None:
    goes_as_the_reference_says(case, folder)


@random(maps(), 100)
def test_a_map_gives_the_same_whichever_item_is_done_first(folder: Path, case: Workflow) -> None:
    goes_as_the_reference_says(case, folder)


@random(merges(), 60)
def test_branches_are_merged_alike_whichever_is_done_first(folder: Path, case: Workflow) -> None:
    goes_as_the_reference_says(case, folder)
