"""All defects that are planted, and how they were answered."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.graphs import GRAPH
from tests.mutants.plant import Answer, Defect, Mutant, answered, mutants, write
from tests.mutants.seeds import seeds
from tests.mutants.shapes import SHAPE
from tests.mutants.texts import TEXTS

DEFECTS: tuple[Defect, ...] = (*SHAPE, *TEXTS, *GRAPH)


@contextmanager
def folders() -> Iterator[dict[str, Path]]:
    """The right workflows, each in a folder of its own."""
    with tempfile.TemporaryDirectory() as made:
        found = {seed.name: Path(made, seed.name) for seed in seeds()}
        for seed in seeds():
            write(seed, found[seed.name])
        yield found


def answers(defect: Defect, of: dict[str, Path]) -> Iterator[tuple[Mutant, Answer]]:
    """Every mutant of a defect, with what `check` says of it."""
    for seed in seeds():
        for mutant in mutants(defect, seed):
            yield mutant, answered(mutant, of[seed.name])
