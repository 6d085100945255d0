"""`validate --fix` edits nothing that may be meant otherwise, and what it leaves behind can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import configurable_agents
from tests.bad_files import workflow, write
from tests.test_fix import asking, fixed, route


def noding(node: str) -> str:
    return workflow(nodes=f"\n  ask:\n{node}")


# What is wrong may be meant in more than one way, or the edit that is near would not mend it.
DOUBTFUL: dict[str, str] = {
    "a comment without a space after its #": asking("Say {{ topic }}   #TODO: better"),
    "a comment right after the text": asking("Say {{ topic }} #TODO: better"),
    "a # after a tab": asking("Say {{ topic }}\t#1"),
    "a # with a number, far from the text": asking("Say {{ topic }}   #2: ask Ann"),
    "a # in braces": workflow(nodes="\n  ask: {writes: text, prompt: Say #1, model: auto\n  }"),
    "fields on one line": workflow(types="\n  T: a: str, b: str"),
    "a node on one line": workflow(nodes='\n  ask: prompt: "x", writes: text'),
    "a key on the line of its node": workflow(nodes="\n  ask: prompt: hi {{ topic }}"),
    "two keys on a line": noding("    prompt: Say {{ topic }} writes: text"),
    "a rule on one line": route("    route:\n      - when: count > 1 to: END\n      - {else: END}"),
    "a pair as in JSON": noding('    set: "text": "hi"'),
    "a comma at the end, as in JSON": asking('"Say {{ topic }}",'),
    "a comma after a template": asking("{{ topic }},"),
    "two texts without brackets": noding('    prompt: hi\n    writes: "text", "kind"'),
    "a quote within quotes": asking("'it's about {{ topic }}'"),
    "an @ in brackets, with a comma": workflow(output="\n  [\n  @text,\n  ]"),
    "a template that goes on in the next line": asking("{{ topic }}\n      and more"),
    "a text after a template, in braces": workflow(nodes="\n  ask: {prompt: {{ topic }} now, writes: text}"),
    "a # after a template": asking("{{ topic }} #1"),
    "braces that stand twice": noding('    set: {{ text: "hi" }}'),
    "a mistake beside another that is not mended": noding(
        '    prompt: Say: {{ topic }}\n    writes: text\n  sort:\n    prompt: "It\n    writes: kind'
    ),
    "a name in a text of two lines, and in its prose": asking("topci is to be\n      {{ topci }}"),
    "a node that is nearly as near as another": workflow(
        nodes="\n  ask: {prompt: hi, writes: text}\n  asks: {prompt: ho, writes: kind}",
        edges="\n  - START -> aks -> END\n  - asks -> END",
    ),
    "a node that the edge has already": workflow(edges="\n  - START -> ask -> akss"),
    "the end, or a node like it": workflow(edges="\n  - START -> ask -> finish\n  - sort -> END").replace(
        "sort", "finished"
    ),
    "two keys that mean the same": noding("    prompt: hi\n    writs: text\n    wriets: text"),
    "a key that is there": noding("    set: {txet: a, text: b}"),
    "a name that the list has": noding("    prompt: hi\n    writes: [text, txet]"),
    "a case that is there": workflow(
        edges="\n  - START -> ask -> sort\n  - {from: sort, switch: kind, cases: {bgu: END, bug: END, question: END}}"
    ),
    "a value that is no key without quotes": workflow(
        state='\n  text: str\n  kind: {type: "enum[in: use, no]", default: no}',
        edges="\n  - START -> ask -> sort\n  - {from: sort, switch: kind, cases: {in use: END, no: END}}",
    ),
    "the next node as to": workflow(nodes="\n  ask: {prompt: hi, to: text}"),
    "the least of a text": workflow().replace("text: str", "text: {type: str, min: 3}"),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_doubtful_is_shown_and_left_as_it_is(name: str, ends: str, tmp_path: Path) -> None:
    text = DOUBTFUL[name].replace("\n", ends)
    path = write(tmp_path, text)
    done = fixed(path)
    assert (done.returncode, path.read_bytes().decode()) == (1, text)
    assert "error[" in done.stderr
    assert "hint: " in done.stderr


# «what stands there|what is written», where the edit is as sure as it looks doubtful.
SURE: dict[str, tuple[str, str]] = {
    "a # in a string": (
        """Say {{ topic | replace("a", " #b") }} now""",
        """'Say {{ topic | replace("a", " #b") }} now'""",
    ),
    "a template with a comment": ("{{ topic }}   # all of it", '"{{ topic }}"   # all of it'),
    "a template with a colon": ("{{ topic }}: {{ count }}", '"{{ topic }}: {{ count }}"'),
    "a text in capitals and brackets": ("@all: é👋 {{ topic }}", '"@all: é👋 {{ topic }}"'),
    "the same name thrice, after other letters": (
        '"topci é👋 {{ topci }}, {{ topci }} topci"',
        '"topci é👋 {{ topic }}, {{ topic }} topci"',
    ),
}


@pytest.mark.parametrize("name", SURE)
def test_what_is_sure_is_mended_and_then_all_is_said(name: str, tmp_path: Path) -> None:
    wrong, right = SURE[name]
    path = write(tmp_path, asking(wrong).replace("\n", "\r\n"))
    assert fixed(path).returncode == 0
    assert path.read_bytes().decode() == asking(right).replace("\n", "\r\n")
    yaml.safe_load(path.read_bytes())
    again = fixed(path)
    assert (again.returncode, again.stderr) == (0, "")
    assert path.read_bytes().decode() == asking(right).replace("\n", "\r\n")


def test_mistakes_that_hide_each_other_are_mended_one_after_the_other(tmp_path: Path) -> None:
    nodes = """
  ask:
    prompt: Say: {{ topic }}
    writes: text
  sort:
    prompt: It: {{ topci }}
    writes: knid"""
    path = write(tmp_path, workflow(nodes=nodes))
    assert fixed(path).returncode == 0
    mended = nodes.replace("Say: {{ topic }}", '"Say: {{ topic }}"').replace("knid", "kind")
    assert path.read_text("utf-8") == workflow(nodes=mended.replace("It: {{ topci }}", '"It: {{ topic }}"'))


def test_a_long_row_of_mistakes_is_mended_to_its_end(tmp_path: Path) -> None:
    types = "\n".join(f"  T{number}: {{a: list[str], b: int}}" for number in range(30))
    path = write(tmp_path, workflow(types=f"\n{types}"))
    assert fixed(path).returncode == 0
    assert path.read_text("utf-8") == workflow(types="\n" + types.replace("list[str]", '"list[str]"'))


def test_a_line_is_added_to_a_file_that_ends_with_a_bracket(tmp_path: Path) -> None:
    text = route("    switch: kind\n    cases: {bug: END}").rstrip("\n")
    path = write(tmp_path, text)
    assert fixed(path).returncode == 0
    assert path.read_text("utf-8") == f"{text}\n    else: END"


def test_a_module_is_not_renamed_after_a_field(tmp_path: Path) -> None:
    (tmp_path / "topci.py").write_text("def run(topci):\n    return topci\n", "utf-8")
    text = workflow(nodes='\n  ask: {python: "topci:run", writes: text}')
    path = write(tmp_path, text)
    assert (fixed(path).returncode, path.read_text("utf-8")) == (1, text)


def test_names_that_are_nearly_as_near_are_both_named(tmp_path: Path) -> None:
    path = write(tmp_path, DOUBTFUL["a node that is nearly as near as another"])
    [found] = [finding for finding in configurable_agents.check(path).findings if finding.code == "unknown_node"]
    assert (found.hint, found.fix) == ("Did you mean 'asks' or 'ask'?", None)


def test_a_text_that_a_comment_cuts_within_a_template_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path, asking(SURE["a # in a string"][0]))
    assert [finding.code for finding in configurable_agents.check(path).findings] == ["text_cut_short"]
