"""Of a correct workflow nothing is said, and it runs to its end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import configurable_agents
from tests.correct.graphs import workflows
from tests.correct.workflows import FUNCTIONS, Workflow

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("correct")
    (folder / "f.py").write_text(FUNCTIONS, "utf-8")
    return folder


@settings(
    max_examples=int(EXAMPLES) if EXAMPLES else 200,
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(case=workflows())
def test_nothing_is_said_of_a_correct_workflow_and_it_succeeds(folder: Path, case: Workflow) -> None:
    for name, text in case.files.items():
        (folder / name).write_text(text, "utf-8")
    checked = configurable_agents.check(case.data, directory=folder)
    assert not checked.findings, told(case.data, *map(str, checked.findings))
    result = configurable_agents.load(case.data, directory=folder).run(case.given)
    error = result.view.error
    assert result.status == "succeeded", told(case.data, case.given, error and f"{error.code}: {error.message}")


def told(data: Mapping[str, Any], *more: object) -> str:
    return "\n".join([json.dumps(data, indent=1, ensure_ascii=False), *map(str, more)])
