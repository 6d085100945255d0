"""What checking a file takes for each node, as the file grows: chains, and fan-outs of as many branches."""

from __future__ import annotations

from pathlib import Path

import pytest

import configurable_agents
from benchmarks.conftest import Compare, Work

SMALL, LARGE = 30, 300


def document(size: int, *, wide: bool) -> str:
    """A file of so many nodes, each with a prompt that reads what another wrote and a field of its own."""
    names = [f"n{number}" for number in range(size)]
    first, middle, last = names[0], " & ".join(names[1:-1]), names[-1]
    lines = ["version: 2", "name: large", "input: {topic: str}", "state:", *(f"  f_{name}: str" for name in names)]
    lines += [f"output: [f_{last}]", "nodes:"]
    for number, name in enumerate(names):
        read = f"f_{names[0 if wide else number - 1]}" if number else "topic"
        lines += [f"  {name}:", f'    prompt: "Write about {{{{ topic }}}}, after {{{{ {read} | upper }}}}."']
        lines += [f"    writes: f_{name}"]
    lines += ["edges:"]
    chain = [f"  - {' -> '.join(('START', *names, 'END'))}"]
    lines += [f"  - START -> {first} -> {middle} -> {last} -> END"] if wide else chain
    return "\n".join(lines) + "\n"


def checks(folder: Path, size: int, *, wide: bool) -> Work:
    """Checks of as many nodes in all, in files of this size."""
    file = folder / f"{'wide' if wide else 'long'}{size}.yaml"
    file.write_text(document(size, wide=wide), "utf-8")

    def work() -> None:
        for _ in range(LARGE // size):
            assert configurable_agents.check(file).workflow is not None

    return work


@pytest.mark.parametrize("wide", [False, True], ids=["chain", "fan-out"])
def test_a_check_takes_the_same_for_each_node(compare: Compare, tmp_path: Path, *, wide: bool) -> None:
    shape = "in a fan-out" if wide else "in a chain"
    small, large = checks(tmp_path, SMALL, wide=wide), checks(tmp_path, LARGE, wide=wide)
    compare(f"checking {LARGE} nodes {shape}", large, f"{LARGE // SMALL} files of {SMALL} nodes", small, 1.2)
