"""Templates, expressions and names: what can't be read, and what is not there, shown to the character."""

from __future__ import annotations

from pathlib import Path

import pytest

import configurable_agents
from tests.bad_files import assert_one_error, only_error, workflow, write


def bare(marked: str) -> str:
    return marked.replace("«", "").replace("»", "")


def prompt(text: str) -> str:
    return workflow(nodes=f"\n  ask:\n    prompt: |\n      Hello,\n      {text}\n    writes: text")


def when(condition: str) -> str:
    return workflow(
        types=" {File: {path: str, size: int}}",
        input="\n  topic: str\n  count: int\n  tags: list[str]\n  file: File\n  files_: list[File]",
        edges=f"\n  - START -> ask -> sort\n  - from: sort\n    route:\n      - when: {condition}\n"
        "        to: ask\n        max_times: 2\n      - {else: END}",
    )


CONDITIONS = {
    "count > «1»e310": ("template_syntax", "smaller"),
    "«topic»": ("condition_type", "Compare it"),
    "«count»": ("condition_type", "Compare it"),
    "count > 1 and «text»": ("condition_type", "Compare it"),
    "not «text»": ("condition_type", "Compare it"),
    "«kind»": ("condition_type", "Compare it"),
    "«t»opic > 3": ("compare_types", "one kind"),
    "«c»ount == '3'": ("compare_types", "one kind"),
    "«c»ount in tags": ("compare_types", "one kind"),
    "«c»ount in topic": ("compare_types", "one kind"),
    "count > 1 or «t»ags == 3": ("compare_types", "one kind"),
    "kind == «'bugs'»": ("enum_value", "'bug'"),
    "kind in ['bug', «'questin'»]": ("enum_value", "'question'"),
    "kind != «'other'»": ("enum_value", "bug, question"),
    "«tpoic» == 'x'": ("unknown_name", "'topic'"),
    "«qqq» == 'x'": ("unknown_name", "There is topic, count"),
    "file.«pth» == 'x'": ("unknown_attribute", "'path'"),
    "(files_ | first).«siez» > 3": ("unknown_attribute", "'size'"),
    "topic.«size» > 3": ("unknown_attribute", ""),
    "run.«idd» == 'x'": ("unknown_attribute", "'id'"),
    "topic | «lenght» > 3": ("unknown_filter", "'length'"),
    "maybe is «defind»": ("unknown_test", "'defined'"),
    "topic.«upper»() == 'X'": ("method_call", "| upper"),
    "count > 1 «&&» maybe": ("template_syntax", "and"),
    "count > 1 «||» maybe": ("template_syntax", "or"),
    "'«!»maybe'": ("template_syntax", "not"),
    "count «=» 1": ("template_syntax", "=="),
    "count «===» 1": ("template_syntax", "=="),
    "«$»count > 1": ("template_syntax", "plain names"),
    "'«{{» count > 1 }}'": ("braces_in_expression", "count > 1"),
    "count «count»": ("template_syntax", "quoted"),
}


