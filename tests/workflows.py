"""Workflows written down as data, run, and looked at: for tests of what happens in a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import configurable_agents
from configurable_agents import RunResult
from configurable_agents.errors import Finding
from configurable_agents.events import Event

# Functions that the nodes of many tests call. Calls are counted in files, for a thread may outlive its test.
FUNCTIONS = """\
import asyncio
import pathlib
import threading
import time

HERE = pathlib.Path(__file__).parent
LOCK = threading.Lock()


def count(name):
    with LOCK:
        path = HERE / f"{name}.count"
        done = int(path.read_text()) + 1 if path.exists() else 1
        path.write_text(str(done))
        return done


def flaky(failures, name="flaky"):
    if count(name) <= failures:
        raise ValueError("not yet")
    return "done"


def fail(text="broken"):
    raise ValueError(text)


def twice(x):
    return 2 * x


def odd_only(x):
    if x % 2 == 0:
        raise ValueError(f"{x} is even")
    return x


def block(seconds=0.5):
    time.sleep(seconds)
    count("blocked")
    return "late"


async def wait(seconds=30, value="waited"):
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        count("stopped")
        raise
    return value


RUNNING = {"now": 0, "most": 0}


async def busy(x=0):
    RUNNING["now"] += 1
    RUNNING["most"] = max(RUNNING["most"], RUNNING["now"])
    await asyncio.sleep(0.01)
    RUNNING["now"] -= 1
    return x


def most():
    found = RUNNING["most"]
    RUNNING.update(now=0, most=0)
    return found
"""


def functions(folder: Path) -> Path:
    """Write the functions beside the workflows of a folder."""
    (folder / "f.py").write_text(FUNCTIONS, "utf-8")
    return folder


def data(nodes: dict[str, Any], edges: list[Any] | None = None, **sections: Any) -> dict[str, Any]:
    """A workflow of these nodes; its state is `x`, which may be anything, unless `state` says otherwise."""
    found: dict[str, Any] = {"version": 2, "name": "test", "state": {"x": "any"}, **sections, "nodes": nodes}
    if edges is not None:
        found["edges"] = edges
    return found


def load(folder: Path, nodes: dict[str, Any], edges: list[Any] | None = None, **sections: Any) -> Any:
    return configurable_agents.load(data(nodes, edges, **sections), directory=folder)


def save(folder: Path, name: str, nodes: dict[str, Any], edges: list[Any] | None = None, **sections: Any) -> Path:
    """Write a workflow to a file; JSON is YAML."""
    path = folder / name
    path.write_text(json.dumps(data(nodes, edges, **sections)), "utf-8")
    return path


def run(
    folder: Path, nodes: dict[str, Any], edges: list[Any] | None = None, given: Any = None, **sections: Any
) -> RunResult:
    """Run a workflow of these nodes."""
    result: RunResult = load(folder, nodes, edges, **sections).run(given or {})
    return result


def succeeded(
    folder: Path, nodes: dict[str, Any], edges: list[Any] | None = None, given: Any = None, **sections: Any
) -> RunResult:
    """Run a workflow that has to succeed."""
    result = run(folder, nodes, edges, given, **sections)
    assert result.status == "succeeded", result.view.error
    return result


def findings(
    folder: Path, nodes: dict[str, Any], edges: list[Any] | None = None, **sections: Any
) -> tuple[Finding, ...]:
    """What is said of a workflow of these nodes."""
    found: tuple[Finding, ...] = configurable_agents.check(data(nodes, edges, **sections), directory=folder).findings
    return found


def told(result: RunResult, *types: str) -> list[str]:
    """The events of these types, each by its node, and in a map by its item."""
    return [called(event) for event in result.events if event.type in types]


def called(event: Event) -> str:
    node, item = getattr(event, "node", ""), getattr(event, "item", None)
    return node if item is None else f"{node}[{item}]"


def count(folder: Path, name: str) -> int:
    """How often a function of the folder was called."""
    path = folder / f"{name}.count"
    return int(path.read_text("utf-8")) if path.exists() else 0
