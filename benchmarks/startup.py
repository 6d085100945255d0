"""How long a command takes to start, against a bare import of the libraries that no command can do without."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.graphs import WORKFLOW

BARE = [sys.executable, "-c", "import typer, pydantic"]
COMMAND = [str(Path(sys.executable).with_name("configurable-agents"))]


def seconds(command: list[str]) -> float:
    """How long a command takes from its start to its end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def compare(command: list[str], rounds: int = 15) -> tuple[float, float]:
    """The medians of a command and of the bare import, in seconds, in turn, after a round that is not counted."""
    pairs = [(seconds(command), seconds(BARE)) for _ in range(rounds + 1)][1:]
    return median(mine for mine, _ in pairs), median(bare for _, bare in pairs)


def main() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "three.yaml"
        file.write_text(WORKFLOW, encoding="utf-8")
        for called, command, aim in (
            ("--help", [*COMMAND, "--help"], 1.5),
            ("validate", [*COMMAND, "validate", str(file)], 3.0),
        ):
            mine, bare = compare(command)
            print(f"{called}: {mine / bare:.2f} x import typer, pydantic ({mine:.3f} s, {bare:.3f} s); aim {aim}")


if __name__ == "__main__":
    main()
