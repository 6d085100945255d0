"""The Python API: its public names, running in and out of an event loop, many runs at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents import InputError, RunError, RunResult, UsageError, Workflow, WorkflowError

WORKFLOW = """\
version: 2
name: double
input: {n: int}
state: {twice: int}
output: {result_of_it: twice, was: n}
nodes:
  double: {set: {twice: "{{ n * 2 }}"}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "double.yaml"
    path.write_text(WORKFLOW, encoding="utf-8")
    return path


def test_the_public_names_are_these() -> None:
    assert configurable_agents.__all__ == [
        "ConfigurableAgentsError",
        "Finding",
        "InputError",
        "RunError",
        "RunResult",
        "SettingsError",
        "StoreError",
        "UsageError",
        "Workflow",
        "WorkflowError",
        "check",
        "load",
        "open_store",
        "resume",
    ]
    for name in configurable_agents.__all__:
        assert getattr(configurable_agents, name).__module__.startswith("configurable_agents.")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        configurable_agents.nothing  # noqa: B018


def test_the_public_members_are_these() -> None:
    def members(of: type) -> set[str]:
        return {name for name in dir(of) if not name.startswith("_")}

    # `models` and `start` are the two halves of `arun`, for programs that show which models are asked before a run.
    public = {"arun", "findings", "go_on", "models", "name", "plan", "run", "runner", "start", "stream"}
    assert members(Workflow) == public
    assert members(RunResult) == {"events", "output", "run_id", "state", "status", "view"}


def test_a_workflow_is_loaded_and_run(file: Path) -> None:
    workflow = configurable_agents.load(file)
    assert workflow.name == "double"
    assert workflow.findings == ()
    result = workflow.run({"n": 4})
    assert result.status == "succeeded"
    assert result.output == {"result_of_it": 8, "was": 4}
    assert result.state == {"twice": 8}
    assert [event.type for event in result.events] == [
        "run_started",
        "node_started",
        "node_succeeded",
        "run_succeeded",
    ]
    assert [event.seq for event in result.events] == [1, 2, 3, 4]
    assert {event.run_id for event in result.events} == {result.run_id}


async def test_run_in_an_event_loop_says_what_to_call_instead(file: Path) -> None:
    with pytest.raises(UsageError, match=r"await workflow\.arun"):
        configurable_agents.load(file).run({"n": 4})


async def test_many_runs_of_one_workflow_go_on_at_once(file: Path) -> None:
    workflow = configurable_agents.load(file)
    results = await asyncio.gather(*(workflow.arun({"n": n}) for n in range(50)))
    assert [result.output["was"] * 2 for result in results] == [result.state["twice"] for result in results]
    assert len({result.run_id for result in results}) == 50


async def test_subscribers_see_every_event_in_order(file: Path) -> None:
    seen: list[int] = []
    workflow = configurable_agents.load(file)
    result = await workflow.arun({"n": 1}, subscribers=[lambda event: seen.append(event.seq)])
    assert seen == [event.seq for event in result.events]


def test_events_survive_being_written_as_json_and_read_again(file: Path) -> None:
    from configurable_agents.events import event_from_json

    for event in configurable_agents.load(file).run({"n": 1}).events:
        assert event_from_json(event.model_dump_json()) == event


def test_run_ids_sort_by_the_time_the_runs_began(file: Path) -> None:
    workflow = configurable_agents.load(file)
    ids = []
    for n in range(3):
        ids.append(workflow.run({"n": n}).run_id)
        asyncio.run(asyncio.sleep(0.002))
    assert ids == sorted(ids)
    assert all(run_id[14] == "7" for run_id in ids)


def test_a_wrong_input_raises_before_anything_runs(file: Path) -> None:
    with pytest.raises(InputError) as caught:
        configurable_agents.load(file).run({"n": "four", "m": 1})
    assert [problem.field for problem in caught.value.problems] == ["m", "n"]
    assert isinstance(caught.value, UsageError)


@pytest.mark.parametrize("given", [{1: 2}, [1], "four", 5])
def test_what_is_no_input_at_all_is_told_as_well(given: Any, file: Path) -> None:
    with pytest.raises(InputError):
        configurable_agents.load(file).run(given)


def test_a_failed_run_has_a_result_whose_output_raises(file: Path) -> None:
    file.write_text(WORKFLOW.replace("n * 2", "n / 0"), encoding="utf-8")
    result = configurable_agents.load(file).run({"n": 1})
    assert result.status == "failed"
    with pytest.raises(RunError, match="division by zero") as caught:
        _ = result.output
    assert caught.value.node == "double"


def test_a_wrong_file_raises_with_all_its_findings(file: Path) -> None:
    file.write_text(WORKFLOW.replace("twice: int", "twice: intt").replace("n * 2", "m * 2"), encoding="utf-8")
    with pytest.raises(WorkflowError) as caught:
        configurable_agents.load(file)
    assert [finding.code for finding in caught.value.findings] == ["unknown_type", "unknown_name"]
    assert configurable_agents.check(file).findings == caught.value.findings


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    (tmp_path / "slow.py").write_text("import asyncio\nasync def wait():\n    await asyncio.sleep(60)\n")
    path = tmp_path / "slow.yaml"
    path.write_text("version: 2\nname: slow\nstate: {n: any}\nnodes:\n  wait: {python: 'slow:wait', writes: n}\n")
    return path


async def test_cancelling_a_run_cancels_its_nodes(slow: Path) -> None:
    seen: list[str] = []
    started = asyncio.Event()
    workflow = configurable_agents.load(slow)

    def watch(event: object) -> None:
        seen.append(event.type)  # type: ignore[attr-defined]
        if seen[-1] == "node_started":
            started.set()

    task = asyncio.ensure_future(workflow.arun(subscribers=[watch]))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["run_started", "node_started", "node_cancelled", "run_cancelled"]
