"""Whatever stands in a file, it is answered with findings that lie in it; whatever is valid, runs to an end.

The examples are the same at every run. FUZZ_EXAMPLES=10000 tries as many, others each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import configurable_agents
from configurable_agents import Finding, InputError
from configurable_agents.cli.errors import print_findings
from configurable_agents.spec.loader import Checked
from configurable_agents.spec.mermaid import mermaid
from configurable_agents.spec.source import Source
from configurable_agents.spec.workflow import GraphSpec
from tests.fuzz_seeds import SEEDS

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")


def examples(number: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=int(EXAMPLES) if EXAMPLES else number,
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_the_workflows_that_are_changed_are_right_before() -> None:
    for seed in SEEDS:
        assert not [finding for finding in checked(seed.encode()).findings if finding.severity != "advice"]


# What trips parsers, readers and people.
PIECES = [
    *"{}[]()<>:;,.#&*!|>'\"%@`?-+=~^$\\/_ \t\n\r0x",
    "\r\n", "\n\n", "  ", "\n  ", "\n    - ", "- ", ": ", "::", "? ", " #", "---\n", "...\n", "%YAML 1.1\n",
    "<<: ", "&a ", "*a", "!!str ", "!x ", "|\n", ">-\n", "|2\n", "{{", "}}", "{{ ", " }}", "{%", "%}", "{#", "#}",
    "{% raw %}", "{% endif %}", "{% if n %}", "{% for x in words %}", "null", "~", "true", "on", "12:30", "0o17",
    "1e999", "1e300 * 1e300",
    "-1", "9" * 30, ".nan", "''", '""', '"\\u0000"', '"\\ud83d"', "é", "👋", "\u2028", "\x85", "\ufeff",
    "\x07", "\x00", "\x7f", "\ud7ff", "\U0010ffff", "START", "END", "->", "-->", "a & b", "when", "else", "to",
    "from", "route", "switch", "cases", "fail", "prompt", "set", "writes", "python", "math:sqrt", "messages",
    "file", "type", "default", "merge", "append", "list[", "dict[str, ", "enum[", "str", "int?", "any", "date",
    "Order", "result", "run", "files", "self", "not", "is defined", "| length", "| default(", "${", "${HOME}", "n",
    "words", "sum", "out", "for_each", "x in xs", "retry", "on_error", "timeout", "workflow", "with", "nodes:\n",
    "state:\n", "edges:\n", "types: {T: {t: T}}\n", "and", "or", "in",
]  # fmt: skip

text = st.text(max_size=12) | st.sampled_from(PIECES)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A valid workflow with some of it changed."""
    found = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        match draw(st.sampled_from(["piece", "piece", "cut", "line", "swap", "indent", "copy", "end"])):
            case "piece":
                at, width = draw(st.integers(0, len(found))), draw(st.integers(0, 6))
                found = found[:at] + draw(text) + found[at + width :]
            case "cut":
                at, width = draw(st.integers(0, len(found))), draw(st.integers(1, 40))
                found = found[:at] + found[at + width :]
            case "end":
                found = found[: draw(st.integers(0, len(found)))]
            case change:
                lines = found.split("\n")
                at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
                if change == "line":
                    del lines[at]
                elif change == "swap":
                    lines[at], lines[other] = lines[other], lines[at]
                elif change == "copy":
                    lines.insert(at, lines[other])
                else:
                    lines[at] = draw(st.sampled_from([" ", "  ", "\t", "      "])) + lines[at]
                found = "\n".join(lines)
    data = found.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(min_size=1, max_size=4)) + data[at:]
    return data.replace(b"\n", b"\r\n") if draw(st.integers(0, 9)) == 0 else data


