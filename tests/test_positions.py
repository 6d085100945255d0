"""Where errors point: in every way that a text can be written, whatever ends the lines and stands before it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import configurable_agents
from tests.bad_files import assert_one_error, command_line, only_error, unmarked, workflow, write


def node(prompt: str, **sections: str) -> str:
    return workflow(nodes=f"\n  ask:\n    prompt: {prompt}\n    writes: text", **sections)


# The column of a name in a text is exact in these.
EXACT = {
    "plain": node("About {{ «tpoic» }}"),
    "single quotes": node("'About {{ «tpoic» }}'"),
    "double quotes": node('"About {{ «tpoic» }}"'),
    "literal": node("|\n      About {{ topic }}\n      and {{ «tpoic» }}"),
    "literal without its last line end": node("|-\n      About {{ topic }}\n      and {{ «tpoic» }}"),
    "literal with blank lines before": node("|\n\n\n      About {{ «tpoic» }}"),
    "literal with an indentation of its own": node("|2\n        About {{ topic }}\n          and {{ «tpoic» }}"),
    "literal with an example within": node("|\n      As in:\n          deeper {{ topic }}\n      and {{ «tpoic» }}"),
    "literal with a comment at its head": node("| # the question\n      About {{ «tpoic» }}"),
    "after emoji": node('"👋🏽 héllo 漢字 {{ «tpoic» }}"'),
    "after emoji in a literal": node("|\n      👋🏽 héllo\n      漢字 {{ «tpoic» }}"),
    "in braces": workflow(nodes=" {ask: {prompt: 'About {{ «tpoic» }}', writes: text}}"),
    "on the line after its key": node("\n      About {{ «tpoic» }}"),
}

# In these it is the text's beginning: what stands where can't be told without reading it as YAML does.
START = {
    "folded": node("«>»\n      About {{ topic }}\n      and {{ tpoic }}"),
    "escapes": node('«"»caf\\xe9 {{ tpoic }}"'),
    "doubled quotes": node("«'»it''s {{ tpoic }}'"),
    "plain over two lines": node("«A»bout\n      {{ tpoic }}"),
    "quotes over two lines": node('«"»About\n      {{ tpoic }}"'),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", [*EXACT, *START])
def test_an_unknown_name_is_shown_in_every_kind_of_text(
    name: str, end: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (EXACT | START)[name].replace("\n", end)
    assert_one_error(capsys, tmp_path, text, "unknown_name", "'topic'", whole=name in EXACT)


def test_a_byte_order_mark_shifts_nothing(tmp_path: Path) -> None:
    text, mark = unmarked("«verison»: 2\n" + workflow())
    where = only_error(write(tmp_path, b"\xef\xbb\xbf" + text.encode())).location
    assert (where.line, where.column, where.width) == (mark.line, mark.column, len(mark.text))


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\u2029"], ids=["CR", "NEL", "LS", "PS"])
def test_the_rarer_line_ends_of_yaml_are_counted(end: str, tmp_path: Path) -> None:
    text, mark = unmarked(workflow(limits=" {«max_step»: 3}"))
    where = only_error(write(tmp_path, text.replace("\n", end))).location
    assert (where.line, where.column) == (mark.line, mark.column)


@pytest.mark.parametrize("char", ["\x0b", "\x0c", "\x1c"])
def test_what_python_takes_for_a_line_end_and_yaml_does_not_is_refused_in_its_line(char: str, tmp_path: Path) -> None:
    text, mark = unmarked(node(f'"a«{char}»b"'))
    finding = only_error(write(tmp_path, text))
    assert finding.code == "yaml_syntax"
    assert (finding.location.line, finding.location.column) == (mark.line, mark.column)


def test_a_long_line_is_shown_round_the_mistake(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text, mark = unmarked(node('"' + "word " * 100 + "{{ «tpoic» }}" + " word" * 100 + '"'))
    path = write(tmp_path, text)
    answer = command_line(capsys, "validate", path)
    lines = answer.err.splitlines()
    assert lines[1].endswith(f"{path}:{mark.line}:{mark.column}")
    assert lines[4].index("^^^^^") == lines[3].index("tpoic")
    assert max(map(len, lines[2:])) < 130


MANY = """\
version: 2
name: many faults
models: {main: {modle: a/b}}
input: {topic: strng}
state:
  text: {type: str, minimum: 1}
nodes:
  ask: {prompt: "{{ tpoic }}", writes: txt}
  more: {set: {text: 3}}
edges:
  - START -> ask -> mor
  - {from: more, route: [{when: topic > 3, to: END}, {els: END}]}
output: [txt]
limits: {max_steps: 0}
extra: 1
"""

# The unknown node in the edges keeps the graph from being checked as a whole.
FAULTS = [
    ("bad_name", 2),
    ("unknown_key", 3),
    ("unknown_type", 4),
    ("wrong_rule", 6),
    ("unknown_name", 8),
    ("unknown_field", 8),
    ("write_type", 9),
    ("unknown_node", 11),
    ("unknown_key", 12),
    ("unknown_field", 13),
    ("wrong_shape", 14),
    ("unknown_key", 15),
]


def test_all_mistakes_of_a_file_are_reported_at_once_in_its_order(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = write(tmp_path, MANY)
    findings = configurable_agents.check(path).findings
    assert [(finding.code, finding.location.line) for finding in findings] == FAULTS
    answer = command_line(capsys, "validate", path)
    assert answer.status == 1
    assert [line for line in answer.err.splitlines() if line.startswith("error[")] == [
        f"error[{finding.code}]: {finding.message}" for finding in findings
    ]
    assert answer.err.endswith(f"{path}: {len(FAULTS)} errors\n")


def test_validate_lists_the_findings_of_many_files_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(tmp_path, MANY)
    right = tmp_path / "right.yaml"
    right.write_text(workflow(), "utf-8")
    answer = command_line(capsys, "validate", "--json", path, right, tmp_path / "none.yaml")
    assert (answer.status, answer.err) == (2, "")
    found = json.loads(answer.out)
    assert [(one["code"], one["line"]) for one in found] == [*FAULTS, ("file_not_found", 1)]
    keys = ("code", "severity", "file", "line", "column", "message", "hint")
    assert {tuple(one) for one in found} == {keys, (*keys, "fix")}
    assert {one["file"] for one in found} == {str(path), str(tmp_path / "none.yaml")}


def test_a_right_file_has_nothing_said_about_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(tmp_path, workflow())
    answer = command_line(capsys, "validate", path)
    assert (answer.status, answer.out, answer.err) == (0, f"{path}: no problems\n", "")
    assert json.loads(command_line(capsys, "validate", path, "--json").out) == []


def test_a_warning_fails_only_where_it_is_asked_to(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(tmp_path, workflow(models=" {main: {model: a/b, api_key: sk-1}}"))
    assert command_line(capsys, "validate", path).status == 0
    answer = command_line(capsys, "validate", path, "--strict")
    assert answer.status == 1
    assert "warning[secret_in_file]" in answer.err
