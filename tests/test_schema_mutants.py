"""An editor that knows only the JSON Schema marks the planted mistakes that a schema can see."""

from __future__ import annotations

import pytest

from configurable_agents.spec.source import Source
from configurable_agents.spec.yamltree import read_tree, to_data
from tests.mutants.defects import DEFECTS
from tests.mutants.plant import mutants
from tests.mutants.seeds import seeds
from tests.test_schema import ROOT, problems

SEEN = (
    "a misspelt key of a node",
    "a misspelt kind of a node",
    "a misspelt key of the file",
    "a duration without a unit",
    "a key of maps in a node that is none",
)


@pytest.mark.parametrize("name", SEEN)
def test_what_a_schema_can_see_is_refused(name: str) -> None:
    [defect] = [defect for defect in DEFECTS if defect.name == name]
    accepted, planted = [], 0
    for seed in seeds():
        for mutant in mutants(defect, seed):
            root, findings = read_tree(Source.of(mutant.texts[mutant.file], mutant.file, ROOT))
            if root is not None and not findings and mutant.file.endswith(".yaml"):
                planted += 1
                accepted += [] if problems(to_data(root)) else [str(mutant)]
    assert planted > 20
    assert accepted == []
