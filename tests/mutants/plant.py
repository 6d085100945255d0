"""Plants a defect in a workflow's files, and knows where it then stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import configurable_agents
from configurable_agents import Finding
from tests.mutants.text import MARK, Document, Edit, Seed

Planter = Callable[[Seed, Document], Iterable[Sequence[Edit]]]

# A defect is planted at no more places of one file than this, spread over the file.
MOST = 6


@dataclass(frozen=True)
class Defect:
    """A kind of mistake: what it is called, the code that it must be answered with, and how it is made."""

    name: str
    code: str
    plant: Planter


@dataclass(frozen=True)
class Mutant:
    """A workflow with one mistake: the files that were changed, and where the finding must be."""

    defect: Defect
    seed: Seed
    number: int
    texts: Mapping[str, str]
    file: str
    line: int
    column: int
    ends: str = "\n"

    def __str__(self) -> str:
        return f"{self.defect.name}-{self.seed.name}-{self.number}{'-CRLF' * (self.ends != chr(10))}"


@dataclass(frozen=True)
class Answer:
    """What `check` said of a mutant: whether it is one error of the right code at the right place, and what else."""

    found: bool
    errors: tuple[Finding, ...]
    others: tuple[Finding, ...]


def mutants(defect: Defect, seed: Seed) -> Iterator[Mutant]:
    """The mutants of a workflow by one defect; of every second one, the lines end as on Windows."""
    for document in seed.documents:
        places = list(defect.plant(seed, document))
        chosen = sorted({round(place * (len(places) - 1) / max(MOST - 1, 1)) for place in range(MOST)})
        for number, place in enumerate(chosen if len(places) > MOST else range(len(places))):
            texts, file, line, column = edited(seed, places[place])
            ends = "\r\n" if number % 2 else "\n"
            texts = {name: text.replace("\n", ends) for name, text in texts.items()}
            which = number if document is seed.documents[0] else number + 100
            yield Mutant(defect, seed, which, texts, file, line, column, ends)


def edited(seed: Seed, edits: Sequence[Edit]) -> tuple[dict[str, str], str, int, int]:
    """The texts of the files that are changed; the file with the mark, and the mark's line and column, from 1."""
    texts = {edit.file: seed.files[edit.file] for edit in edits}
    # From the end, so that the offsets before it stay; of edits at one place, the first comes first.
    for edit in sorted(edits, key=lambda edit: edit.start)[::-1]:
        text = texts[edit.file]
        texts[edit.file] = text[: edit.start] + edit.text + text[edit.end :]
    assert "".join(texts.values()).count(MARK) == 1, "a defect has one mark"
    file = next(file for file, text in texts.items() if MARK in text)
    before, _, after = texts[file].partition(MARK)
    texts[file] = before + after
    return texts, file, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1


def write(seed: Seed, folder: Path) -> None:
    """Write a workflow's files."""
    for file, text in seed.files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")


def answered(mutant: Mutant, folder: Path) -> Answer:
    """What is said of a mutant, in a folder that holds the files of the right workflow, and does so afterwards."""
    for file, text in mutant.texts.items():
        (folder / file).write_text(text, "utf-8", newline="")
    try:
        findings = configurable_agents.check(folder / "workflow.yaml").findings
    finally:
        for file in mutant.texts:
            (folder / file).write_text(mutant.seed.files[file], "utf-8", newline="")
    errors = tuple(finding for finding in findings if finding.severity == "error")
    others = tuple(finding for finding in findings if finding.severity != "error")
    expected = (mutant.defect.code, folder / mutant.file, mutant.line, mutant.column)
    places = [(error.code, Path(error.location.file), error.location.line, error.location.column) for error in errors]
    return Answer(places == [expected], errors, others)
