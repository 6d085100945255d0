"""`validate --fix` writes what is safe to write, and leaves all else as it is, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import configurable_agents
from tests.bad_files import workflow

COMMAND = Path(sys.executable).with_name("configurable-agents")


def fixed(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, "validate", "--fix", path], capture_output=True, text=True, check=False)


ENUM = "enum[bug, question]"


def asking(prompt: str) -> str:
    return workflow(nodes=f"\n  ask:\n    prompt: {prompt}\n    writes: text")


def choice(keys: str) -> str:
    return workflow(edges=f"\n  - START -> ask -> sort\n  - {{from: sort, {keys}}}")


def route(rules: str) -> str:
    return workflow(edges=f"\n  - START -> ask -> sort\n  - from: sort\n{rules}")


# «what stands there|what is written»
MENDED: dict[str, str] = {
    "a key of the file": workflow().replace("nodes:", "«ndoes|nodes»:"),
    "a key that other tools have": workflow().replace("writes: text", "«output|writes»: text"),
    "a kind": workflow().replace("sort: {prompt:", "sort: {«promt|prompt»:"),
    "a type": workflow().replace("maybe: str?", "maybe: «string|str»?"),
    "a misspelled type": workflow().replace("text: str", "text: «sting|str»"),
    "a type that must be quoted": workflow().replace('"enum[bug, question]"', f'«{ENUM}|"{ENUM}"»'),
    "a field": workflow().replace("writes: kind", "writes: «knid|kind»"),
    "a name in a template": workflow().replace("What is {{ topic }}", "What is {{ «topci|topic» }}"),
    "a filter": workflow().replace("What is {{ topic }}", "What is {{ topic | «uper|upper» }}"),
    "a template without quotes": workflow().replace('"What is {{ topic }}?"', '«{{ topic }}|"{{ topic }}"»'),
    "a duration": workflow().replace("writes: kind}", "writes: kind, timeout: «30|30s»}"),
    "a text that ends at a #": asking('«Say #1 of {{ topic }}|"Say #1 of {{ topic }}"»'),
    "a text that holds a colon": asking('«Say: {{ topic }}|"Say: {{ topic }}"»'),
    "a text that goes on after its quote": asking("""«'Say' {{ topic }}|"'Say' {{ topic }}"»"""),
    "a text that starts with @": asking('«@all {{ topic }}|"@all {{ topic }}"»'),
    "a number that is text": asking('«5|"5"»'),
    "an edge": workflow(edges="\n  - START -> ask -> «srot|sort»\n  - sort -> END"),
    "the end": workflow(edges="\n  - START -> ask -> sort -> «end|END»"),
    "a case": choice("switch: kind, cases: {«bgu|bug»: END, question: END}"),
    "a value of an enum": route("    route:\n      - {when: kind == «'bgu'|'bug'», to: END}\n      - {else: END}"),
    "a switch without an else": route("    switch: kind  # a\n    cases: {bug: END}  # b«|\n    else: END»"),
    "a switch in braces": choice("switch: kind, cases: {bug: END}«|, else: END» "),
    "a switch in braces, with a comment": choice("switch: kind, cases: {bug: END}«|, else: END»   # a bug\n  "),
    "a route in brackets, with a comma": route("    route: [{on_error: any, to: END}«|, {else: END}», ]"),
    "cases one below the other": route("    switch: kind\n    cases:\n      bug: END«|\n    else: END»"),
    "a route without an else": route("    route:\n      - {on_error: any, to: END}«|\n      - {else: END}»"),
    "a route in brackets": route("    route: [{on_error: any, to: END}«|, {else: END}»]"),
    "a route that leaves a case out": route(
        "    route:\n      - when: kind == 'bug'\n        to: END«|\n      - {else: END}»"
    ),
}


def both(marked: str) -> tuple[str, str]:
    """The file as it is wrong, and as it is mended."""
    wrong, right, rest = "", "", marked
    while "«" in rest:
        before, _, rest = rest.partition("«")
        marks, _, rest = rest.partition("»")
        old, _, new = marks.partition("|")
        wrong, right = wrong + before + old, right + before + new
    return wrong + rest, right + rest


@pytest.mark.parametrize("name", MENDED)
def test_what_is_safe_is_mended(name: str, tmp_path: Path) -> None:
    wrong, right = both(MENDED[name])
    path = tmp_path / "workflow.yaml"
    path.write_text(wrong, "utf-8")
    done = fixed(path)
    assert path.read_text("utf-8") == right, done.stderr
    assert done.returncode == 0
    assert f"{path}:" in done.stderr


COMMENTED = """\
# A comment, and: a trap
version: 2     # the language\t
name: support

input: {topic: str}\t# what
state:
    text:   str   # four spaces
