"""Workflows and groups in nodes: graphs with a state of their own, run as one node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bad_files import command_line
from tests.workflows import count, functions, load, run, save, succeeded, told


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    return functions(tmp_path)


@pytest.fixture
def greeter(folder: Path) -> Path:
    return save(
        folder,
        "greeter.yaml",
        {"say": {"set": {"text": "{{ word }}, {{ name }}"}}, "mark": {"set": {"x": 1}}},
        input={"name": "str", "word": {"type": "str", "default": "Hello"}},
        state={"text": "str", "x": "int"},
        output=["text"],
    )


def test_a_workflow_is_a_node(greeter: Path, folder: Path) -> None:
    nodes = {"greet": {"workflow": "greeter.yaml", "with": {"name": "{{ who }}", "word": "Hi"}, "writes": "x"}}
    result = succeeded(folder, nodes, input={"who": {"type": "str", "default": "Ada"}})
    assert result.state == {"x": "Hi, Ada"}
    assert result.view.finished == ["greet/say", "greet/mark", "greet"]
    assert told(result, "node_started") == ["greet", "greet/say", "greet/mark"]


def test_its_input_is_by_default_what_it_is_named_after(greeter: Path, folder: Path) -> None:
    nodes = {"greet": {"for_each": "name in names", "workflow": "greeter.yaml", "writes": "x"}}
    given = {"names": {"type": "list[str]", "default": ["Ada", "Grace"]}}
    result = succeeded(folder, nodes, input=given, state={"x": "list[str]"})
    assert result.state == {"x": ["Hello, Ada", "Hello, Grace"]}
    assert set(result.view.finished) == {
        "greet", "greet[0]/say", "greet[0]/mark", "greet[1]/say", "greet[1]/mark",
    }  # fmt: skip


def test_several_outputs_are_an_object(folder: Path) -> None:
    save(folder, "two.yaml", {"a": {"set": {"p": 1, "q": "two"}}}, state={"p": "int", "q": "str"}, output=["p", "q"])
    nodes = {
        "one": {"workflow": "two.yaml", "writes": ["p", "q"]},
        "other": {"workflow": "two.yaml", "writes": {"sum": "result.p + 10"}},
    }
    state = {"p": "int", "q": "str", "sum": "int"}
    assert succeeded(folder, nodes, state=state).state == {"p": 1, "q": "two", "sum": 11}


def test_what_it_costs_counts_for_its_node_and_for_the_run(folder: Path) -> None:
    ask = {"prompt": "A word?", "writes": "x"}
    save(folder, "asks.yaml", {"a": ask, "b": ask}, models={"m": {"model": "demo"}}, state={"x": "str"})
    nodes = {"w": {"workflow": "asks.yaml", "writes": "x"}, "c": {"prompt": "And?", "writes": "x"}}
    result = succeeded(folder, nodes, models={"m": {"model": "demo"}}, state={"x": "str"})
    calls = {step.node: step.spent.model_calls for step in result.view.steps}
    assert calls == {"w": 2, "w/a": 1, "w/b": 1, "c": 1}
    assert result.view.spent.model_calls == 3
    assert result.view.step("w", 1).spent.output_tokens == sum(
        result.view.step(f"w/{name}", 1).spent.output_tokens for name in "ab"
    )


def test_a_failure_in_it_fails_its_node_which_may_handle_it(folder: Path) -> None:
    save(folder, "bad.yaml", {"inside": {"python": "f:fail", "writes": "x"}}, output=["x"])
    error = run(folder, {"w": {"workflow": "bad.yaml", "writes": "x"}}).view.error
    assert error is not None
    assert (error.code, error.node) == ("python_error", "w/inside")
    handled = {"w": {"workflow": "bad.yaml", "writes": "x", "on_error": {"set": {"x": "{{ error.node }}"}}}}
    result = succeeded(folder, handled)
    assert result.state["x"] == "w"
    assert told(result, "node_failed") == ["w/inside"]


def test_the_command_line_names_the_line_in_the_file_where_it_failed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "inner.yaml").write_text(
        "version: 2\nname: inner\nstate: {x: any}\nnodes:\n  boom:\n    python: f:fail\n    writes: x\n", "utf-8"
    )
    path = save(folder, "outer.yaml", {"w": {"workflow": "inner.yaml"}})
    answer = command_line(capsys, "run", path)
    assert answer.status == 1
    assert f"({folder / 'inner.yaml'}:5, node 'w/boom')" in answer.err
    assert "Traceback" not in answer.err


def test_its_own_limits_hold_in_it(folder: Path) -> None:
    loop = ["START -> a", {"from": "a", "route": [{"when": "true", "to": "a"}, {"else": "END"}]}]
    save(folder, "loop.yaml", {"a": {"set": {"x": 1}}}, loop, limits={"max_steps": 7})
    nodes = {
        "w": {"workflow": "loop.yaml", "writes": {"x": "result"}, "on_error": {"set": {"x": "{{ error.message }}"}}}
    }
    result = succeeded(folder, nodes, limits={"max_steps": 1})
    assert "'w' made 7 steps" in result.state["x"]
    save(folder, "slow.yaml", {"a": {"python": "f:wait", "writes": "x"}}, limits={"timeout": "50ms"})
    nodes = {"w": {"workflow": "slow.yaml", "writes": {"x": "result"}, "on_error": {"set": {"x": "{{ error.code }}"}}}}
    assert succeeded(folder, nodes).state["x"] == "run_timeout"


def test_rules_count_anew_in_each_execution(folder: Path) -> None:
    loop = ["START -> a", {"from": "a", "route": [{"when": "true", "to": "a", "max_times": 2}, {"else": "END"}]}]
    state = {"n": {"type": "int", "merge": "add"}}
    group = {"state": state, "nodes": {"a": {"set": {"n": 1}}}, "edges": loop, "output": ["n"]}
    nodes = {"g": {**group, "for_each": "i in range(3)", "writes": "x"}, "h": {**group, "writes": "y"}}
    again = {"from": "h", "route": [{"when": "true", "to": "h", "max_times": 1}, {"else": "END"}]}
    result = succeeded(folder, nodes, ["START -> g -> h", again], state={"x": "list[int]", "y": "int"})
    assert result.state == {"x": [3, 3, 3], "y": 3}
    assert "h#2/a" in result.view.finished


def test_a_group_reads_what_is_outside_and_writes_its_own(folder: Path) -> None:
    nodes = {
        "before": {"set": {"word": "out"}},
        "g": {
            "with": {"extra": "{{ n + 1 }}"},
            "state": {"word": "str", "seen": "str"},
            "nodes": {
                "look": {"set": {"seen": "{{ n }} {{ extra }} {{ other }}"}},
                "write": {"set": {"word": "in"}},
                "both": {"set": {"seen": "{{ seen }} {{ word }}"}},
            },
            "output": ["seen"],
            "writes": "x",
        },
    }
    given = {"n": {"type": "int", "default": 4}}
    state = succeeded(folder, nodes, input=given, state={"word": "str", "other": "str?", "x": "str"}).state
    assert state == {"word": "out", "other": None, "x": "4 5  in"}


def test_a_group_may_give_what_it_reads_from_outside(folder: Path) -> None:
    group = {
        "for_each": "title in ['A', 'B']",
        "state": {"text": "str"},
        "nodes": {"write": {"set": {"text": "on {{ title }}"}}},
        "output": ["title", "text"],
        "writes": "chapters",
    }
    types = {"Chapter": {"title": "str", "text": "str"}}
    state = succeeded(folder, {"g": group}, types=types, state={"chapters": "list[Chapter]"}).state
    assert state["chapters"] == [{"title": "A", "text": "on A"}, {"title": "B", "text": "on B"}]


def test_a_groups_field_hides_the_outer_one_even_while_it_is_unset(folder: Path) -> None:
    group: dict[str, Any] = {
        "state": {"word": "str", "seen": "str"},
        "nodes": {"before": {"when": "1 > 2", "set": {"word": "own"}}, "a": {"set": {"seen": "{{ word }}"}}},
        "output": ["seen"],
        "writes": "x",
    }
    nodes = {"before": {"set": {"word": "outer"}}, "g": group}
    error = run(folder, nodes, state={"word": "str", "x": "any"}).view.error
    assert error is not None
    assert (error.code, error.node) == ("unset_field", "g/a")
    group |= {"output": ["word"], "nodes": {**group["nodes"], "a": {"set": {"seen": "x"}}}}
    error = run(folder, nodes, state={"word": "str", "x": "any"}).view.error
    assert error is not None
    assert error.code == "unset_output"


def test_a_function_in_a_group_is_not_given_the_outer_field_that_is_hidden(folder: Path) -> None:
    (folder / "hidden.py").write_text("def look(word='unset'): return word\n", "utf-8")
    group = {
        "state": {"word": "str", "seen": "str"},
        "nodes": {"a": {"python": "hidden:look", "writes": "seen"}},
        "output": ["seen"],
        "writes": "x",
    }
    nodes = {"before": {"set": {"word": "outer"}}, "g": group}
    assert succeeded(folder, nodes, state={"word": "str", "x": "any"}).state["x"] == "unset"


def test_a_route_in_a_group_is_told_by_its_path(folder: Path) -> None:
    for rule, code in (({"when": "y == 2", "to": "END"}, "no_rule"), ({"else": {"fail": "no"}}, "failed_by_route")):
        group = {
            "state": {"y": "any"},
            "nodes": {"i": {"set": {"y": 1}}},
            "edges": ["START -> i", {"from": "i", "route": [rule]}],
        }
        error = run(folder, {"i": {"set": {"x": 1}}, "g": group}).view.error
        assert error is not None
        assert (error.code, error.node) == (code, "g/i")


def test_a_group_in_a_map_has_a_state_for_each_item(folder: Path) -> None:
    group = {
        "for_each": "name in ['a', 'b', 'c']",
        "concurrency": 3,
        "state": {"log": {"type": "list[str]", "merge": "append"}, "n": {"type": "int", "merge": "add"}},
        "nodes": {
            "one": {"python": "f:wait", "with": {"seconds": 0.01, "value": "{{ name }}1"}, "writes": "log"},
            "two": {"set": {"log": "{{ name }}{{ item.index }}", "n": 1}},
        },
        "output": {"all": "log | join(' ')", "n": "n"},
        "writes": {"texts": "result | map(attribute='all') | list", "counts": "result | map(attribute='n') | list"},
    }
    state = succeeded(folder, {"g": group}, state={"texts": "list[str]", "counts": "list[int]"}).state
    assert state == {"texts": ["a1 a0", "b1 b1", "c1 c2"], "counts": [1, 1, 1]}


def test_a_group_is_tried_again_as_a_whole(folder: Path) -> None:
    group = {
        "state": {"y": "str", "log": {"type": "list[str]", "merge": "append"}},
        "nodes": {
            "first": {"set": {"log": "once"}},
            "then": {"python": "f:flaky", "with": {"failures": 1}, "writes": "y"},
        },
        "output": ["log"],
        "retry": {"attempts": 2, "backoff": "1ms"},
        "writes": "x",
    }
    result = succeeded(folder, {"g": group})
    assert result.state["x"] == ["once"], "the second attempt has a state of its own"
    assert told(result, "node_started") == ["g", "g/first", "g/then", "g~2/first", "g~2/then"]


def test_a_group_has_fan_outs_and_failures_of_its_own(folder: Path) -> None:
    group = {
        "state": {"log": {"type": "list[str]", "merge": "append"}, "y": "any"},
        "nodes": {
            "a": {"set": {"log": "a"}},
            "b": {"python": "f:fail", "writes": "y"},
            "c": {"set": {"log": "c {{ error.code }}"}},
            "d": {"set": {"log": "d"}},
        },
        "edges": [
            "START -> a & b",
            {"from": "b", "route": [{"on_error": "any", "to": "c"}, {"else": "d"}]},
            "a & c -> d -> END",
        ],
        "output": ["log"],
        "writes": "x",
    }
    assert succeeded(folder, {"g": group}).state["x"] == ["a", "c python_error", "d"]


def test_groups_nest_and_python_sees_every_name(folder: Path) -> None:
    (folder / "names.py").write_text("def all(n, outer, inner, i, j): return [n, outer, inner, i, j]\n", "utf-8")
    inner = {
        "for_each": "j in ['x', 'y']",
        "with": {"inner": "{{ outer }}!"},
        "state": {"r": "any"},
        "nodes": {"call": {"python": "names:all", "writes": "r"}},
        "output": ["r"],
        "writes": "rs",
    }
    outer = {
        "for_each": "i in [1, 2]",
        "with": {"outer": "o{{ i }}"},
        "state": {"rs": "list[any]"},
        "nodes": {"inside": inner},
        "output": ["rs"],
        "writes": "x",
    }
    result = succeeded(folder, {"g": outer}, input={"n": {"type": "int", "default": 0}}, state={"x": "list[any]"})
    assert result.state["x"] == [
        [[0, "o1", "o1!", 1, "x"], [0, "o1", "o1!", 1, "y"]],
        [[0, "o2", "o2!", 2, "x"], [0, "o2", "o2!", 2, "y"]],
    ]
    assert "g[1]/inside[0]/call" in result.view.finished


def test_a_skipped_group_runs_nothing(folder: Path) -> None:
    group = {"state": {"y": "any"}, "nodes": {"a": {"python": "f:fail", "writes": "y"}}, "output": ["y"]}
    nodes = {"g": {**group, "when": "false", "writes": "x"}}
    result = succeeded(folder, nodes, state={"x": "any?"})
    assert told(result, "node_started") == []
    assert told(result, "node_skipped") == ["g"]


def test_a_group_that_is_stopped_stops_what_is_in_it(folder: Path) -> None:
    group = {"state": {"y": "any"}, "nodes": {"a": {"python": "f:wait", "writes": "y"}}, "output": ["y"]}
    result = run(folder, {"g": {**group, "timeout": "200ms", "writes": "x"}})
    assert result.view.error is not None
    assert (result.view.error.code, result.view.error.node) == ("timeout", "g")
    assert told(result, "node_cancelled") == ["g/a"]
    assert count(folder, "stopped") == 1


def test_one_workflow_may_be_run_by_several_nodes_and_files(greeter: Path, folder: Path) -> None:
    call = {"workflow": "greeter.yaml", "with": {"name": "B"}, "writes": "x"}
    save(folder, "b.yaml", {"g": call}, state={"x": "str"}, output=["x"])
    result = succeeded(folder, {"one": {"workflow": "b.yaml", "writes": "x"}, "two": call}, state={"x": "str"})
    assert result.view.finished == ["one/g/say", "one/g/mark", "one/g", "one", "two/say", "two/mark", "two"]


def test_its_input_is_checked_when_it_runs(greeter: Path, folder: Path) -> None:
    nodes = {"w": {"workflow": "greeter.yaml", "with": {"name": "{{ thing }}"}, "writes": "x"}}
    error = run(folder, nodes, input={"thing": {"type": "any", "default": [1]}}).view.error
    assert error is not None
    assert (error.code, error.node) == ("invalid_input", "w")
    assert "'name' should be text, not [1]" in error.message


def test_what_another_file_says_is_part_of_what_identifies_a_workflow(greeter: Path, folder: Path) -> None:
    nodes = {"w": {"workflow": "greeter.yaml", "with": {"name": "x"}, "writes": "x"}}
    before = load(folder, nodes).spec.hash
    assert load(folder, nodes).spec.hash == before
    greeter.write_text(greeter.read_text("utf-8").replace("Hello", "Howdy"), "utf-8")
    assert load(folder, nodes).spec.hash != before
