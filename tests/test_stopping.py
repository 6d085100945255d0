"""Functions that do not let themselves be stopped, or stop themselves: what is stopped stays stopped all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from configurable_agents.events import Event
from tests.workflows import count, functions, load, run, told

STUBBORN = """\
import asyncio
import pathlib


def count(name):
    path = pathlib.Path(__file__).parent / f"{name}.count"
    path.write_text(str(int(path.read_text()) + 1 if path.exists() else 1))


async def raises(x=0):
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        count("stopped")
        raise ValueError("cleanup failed")


async def returns(x=0):
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        count("stopped")
        return "late"


async def stops_itself(x=1):
    if x == 1:
        asyncio.current_task().cancel()
    await asyncio.sleep(0.01)
    return x


class Odd(BaseException):
    pass


def odd():
    raise Odd("odd")


async def odd_later():
    raise Odd("odd")


async def leaves():
    raise GeneratorExit
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.py").write_text(STUBBORN, "utf-8")
    return functions(tmp_path)


HANDLED: dict[str, dict[str, Any]] = {
    "plainly": {},
    "tried again": {"retry": {"attempts": 3, "backoff": "1ms"}},
    "handled": {"on_error": {"set": {"x": "handled"}}},
    "in a map": {"for_each": "i in range(3)", "concurrency": 1, "on_item_error": "skip"},
}
AFTER = {"set": {"y": "never"}}
NEXT = ["START -> a", {"from": "a", "route": [{"on_error": "any", "to": "b"}, {"else": "b"}]}, "b -> END"]


@pytest.mark.parametrize("function", ["raises", "returns"])
@pytest.mark.parametrize("name", HANDLED)
async def test_a_cancelled_run_ends_there(name: str, function: str, folder: Path) -> None:
    nodes = {"a": {"python": f"s:{function}", "writes": "x", **HANDLED[name]}, "b": AFTER}
    workflow = load(folder, nodes, NEXT, state={"x": "any", "y": "any"})
    events: list[Event] = []
    begun = asyncio.Event()

    def take(event: Event) -> None:
        events.append(event)
        if event.type == "node_started":
            begun.set()

    task = asyncio.ensure_future(workflow.arun(subscribers=[take]))
    await begun.wait()
    await asyncio.sleep(0.2)  # until the function waits
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [event.type for event in events] == ["run_started", "node_started", "node_cancelled", "run_cancelled"]
    assert count(folder, "stopped") == 1


@pytest.mark.parametrize("function", ["raises", "returns"])
@pytest.mark.parametrize("name", HANDLED)
def test_the_timeout_of_a_run_ends_it_there(name: str, function: str, folder: Path) -> None:
    nodes = {"a": {"python": f"s:{function}", "writes": "x", **HANDLED[name]}, "b": AFTER}
    result = run(folder, nodes, NEXT, state={"x": "any", "y": "any"}, limits={"timeout": "200ms"})
    assert result.view.error is not None
    assert result.view.error.code == "run_timeout"
    assert told(result, "node_started") == ["a"]
    assert told(result, "node_cancelled") == ["a"]


@pytest.mark.parametrize("function", ["raises", "returns"])
def test_a_timeout_is_a_timeout_whatever_comes_of_it(function: str, folder: Path) -> None:
    nodes = {"a": {"python": f"s:{function}", "timeout": "100ms", "writes": "x"}, "b": {"set": {"x": "caught"}}}
    edges = ["START -> a", {"from": "a", "route": [{"on_error": "timeout", "to": "b"}, {"else": "END"}]}, "b -> END"]
    assert run(folder, nodes, edges).state == {"x": "caught"}


def test_a_branch_that_is_stopped_by_another_does_not_handle_that(folder: Path) -> None:
    nodes = {
        "a": {"python": "s:raises", "writes": "x", "on_error": {"set": {"x": "handled"}}},
        "b": {"python": "f:flaky", "with": {"failures": 9}, "writes": "y"},
    }
    result = run(folder, nodes, ["START -> a & b -> END"], state={"x": "any", "y": "any"})
    assert result.view.error is not None
    assert result.view.error.node == "b"
    assert told(result, "node_cancelled") == ["a"]
    assert told(result, "node_succeeded") == []


def test_a_function_that_stops_itself_fails_its_item_and_no_other(folder: Path) -> None:
    node = {"for_each": "x in range(4)", "concurrency": 1, "python": "s:stops_itself", "writes": "x_"}
    state = {"x_": "list[int]", "bad": "list[ItemError]"}
    result = run(folder, {"a": {**node, "on_item_error": {"collect": "bad"}}}, state=state)
    assert result.state["x_"] == [0, 2, 3]
    assert [(bad["index"], bad["code"]) for bad in result.state["bad"]] == [(1, "python_error")]
    error = run(folder, {"a": {"python": "s:stops_itself", "writes": "x"}}).view.error
    assert error is not None
    assert (error.code, error.node) == ("python_error", "a")


@pytest.mark.parametrize(("function", "said"), [("odd", "Odd: odd"), ("odd_later", "Odd: odd"), ("leaves", "")])
def test_whatever_a_function_raises_fails_its_node(function: str, said: str, folder: Path) -> None:
    error = run(folder, {"a": {"python": f"s:{function}", "writes": "x"}}).view.error
    assert error is not None
    assert error.code == "python_error"
    assert said in error.message
