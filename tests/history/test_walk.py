"""What is told of a run agrees with the run: random workflows, and every example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import configurable_agents
from configurable_agents.events import NodeSucceeded, RouteTaken
from configurable_agents.history.decisions import decisions
from configurable_agents.history.states import state_at, state_at_end
from configurable_agents.history.way import marks
from tests.random_workflows import FUNCTIONS, Workflow, graphs

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = sorted(ROOT.glob("examples/*/workflow.yaml"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random")
    (folder / "f.py").write_text(FUNCTIONS, "utf-8")
    return folder


def agrees(workflow: Any, given: Mapping[str, Any], model: str | None = None) -> None:
    """The state and the way that the events tell are those that the run itself had."""
    result, spec = workflow.run(given, model=model), workflow.spec
    assert state_at_end(spec, result.events) == result.state
    seen = {
        (step.node, step.visit): state_at(spec, result.events, f"{step.node}#{step.visit}")
        for step in result.view.steps
    }
    for event in result.events:
        # A conversation or a list is only ever added to, so what an execution saw is how the state at the end begins.
        if isinstance(event, NodeSucceeded) and event.node in spec.nodes:
            before = seen[event.node, event.visit]
            for name, value in before.items():
                if spec.state[name].merge == "append" and "/" not in event.node:
                    assert result.state[name][: len(value)] == value
    routes = [event for event in result.events if isinstance(event, RouteTaken)]
    told = [decision for decision in decisions(spec, result.events) if decision.kind in ("route", "switch")]
    assert [(decision.node, decision.visit) for decision in told] == [(event.node, event.visit) for event in routes]
    for decision, event in zip(told, routes, strict=True):
        assert decision.tried[-1].held
        assert decision.to == (() if decision.fails_with else tuple(event.targets))
    way = marks(spec, result.events)
    assert sum(count.times["succeeded"] for count in way.nodes.values() if "succeeded" in count.times) == len(
        [step for step in result.view.steps if step.status == "succeeded" and step.error is None]
    )


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(case=graphs())
def test_of_random_workflows(case: Workflow, folder: Path) -> None:
    agrees(configurable_agents.load(case.data, directory=folder), case.given)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_of_every_example(path: Path) -> None:
    given = path.parent / "input.json"
    found = json.loads(given.read_text("utf-8")) if given.exists() else {}
    if path.parent.name == "hello":
        found = {"name": "Ada"}
    agrees(configurable_agents.load(path), found, "demo")
