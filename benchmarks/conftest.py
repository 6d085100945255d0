"""Pairs: what is measured and its named opponent, in turn within one run, so that a machine's drift hits both.

`make bench` prints the median of the pairs' ratios beside what is aimed at. No ratio is asserted: machines are
noisy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

Work = Callable[[], object]
Compare = Callable[[str, Work, str, Work, float], None]

_LINES: list[str] = []


@pytest.fixture
def compare(benchmark: BenchmarkFixture) -> Compare:
    """A function that times a piece of work against its opponent's: `compare(name, ours, opponent, theirs, aim)`."""

    def measure(name: str, ours: Work, opponent: str, theirs: Work, aim: float) -> None:
        against: list[float] = []

        def time_the_opponent() -> None:
            began = time.perf_counter()
            theirs()
            against.append(time.perf_counter() - began)

        benchmark.name = name
        untyped: Any = benchmark
        untyped.pedantic(ours, setup=time_the_opponent, rounds=15, warmup_rounds=1)
        ratio = median(mine / other for mine, other in zip(untyped.stats.stats.data, against[1:], strict=True))
        benchmark.extra_info |= {"opponent": opponent, "ratio": ratio, "aim": aim}
        _LINES.append(f"{name}: {ratio:.2f} x {opponent} (aim: {aim:g} or less)")

    return measure


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the ratios; pytest-benchmark's own table has absolute times, which say nothing on another machine."""
    if _LINES:
        terminalreporter.section("ratios")
        for line in _LINES:
            terminalreporter.line(line)
