"""Files that can't be read, and YAML's traps: one clear error each, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import configurable_agents
from configurable_agents import UsageError
from tests.bad_files import assert_one_error, command_line, only_error, workflow, write

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))


def prompt(text: str) -> str:
    """A workflow with `text` where a prompt stands."""
    return workflow(nodes=f"\n  ask:\n    prompt: {text}\n    writes: text")


TRAPS = {
    "a tab as indentation": (workflow(nodes="\n«\t»ask: {prompt: hi, writes: text}"), "yaml_tab", "spaces"),
    "a tab before a key": (workflow(nodes="\n  ask:\n«\t»prompt: hi\n    writes: text"), "yaml_tab", "spaces"),
    "an anchor": (prompt("«&a» hello"), "yaml_alias", "types, files or models"),
    "an alias": (prompt("«*a»"), "yaml_alias", "quote it"),
    "an anchor and its alias": (
        workflow(limits=" «&l» {max_steps: 3}", description=" *l"),
        "yaml_alias",
        "types, files or models",
    ),
    "a merge key": (workflow(limits=" {«<<»: {max_steps: 3}}"), "yaml_merge_key", "Write the keys out"),
    "a duplicate key at the top": (workflow() + "«name»: again\n", "duplicate_key", "Remove or rename"),
    "a duplicate key in a node": (
        workflow(nodes=" {ask: {prompt: hi, writes: text, «prompt»: ho}}"),
        "duplicate_key",
        "Remove or rename",
    ),
    "a null key": (workflow() + "«null»: 1\n", "null_key", "quoted"),
    "a tilde as a key": (workflow(limits=" {«~»: 1}"), "null_key", "quoted"),
    "no key at all": (workflow() + "«:» 1\n", "null_key", "Write a name"),
    "an empty text as a key": (workflow() + "«''»: 1\n", "null_key", "Write a name"),
    "a list as a key": (workflow() + "? «[»a, b]\n: 1\n", "complex_key", "Quote it"),
    "a type in braces without quotes": (
        workflow(state="\n  text: {type: «list[str]»}"),
        "unquoted_type",
        'Write "list[str]"',
    ),
    "an enum in braces without quotes": (
        workflow(state="\n  text: {type: «enum[a, b]», default: a}"),
        "unquoted_type",
        'Write "enum[a, b]"',
    ),
    "a value that is a template": (prompt("«{{ topic }}»"), "unquoted_template", 'Quote it: "{{ topic }}"'),
    "a value that starts with a template": (
        prompt("«{{ topic }} is what?»"),
        "unquoted_template",
        'prompt: "{{ topic }} is what?"',
    ),
    "a value that starts with !": (prompt("«!important» news"), "yaml_tag", "quoted"),
    "a value that starts with @": (prompt("«@»ada wrote"), "yaml_start", 'Quote it: "@ada wrote"'),
    "a value that starts with %": (prompt("«%»d items"), "yaml_start", 'Quote it: "%d items"'),
    "a value that starts with a backtick": (prompt("«`»code` is"), "yaml_start", 'Quote it: "`code` is"'),
    "a list on the line of its key": (prompt("«-» one"), "yaml_start", "a line of its own"),
    "a quote that goes on": (
        workflow(edges="\n  - START -> ask\n  - from: ask\n    route:\n      - when: «'x' in tags»\n        to: END"),
        "yaml_quote",
        "when: \"'x' in tags\"",
    ),
    "a bracket that goes on": (prompt("«[draft] about»"), "yaml_quote", 'prompt: "[draft] about"'),
    "a colon in a plain text": (prompt("Answer«:» yes or no"), "yaml_colon", 'prompt: "Answer: yes or no"'),
    "a text cut short by #": (prompt("See issue «#5 now»"), "text_cut_short", '"See issue #5 now"'),
    "an unknown escape": (prompt('"a«\\»q"'), "yaml_escape", "Double the backslash"),
    "text on the line of a |": (prompt("| «h»ello"), "yaml_syntax", "the next line"),
    "a line indented too little": (
        workflow(nodes="\n  ask:\n    prompt: hi\n   «w»rites: text"),
        "yaml_indent",
        "same indentation",
    ),
    "a line indented too much": (
        workflow(nodes="\n  ask:\n    prompt: hi\n      «w»rites: text"),
        "yaml_indent",
        "indentation",
    ),
    "two documents": (workflow() + "«---»\nname: again\n", "second_document", "two files"),
    "two empty documents": ("---\n«---»\n", "second_document", "two files"),
    "a control character": (prompt("a«\x07»b"), "yaml_syntax", "Remove it"),
    "text, no mapping": ("«hello, world»\n", "not_a_workflow", "version: 2"),
    "a list, no mapping": ("«-» a\n- b\n", "not_a_workflow", "version: 2"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_of_yaml_is_explained_where_it_is(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert_one_error(capsys, tmp_path, *TRAPS[name])


# What is opened and never closed may end anywhere; the error points at what opens it.
UNCLOSED = {
    "a double quote": prompt('«"»hello'),
    "a single quote": prompt("«'»hello"),
    "a brace": prompt("«{»file: p.md"),
    "a bracket": prompt("«[»hello"),
}


@pytest.mark.parametrize("name", UNCLOSED)
def test_what_is_never_closed_is_shown_where_it_opens(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert_one_error(capsys, tmp_path, UNCLOSED[name], "yaml_unclosed", "", whole=False)


NO_TEXT = {
    "empty": (b"", "empty_file", "init"),
    "white space": (b" \n\n\t\n", "empty_file", "init"),
    "comments only": (b"# hello\n\n# nothing here\n", "empty_file", "init"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_text", "UTF-8"),
    "a program": (b"\x7fELF\x02\x01\x01\0\0\0", "not_text", "UTF-8"),
    "Latin-1": ("name: café".encode("latin-1"), "not_text", "UTF-8"),
    "UTF-16": (workflow().encode("utf-16"), "not_text", "UTF-8"),
    "UTF-16 without a mark": (workflow().encode("utf-16-le"), "not_text", "UTF-8"),
    "NUL bytes": (b"version: 2\nname: a\0b\n", "not_text", "UTF-8"),
    "10 MB": (b"# long\n" * 1_500_000, "file_too_large", "files of their own"),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_a_file_that_is_no_workflow_at_all_is_named(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data, code, hint = NO_TEXT[name]
    path = write(tmp_path, data)
    finding = only_error(path)
    assert (finding.code, finding.location.line, finding.location.column) == (code, 1, 1)
    assert hint in finding.hint
    for word, status in (("validate", 1), ("run", 2)):
        answer = command_line(capsys, word, path)
        assert (answer.status, answer.out) == (status, "")
        assert answer.err.startswith(f"error[{code}]: ")
        assert answer.err.count("error[") == 1


def test_a_file_of_just_under_the_limit_is_read(tmp_path: Path) -> None:
    text = workflow() + "# " + "x" * 900_000
    assert configurable_agents.check(write(tmp_path, text)).workflow is not None


BOMBS = {
    "aliases": "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(40)),
    "brackets": "x: " + "[" * 300_000,
    "closed brackets": "x: " + "[" * 20_000 + "]" * 20_000,
    "braces": "x: " + "{a: " * 100_000,
    "indentation": "".join(" " * i + "k:\n" for i in range(1000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str, tmp_path: Path) -> None:
    code = "yaml_alias" if name == "aliases" else "too_deep"
    findings = configurable_agents.check(write(tmp_path, workflow() + BOMBS[name])).findings
    assert [finding.code for finding in findings if finding.code != "unknown_key"] == [code]
    assert all(finding.hint for finding in findings)


def test_types_that_hold_types_can_be_no_bomb_either(tmp_path: Path) -> None:
    types = "".join(f"\n  T{i}: {{a: T{i + 1}, b: T{i + 1}}}" for i in range(12))
    assert only_error(write(tmp_path, workflow(types=f"{types}\n  T12: {{a: str}}"))).code == "type_too_large"
    chain = "".join(f"\n  T{i}: {{a: T{i + 1}}}" for i in range(25))
    assert only_error(write(tmp_path, workflow(types=f"{chain}\n  T25: {{a: str}}"))).code == "type_too_large"


def test_thousands_of_mistakes_are_reported_in_seconds(tmp_path: Path) -> None:
    text = workflow() + "".join(f"key{i}: 1\n" for i in range(3000))
    assert len(configurable_agents.check(write(tmp_path, text)).findings) == 3000


def test_a_file_that_is_not_there_is_named_with_those_that_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write(tmp_path, workflow())
    missing = tmp_path / "workflo.yaml"
    for word in ("validate", "run", "graph"):
        answer = command_line(capsys, word, missing)
        assert (answer.status, answer.out) == (2, "")
        assert f"error[file_not_found]: There is no file {missing}.\n" in answer.err
        assert "workflow.yaml" in answer.err
    elsewhere = command_line(capsys, "validate", tmp_path / "no" / "workflow.yaml")
    assert "no directory" in elsewhere.err
    with pytest.raises(UsageError, match="There is no file"):
        configurable_agents.check("a\0b")


def test_a_directory_is_no_workflow(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write(tmp_path, workflow())
    for word in ("validate", "run"):
        answer = command_line(capsys, word, tmp_path)
        assert (answer.status, answer.out) == (2, "")
        assert "error[not_a_file]: " in answer.err
        assert "hint: It holds workflow.yaml." in answer.err


def test_a_device_without_an_end_is_not_read_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    answer = command_line(capsys, "validate", "/dev/zero")
    assert answer.status == 1
    assert "error[file_too_large]" in answer.err


@pytest.mark.parametrize("name", ["a tab as indentation", "a quote that goes on", "a duplicate key at the top"])
def test_a_real_process_answers_the_same(name: str, tmp_path: Path) -> None:
    text, code, hint = TRAPS[name]
    path = write(tmp_path, text.replace("«", "").replace("»", ""))
    done = subprocess.run([COMMAND, "validate", path], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error[{code}]: ")
    assert hint in done.stderr
    done = subprocess.run([COMMAND, "run", path, "--json"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert told["status"] == "invalid"
    assert [finding["code"] for finding in told["error"]["findings"]] == [code]
    assert done.stderr == ""
