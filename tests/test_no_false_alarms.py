"""Of a correct workflow nothing is said, and it runs to its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from tests.correct.graphs import computations, workflows
from tests.correct.idioms import GIVEN, IDIOMS, INPUT, PARTS, THING
from tests.correct.workflows import FUNCTIONS, Workflow
from tests.test_reference import random

ALL_IDIOMS = [
    *((of, f"{{{{ {text} }}}}") for of, texts in IDIOMS.items() for text in texts),
    *(("str", text) for text in PARTS),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("correct")
    (folder / "f.py").write_text(FUNCTIONS, "utf-8")
    return folder


@random(workflows(), 100)
def test_nothing_is_said_of_a_correct_workflow_and_it_succeeds(folder: Path, case: Workflow) -> None:
    for name, text in case.files.items():
        (folder / name).write_text(text, "utf-8")
    is_right(case, folder)


@random(computations(), 100)
def test_nothing_is_said_of_what_is_computed_from_values_of_the_right_types(folder: Path, case: Workflow) -> None:
    is_right(case, folder)


@pytest.mark.parametrize("given", GIVEN, ids=["full", "empty"])
@pytest.mark.parametrize(("of", "text"), ALL_IDIOMS, ids=str)
def test_what_people_write_is_right_with_and_without_data(of: str, text: str, given: Any, folder: Path) -> None:
    nodes = {"compute": {"set": {"made": text}}}
    data = {"version": 2, "name": "idiom", "types": THING, "input": INPUT, "state": {"made": of}, "nodes": nodes}
    is_right(Workflow(data, {}, given), folder)


def is_right(case: Workflow, folder: Path) -> None:
    checked = configurable_agents.check(case.data, directory=folder)
    assert not checked.findings, told(case.data, *map(str, checked.findings))
    result = configurable_agents.load(case.data, directory=folder).run(case.given)
    error = result.view.error
    assert result.status == "succeeded", told(case.data, case.given, error and f"{error.code}: {error.message}")


def told(data: Mapping[str, Any], *more: object) -> str:
    return "\n".join([json.dumps(data, indent=1, ensure_ascii=False), *map(str, more)])
