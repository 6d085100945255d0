"""Each contract on imports is broken once, in a skeleton of the package, to see that it would be noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINTER = Path(sys.executable).with_name("lint-imports")

SKELETON = [
    "__init__",
    "codes",
    "errors",
    "events",
    "projection",
    "app",
    "builtins/__init__",
    "builtins/nodes/__init__",
    "builtins/nodes/prompt",
    "builtins/providers/__init__",
    "builtins/providers/demo",
    "builtins/providers/litellm",
    "cli/__init__",
    "gateway/__init__",
    "graph/__init__",
    "history/__init__",
    "planning/__init__",
    "plugins/__init__",
    "runs/__init__",
    "settings",
    "spec/__init__",
    "spec/checks",
    "spec/yamltree",
    "storage/__init__",
]

UPWARDS = "Nobody imports upwards"
GUESTS = "Built-in plugins, stores and sinks know neither graph, gateway, planning nor runs"
CYCLES = "No cycles between siblings"
VENDORS = "Other people's libraries stay in their rooms"


def lint(folder: Path, changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs import-linter, with this project's contracts, on a skeleton with these modules changed."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "tools", folder / "tools")
    for module in {*SKELETON, *changes}:
        path = folder / "src" / "configurable_agents" / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changes.get(module, ""))
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
    command = [str(LINTER), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_what_is_allowed_is_kept(tmp_path: Path) -> None:
    done = lint(
        tmp_path,
        {
            "spec/yamltree": "import json\nimport yaml\nfrom configurable_agents import errors",
            "builtins/providers/litellm": "def complete():\n    import litellm",
            "app": "from configurable_agents import runs, builtins",
            "storage/__init__": "from configurable_agents import plugins",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("contract", "module", "code"),
    [
        pytest.param(UPWARDS, "errors", "from configurable_agents import events", id="upwards"),
        pytest.param(UPWARDS, "spec/checks", "import configurable_agents.plugins", id="upwards-from-inside"),
        pytest.param(UPWARDS, "spec/checks", "def f():\n    from configurable_agents import app", id="in-function"),
        pytest.param(UPWARDS, "graph/__init__", "from configurable_agents import gateway", id="sideways"),
        pytest.param(UPWARDS, "helpers", "", id="undeclared-module"),
        pytest.param(
            UPWARDS,
            "events",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from configurable_agents import runs",
            id="for-types-only",
        ),
        pytest.param(GUESTS, "builtins/nodes/prompt", "from configurable_agents import gateway", id="node"),
        pytest.param(GUESTS, "builtins/__init__", "def f():\n    import configurable_agents.runs", id="builtins"),
        pytest.param(GUESTS, "storage/__init__", "from configurable_agents import graph", id="store"),
        pytest.param(GUESTS, "telemetry/__init__", "from configurable_agents import runs", id="sink-to-come"),
        pytest.param(VENDORS, "spec/checks", "import yaml", id="not-its-room"),
        pytest.param(VENDORS, "builtins/providers/demo", "def f():\n    from litellm import completion", id="lazy"),
        pytest.param(VENDORS, "runs/__init__", "import langgraph.graph", id="submodule"),
        pytest.param(VENDORS, "cli/__init__", "import requests", id="no-rooms"),
        pytest.param(VENDORS, "spec/checks", "import tools.import_contracts", id="the-repository's-own"),
    ],
)
def test_a_broken_contract_is_noticed(tmp_path: Path, contract: str, module: str, code: str) -> None:
    done = lint(tmp_path, {module: code})
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


def test_a_cycle_of_siblings_is_noticed_at_any_depth(tmp_path: Path) -> None:
    done = lint(
        tmp_path,
        {
            "builtins/providers/demo": "import configurable_agents.builtins.providers.litellm",
            "builtins/providers/litellm": "def f():\n    import configurable_agents.builtins.providers.demo",
        },
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{CYCLES} BROKEN" in done.stdout
