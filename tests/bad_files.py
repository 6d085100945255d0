"""Workflow files with one mistake, marked where the error must point: `«writs»: text`."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

import configurable_agents
from configurable_agents import Finding, WorkflowError
from configurable_agents.cli.main import main

# A workflow in which everything is right; a test replaces the section that it is about.
SECTIONS = {
    "version": " 2",
    "name": " support",
    "input": """
  topic: str
  count: int
  tags: list[str]""",
    "state": """
  text: str
  number: {type: int, default: 0}
  kind: {type: "enum[bug, question]", default: bug}
  notes: list[str]
  maybe: str?
  facts: dict[str, any]""",
    "nodes": """
  ask: {prompt: "About {{ topic }}", writes: text}
  sort: {prompt: "What is {{ topic }}?", writes: kind}""",
}


def workflow(**sections: str) -> str:
    """The text of a workflow; what a section holds goes after its `key:`, and '' leaves the section out."""
    held = {**SECTIONS, **sections}
    return "".join(
        f"{key}:{text}\n" if text.startswith("\n") else f"{key}: {text.strip()}\n" for key, text in held.items() if text
    )


@dataclass(frozen=True)
class Mark:
    """Where an error must point: line and column from 1, and the marked text itself."""

    line: int
    column: int
    text: str


def unmarked(text: str) -> tuple[str, Mark]:
    """The text without its « and », and what stood between them."""
    found = re.search("«(.*?)»", text, re.DOTALL)
    assert found, "nothing is marked"
    before = re.split("\r\n|[\r\n]", text[: found.start()])
    plain = text[: found.start()] + found[1] + text[found.end() :]
    assert "«" not in plain
    return plain, Mark(len(before), len(before[-1]) + 1, found[1])


@dataclass(frozen=True)
class Answer:
    """What the command line answered."""

    status: int
    out: str
    err: str


def command_line(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Answer:
    """Run the command line in this process."""
    capsys.readouterr()
    with patch.object(sys, "argv", ["configurable-agents", *map(str, words)]), pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return Answer(int(left.value.code or 0), said.out, said.err)


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "workflow.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def only_error(path: Path) -> Finding:
    """The one thing that is to be said about a file."""
    checked = configurable_agents.check(path)
    assert checked.workflow is None
    assert [finding.severity for finding in checked.findings] == ["error"], "\n".join(map(str, checked.findings))
    with pytest.raises(WorkflowError) as raised:
        configurable_agents.load(path)
    assert raised.value.findings == checked.findings
    assert raised.value.exit_status == 2
    return checked.findings[0]


def assert_one_error(
    capsys: pytest.CaptureFixture[str], folder: Path, text: str, code: str, hint: str, *, whole: bool = True
) -> Finding:
    """The file is answered with one error at its mark, by the Python API, by `validate` and by `run`.

    `whole`: the error's width is that of the mark; else only its beginning counts.
    """
    plain, mark = unmarked(text)
    path = write(folder, plain)
    finding = only_error(path)
    where = finding.location
    line = re.split("\r\n|[\r\n]", plain)[mark.line - 1]
    assert (finding.code, where.line, where.column) == (code, mark.line, mark.column), str(finding)
    assert finding.source == line
    assert not whole or line[where.column - 1 :][: where.width] == mark.text
    assert finding.hint, "an error without a hint"
    assert hint in finding.hint, finding.hint
    for words, status in (("validate", 1), ("run", 2)):
        answer = command_line(capsys, words, path)
        assert (answer.status, answer.out) == (status, "")
        assert answer.err.count("error[") == 1
        assert f"error[{code}]: {finding.message}\n" in answer.err
        assert f"--> {path}:{mark.line}:{mark.column}\n" in answer.err
        assert f"hint: {finding.hint}\n" in answer.err
        assert "Traceback" not in answer.err
        if len(line) <= 110:
            assert f"{mark.line} | {line}\n".replace("\t", " ") in answer.err
    return finding
