"""Every code that an error or a finding can have is in `CODES`, and nothing else is."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from configurable_agents import errors
from configurable_agents.codes import CODES, GROUPS

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "configurable_agents"

# What takes a code as its first argument: the errors themselves, and what becomes an error or a finding.
ERRORS = {
    name
    for name, found in vars(errors).items()
    if isinstance(found, type)
    and issubclass(found, errors.ConfigurableAgentsError)
    and "code" in inspect.signature(found).parameters
}
CARRIERS = {
    "Finding",
    "Misuse",
    "NoSignature",
    "NodeProblem",
    "Problem",
    "RenderError",
    "TemplateError",
    "TypeSyntaxError",
}
METHODS = {"error", "finding", "say", "say_word"}  # of failures of providers, of sources, of walks over a file


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr="__init__"):
            return "super().__init__"
        case ast.Attribute(attr="add", value=ast.Name(id="report") | ast.Attribute(attr="report")):
            return "add"
        case ast.Attribute(attr=name) if name in METHODS:
            return name
        case ast.Name(id=name) if name in ERRORS | CARRIERS:
            return name
    return ""


def first(call: ast.Call) -> ast.expr | None:
    by_name = next((keyword.value for keyword in call.keywords if keyword.arg == "code"), None)
    return by_name or (call.args[0] if call.args else None)


def texts(expression: ast.expr) -> list[str]:
    """The texts that an expression may be."""
    match expression:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=yes, orelse=no):
            return [*texts(yes), *texts(no)]
        case ast.Tuple(elts=items):
            return [text for item in items for text in texts(item)]
    return []


def values(name: str, function: ast.AST) -> list[str]:
    """The texts that a variable of a function is given, or is asked by `in` whether it is one of."""
    found = []
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                found += texts(value)
            case ast.Compare(left=ast.Name(id=left), ops=[ast.In()], comparators=[listed]) if left == name:
                found += texts(listed)
    return found


def codes_in(path: Path) -> Iterator[tuple[str, str]]:
    """Each code in a module, with its place; an empty one where it is computed, so that nobody can tell which it is."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    within = {node: function for function in functions for node in ast.walk(function)}  # the innermost comes last
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not called(node):
            continue
        if called(node) == "super().__init__" and path.name != "errors.py":
            continue
        where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
        match first(node):
            case ast.Constant() | ast.IfExp() as argument:
                yield from ((code, where) for code in texts(argument) or [""])
            case ast.Name(id=name) if node in within:
                yield from ((code, where) for code in values(name, within[node]))
            case ast.Name() | ast.Attribute() | ast.Starred() | None:
                pass  # handed on: it is told where it comes from
            case _:
                yield "", where


USED = [(code, where) for path in sorted(PACKAGE.rglob("*.py")) for code, where in codes_in(path)]


def test_every_code_can_be_told_from_the_source() -> None:
    assert not [where for code, where in USED if not code]


def test_exactly_the_codes_in_use_are_documented() -> None:
    used: dict[str, str] = {}
    for code, where in USED:
        used.setdefault(code, where)
    undocumented = {code: where for code, where in used.items() if code and code not in CODES}
    assert not undocumented, f"add these to codes.py: {undocumented}"
    assert not set(CODES) - set(used), "nothing has these codes any more: take them out of codes.py"


def test_a_code_has_one_meaning() -> None:
    assert sum(len(group) for group in GROUPS.values()) == len(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_meaning_is_one_line_of_whole_sentences(code: str) -> None:
    meaning = CODES[code]
    assert "\n" not in meaning
    assert meaning.endswith(".")
    assert "|" not in meaning.replace("`x | default(...)`", "").replace("`name | upper`", "")