def checked(data: bytes) -> Checked:
    """What is said about a file; all of it lies in the file, and can be printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workflow.yaml"
        path.write_bytes(data)
        found = configurable_agents.check(path)
    text = data.decode("utf-8-sig", "replace")
    for finding in found.findings:
        assert_inside(finding, Source.of(text, str(path), path.parent).lines)
    with contextlib.redirect_stderr(io.StringIO()) as said:
        print_findings(found.findings)
    assert said.getvalue().count("\n") >= len(found.findings)
    assert (found.workflow is None) == bool(found.errors)
    if found.workflow is not None:
        assert mermaid(found.workflow)
    return found


def assert_inside(finding: Finding, lines: list[str]) -> None:
    where = finding.location
    assert 1 <= where.line <= len(lines), finding
    line = lines[where.line - 1]
    assert 1 <= where.column <= len(line) + 1, finding
    assert 1 <= where.width <= max(len(line) - where.column + 1, 1), finding
    assert finding.source in {line, ""}, finding
    assert finding.message, finding
    assert finding.hint, finding
    assert "function-" not in finding.message, finding
    assert "<" not in finding.message.split("'")[0], finding


def only(graph: GraphSpec, kinds: set[str]) -> bool:
    return all(
        node.kind.kind in kinds and (node.inner is None or only(node.inner, kinds)) for node in graph.nodes.values()
    )


def run(found: Checked) -> None:
    """A workflow runs to an end on the demo model, and says how it ended."""
    if found.workflow is None or not only(found.workflow, {"set", "prompt", "messages", "nodes"}):
        return
    workflow = configurable_agents.Workflow(found.workflow)
    try:
        # A changed `backoff` may have become an hour.
        result = asyncio.run(asyncio.wait_for(workflow.arun({}, model="demo"), 20))
    except (InputError, TimeoutError):
        return
    assert result.status in {"succeeded", "failed"}
    assert result.view.error is None or result.view.error.code not in {"internal", "node_error"}, result.view.error
    json.dumps(result.state, default=str)
    assert all(event.model_dump_json() for event in result.events)


@examples(250)
@given(mutations())
def test_a_changed_workflow_is_checked_without_a_traceback(data: bytes) -> None:
    run(checked(data))


@examples(60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_checked_without_a_traceback(data: bytes) -> None:
    checked(data)


@st.composite
def spoilt(draw: st.DrawFn, right: st.SearchStrategy[str]) -> str:
    """Texts that are right; now and then with something in them that is not."""
    found = draw(right)
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(found)))
        found = found[:at] + draw(text) + found[at + draw(st.integers(0, 3)) :]
    return found


def filled(patterns: tuple[str, ...], atoms: tuple[str, ...], size: int) -> st.SearchStrategy[str]:
    """Texts grown from patterns like `$ + $`: every $ is an atom or another such text."""

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def fill(pattern: str) -> st.SearchStrategy[str]:
            *before, last = pattern.split("$")
            return st.tuples(*(inner for _ in before)).map(
                lambda found: "".join(map("".join, zip(before, found, strict=True))) + last
            )

        return st.sampled_from(patterns).flatmap(fill)

    return st.recursive(st.sampled_from(atoms), grow, max_leaves=size)


TYPES = spoilt(
    filled(
        ("list[$]", "dict[str, $]", "$?", "dict[str,$]", " list[ $ ] ", "list[$", "$ | $"),
        ("str", "int", "float", "bool", "any", "date", "datetime", "enum[a, b]", "enum[ä ö, 1]", "File", "Fiel"),
        4,
    )
)


def spread(listed: str) -> tuple[str, ...]:
    """What stands in a text with two spaces or more between."""
    return tuple(re.split(r"\s{2,}", listed.strip()))


OPERATORS = spread(
    """
    $ + $  $ - $  $ * $  $ / $  $ // $  $ % $  $ ** 2  -$  +$  ($)  $ ~ $  [$, $]  {'a': $}  ($, $)  $[0]  $['x']
    $[1:]  $.path  $.x  $ if $ else $  $ if $  $ and $  $ or $  not $  $ == $  $ != $  $ < $  $ >= $  $ in $
    $ not in $  $ is defined  $ is none  $ is string  $ is divisibleby $  $ | length  $ | first  $ | last
    $ | join(', ')  $ | join(', ', 'x')  $ | default($)  $ | default($, true)  $ | map('upper') | list
    $ | map(attribute='x')  $ | sort  $ | tojson  $ | tojson(2)  $ | bucket(3)  $ | bucket($)  $ | round  $ | int
    $ | float  $ | list  $ | sum  $ | replace($, $)  range($)  range($, $)  $ | batch($)  $ | slice($)
    $ | groupby('a')  $ | select  $ | selectattr('a')  $ | reject('none')  $ | dictsort  $ | items
    $ | truncate($)  $ | indent($)  $ | wordwrap($)  $ | min  $ | max  $ | unique  $ | split  $ | split($)
    $ | string  $ | upper  $ | trim  $ | abs  $ | reverse  $ | count  $ | wordcount  $ | title  $ | nosuch
    $.upper()  $ | length > $
    """
)
ATOMS = spread(
    """
    n  words  out  d  file  it  run  run.id  run.started_at  file.size  d.x  words[0]  0  1  -3  2.5  'a'  "é👋"
    true  false  null  none  []  {}  nope
    """
)
RIGHT = filled(OPERATORS, ATOMS, 5)
EXPRESSIONS = spoilt(RIGHT)
TEMPLATES = spoilt(
    filled(
        (
            "$$",
            "$\n$",
            "{% if n > 1 %}$\n{% else %}$\n{% endif %}",
            "{% for x in words %}\n$\n{% endfor %}",
            "{%- if words -%} $ {%- endif %}",
            "{% for k, v in d | items %}{{ k }}$\n{% endfor %}",
            "{% for x in words if x == 'a' %}{{ loop.index }}$\n{% else %}$\n{% endfor %}",
            "{% set y = n + 1 %}{{ y }}$",
            "{% set y %}$\n{% endset %}{{ y }}",
            "{% raw %}{{ $\n }}{% endraw %}",
            "{# $\n",
            "{% filter upper %}$\n{% endfilter %}",
        ),
        ("text", " é👋 ", "{{ n }}", "{{- words -}}", "{{ d }}", "{{ out | default('x') }}", "{{ '}}' }}", "}"),
        4,
    )
)
NAMES = st.lists(st.sampled_from(["START", "END", "a", "b", "c"]), min_size=1, max_size=3).map(" & ".join)
EDGES = spoilt(st.lists(NAMES, max_size=4).map(" -> ".join))

PARTS = """\
version: 2
name: parts
types: {File: {path: str, size: int}}
input:
  n: {type: int, default: 2}
  words: {type: "list[str]", default: [b, a]}
  file: {type: File, default: {path: p, size: 3}}
  d: {type: "dict[str, any]", default: {x: [1, null]}}
  it: {type: %s}
