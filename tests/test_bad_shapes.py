"""Unknown keys at every level, values of the wrong form, names, types: one clear error each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bad_files import assert_one_error, workflow


def ask(**keys: str) -> str:
    """A workflow whose node has these keys beside a prompt."""
    more = "".join(f", {key}: {value}" for key, value in keys.items())
    return workflow(nodes=f" {{ask: {{prompt: hi, writes: text{more}}}}}")


def node(text: str) -> str:
    return workflow(nodes=f" {{ask: {text}}}")


def field(text: str) -> str:
    return workflow(state=f"\n  text: str\n  kind: str\n  it: {text}")


def rule(text: str) -> str:
    """A workflow with one rule before the last of a route."""
    return workflow(edges=f"\n  - START -> ask -> sort\n  - {{from: sort, route: [{text}, {{else: END}}]}}")


def switch(text: str) -> str:
    return workflow(edges=f"\n  - START -> ask -> sort\n  - {{from: sort, {text}}}")


UNKNOWN_KEYS = {
    "at the top": (workflow() + "«inputs»: {}\n", "'input'"),
    "at the top, from another tool": (workflow() + "«steps»: []\n", "nodes"),
    "at the top, unlike any": (workflow() + "«qqq»: []\n", "There is version, name"),
    "in an input field": (workflow(input="\n  topic: {type: str, «maxlen»: 3}"), "'maxLength'"),
    "in a state field": (field("{type: str, «merg»: replace}"), "'merge'"),
    "of the state in an input field": (workflow(input="\n  topic: {type: str, «merge»: replace}"), "There is type"),
    "in a types field": (workflow(types=" {File: {path: {type: str, «desc»: x}}}"), "description"),
    "in a model": (workflow(models=" {main: {model: a/b, «temprature»: 1}}"), "'temperature'"),
    "in a model, from another tool": (workflow(models=" {main: {model: a/b, «base_url»: x}}"), "api_base"),
    "in limits": (workflow(limits=" {«max_step»: 3}"), "'max_steps'"),
    "in a prompt node": (ask(**{"«temprature»": "1"}), "'temperature'"),
    "in a prompt node, from another tool": (ask(**{"«output»": "text"}), "writes"),
    "in a prompt node, of later versions": (ask(**{"«cache»": "1h"}), "There is"),
    "in a prompt node, an order": (ask(**{"«depends_on»": "sort"}), "edges"),
    "in a prompt node, a condition": (ask(**{"«if»": "x"}), "route"),
    "in a messages node": (node("{messages: [{role: user, content: x}], writes: text, «sytem»: x}"), "'system'"),
    "in a message": (node("{messages: [{role: user, content: x, «nam»: y}], writes: text}"), "role, content"),
    "in a set node": (node("{set: {text: x}, «write»: text}"), "writes"),
    "in a python node": (node("{python: 'math:sqrt', writes: text, «args»: {}}"), "with"),
    "in a prompt file": (node("{prompt: {«path»: x.md}, writes: text}"), "file"),
    "in a route": (switch("route: [{else: END}], «defualt»: END"), "There is from, route"),
    "in a rule": (rule("{when: 'count > 1', «goto»: ask}"), "to"),
    "in a rule, the condition": (rule("{«if»: 'count > 1', to: ask}"), "when"),
    "in a switch": (switch("switch: kind, cases: {bug: END, question: END}, «default»: END"), "else"),
    "in a switch, the cases": (switch("switch: kind, «case»: {bug: END, question: END}"), "'cases'"),
    "in a fail target": (rule("{when: 'count > 1', to: {«fial»: no}}"), "'fail'"),
}


@pytest.mark.parametrize("name", UNKNOWN_KEYS)
def test_an_unknown_key_is_answered_with_the_one_that_was_meant(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text, hint = UNKNOWN_KEYS[name]
    finding = assert_one_error(capsys, tmp_path, text, "unknown_key", hint)
    assert f"'{finding.source[finding.location.column - 1 :][: finding.location.width]}' is no key" in finding.message


WRONG_FORMS = {
    "a version that is not known": (workflow(version=" «3»"), "unknown_version", "version: 2"),
    "a version as text": (workflow(version=" «'2'»"), "unknown_version", "version: 2"),
    "no version": (workflow(version="").replace("name", "«n»ame", 1), "missing_key", "version: 2"),
    "no name": (workflow(name="").replace("version", "«v»ersion", 1), "missing_key", "'name'"),
    "nodes as a list": (workflow(nodes=" «[»{prompt: hi, writes: text}]"), "wrong_shape", "mapping"),
    "nodes as a text": (workflow(nodes=" «ask»"), "wrong_shape", "mapping"),
    "no nodes": (workflow(nodes=" {}").replace("nodes", "«nodes»"), "no_nodes", "Add one"),
    "nodes without a value": (workflow(nodes=" # none").replace("nodes", "«nodes»"), "no_value", "Give it one"),
    "a node that is text": (workflow(nodes=" {«ask»: hello}"), "not_a_node", "kind"),
    "a node without a value": (workflow(nodes=" {«ask»: }"), "not_a_node", "kind"),
    "a node without a kind": (workflow(nodes=" {«ask»: {writes: text}}"), "no_kind", "prompt"),
    "a kind misspelled": (node("{«promt»: hi, writes: text}"), "no_kind", "'prompt'"),
    "two kinds": (node("{prompt: hi, «set»: {text: x}}"), "two_kinds", "two nodes"),
    "a prompt that is a number": (node("{prompt: «3», writes: text}"), "wrong_shape", '"3"'),
    "a prompt that is a list": (node("{prompt: «[»a], writes: text}"), "wrong_shape", "text"),
    "a prompt without writes": (workflow(nodes=" {«ask»: {prompt: hi}}"), "missing_key", "'writes'"),
    "writes nothing": (node("{prompt: hi, writes: «[»]}"), "no_writes", "Name a field"),
    "writes a number": (node("{prompt: hi, writes: «3»}"), "wrong_shape", '"3"'),
    "writes a list with a number": (node("{prompt: hi, writes: [text, «3»]}"), "wrong_shape", '"3"'),
    "a temperature too high": (ask(temperature="«3»"), "wrong_shape", ""),
    "a temperature that is text": (ask(temperature="«hot»"), "wrong_shape", "number"),
    "an empty set": (node("{set: «{»}}"), "wrong_shape", ""),
    "messages that are text": (node("{messages: «hello», writes: text}"), "wrong_shape", "list"),
    "no messages": (node("{messages: «[»], writes: text}"), "wrong_shape", ""),
    "a message that is text": (node("{messages: [«hello»], writes: text}"), "wrong_shape", "mapping"),
    "a role misspelled": (node("{messages: [{role: «usr», content: x}], writes: text}"), "wrong_shape", "'user'"),
    "a message without content": (
        node("{messages: [«{»role: user}], writes: text}"),
        "missing_key",
        "'content'",
    ),
    "a function without a module": (node("{python: «total», writes: text}"), "wrong_shape", "module:function"),
    "a model that is text": (workflow(models=" {main: «gpt»}"), "wrong_shape", "{model: gpt}"),
    "a timeout without a unit": (workflow(models=" {main: {model: a/b, timeout: «60»}}"), "wrong_shape", "60s"),
    "max_steps of none": (workflow(limits=" {max_steps: «0»}"), "wrong_shape", ""),
    "max_steps as text": (workflow(limits=" {max_steps: «many»}"), "wrong_shape", "whole number"),
    "limits as a number": (workflow(limits=" «3»"), "wrong_shape", "mapping"),
    "output as text": (workflow(output=" «text»"), "wrong_shape", "[a, b]"),
    "output as a number": (workflow(output=" [«3»]"), "wrong_shape", '"3"'),
    "edges as a mapping": (workflow(edges=" «{»START: ask}"), "wrong_shape", "[a, b]"),
    "an edge that is a number": (workflow(edges=" [«3»]"), "wrong_shape", "mapping"),
    "an edge that is a list": (workflow(edges=" [«[»START, ask]]"), "wrong_shape", "mapping"),
    "a route that is text": (switch("route: «END»"), "wrong_shape", "[a, b]"),
    "a route without rules": (switch("route: «[»]"), "wrong_shape", ""),
    "a rule that is text": (rule("«END»"), "wrong_shape", "mapping"),
    "a target that is a number": (rule("{when: 'count > 1', to: «3»}"), "wrong_shape", '"3"'),
    "a target that is a list": (rule("{when: 'count > 1', to: «[»ask]}"), "wrong_shape", "text"),
    "a target without fail": (rule("{when: 'count > 1', «to»: {}}"), "missing_key", "'fail'"),
    "max_times of none": (rule("{when: 'count > 1', to: ask, max_times: «0»}"), "wrong_shape", ""),
    "a condition without a value": (rule("{«when»: , to: ask}"), "no_value", "remove"),
    "cases that are a list": (switch("switch: kind, cases: «[»bug]"), "wrong_shape", "mapping"),
    "from nothing": (
        workflow(edges="\n  - START -> ask -> sort -> END\n  - {from: «[»], route: [{else: END}]}"),
        "wrong_shape",
        "",
    ),
    "from a number": (
        workflow(edges="\n  - START -> ask -> sort -> END\n  - {from: «3», route: [{else: END}]}"),
        "wrong_shape",
        '"3"',
    ),
    "a type that is a number": (workflow(types=" {File: {path: «3»}}"), "wrong_shape", "mapping"),
    "a type that is text": (workflow(types=" {File: «str»}"), "wrong_shape", "mapping"),
    "a type without fields": (workflow(types=" {«File»: {}}"), "no_fields", "any"),
    "a field without a type": (workflow(types=" {File: {«path»: {default: 3}}}"), "missing_key", "'type'"),
    "a length that is text": (field("{type: str, minLength: «x»}"), "wrong_shape", "whole number"),
    "a length below zero": (field("{type: str, minLength: «-1»}"), "wrong_shape", ""),
    "a length beyond all": (field(f"{{type: str, minLength: «{'9' * 30}»}}"), "wrong_shape", ""),
    "a minimum beyond all": (field(f"{{type: float, minimum: «{'9' * 350}»}}"), "wrong_shape", "number"),
    "a merge misspelled": (field("{type: str, merge: «repalce»}"), "wrong_shape", "'replace'"),
    "a description that is a number": (field("{type: str, description: «3»}"), "wrong_shape", '"3"'),
}


@pytest.mark.parametrize("name", WRONG_FORMS)
def test_a_value_of_the_wrong_form_says_what_it_should_be(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert_one_error(capsys, tmp_path, *WRONG_FORMS[name])


RESERVED = [
    "START",
    "END",
    "run",
    "error",
    "result",
    "item",
    "loop",
    "range",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "None",
    "True",
    "self",
]


@pytest.mark.parametrize("word", RESERVED)
def test_a_reserved_word_is_no_name_of_a_field_or_a_node(
    word: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = workflow(state=f"\n  text: str\n  kind: str\n  «{word}»: str")
    finding = assert_one_error(capsys, tmp_path, text, "reserved_name", "Reserved are")
    assert finding.message == f"'{word}' is a reserved name."
    as_node = workflow(nodes=f"\n  «{word}»: {{prompt: hi, writes: text}}")
    assert_one_error(capsys, tmp_path, as_node, "reserved_name", "Reserved are")


def test_a_reserved_word_is_not_missed_where_it_is_used(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = workflow(
        state="\n  «result»: str",
        nodes='\n  ask: {prompt: hi, writes: result}\n  more: {set: {result: "{{ result }}!"}}',
        output=" [result]",
    )
    assert_one_error(capsys, tmp_path, text, "reserved_name", "Reserved are")


@pytest.mark.parametrize("word", ["a-b", "a b", "2nd", "ä", "__x", "a.b", '"a\\n"'])
def test_what_is_no_name_is_refused(word: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for text in (
        workflow(state=f"\n  text: str\n  kind: str\n  «{word}»: str"),
        workflow(nodes=f"\n  «{word}»: {{prompt: hi, writes: text}}"),
        workflow(types=f"\n  «{word}»: {{path: str}}"),
        workflow(types=f"\n  File: {{«{word}»: str}}"),
        workflow(models=f"\n  «{word}»: {{model: a/b}}"),
        workflow(name=f" «{word}»"),
    ):
        assert_one_error(capsys, tmp_path, text, "bad_name", "A name is")


TYPES = {
    "«strng»": ("unknown_type", "'str'"),
    "«string»": ("unknown_type", "str"),
    "«number»": ("unknown_type", "float"),
    "«list»": ("unknown_type", "list[any]"),
    "list[«Fiel»]": ("unknown_type", "'File'"),
    "dict[str, «Foo»]": ("unknown_type", "Types are"),
    "'list[«]»'": ("type_syntax", "Types are"),
    "'list[str]«]»'": ("type_syntax", "Remove it"),
    "dict[«int», str]": ("type_syntax", "dict[str, T]"),
    "'dict[str«]»'": ("type_syntax", "dict[str, int]"),
    "'enum[«]»'": ("type_syntax", "enum[low, high]"),
    "'enum[«a, a»]'": ("type_syntax", "enum[low, high]"),
    "'str «| null»'": ("type_syntax", "T?"),
    "int «float»": ("type_syntax", "Remove it"),
    "'«?»'": ("type_syntax", "Types are"),
    "«'»'": ("type_syntax", "Types are"),
    "'" + "list[" * 20 + "«l»ist[str]" + "]" * 20 + "'": ("type_syntax", "under types"),
}


@pytest.mark.parametrize("text", TYPES)
def test_what_is_no_type_is_shown_to_the_character(
    text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, hint = TYPES[text]
    whole = workflow(types=" {File: {path: str}}", state=f"\n  text: str\n  kind: str\n  it: {text}")
    if text == "«'»'":
        whole = re.sub("«'»'", "'«'»", whole)  # an empty text has no character but its quote
    assert_one_error(capsys, tmp_path, whole, code, hint)


FIELDS = {
    "a type that holds itself": (workflow(types=" {«A»: {a: A}}"), "recursive_type", "any"),
    "types that hold each other": (workflow(types=' {«A»: {b: "list[B]"}, B: {a: "A?"}}'), "recursive_type", "any"),
    "a default of the wrong type": (field("{type: int, default: «x»}"), "wrong_default", "int"),
    "no default after the key": (field("{type: int, default: «}»"), "wrong_default", "int"),
    "a default outside the limits": (field("{type: int, minimum: 3, default: «1»}"), "wrong_default", "int"),
    "a default with an unknown field": (
        workflow(types=" {File: {path: str}}", input="\n  topic: str\n  it: {type: File, default: «{»pth: x}}"),
        "wrong_default",
        "File",
    ),
    "a minimum of text": (field("{type: str, «minimum»: 3}"), "wrong_rule", "int and float"),
    "a fraction as the minimum of an int": (field("{type: int, minimum: «0.5»}"), "wrong_rule", "whole"),
    "a minimum above the maximum": (field("{type: int, minimum: «3», maximum: 1}"), "wrong_rule", "Exchange"),
    "a pattern that is none": (field("{type: str, pattern: «'('»}"), "wrong_rule", "look-around"),
    "append to a text": (field("{type: str, merge: «append»}"), "wrong_merge", "Change"),
    "update a list": (field("{type: 'list[str]', merge: «update»}"), "wrong_merge", "Change"),
    "add to a text": (field("{type: str, merge: «add»}"), "wrong_merge", "Change"),
    "a field with the name of an input": (field("int").replace("it:", "«topic»:"), "duplicate_name", "another name"),
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_wrong_declaration_is_shown(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert_one_error(capsys, tmp_path, *FIELDS[name])
