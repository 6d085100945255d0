"""What `--fix` writes in the place of planted misspellings is what stood there before, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from configurable_agents.spec.fixes import apply_fixes
from tests.mutants.defects import DEFECTS, answers, folders
from tests.mutants.plant import Mutant

MENDED = (
    "a misspelt key of a node",
    "a misspelt kind of a node",
    "a misspelt key of the file",
    "a type that is not there",
    "a comparison with a value that the enum lacks",
    "a filter that is not there",
)


@pytest.fixture(scope="module")
def written() -> Iterator[dict[str, Path]]:
    with folders() as made:
        yield made


def before(mutant: Mutant) -> str:
    return mutant.seed.files[mutant.file].replace("\n", mutant.ends)


@pytest.mark.parametrize("name", MENDED)
def test_a_misspelling_is_mended_to_what_it_was(name: str, written: dict[str, Path]) -> None:
    [defect] = [defect for defect in DEFECTS if defect.name == name]
    other, planted = [], 0
    for mutant, answer in answers(defect, written):
        planted += 1
        fixes = [error.fix for error in answer.errors if error.fix is not None]
        mended, made = apply_fixes(mutant.texts[mutant.file], fixes)
        if (mended, len(made)) != (before(mutant), 1):
            other.append(str(mutant))
    assert planted >= 10
    assert other == []
