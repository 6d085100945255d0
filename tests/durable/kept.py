"""Workflows whose functions note each call in a file, run in a store and gone on with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import configurable_agents
from configurable_agents import RunResult
from configurable_agents.app import Rerun, forking, replaying, resuming
from configurable_agents.plugins.stores import RunStore
from tests.workflows import data

FUNCTIONS = """\
import os
import pathlib

HERE = pathlib.Path(__file__).parent


def note(text):
    with (HERE / "calls.txt").open("a") as file:
        file.write(f"{text}\\n")


def step(n=0, key=""):
    note(f"step {n} {key}".strip())
    return n + 1


def item(i, key=""):
    note(f"item {i} {key}".strip())
    return i * i


def broken(name="ok", key=""):
    note(f"broken {key}".strip())
    if not (HERE / name).exists():
        raise ValueError("not yet")
    return "mended"


def odd_only(i, name="ok"):
    note(f"odd_only {i}")
    if i % 2 == 0 and not (HERE / name).exists():
        raise ValueError(f"{i} is even")
    return i
"""


def functions(folder: Path) -> Path:
    (folder / "g.py").write_text(FUNCTIONS, "utf-8")
    return folder


def calls(folder: Path) -> list[str]:
    """The calls since this was last asked."""
    path = folder / "calls.txt"
    found = path.read_text("utf-8").splitlines() if path.exists() else []
    path.write_text("", "utf-8")
    return found


def mend(folder: Path) -> None:
    """From now on, what was broken is not."""
    (folder / "ok").touch()


def start(
    folder: Path,
    store: RunStore,
    nodes: dict[str, Any],
    edges: list[Any] | None = None,
    given: Any = None,
    session: str | None = None,
    **sections: Any,
) -> RunResult:
    """Run a workflow of these nodes in a store."""
    functions(folder)
    workflow = configurable_agents.load(data(nodes, edges, **sections), directory=folder)
    return workflow.run(given or {}, store=store, session=session, model="demo")


def go(rerun: Rerun) -> RunResult:
    async def begin() -> RunResult:
        return await rerun.begin(await rerun.models(), ())

    return asyncio.run(begin())


def resume(store: RunStore, result: RunResult, answers: Any = None, **about: Any) -> RunResult:
    return go(resuming(store, result.run_id, answers=answers, **about))


def replay(store: RunStore, result: RunResult) -> RunResult:
    return go(replaying(store, result.run_id))


def fork(
    store: RunStore,
    result: RunResult,
    at: str,
    changes: Mapping[str, Any] | Sequence[str] | None = None,
    model: str | None = None,
) -> RunResult:
    return go(forking(store, result.run_id, at, changes=changes, model=model))


def gapless(result: RunResult) -> bool:
    return [event.seq for event in result.events] == list(range(1, len(result.events) + 1))
