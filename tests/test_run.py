"""`run`, as a person and a machine use it: output, JSON, progress, input, exit status."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))

WORKFLOW = """\
version: 2
name: article
types:
  Person: {name: str, age: int?}
input:
  topic: {type: str, minLength: 2, description: what to write about}
  tags: {type: "list[str]", default: []}
  count: {type: int, default: 2, minimum: 1}
  level: {type: "enum[low, high]", default: low}
  person: Person?
  flag: {type: bool, default: false}
  share: {type: float, default: 0.5}
state:
  text: str
  n: {type: int, default: 0}
output: [text, n]
nodes:
  write:
    prompt: "Write one sentence about {{ topic }}."
    writes: text
  again:
    set: {n: "{{ n + 1 }}"}
edges:
  - START -> write -> again
  - from: again
    route:
      - {when: n < count, to: write, max_times: 9}
      - {else: END}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "workflow.yaml"
    path.write_text(WORKFLOW, encoding="utf-8")
    return path


def command(*words: str | Path, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CONFIGURABLE_AGENTS_MODEL": "demo", **variables}
    return subprocess.run(
        [COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
        input=stdin,
    )


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_run_prints_its_output_on_stdout_and_its_progress_on_stderr(file: Path) -> None:
    done = command("run", file, "--input", "topic=tidal energy")
    assert done.returncode == 0
    assert "tidal energy" in done.stdout
    assert done.stdout.endswith("n: 2\n")
    lines = done.stderr.splitlines()
    assert sum(line.startswith("model: demo, which makes up its answers") for line in lines) == 1
    assert [line for line in lines if line.startswith("write ok")]
    assert "again -> write" in lines
    assert "again (visit 2) ok" in done.stderr
    assert re.fullmatch(r"succeeded in [\d.]+s; 2 model calls; \d+ → \d+ tokens, \$0; run [0-9a-f-]{36}", lines[-1])
    assert "\033" not in done.stderr


def test_json_is_one_object_with_everything_about_the_run(file: Path) -> None:
    found = result(command("run", file, "-i", "topic=tides", "--json"))
    assert list(found) == ["run_id", "status", "output", "state", "steps", "usage", "cost_usd", "duration_s"]
    assert found["status"] == "succeeded"
    assert found["output"].keys() == {"text", "n"}
    assert found["state"] == found["output"]
    assert found["steps"] == ["write", "again", "write", "again"]
    assert found["usage"].keys() == {"input_tokens", "output_tokens", "model_calls"}
    assert found["usage"]["model_calls"] == 2
    assert found["usage"]["input_tokens"] > 0
    assert found["cost_usd"] == 0
    assert 0 < found["duration_s"] < 60


def test_a_failed_run_says_where_and_how_to_mend_it(file: Path) -> None:
    file.write_text(WORKFLOW.replace("{{ n + 1 }}", "{{ n / 0 }}"), encoding="utf-8")
    line = file.read_text().splitlines().index("  again:") + 1
    done = command("run", file, "-i", "topic=tides")
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"error[template_error]: 'n / 0' fails: division by zero. ({file}:{line}, node 'again')" in done.stderr
    assert "failed in" in done.stderr
    found = result(command("run", file, "-i", "topic=tides", "--json"))
    assert found["status"] == "failed"
    assert found["output"] is None
    assert found["error"].keys() == {"code", "message", "node", "hint"}
    assert found["error"]["node"] == "again"
    assert found["steps"] == ["write"]
    assert "tides" in found["state"]["text"]


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["tags=a", "tags=b"], {"tags": ["a", "b"]}),
        (['tags=["a", "b"]'], {"tags": ["a", "b"]}),
        (["tags=one"], {"tags": ["one"]}),
        (["count=3"], {"count": 3}),
        (["level=high"], {"level": "high"}),
        (["flag=yes"], {"flag": True}),
        (["share=1"], {"share": 1.0}),
        (['person={"name": "Ann"}'], {"person": {"name": "Ann", "age": None}}),
        (["person="], {"person": None}),
        (["topic=a=b"], {"topic": "a=b"}),
    ],
    ids=lambda value: str(value) if isinstance(value, list) else "",
)
def test_an_input_is_read_by_its_fields_type(file: Path, words: list[str], given: dict[str, Any]) -> None:
    text = WORKFLOW.replace("output: [text, n]", "output: [topic, tags, count, level, person, flag, share]")
    file.write_text(text, encoding="utf-8")
    options = [option for word in ["topic=xy", *words][-3:] for option in ("-i", word)]
    if words == ["topic=a=b"]:
        options = ["-i", words[0]]
    done = command("run", file, *options, "--json")
    assert done.returncode == 0, done.stderr
    assert result(done)["output"].items() >= given.items()


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["topik=x"], "There is no input 'topik'.", "Did you mean 'topic'?"),
        ([], "The input 'topic' is missing.", "It is str (minLength 2): what to write about. Give it: --input topic=…"),
        (["topic=x"], "The input 'topic' should have at least 2 characters, not 'x'.", "It is str (minLength 2)"),
        (["topic=xy", "count=many"], "The input 'count' should be an integer, not 'many'.", "It is int (minimum 1)"),
        (["topic=xy", "count=0"], "The input 'count' should be greater than or equal to 1, not 0.", "minimum 1"),
        (["topic=xy", "count=1", "count=2"], "The input 'count' is given 2 times, but takes one value.", "It is int"),
        (["topic=xy", "flag=maybe"], "The input 'flag' should be true or false, not 'maybe'.", "It is bool"),
        (["topic=xy", "level=mid"], "The input 'level' should be 'low' or 'high', not 'mid'.", "enum[low, high]"),
        (["topic=xy", 'tags=["a"'], "The input 'tags' should be a list in JSON, or repeated", "list[str]"),
        (["topic=xy", "person={}"], "The input 'person' does not fit: name is missing.", "It is Person?"),
        (["topic"], "The input 'topic' has no value.", "Write it as --input name=value."),
    ],
    ids=lambda value: str(value) if isinstance(value, list) else "",
)
def test_a_wrong_input_is_named_before_anything_runs(file: Path, words: list[str], message: str, hint: str) -> None:
    options = [option for word in words for option in ("--input", word)]
    done = command("run", file, *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"error[invalid_input]: {message}")
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    found = result(command("run", file, *options, "--json"))
    assert found["run_id"] is None
    assert found["status"] == "invalid"
    assert found["error"]["code"] == "invalid_input"
    assert message in found["error"]["message"]