@pytest.mark.parametrize("condition", CONDITIONS, ids=bare)
def test_a_wrong_condition_is_shown(condition: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, hint = CONDITIONS[condition]
    whole = code != "braces_in_expression"
    assert_one_error(capsys, tmp_path, when(condition), code, hint, whole=whole)


PROMPTS = {
    "{{ «tpoic» }}": ("unknown_name", "'topic'"),
    "{{ topic | «uper» }}": ("unknown_filter", "'upper'"),
    "{{ topic «topic» }}": ("template_syntax", ""),
    "{{ «}»}": ("template_syntax", ""),
    "{% if «topic» %}x{% endif %}": ("condition_type", "Compare it"),
    "{% «include» 'x' %}": ("template_syntax", "files"),
    "{% «import» 'x' as y %}": ("template_syntax", ""),
    "{% «extends» 'x' %}": ("template_syntax", ""),
    "{% «macro» f() %}{% endmacro %}": ("template_syntax", ""),
    "{% «unless» topic %}": ("template_syntax", "if, for, set and raw"),
    "{% for t in «count» %}{{ t }}{% endfor %}": ("not_a_list", "list"),
    "{% for t in tags %}{{ «tt» }}{% endfor %}": ("unknown_name", ""),
    "{% for t in tags %}{{ t.«x» }}{% endfor %}": ("unknown_attribute", ""),
    "{% for t in tags if «loop».index > 1 %}{{ t }}{% endfor %}": ("unknown_name", "{% if %} into the loop"),
    "{% for t in tags if «loop».first %}{{ loop.index }}{% endfor %}": ("unknown_name", "{% if %} into the loop"),
    "{% for t in tags if «loop».cycle(1, 2) == 1 %}{{ t }}{% endfor %}": ("unknown_name", "{% if %} into the loop"),
    "{% for t in tags %}{{ t }}{% else %}{{ «loop».index }}{% endfor %}": ("unknown_name", ""),
    "{% for tt in tags %}{{ tt }}{% else %}{{ «tt» }}{% endfor %}": ("unknown_name", ""),
    "{{ topic.«upper»() }}": ("method_call", "| upper"),
    "{{ «t»opic() }}": ("method_call", "python"),
    "{{ «t»opic + count }}": ("compare_types", "~"),
    "{{ files.x }}": ("unknown_name", ""),
}


@pytest.mark.parametrize("text", PROMPTS, ids=bare)
def test_a_wrong_template_is_shown_within_its_block(
    text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, hint = PROMPTS[text]
    marked = text if "«" in text else text.replace("files", "«files»")
    whole = code not in {"method_call", "compare_types", "not_a_list"}
    assert_one_error(capsys, tmp_path, prompt(marked), code, hint, whole=whole)


@pytest.mark.parametrize("text", ["{{ topic", "{% if count > 1 %}x", "{{ (count }}", "{% for t in tags %}", "{{ 'x }}"])
def test_what_is_never_closed_in_a_template_is_told(text: str, tmp_path: Path) -> None:
    finding = only_error(write(tmp_path, prompt(text)))
    assert finding.code == "template_syntax"
    assert finding.location.line >= 16
    assert finding.hint


DEEP = {
    "a sum": "{{ " + "count + " * 500 + "1 }}",
    "parentheses": "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "attributes": "{{ facts" + ".a" * 500 + " }}",
    "filters": "{{ topic" + " | upper" * 500 + " }}",
    "negations": "{{ " + "not " * 500 + "maybe }}",
    "ifs": "{% if count > 1 %}" * 200 + "{% endif %}" * 200,
    "lists": "{{ " + "[" * 200 + "]" * 200 + " }}",
}


@pytest.mark.parametrize("name", DEEP)
def test_a_text_that_is_nested_too_deeply_is_refused(name: str, tmp_path: Path) -> None:
    finding = only_error(write(tmp_path, workflow(nodes=f" {{ask: {{prompt: '{DEEP[name]}', writes: text}}}}")))
    assert finding.code == "template_syntax"
    assert "nested too deeply" in finding.message


def node(text: str) -> str:
    return workflow(nodes=f"\n  ask: {text}")


NAMES = {
    "a field in writes": (node("{prompt: hi, writes: «txt»}"), "unknown_field", "'text'"),
    "a field in a list of writes": (node("{prompt: hi, writes: [text, «knid»]}"), "unknown_field", "'kind'"),
    "a field in a mapping of writes": (node("{prompt: hi, writes: {«txt»: result}}"), "unknown_field", "'text'"),
    "the result in a mapping of writes": (node("{prompt: hi, writes: {text: «reslt»}}"), "unknown_name", "'result'"),
    "an attribute of text in writes": (node("{prompt: hi, writes: {text: result.«x»}}"), "unknown_attribute", ""),
    "a type that does not fit in writes": (node("{prompt: hi, writes: {number: «result»}}"), "write_type", "type"),
    "an input in writes": (node("{prompt: hi, writes: «topic»}"), "writes_input", "under state"),
    "a field in set": (node("{set: {«txt»: x}}"), "unknown_field", "'text'"),
    "an input in set": (node("{set: {«topic»: x}}"), "writes_input", "under state"),
    "a value of the wrong type in set": (node("{set: {number: «many»}}"), "write_type", "int"),
    "a template of the wrong type in set": (node("{set: {number: «'{{ topic }}'»}}"), "write_type", "int"),
    "a value outside its enum in set": (node("{set: {kind: «other»}}"), "write_type", "enum"),
    "a name in set": (node("{set: {text: '{{ «tpoic» }}'}}"), "unknown_name", "'topic'"),
    "a name deep in set": (node("{set: {facts: {a: [1, '{{ «tpoic» }}']}}}"), "unknown_name", "'topic'"),
    "a name in with": (
        node("{python: 'math:sqrt', with: {x: '{{ «cuont» }}'}, writes: number}"),
        "unknown_name",
        "'count'",
    ),
    "a name in system": (node("{prompt: hi, system: 'You {{ «tpoic» }}', writes: text}"), "unknown_name", "'topic'"),
    "a name in a message": (
        node("{messages: [{role: user, content: '{{ «tpoic» }}'}], writes: text}"),
        "unknown_name",
        "'topic'",
    ),
    "a model": (node("{prompt: hi, writes: text, model: «mian»}"), "unknown_model", "provider/model"),
    "a model beside others": (
        workflow(
            models=" {main: {model: a/b}, small: {model: a/c}}",
            nodes=" {ask: {prompt: hi, writes: text, model: «mian»}}",
        ),
        "unknown_model",
        "'main'",
    ),
    "a field in output": (workflow(output=" [text, «knid»]"), "unknown_field", "'kind'"),
    "a name in output": (workflow(output=" {answer: «txt»}"), "unknown_name", "'text'"),
    "an attribute in output": (workflow(output=" {answer: text.«x»}"), "unknown_attribute", ""),
    "braces in output": (workflow(output=" {answer: '«{{» text }}'}"), "braces_in_expression", "text"),
    "a module": (node("{python: «nowhere:total», writes: number}"), "python_missing", "nowhere.py"),
    "a prompt's file": (node("{prompt: {file: «p.md»}, writes: text}"), "file_not_found", "relative"),
    "a prompt's directory": (node("{prompt: {file: «.»}, writes: text}"), "file_unreadable", ""),
    "a prompt's device": (node("{prompt: {file: «/dev/zero»}, writes: text}"), "file_unreadable", ""),
    "a path with a NUL": (node('{prompt: {file: «"a\\0b"»}, writes: text}'), "file_not_found", ""),
    "a file": (workflow(files=" {rules: «rules.md»}"), "file_not_found", "relative"),
    "a variable of a path": (node("{prompt: {file: '«${NO_SUCH_X}»/p'}, writes: text}"), "missing_variable", "export"),
    "a reference never closed": (workflow(models=" {main: {model: a/b, api_key: '«${»KEY'}}"), "wrong_reference", ""),
    "an empty reference": (workflow(files=" {rules: '«${»}/x'}"), "wrong_reference", "${NAME}"),
    "a broken reference of a prompt": (node("{prompt: {file: 'a/«${»'}, writes: text}"), "wrong_reference", "${NAME}"),
    "a template in a URL": (
        workflow(models=" {main: {model: a/b, api_base: 'http://«{{» topic }}'}}"),
        "template_here",
        "${NAME}",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_not_there_is_answered_with_the_nearest(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text, code, hint = NAMES[name]
    whole = code not in {"missing_variable", "braces_in_expression"}
    if code == "missing_variable":  # the path is at fault as a whole
        text = text.replace("'«", "«'").replace("»/p'", "/p'»")
    assert_one_error(capsys, tmp_path, text, code, hint, whole=whole)


def test_a_mistake_in_a_prompts_own_file_is_shown_there(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_bytes("# Grüße 👋\r\n\r\nAbout {{ tpoic }}, please\r\n".encode())
    path = write(tmp_path, node("{prompt: {file: p.md}, writes: text}"))
    (finding,) = configurable_agents.check(path).findings
    assert (finding.code, finding.location.file) == ("unknown_name", str(tmp_path / "p.md"))
    assert (finding.location.line, finding.location.column, finding.location.width) == (3, 10, 5)
    assert finding.source == "About {{ tpoic }}, please"


def test_a_key_in_the_file_is_a_warning_that_lets_it_run(tmp_path: Path) -> None:
    checked = configurable_agents.check(write(tmp_path, workflow(models=" {main: {model: a/b, api_key: sk-1}}")))
    assert [(finding.code, finding.severity) for finding in checked.findings] == [("secret_in_file", "warning")]
    assert checked.workflow is not None
