"""Long durable runs: what a step costs late in a run, how fast it resumes, and the bytes that are kept of it.

`BENCH_STEPS=10000 make bench ARGS="-k long"` takes runs of that many steps; by default they have 2,000.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import configurable_agents
from benchmarks.conftest import Compare, Note, Work, seconds
from benchmarks.durable import log_by_hand, sqlite_saver, workflow
from configurable_agents.events import NodeSucceeded
from configurable_agents.settings import Settings
from configurable_agents.storage.store import open_store

STEPS = int(os.environ.get("BENCH_STEPS", "2000"))
FEW, MANY = 500, 2000

LOOP = """\
version: 2
name: long
state:
  n: {{type: int, default: 0}}
  log: {{type: "list[str]", merge: append}}
output: [n]
limits: {{max_steps: 20000}}
nodes:
  step: {step}
  end: {end}
edges:
  - START -> step
  - from: step
    route:
      - {{when: n < {steps}, to: step}}
      - {{else: end}}
  - end -> END
"""
COUNT = '{set: {n: "{{ n + 1 }}"}}'
LOG = '{set: {n: "{{ n + 1 }}", log: "line {{ n + 100000 }}"}}'
WAIT = '{python: "functions:wait", writes: n}'
END = '{set: {n: "{{ n }}"}}'
MAY_FAIL = '{python: "functions:end", writes: n}'


def given(work: Work) -> float:
    """What the work itself measured."""
    found = work()
    assert isinstance(found, float)
    return found


def test_a_late_step(compare: Compare, note: Note, tmp_path: Path) -> None:
    loaded = workflow(tmp_path, LOOP.format(steps=STEPS, step=COUNT, end=END))
    part = STEPS // 10
    times: list[float] = []

    def early() -> float:
        """Run it, and give how long its second tenth took."""
        store = open_store(Settings(tmp_path / "late.db"))
        try:
            result = loaded.run(store=store)
        finally:
            store.close()
        assert result.output == {"n": STEPS}
        times[:] = [event.time.timestamp() for event in result.events if isinstance(event, NodeSucceeded)]
        return times[2 * part] - times[part]

    def late() -> float:
        return times[STEPS - 1] - times[STEPS - 1 - part]

    compare(f"a late step of {STEPS:,}", late, "an early one", early, 1.2, measure=given, rounds=3)
    note(f"{(times[STEPS - 1] - times[0]) / STEPS * 1000:.2f} ms a step, each committed to the disk")


def test_resume(compare: Compare, note: Note, tmp_path: Path) -> None:
    loaded = workflow(tmp_path, LOOP.format(steps=STEPS, step=WAIT, end=MAY_FAIL))
    broken = tmp_path / "broken"
    store = open_store(Settings(tmp_path / "resumed.db"))
    last: list[str] = []
    took: list[float] = []

    def failing() -> float:
        """Run it until its last node fails, and give how long that took."""
        broken.touch()
        spent = seconds(lambda: last.append(loaded.run(store=store).run_id))
        broken.unlink()
        assert store.find(last[-1]).status == "failed"
        took[:] = [spent]
        return spent

    def resumed() -> float:
        spent = seconds(lambda: configurable_agents.resume(last[-1], store=store))
        assert store.find(last[-1]).status == "succeeded"
        took.append(spent)
        return spent

    try:
        compare(f"resuming {STEPS:,} steps of 10 ms", resumed, "running them", failing, 0.1, measure=given, rounds=1)
    finally:
        store.close()
    note(f"{took[1]:.2f} s against {took[0]:.2f} s; {took[1] / STEPS * 1000:.2f} ms a step")


def size(file: Path) -> int:
    """The bytes of a database that is closed."""
    return sum(part.stat().st_size for part in file.parent.glob(f"{file.name}*"))


def kept(tmp_path: Path, steps: int) -> Callable[[], float]:
    """The bytes that ours keeps of a step of a run of so many, each of which appends a line."""
    loaded = workflow(tmp_path, LOOP.format(steps=steps, step=LOG, end=END))
    file = tmp_path / f"kept-{steps}.db"

    def measured() -> float:
        file.unlink(missing_ok=True)
        open_store(Settings(file, sync="normal")).close()
        empty = size(file)
        store = open_store(Settings(file, sync="normal"))
        try:
            assert loaded.run(store=store).output == {"n": steps}
        finally:
            store.close()
        return (size(file) - empty) / steps

    return measured


def kept_by_hand(tmp_path: Path, steps: int) -> Callable[[], float]:
    """The bytes that LangGraph's checkpointer keeps of a step of the same loop."""
    file = tmp_path / f"by-hand-{steps}.db"

    async def run() -> None:
        async with sqlite_saver(file) as saver:
            await log_by_hand(saver, steps)()

    def measured() -> float:
        file.unlink(missing_ok=True)
        asyncio.run(run())
        return size(file) / steps

    return measured


def test_bytes(compare: Compare, note: Note, tmp_path: Path) -> None:
    few, many = kept(tmp_path, FEW), kept(tmp_path, MANY)
    compare(f"bytes of a step of {MANY:,}", many, f"one of {FEW}", few, 1.1, measure=given, rounds=1)
    note(f"{few():,.0f} bytes a step of {FEW}, {many():,.0f} of {MANY:,}")


def test_bytes_by_hand(compare: Compare, note: Note, tmp_path: Path) -> None:
    ours, theirs = kept(tmp_path, MANY), kept_by_hand(tmp_path, MANY)
    compare(f"bytes of a run of {MANY:,} steps", ours, "AsyncSqliteSaver", theirs, 0.1, measure=given, rounds=1)
    note(f"its bytes a step: {kept_by_hand(tmp_path, FEW)():,.0f} of {FEW}, {theirs():,.0f} of {MANY:,}")
