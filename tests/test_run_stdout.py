"""What stands on stdout is the output and nothing else, whatever a workflow's functions and the surroundings do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "noise.py").write_text(
        "import os, subprocess\ndef make():\n    print('printed')\n    os.write(1, b'written\\n')\n"
        "    subprocess.run(['echo', 'from a child'])\n    return 'caf\\xe9'\n",
        encoding="utf-8",
    )
    path = tmp_path / "workflow.yaml"
    path.write_text(
        "version: 2\nname: noise\nstate: {word: str}\nnodes:\n  make: {python: 'noise:make', writes: word}\n",
        encoding="utf-8",
    )
    return path


def run(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **variables}
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, check=False, timeout=60, env=environment)


def test_what_functions_and_their_child_processes_print_goes_to_stderr(file: Path) -> None:
    done = run("run", file, "--json", PYTHONUTF8="1")
    assert json.loads(done.stdout)["output"] == {"word": "caf\xe9"}
    for said in (b"printed", b"written", b"from a child"):
        assert said in done.stderr
        assert said not in done.stdout


def test_json_is_json_where_stdout_takes_ascii_only(file: Path) -> None:
    done = run("run", file, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout.decode("ascii"))["output"] == {"word": "caf\xe9"}


def test_stderr_may_be_closed(file: Path) -> None:
    shell = f'"{COMMAND}" run "{file}" --json 2>&-'
    done = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert b'"succeeded"' in done.stdout


def test_an_input_that_never_ends_is_refused(file: Path) -> None:
    done = run("run", file, "--input-file", "/dev/zero")
    assert done.returncode == 2
    assert b"error[file_unreadable]: /dev/zero can't be read: it has more than" in done.stderr


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("output: [run]", "unknown_field"),
        ("output: [word, files]", "unknown_field"),
    ],
)
def test_an_output_is_a_field(file: Path, line: str, code: str) -> None:
    file.write_text(f"{file.read_text()}{line}\n")
    found = json.loads(run("validate", file, "--json").stdout)
    assert [finding["code"] for finding in found] == [code]


def test_a_field_is_written_once(file: Path) -> None:
    text = file.read_text().replace("writes: word", "writes: [word, word]")
    file.write_text(text)
    found = json.loads(run("validate", file, "--json").stdout)
    column = text.splitlines()[-1].index(", word") + 3
    assert [(finding["code"], finding["column"]) for finding in found] == [("duplicate_name", column)]