def test_every_wrong_input_is_reported_at_once(file: Path) -> None:
    done = command("run", file, "-i", "topic=x", "-i", "count=0", "--input-file", "-", stdin='{"nope": 1}')
    assert done.stderr.count("error[invalid_input]") == 3


@pytest.mark.parametrize("words", [["--input", "-"], ["--input-file", "-"]])
def test_the_input_is_read_from_stdin(file: Path, words: list[str]) -> None:
    done = command("run", file, *words, "--json", stdin='{"topic": "tides", "count": 1}')
    assert result(done)["steps"] == ["write", "again"]


@pytest.mark.parametrize("name", ["input.json", "input.yaml"])
def test_the_input_is_read_from_a_file_and_options_come_before_it(file: Path, name: str) -> None:
    given = file.with_name(name)
    given.write_text('{"topic": "tides", "count": 9}' if name.endswith("json") else "topic: tides\ncount: 9\n")
    done = command("run", file, "--input-file", given, "-i", "count=1", "--json")
    assert result(done)["steps"] == ["write", "again"]


@pytest.mark.parametrize(("text", "code"), [("{", "invalid_input"), ("[1]", "invalid_input"), (None, "file_not_found")])
def test_a_wrong_input_file_is_named(file: Path, text: str | None, code: str) -> None:
    given = file.with_name("given.json")
    if text is not None:
        given.write_text(text)
    done = command("run", file, "--input-file", given)
    assert done.returncode == 2
    assert f"error[{code}]" in done.stderr
    assert "given.json" in done.stderr


def test_a_missing_key_is_named_before_anything_runs(file: Path) -> None:
    done = command("run", file, "-i", "topic=tides", "-m", "openai/gpt-5.4-mini", OPENAI_API_KEY="")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error[missing_api_key]: There is no API key for openai/gpt-5.4-mini: OPENAI_API_KEY is"
    )
    assert "write ..." not in done.stderr


def test_a_model_that_is_none_is_refused_and_an_alias_of_the_file_is_one(file: Path) -> None:
    file.write_text(WORKFLOW + "models: {first: {model: openai/x}, spare: {model: demo}}\n", encoding="utf-8")
    done = command("run", file, "-i", "topic=tides", "-m", "spair")
    assert done.returncode == 2
    assert "error[unknown_model]: There is no model 'spair'.\n  hint: Did you mean 'spare'?" in done.stderr
    assert command("run", file, "-i", "topic=tides", "-m", "spare").returncode == 0


def test_what_stands_after_the_file_is_most_likely_an_input(file: Path) -> None:
    done = command("run", file, "topic=tides")
    assert done.returncode == 2
    assert done.stderr.endswith("hint: An input is an option: --input topic=tides\n")


def test_an_output_that_was_never_written_is_named(file: Path) -> None:
    text = WORKFLOW.replace("  text: str\n", "  text: str\n  note: str\n  maybe: str?\n")
    text = text.replace("edges:\n", "  noted: {when: topic == 'rain', set: {note: wet}}\nedges:\n")
    text = text.replace("START -> write", "START -> noted -> write")
    file.write_text(text.replace("output: [text, n]", "output: [maybe, note]"), encoding="utf-8")
    done = command("run", file, "-i", "topic=tides")
    assert done.returncode == 1
    assert "warning[maybe_unset]: 'note' may be unset" in done.stderr
    assert "error[unset_output]: The output 'note' was not written on the way that the run took." in done.stderr


def test_a_model_on_the_command_line_is_asked_instead_of_every_model_of_the_file(file: Path) -> None:
    text = WORKFLOW + "models: {main: {model: openai/gpt-5-mini, api_key: '${NO_SUCH_KEY}'}}\n"
    file.write_text(text, encoding="utf-8")
    assert command("run", file, "-i", "topic=tides").returncode == 2
    done = command("run", file, "-i", "topic=tides", "--model", "demo")
    assert done.returncode == 0, done.stderr


def test_on_a_terminal_the_progress_is_live_and_the_output_follows(file: Path) -> None:
    environment = {**os.environ, "CONFIGURABLE_AGENTS_MODEL": "demo", "TERM": "xterm-256color", "NO_COLOR": "1"}
    pid, terminal = pty.fork()
    if pid == 0:
        words = [COMMAND, "run", str(file), "-i", "topic=tides"]
        os.execve(COMMAND, words, environment)  # noqa: S606  # the command itself, on a terminal of its own
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        pass  # how Linux tells that the other side has closed
    _, status = os.waitpid(pid, 0)
    text = shown.decode()
    assert os.waitstatus_to_exitcode(status) == 0
    assert "✓  write" in text
    assert "✓  again (visit 2)" in text
    assert "\033[?25h" in text  # the cursor is there again
    assert "write ok" not in text
    assert "succeeded in" in text


def test_version_and_help_answer() -> None:
    assert re.fullmatch(r"configurable-agents \d+\.\d+\.\d+\n", command("--version").stdout)
    assert "validate" in command("--help").stdout
    assert command("rnu").returncode == 2
