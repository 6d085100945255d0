"""Edges, routes, switches and the graph as a whole: one clear error at the name that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_files import assert_one_error, workflow

FOUR = """
  a: {set: {text: a}}
  b: {set: {notes: [b]}}
  c: {set: {number: 1}}
  d: {set: {maybe: d}}"""


def graph(*edges: str, **sections: str) -> str:
    """A workflow of the nodes a, b, c and d with these edges."""
    return workflow(nodes=FOUR, edges="".join(f"\n  - {edge}" for edge in edges), **sections)


def rest(*edges: str) -> str:
    """What `edges` leave open is closed: the nodes that they do not name follow b."""
    return graph("START -> a", *edges, "b -> c -> d -> END")


EDGES = {
    "a node that is not there": (rest("a -> «bb»"), "unknown_node", "a, b, c, d"),
    "a node in another case": (rest("a -> «B»"), "unknown_node", "'b'"),
    "a source that is not there": (rest("a -> b", "«e» -> b"), "unknown_node", "a, b, c, d"),
    "start": (graph("«start» -> a -> b -> c -> d -> END"), "unknown_node", "START"),
    "end": (graph("START -> a -> b -> c -> d -> «end»"), "unknown_node", "END"),
    "__end__": (graph("START -> a -> b -> c -> d -> «__end__»"), "unknown_node", "END"),
    "a long arrow": (rest("a «-->» b"), "edge_syntax", "a -> b"),
    "a double arrow": (rest("a «=>» b"), "edge_syntax", "a -> b"),
    "an arrow of another alphabet": (rest("a «→» b"), "edge_syntax", "a -> b"),
    "a word for an arrow": (rest("a «to» b"), "edge_syntax", "a -> b"),
    "a comma for &": (graph("START -> a", "a -> b«,» c -> d -> END"), "edge_syntax", "joined by &"),
    "no target": (rest("a -«>»"), "edge_syntax", "a -> b"),
    "no source": (rest("a -> b", "«-»> c"), "edge_syntax", "a -> b"),
    "a lone name": (rest("a -> b", "«c»"), "edge_syntax", "a -> b"),
    "two names without &": (rest("a -> «b c»"), "edge_syntax", "a -> b & c"),
    "an edge to START": (rest("a -> «START»"), "wrong_edge", "Remove it"),
    "an edge from END": (rest("a -> b", "«END» -> b"), "wrong_edge", "Begin a chain"),
    "END as a branch": (rest("a -> b & «END»"), "wrong_edge", "Remove it"),
    "a branch twice": (rest("a -> b & «b»"), "wrong_edge", "Remove it"),
    "no edge from START": (graph("a -> b -> c -> d -> END").replace("edges", "«edges»"), "no_start", "START -> a"),
    "two outgoing edges": (rest("a -> b", "«a» -> c"), "two_outgoing", "a -> b & c"),
    "an edge and a route": (
        rest("a -> b", "{from: «a», route: [{else: END}]}"),
        "two_outgoing",
        "a route for a choice",
    ),
    "a node of a chain twice": (graph("START -> a -> b -> c -> d -> END", "«c» -> END"), "two_outgoing", "a route"),
}

ROUTES = {
    "a target that is not there": (rest("{from: a, route: [{else: «bb»}]}"), "unknown_node", "a, b, c, d"),
    "a source that is not there": (rest("a -> b", "{from: «aa», route: [{else: b}]}"), "unknown_node", "a, b, c, d"),
    "a source of several": (rest("{from: [a, «aa»], route: [{else: b}]}"), "unknown_node", "a, b, c, d"),
    "a branch that is not there": (rest("{from: a, route: [{else: b & «cc»}]}"), "unknown_node", "a, b, c, d"),
    "&& in a target": (
        graph("START -> a", "{from: a, route: [{else: «b && c»}]}", "b & c -> d -> END"),
        "edge_syntax",
        "a -> b & c",
    ),
    "a comma in a target": (rest('{from: a, route: [{else: "b«,» c"}]}'), "edge_syntax", "joined by &"),
    "a chain as a target": (rest("{from: a, route: [{else: «b -> c»}]}"), "edge_syntax", "an edge of its own"),
    "an empty target": (rest("{from: a, route: [{else: '«'»}]}"), "edge_syntax", "a -> b"),
    "else before the last": (
        rest("{from: a, route: [«{»else: b}, {when: 'count > 1', to: c}]}"),
        "wrong_rule_of_route",
        "Move it",
    ),
    "else with a condition": (
        rest("{from: a, route: [«{»else: b, when: 'count > 1'}]}"),
        "wrong_rule_of_route",
        "a rule of its own",
    ),
    "no condition": (
        rest("{from: a, route: [«{»to: b}, {else: END}]}"),
        "wrong_rule_of_route",
        "else",
    ),
    "no target": (
        rest("{from: a, route: [«{»when: 'count > 1'}, {else: b}]}"),
        "wrong_rule_of_route",
        "'to'",
    ),
    "a name in a message to fail with": (
        rest("{from: a, route: [{when: 'count > 1', to: {fail: 'no {{ «tpoic» }}'}}, {else: b}]}"),
        "unknown_name",
        "'topic'",
    ),
}


def switch(on: str, more: str, **sections: str) -> str:
    return graph("START -> a", f"{{from: a, switch: {on}, {more}}}", "b & c -> d -> END", **sections)


SWITCHES = {
    "a field that is not there": (switch("«knid»", "cases: {bug: b}, else: c"), "unknown_name", "'kind'"),
    "text": (switch("«text»", "cases: {bug: b}, else: c"), "switch_type", "enum"),
    "a list": (switch("«tags»", "cases: {bug: b}, else: c"), "switch_type", "enum"),
    "a value that its enum lacks": (switch("kind", "cases: {bug: b, «questin»: c}"), "unknown_case", "'question'"),
    "a value more": (switch("kind", "cases: {bug: b, question: c, «other»: c}"), "unknown_case", "bug, question"),
    "not every value": (switch("kind", "«cases»: {bug: b & c}"), "switch_incomplete", "else"),
    "a bool without false": (
        switch("yes", "«cases»: {true: b & c}", input="\n  yes: bool"),
        "switch_incomplete",
        "else",
    ),
    "an int without else": (switch("count", "«cases»: {1: b, 2: c}"), "switch_incomplete", "else"),
    "an int that is text": (switch("count", "cases: {1: b, «two»: c}, else: c"), "unknown_case", "int"),
    "a target that is not there": (switch("kind", "cases: {bug: b, question: «cc»}"), "unknown_node", "a, b, c, d"),
    "braces": (switch("'«{{» kind }}'", "cases: {bug: b}, else: c"), "braces_in_expression", "kind"),
}

GRAPHS = {
    "a cycle without a way out": (graph("START -> a", "a -> b -> c", "c -> d -> «a»"), "endless_cycle", "route"),
    "a node that leads to itself": (
        workflow(nodes=" {a: {set: {text: x}}}", edges="\n  - START -> a\n  - a -> «a»"),
        "endless_cycle",
        "route",
    ),
    "a node that nothing leads to": (
        graph("START -> a -> b -> d -> END", "c -> d").replace("  c: {", "  «c»: {"),
        "unreachable_node",
        "-> c",
    ),
    "a node that no edge names": (
        graph("START -> a -> b -> d -> END").replace("  c: {", "  «c»: {"),
        "unreachable_node",
        "remove it",
    ),
    "a node without a way out": (
        graph("START -> a -> b -> c -> d").replace("  d: {", "  «d»: {"),
        "no_way_out",
        "d -> END",
    ),
    "branches that share a node": (
        graph(
            "START -> a & «b»",
            "{from: a, route: [{when: 'count > 1', to: c}, {else: d}]}",
            "b -> c -> d -> END",
        ),
        "shared_branch",
        "join",
    ),
    "a branch that goes back before the fan-out": (
        graph(
            "START -> a",
            "a -> b & «c»",
            "{from: b, route: [{when: 'count > 1', to: a}, {else: d}]}",
            "c -> d -> END",
        ),
        "shared_branch",
        "join",
    ),
    "parallel writers of one field": (
        graph("START -> a & b -> c -> d -> END").replace("b: {set: {notes: [b]}}", "b: {set: {«text»: b}}"),
        "parallel_writes",
        "merge",
    ),
    "parallel writers further on": (
        graph("START -> a & b", "a -> c -> d", "b -> d -> END").replace(
            "b: {set: {notes: [b]}}", "b: {set: {«number»: 2}}"
        ),
        "parallel_writes",
        "merge",
    ),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_wrong_edge_is_shown(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert_one_error(capsys, tmp_path, *EDGES[name], whole=False)


@pytest.mark.parametrize("name", ROUTES)
def test_a_wrong_route_is_shown(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert_one_error(capsys, tmp_path, *ROUTES[name], whole=False)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_wrong_switch_is_shown(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert_one_error(capsys, tmp_path, *SWITCHES[name], whole=False)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_wrong_graph_is_shown(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert_one_error(capsys, tmp_path, *GRAPHS[name], whole=False)


def test_a_node_may_be_named_like_a_word_for_an_arrow(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = workflow(
        nodes="\n  to: {set: {text: a}}\n  fields: {set: {number: 1}}", edges="\n  - START -> to -> fields -> «nd»"
    )
    assert_one_error(capsys, tmp_path, text, "unknown_node", "END")
