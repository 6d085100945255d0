"""Python nodes: functions that work, that are wrong, and that try to do more than they may."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import configurable_agents
from configurable_agents import RunResult
from tests.bad_files import command_line, only_error

COMMAND = str(Path(sys.executable).with_name("configurable-agents"))

HEAD = """\
version: 2
name: functions
input: {numbers: {type: "list[int]", default: [3, 1, 2]}, name: {type: str, default: Ada}}
types: {File: {path: str, size: int}}
"""


def workflow(folder: Path, code: str, node: str = "writes: out", returns: str = "any") -> Path:
    """A workflow whose one node calls `work` of a module beside it."""
    (folder / "functions.py").write_text(code, "utf-8")
    path = folder / "workflow.yaml"
    path.write_text(
        f"{HEAD}state: {{out: '{returns}'}}\nnodes:\n  work:\n    python: functions:work\n    {node}\n", "utf-8"
    )
    return path


def run(folder: Path, code: str, node: str = "writes: out", returns: str = "any", **given: Any) -> RunResult:
    return configurable_agents.load(workflow(folder, code, node, returns)).run(given)


WORKING = {
    "the fields its parameters are named after": ("def work(numbers, name): return [name, *numbers]", ["Ada", 3, 1, 2]),
    "parameters with defaults": ("def work(name, greeting='Hello'): return f'{greeting} {name}'", "Hello Ada"),
    "keywords it names": ("def work(*, name): return name", "Ada"),
    "no parameters": ("def work(): return 1", 1),
    "an async function": ("import asyncio\nasync def work(name):\n await asyncio.sleep(0)\n return name", "Ada"),
    "a class": ("class work:\n def __call__(self, name): return name", "Ada"),
    "a class with an async call": ("class work:\n async def __call__(self, name): return name", "Ada"),
    "a decorated async function": (
        (
            "import functools\ndef plain(f):\n @functools.wraps(f)\n"
            " def call(*a, **k): return f(*a, **k)\n return call\n"
            "@plain\nasync def work(name): return name"
        ),
        "Ada",
    ),
    "a function that is partial": (
        "import functools\ndef add(a, b): return a + b\nwork = functools.partial(add, a=1, b=2)",
        3,
    ),
    "a module beside it": ("from helpers import help\ndef work(): return help()", "helped"),
    "a dataclass": (
        "import dataclasses\n@dataclasses.dataclass\nclass File: path: str; size: int\ndef work(): return File('a', 1)",
        {"path": "a", "size": 1},
    ),
    "a tuple, a set and an enum": (
        "import enum\nclass Kind(enum.Enum): A = 'a'\ndef work(): return (1, {2}, Kind.A)",
        [1, [2], "a"],
    ),
    "nothing": ("def work(): pass", None),
}


@pytest.mark.parametrize("name", WORKING)
def test_a_function_gives_its_value(name: str, tmp_path: Path) -> None:
    code, value = WORKING[name]
    (tmp_path / "helpers.py").write_text("def help(): return 'helped'\n", "utf-8")
    result = run(tmp_path, code)
    assert result.status == "succeeded", result.view.error
    assert result.output["out"] == value


def test_with_gives_the_arguments(tmp_path: Path) -> None:
    code = "def work(first, rest=0, **more): return [first, rest, more]"
    node = 'with: {first: "{{ numbers | max }}", rest: "{{ numbers }}", note: "{{ name }}!"}\n    writes: out'
    assert run(tmp_path, code, node).output["out"] == [3, [3, 1, 2], {"note": "Ada!"}]


def test_a_class_is_made_once(tmp_path: Path) -> None:
    code = "class work:\n made = 0\n def __init__(self): work.made += 1\n def __call__(self): return work.made"
    loaded = configurable_agents.load(workflow(tmp_path, code))
    assert [loaded.run().output["out"] for _ in range(3)] == [1, 1, 1]


def test_two_workflows_may_each_have_a_module_of_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert run(tmp_path / name, f"def work(): return {name!r}").output["out"] == name


def test_a_workflow_named_by_a_relative_path_keeps_its_own_functions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        workflow(tmp_path / name, f"def work(): return {name!r}")
        monkeypatch.chdir(tmp_path / name)
        assert configurable_agents.load("workflow.yaml").run().output["out"] == name


def test_what_a_function_does_to_its_arguments_changes_nothing(tmp_path: Path) -> None:
    code = "def work(numbers):\n numbers.append(4)\n numbers[0] = 9\n return len(numbers)"
    for node in ("writes: out", 'with: {numbers: "{{ numbers }}"}\n    writes: out'):
        result = run(tmp_path, code, node)
        assert (result.output["out"], result.output["numbers"]) == (4, [3, 1, 2])
        assert result.view.input["numbers"] == [3, 1, 2]


RAISING = {
    "an error": ("raise ValueError('too small')", "ValueError: too small"),
    "an error without words": ("raise KeyError", "KeyError"),
    "an error that can't be told": (
        "class Odd(Exception):\n  def __str__(self): raise RuntimeError\n raise Odd",
        "Odd",
    ),
    "sys.exit": ("import sys\n sys.exit(3)", "SystemExit: 3"),
    "StopIteration": ("raise StopIteration", "StopIteration"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "CancelledError": ("import asyncio\n raise asyncio.CancelledError", "CancelledError"),
    "endless recursion": ("return work()", "RecursionError"),
}


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("name", RAISING)
def test_a_function_that_raises_fails_its_node(
    name: str, kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    body, told = RAISING[name]
    if kind == "async def":
        body = body.replace("return work()", "return await work()")
    path = workflow(tmp_path, f"{kind} work():\n {body}\n")
    result = configurable_agents.load(path).run()
    error = result.view.error
    assert result.status == "failed"
    assert error is not None
    assert (error.code, error.node) == ("python_error", "work")
    assert told in error.message
    assert "functions.py, line" in error.message or name == "StopIteration"  # async: Python's own error, not theirs
    answer = command_line(capsys, "run", path)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.count("error[") == 1
    assert "Traceback" not in answer.err


LOADING = {
    "an error": ("raise ValueError('no')", "ValueError: no"),
    "a missing package": ("import no_such_package_at_all", "no_such_package_at_all"),
    "sys.exit": ("import sys\nsys.exit(1)", "SystemExit: 1"),
    "a class that needs something": ("class work:\n def __init__(self, x): ...\n def __call__(self): ...", "missing"),
    "a value": ("work = 3", "can't be called"),
}


@pytest.mark.parametrize("name", LOADING)
def test_a_module_that_can_not_be_loaded_fails_the_node(name: str, tmp_path: Path) -> None:
    code, told = LOADING[name]
    code = code if "work" in code else f"{code}\ndef work(): ..."
    error = run(tmp_path, code).view.error
    assert error is not None
    assert (error.code, error.node) == ("python_import", "work")
    assert told in error.message


WRONG = {
    "a list for an int": ("[1, 2]", "int", "wrote [1, 2] to 'out', which is int: it should be an integer, not [1, 2]"),
    "text for an int": ("'5'", "int", "wrote '5' to 'out', which is int: it should be an integer, not '5'"),
    "a bool for an int": ("True", "int", "wrote true to 'out', which is int"),
    "null for text": ("None", "str", "wrote null to 'out', which is str: it should be text, not null"),
    "a value its enum lacks": ("'z'", "enum[x, y]", "should be 'x' or 'y', not 'z'"),
    "one wrong item": ("[1, 'b']", "list[int]", "to 'out' that is no list[int]: [1] should be an integer, not 'b'"),
    "a missing field": ("{'path': 'a'}", "File", "to 'out' that is no File: size is missing"),
    "a field more": ("{'path': 'a', 'size': 1, 'x': 2}", "File", "x is no field of this type"),
    "an object of Python": ("object()", "any", "holds a Python object, which has no form in JSON"),
    "a generator": ("(i for i in [1])", "any", "holds a Python generator"),
    "not a number": ("float('nan')", "float", "should be a finite number, not nan"),
    "infinity in anything": ("[float('inf')]", "any", "holds a number that JSON does not have"),
    "a number of thousands of digits": ("10 ** 5000", "int", "is a number of thousands of digits"),
    "half a character": ("'\\ud800'", "str", "holds text of invalid characters"),
    "a key that is no text": ("{1: 2}", "any", "has a key that is no text"),
    "a date that is none": ("'soon'", "date", "should be a date like 2026-01-31, not 'soon'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_the_wrong_type_names_node_field_type_and_value(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    value, returns, told = WRONG[name]
    path = workflow(tmp_path, f"def work(): return {value}", returns=returns)
    error = configurable_agents.load(path).run().view.error
    assert error is not None
    assert (error.code, error.node) == ("write_type", "work")
    assert error.message.startswith("The node 'work' wrote ")
    assert told in error.message
    assert error.hint
    answer = command_line(capsys, "run", path, "--json")
    assert answer.status == 1
    assert json.loads(answer.out)["error"]["code"] == "write_type"


def test_a_value_that_holds_itself_is_refused(tmp_path: Path) -> None:
    error = run(tmp_path, "def work():\n a = []\n a.append(a)\n return a").view.error
    assert error is not None
    assert error.code == "python_error"


def test_several_fields_take_the_keys_of_the_result(tmp_path: Path) -> None:
    assert run(tmp_path, "def work(): return {'out': 1, 'more': 2}", "writes: [out]").output["out"] == 1


@pytest.mark.parametrize(("value", "told"), [("1", "must be an object, not 1"), ("{'ou': 1}", "lacks 'out'")])
def test_a_result_without_the_keys_of_the_fields_is_refused(value: str, told: str, tmp_path: Path) -> None:
    error = run(tmp_path, f"def work(): return {value}", "writes: [out]").view.error
    assert error is not None
    assert error.code == "write_type"
    assert told in error.message


CHECKED = {
    "no such function": ("def wrok(): ...", "writes: out", "python_missing", "'wrok'"),
    "a module that can't be parsed": ("def work(:", "writes: out", "python_syntax", "Mend"),
    "a parameter that is no field": ("def work(nmae): ...", "writes: out", "python_signature", "'name'"),
    "an argument it does not take": ("def work(a): ...", "with: {a: 1, b: 2}", "python_signature", "a"),
    "an argument it lacks": ("def work(a, b): ...", "with: {a: 1}", "python_signature", "b"),
    "parameters by place": ("def work(name, /): ...", "writes: out", "python_signature", "/"),
    "a class that can't be called": ("class work: ...", "writes: out", "python_missing", "__call__"),
}


@pytest.mark.parametrize("name", CHECKED)
def test_what_a_module_lacks_is_found_without_running_it(name: str, tmp_path: Path) -> None:
    code, node, expected, hint = CHECKED[name]
    path = workflow(tmp_path, f"open('{tmp_path}/ran', 'w')\n{code}\n", node)
    finding = only_error(path)
    assert finding.code == expected
    assert hint in finding.hint
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_what_a_function_prints_does_not_disturb_the_json(kind: str, tmp_path: Path) -> None:
    code = f"import sys\nprint('loaded')\n{kind} work():\n print('called')\n sys.stdout.write('x\\n')\n return 1"
    path = workflow(tmp_path, code)
    done = subprocess.run([COMMAND, "run", path, "--json"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
    assert json.loads(done.stdout)["output"]["out"] == 1
    for said in ("loaded", "called"):
        assert said in done.stderr
