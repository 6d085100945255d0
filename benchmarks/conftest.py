"""Pairs: what is measured and its named opponent, in turn within one run, so that a machine's drift hits both.

`make bench` prints the median of the pairs' ratios beside what is aimed at. No ratio is asserted: machines are
noisy.
"""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from configurable_agents.plugins.registry import PROVIDERS, model_providers

Work = Callable[[], object]
Measure = Callable[[Work], float]
Note = Callable[[str], None]

_LINES: list[str] = []


class Compare(Protocol):
    """Measures a piece of work against its opponent's, so many times in turn.

    `measure` is what is compared: `seconds`, `processor_seconds`, `throughput` (of which more is better) or
    `peak_bytes`. `scale` is by how much the opponent's work is to be multiplied to be as much as ours. `settled`: what
    the other left is written to the disk, and its garbage collected, before each begins.
    """

    def __call__(
        self,
        name: str,
        ours: Work,
        opponent: str,
        theirs: Work,
        aim: float,
        *,
        measure: Measure = ...,
        scale: float = ...,
        rounds: int = ...,
        settled: bool = ...,
    ) -> None: ...


def seconds(work: Work) -> float:
    """How long the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def processor_seconds(work: Work) -> float:
    """How long the processor works for it; waiting does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def throughput(work: Work) -> float:
    """How often the work could be done in a second."""
    return 1 / seconds(work)


def peak_bytes(work: Work) -> float:
    """What the work holds at most, of what Python allocates from its beginning."""
    gc.collect()
    tracemalloc.start()
    try:
        base, _ = tracemalloc.get_traced_memory()
        work()
        return tracemalloc.get_traced_memory()[1] - base
    finally:
        tracemalloc.stop()


@pytest.fixture
def compare(benchmark: BenchmarkFixture) -> Compare:
    """Compares by name: `compare(name, ours, opponent, theirs, aim)`."""

    def pairs(
        name: str,
        ours: Work,
        opponent: str,
        theirs: Work,
        aim: float,
        *,
        measure: Measure = seconds,
        scale: float = 1,
        rounds: int = 15,
        settled: bool = False,
    ) -> None:
        def measured(work: Work) -> float:
            if settled:
                gc.collect()
                os.sync()
            return measure(work)

        mine: list[float] = []
        against: list[float] = []
        benchmark.name = name
        untyped: Any = benchmark
        gc.collect()
        gc.freeze()  # what the other benchmarks left is not walked through again and again in this one's time
        try:
            untyped.pedantic(
                lambda: mine.append(measured(ours)),
                setup=lambda: against.append(measured(theirs) * scale),
                rounds=rounds,
                warmup_rounds=1,
            )
        finally:
            gc.unfreeze()
        ratio = median(one / other for one, other in zip(mine[1:], against[1:], strict=True))
        better = "more" if measure is throughput else "less"
        benchmark.extra_info |= {"opponent": opponent, "ratio": ratio, "aim": aim, "better": better}
        _LINES.append(f"{name}: {ratio:.2f} x {opponent} (aim: {aim:g} or {better})")

    return pairs


@pytest.fixture
def note() -> Note:
    """A function that adds a line to the ratios: what explains one, without an aim."""
    return lambda line: _LINES.append(f"  {line}")


@pytest.fixture
def fixed_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a model that gives fixed replies, installed as any provider's plugin is: by an entry point."""
    packages = tmp_path / "packages"
    information = packages / "bench_provider-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-provider\nVersion: 1\n", encoding="utf-8")
    entry = f"[{PROVIDERS}]\nbench = benchmarks.fixed:FixedProvider\n"
    (information / "entry_points.txt").write_text(entry, encoding="utf-8")
    monkeypatch.syspath_prepend(packages)
    model_providers.cache_clear()
    yield "bench/fixed"
    model_providers.cache_clear()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the ratios; pytest-benchmark's own table has absolute times, which say nothing on another machine."""
    if _LINES:
        terminalreporter.section("ratios")
        for line in _LINES:
            terminalreporter.line(line)
