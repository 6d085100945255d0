"""How long a command takes to start, against a bare import of the libraries that no command can do without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.conftest import Compare
from benchmarks.test_graphs import WORKFLOW

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))
BARE = "import typer, pydantic"


def process(*words: str) -> Callable[[], object]:
    return lambda: subprocess.run(words, check=True, capture_output=True)


def test_help(compare: Compare) -> None:
    compare("--help", process(COMMAND, "--help"), f"python -c '{BARE}'", process(sys.executable, "-c", BARE), 1.5)


def test_validate(compare: Compare, tmp_path: Path) -> None:
    file = tmp_path / "three.yaml"
    file.write_text(WORKFLOW, encoding="utf-8")
    ours = process(COMMAND, "validate", str(file))
    compare("validate", ours, f"python -c '{BARE}'", process(sys.executable, "-c", BARE), 3)
