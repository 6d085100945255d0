"""What surrounds a run and is wrong: encodings, input files that are none, directories that can't be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import configurable_agents
from tests.bad_files import command_line, write

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))

WORKFLOW = """\
version: 2
name: surroundings
input: {x: any}
state: {out: any}
output: [out]
nodes: {a: {set: {out: "{{ x }}"}}}
"""


def test_a_terminal_that_lacks_a_character_is_shown_its_number(tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "run", write(tmp_path, WORKFLOW), "-i", "x=café → 👋"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, b"caf\\xe9 \\u2192 \\U0001f44b\n")


INPUTS = {
    "a list": (b"[1]", "holds a list"),
    "nothing": (b"", "is no JSON"),
    "no JSON": (b"x: 1", "is no JSON"),
    "a binary": (b"\x89PNG\0", "can't be read"),
    "lists without end": (b"[" * 100_000, "is no JSON"),
    "lists too deep for a value": (b'{"x": ' + b"[" * 700 + b"]" * 700 + b"}", "nested too deeply"),
    "a number of thousands of digits": (b'{"x": ' + b"9" * 5000 + b"}", "is no JSON"),
    "not a number": (b'{"x": NaN}', "JSON does not have"),
    "half a character": (b'{"x": "\\ud800"}', "invalid characters"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_file_that_is_none_is_told(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data, told = INPUTS[name]
    given = tmp_path / "input.json"
    given.write_bytes(data)
    answer = command_line(capsys, "run", write(tmp_path, WORKFLOW), "--input-file", given)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.count("error[") == 1
    assert told in answer.err
    assert "hint: " in answer.err


@pytest.mark.parametrize(("text", "told"), [("x: [1", "never closed"), ("x: {{ a }}", "{{"), ("# none", "is empty")])
def test_an_input_file_in_yaml_is_read_as_carefully(
    text: str, told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = tmp_path / "input.yaml"
    given.write_text(text, "utf-8")
    answer = command_line(capsys, "run", write(tmp_path, WORKFLOW), "--input-file", given)
    assert answer.status == 2
    assert answer.err.count("error[invalid_input]") == 1
    assert told in answer.err


def test_a_directory_that_can_not_be_made_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    within = command_line(capsys, "init", tmp_path / "file" / "project")
    assert (within.status, within.out) == (2, "")
    assert "error[not_writable]" in within.err
    over = command_line(capsys, "init", tmp_path / "file")
    assert over.status == 2
    assert "error[file_exists]" in over.err
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_workflows_that_differ_in_true_and_1_do_not_share_a_type(tmp_path: Path) -> None:
    for default, value in (("1", 1), ("true", True), ("1.0", 1.0)):
        path = write(
            tmp_path,
            f"version: 2\nname: types\ntypes: {{A: {{x: {{type: any, default: {default}}}}}}}\n"
            "input: {a: {type: A, default: {}}}\nstate: {out: any}\nnodes: {n: {set: {out: '{{ a }}'}}}\n",
        )
        found = configurable_agents.load(path).run().output["a"]["x"]
        assert (type(found), found) == (type(value), value)
