"""The JSON Schema checks what the loader does, as far as a schema can, and never refuses what the loader accepts.

Two validators that know nothing of this project read it, one written in Rust and one in Python.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import configurable_agents
from configurable_agents.codes import CODES
from configurable_agents.spec.source import Source
from configurable_agents.spec.yamltree import read_tree, to_data
from tests.fuzz_seeds import SEEDS
from tests.random_workflows import graphs
from tests.schema_cases import ELSE, RIGHT, WRONG, field, rules
from tools.docs.pages import blocks

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "examples" / "workflow.schema.json").read_text("utf-8"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

RUST = jsonschema_rs.Draft202012Validator(SCHEMA)
PYTHON = jsonschema.Draft202012Validator(SCHEMA)


def problems(data: Any) -> list[str]:
    """What the schema has against some data; both validators have to agree."""
    by_rust = [f"{list(error.instance_path)}: {error.message}" for error in RUST.iter_errors(data)]
    by_python = [f"{list(error.absolute_path)}: {error.message}" for error in PYTHON.iter_errors(data)]
    assert bool(by_rust) == bool(by_python), (by_rust, by_python)
    return by_rust


def data_of(text: str) -> Any:
    """A workflow's text as data, by YAML 1.2."""
    root, findings = read_tree(Source.of(text, "workflow.yaml", ROOT))
    assert root is not None
    assert not findings
    return to_data(root)


@cache
def right_workflows() -> dict[str, Any]:
    """Every right workflow of the examples, the documentation and the tests."""
    found = {
        path.relative_to(ROOT).as_posix(): data_of(path.read_text("utf-8"))
        for path in sorted(ROOT.glob("examples/*/*.yaml"))
    }
    for page in PAGES:
        for block in blocks(page.read_text("utf-8")):
            if block.is_workflow and "wrong" not in block.words:
                found[f"{page.name}:{block.line}"] = data_of(block.text)
    return found | {f"seed {number}": data_of(seed) for number, seed in enumerate(SEEDS)}


def test_it_is_a_schema() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_it_accepts_every_right_workflow() -> None:
    assert len(right_workflows()) > 20
    assert {name: said for name, data in right_workflows().items() if (said := problems(data))} == {}


@given(graphs())
@settings(max_examples=30, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_accepts_workflows_that_were_made_at_random(made: Any) -> None:
    assert problems(made.data if hasattr(made, "data") else made) == []


def parts(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a schema names, with its schema."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from parts(item, f"{path}/{index}")
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key not in ("if", "then", "contains", "defaultSnippets"):
                if key == "properties" and "then" not in path:
                    yield from ((f"{path}/{name}", member) for name, member in value.items())
                yield from parts(value, f"{path}/{key}")


def told_at(reference: str) -> str:
    """What is said at the place in the schema that a reference leads to."""
    found = SCHEMA
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return str(found["description"])


def json_objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in some JSON."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from json_objects(item)


def test_every_key_and_every_choice_says_what_it_is_for() -> None:
    keys = [found for found in parts(SCHEMA) if not found[0].startswith(("/$defs/FieldRules", "/$defs/StateRules"))]
    assert len(keys) > 100
    assert [path for path, member in keys if not (member.get("description") or told_at(member["$ref"]))] == []
    choices = [way for part in json_objects(SCHEMA) for way in part.get("oneOf", []) if "const" in way]
    assert {"replace", "skip", "fail", "user"} <= {way["const"] for way in choices}
    assert all(way["description"] for way in choices)


def test_the_words_of_types_are_offered_and_told_about() -> None:
    offered = {way["const"]: way["description"] for way in SCHEMA["$defs"]["Type"]["anyOf"] if "const" in way}
    for word in offered:
        assert not problems(field(type=word))
        assert not configurable_agents.check(field(type=word)).errors, word
    assert {"str", "int", "float", "bool", "any", "date", "datetime", "messages", "ItemError"} <= offered.keys()


def test_every_code_may_be_caught() -> None:
    for code in ("any", *CODES):
        assert not problems(rules({"on_error": code, "to": "END"}, ELSE)), code


@pytest.mark.parametrize("data", RIGHT.values(), ids=RIGHT)
def test_what_the_loader_accepts_it_accepts(data: dict[str, Any]) -> None:
    assert [str(finding) for finding in configurable_agents.check(data).errors] == []
    assert problems(data) == []


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_it_refuses_what_the_loader_refuses(data: dict[str, Any]) -> None:
    if isinstance(data, dict):
        assert configurable_agents.check(data).errors
    assert problems(data)


# The findings that are about the form of a file, which is all that a schema sees.
OF_FORM = {
    "bad_name", "duplicate_name", "edge_syntax", "missing_key", "no_fields", "no_kind", "no_nodes", "no_start",
    "no_value", "no_writes", "not_a_map", "not_a_node", "not_a_workflow", "recursive_type", "reserved_name",
    "template_here", "template_syntax", "braces_in_expression", "two_kinds", "type_syntax", "unknown_code",
    "unknown_field", "unknown_key", "unknown_model", "unknown_node", "unknown_type", "unknown_version",
    "wrong_default", "wrong_edge", "wrong_loop", "wrong_merge", "wrong_reference", "wrong_rule", "wrong_rule_of_route",
    "wrong_shape", "complex_key",
}  # fmt: skip

KEYS = sorted({path.rsplit("/", 1)[1] for path, _ in parts(SCHEMA)})
VALUES = st.sampled_from([
    None, True, False, 0, 1, 2, -1, 1.5, "", " ", "x", "text", "START", "END", "END\n", "5s", "5s\n", "1h", "any",
    "str", "list[str]", "int?", "messages", "enum[a, b]", "dict[str, any]", "list", "append", "add", "messages",
    "x in xs", "a -> b", "START -> a -> END", "a & b", "{{ x }}", "x > 1", "${X}", "${", "math:sqrt", "demo", "a/b",
    "é", "x\n", "fail", "skip", "timeout", "user", [], {}, ["x"], [1], {"x": 1}, {"type": "str"}, {"file": "x"},
    {"set": {"x": 1}}, {"fail": "x"}, {"prompt": "x", "writes": "x"}, {"else": "END"}, {"when": "x", "to": "END"},
    {"last": 1}, {"python": "math:sqrt"}, {"collect": "x"}, {"from": "START", "route": [{"else": "END"}]},
])  # fmt: skip


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in some data, as what holds it and its key there."""
    for key in list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield data, key
        yield from places(data[key])


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """A right workflow, changed at one or two places."""
    data = copy.deepcopy(right_workflows()[draw(st.sampled_from(list(right_workflows())))])
    for _ in range(draw(st.integers(1, 2))):
        found = list(places(data))
        if not found:
            break
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        value = copy.deepcopy(draw(VALUES))
        match draw(st.sampled_from(["value", "value", "remove", "key", "copy", "rename"])):
            case "value":
                holder[key] = value
            case "remove":
                del holder[key]
            case "copy":
                other, of = found[draw(st.integers(0, len(found) - 1))]
                holder[key] = copy.deepcopy(other[of])
            case "key" if isinstance(holder, dict):
                holder[draw(st.sampled_from(KEYS))] = value
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from([*KEYS, "x", "x y", "START", "__x", "é"]))] = holder.pop(key)
    return data


@given(changed())
@settings(max_examples=400, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_never_stricter_than_the_loader(data: dict[str, Any]) -> None:
    said = problems(data)
    findings = configurable_agents.check(data, directory=ROOT / "examples").errors
    if said:
        assert {finding.code for finding in findings} & OF_FORM, (said, [str(finding) for finding in findings])
