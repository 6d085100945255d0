"""A mistake in a right workflow is answered with exactly one error, of the right code, at the line and column of it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import configurable_agents
from tests.mutants.defects import DEFECTS, answers, folders
from tests.mutants.plant import Answer, Defect, Mutant
from tests.mutants.seeds import seeds


@pytest.fixture(scope="module")
def written() -> Iterator[dict[str, Path]]:
    with folders() as made:
        yield made


def test_the_workflows_have_no_errors_before(written: dict[str, Path]) -> None:
    for seed in seeds():
        findings = configurable_agents.check(written[seed.name] / "workflow.yaml").findings
        assert not [str(finding) for finding in findings if finding.severity == "error"]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_found_as_one_error_at_its_place(defect: Defect, written: dict[str, Path]) -> None:
    planted = list(answers(defect, written))
    assert len({mutant.seed.name for mutant, _ in planted}) >= 2, "it fits too few workflows"
    missed = [said(mutant, answer) for mutant, answer in planted if not answer.found]
    assert not missed, "\n\n".join([f"{len(missed)} of {len(planted)} missed", *missed])


def test_no_two_defects_have_one_name() -> None:
    assert Counter(defect.name for defect in DEFECTS).most_common(1)[0][1] == 1


def said(mutant: Mutant, answer: Answer) -> str:
    """What was changed, what is expected and what was said."""
    changed = [
        line
        for file, text in mutant.texts.items()
        for line in difflib.unified_diff(
            mutant.seed.files[file].split("\n"), text.replace("\r\n", "\n").split("\n"), n=0
        )
        if line[0] in "+-" and line[:3] not in ("+++", "---")
    ]
    where = f"{mutant}: {mutant.defect.code} expected at {mutant.file}:{mutant.line}:{mutant.column}"
    got = [f"  got {error.code} at {error.location}: {error.message}" for error in answer.errors]
    return "\n".join([where, *changed, *(got or ["  got no error"])])