state: {out: any}
nodes:
  a: {set: {out: %s}}
  b: {set: {out: 1}}
edges:
  - %s
  - {from: b, route: [{when: %s, to: a, max_times: 1}, {when: n > 1, to: %s}, {else: END}]}
"""


def parts(
    type: str = "any?",  # noqa: A002
    template: str = "x",
    edge: str = "START -> a -> b",
    condition: str = "n > 5",
    target: str = "END",
) -> bytes:
    quoted = (json.dumps(part, ensure_ascii=False) for part in (type, template, edge, condition, target))
    return (PARTS % tuple(quoted)).encode("utf-8", "replace")


@examples(100)
@given(TYPES)
def test_any_text_is_a_type_or_shown_to_be_none(type: str) -> None:  # noqa: A002
    run(checked(parts(type=type)))


@examples(250)
@given(TEMPLATES)
def test_any_text_is_a_template_or_shown_to_be_none(template: str) -> None:
    run(checked(parts(template=template)))


@examples(250)
@given(EXPRESSIONS)
def test_any_expression_in_a_template_is_computed_or_refused(expression: str) -> None:
    run(checked(parts(template="{{ " + expression + " }}")))


@examples(200)
@given(EXPRESSIONS)
def test_any_text_is_a_condition_or_shown_to_be_none(condition: str) -> None:
    run(checked(parts(condition=condition)))


@examples(150)
@given(EDGES, EDGES)
def test_any_text_is_an_edge_or_shown_to_be_none(edge: str, target: str) -> None:
    run(checked(parts(edge=edge, target=target)))