nodes:

  ask:
    prompt:   |
       Ä {{ «topci|topic» }} 👋

       {# no comment #}
    «writs|writes»: text       # the end


"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_all_else_stays_byte_for_byte(newline: str, bom: bytes, tmp_path: Path) -> None:
    wrong, right = both(COMMENTED)
    path = tmp_path / "workflow.yaml"
    path.write_bytes(bom + wrong.replace("\n", newline).encode())
    assert fixed(path).returncode == 0
    assert path.read_bytes() == bom + right.replace("\n", newline).encode()


def test_a_line_that_is_added_ends_as_the_others_do(tmp_path: Path) -> None:
    wrong, right = both(MENDED["a switch without an else"])
    path = tmp_path / "workflow.yaml"
    path.write_bytes(wrong.replace("\n", "\r\n").encode())
    assert fixed(path).returncode == 0
    assert path.read_bytes() == right.replace("\n", "\r\n").encode()


def test_the_files_that_a_workflow_reads_are_mended_too(tmp_path: Path) -> None:
    prompt, inner, outer = tmp_path / "prompt.md", tmp_path / "inner.yaml", tmp_path / "outer.yaml"
    prompt.write_bytes(b"Hello,\r\n{{ topci }}\r\n")
    inner.write_text(workflow().replace("writes: kind", "writes: knid"), "utf-8")
    nodes = "\n  ask: {prompt: {file: prompt.md}, writes: text}\n  sort: {workflow: inner.yaml, writes: facts}"
    outer.write_text(workflow(nodes=nodes), "utf-8")
    assert fixed(outer).returncode == 0
    assert prompt.read_bytes() == b"Hello,\r\n{{ topic }}\r\n"
    assert inner.read_text("utf-8") == workflow()


def test_what_is_not_sure_is_left_to_the_author(tmp_path: Path) -> None:
    path = tmp_path / "workflow.yaml"
    text = workflow().replace("{{ topic }}", "{{ wholly_unlike }}")
    path.write_text(text, "utf-8")
    done = fixed(path)
    assert (done.returncode, path.read_text("utf-8")) == (1, text)
    assert "error[unknown_name]" in done.stderr


UNSURE: dict[str, str] = {
    "brackets within a text": workflow().replace("input:", "types: {T: {type: str, description: a b[0] c}}\ninput:"),
    "a text with a comment": asking("Say {{ topic }} # to them"),
    "a text that goes on in the next line": asking("Say: {{ topic }}\n      and more"),
    "a text in quotes that goes on in the next line": asking("'Say' {{ topic }}\n      and more"),
    "a text that starts with @ and goes on in the next line": asking("@all {{ topic }}\n      and more"),
    "a number of seconds, or milliseconds": workflow().replace("writes: kind", "writes: kind, timeout: 30000"),
    "a number below zero": workflow().replace("writes: kind", "writes: kind, timeout: -5"),
    "another number in the name": workflow()
    .replace("topic: str", "topic1: str")
    .replace("{{ topic }}", "{{ topic2 }}"),
    "two names that are as near": workflow()
    .replace("topic: str", "top_a: str\n  top_b: str")
    .replace("topic", "top_c"),
}


@pytest.mark.parametrize("name", UNSURE)
def test_what_may_be_meant_otherwise_is_left_to_the_author(name: str, tmp_path: Path) -> None:
    path = tmp_path / "workflow.yaml"
    path.write_text(UNSURE[name], "utf-8")
    assert (fixed(path).returncode, path.read_text("utf-8")) == (1, UNSURE[name])


@pytest.mark.parametrize(
    "text",
    [
        workflow(nodes='\n  ask:\n    prompt: x\n   writes: "text"'),
        workflow().replace("maybe: str?", "maybe~: str?").replace("{{ topic }}", "{{ mayb }}"),
        workflow().replace("text: str", 'text: {type: a "list[str]" b[0], merge: append}'),
    ],
)
def test_what_an_edit_does_not_mend_is_not_edited_again(text: str, tmp_path: Path) -> None:
    path = tmp_path / "workflow.yaml"
    path.write_text(text, "utf-8")
    done = fixed(path)
    assert done.returncode == 1
    assert done.stderr.count(" -> ") - done.stderr.count("--> ") <= 2
    assert len(path.read_text("utf-8")) < len(text) + 20


def test_a_right_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "workflow.yaml"
    path.write_text(workflow(), "utf-8")
    os.utime(path, (1, 1))
    assert fixed(path).returncode == 0
    assert path.stat().st_mtime == 1


def test_a_link_stays_a_link_and_a_mode_stays_as_it_is(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_text(workflow().replace("writes: kind", "writes: knid"), "utf-8")
    real.chmod(0o640)
    link.symlink_to(real.name)
    assert fixed(link).returncode == 0
    assert link.is_symlink()
    assert real.read_text("utf-8") == workflow()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "real.yaml"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = fixed(tmp_path / "none.yaml")
    assert (done.returncode, "error[file_not_found]" in done.stderr) == (2, True)


def test_a_finding_says_how_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "workflow.yaml"
    path.write_text(workflow().replace("writes: kind", "writes: knid"), "utf-8")
    [finding] = [found for found in configurable_agents.check(path).findings if found.severity == "error"]
    at = finding.location
    assert finding.as_dict()["fix"] == {"line": at.line, "column": at.column, "width": 4, "text": "kind"}
