"""`graph` in all its formats: what has to be seen in the picture is in it, and nothing else gets in."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from typer.testing import CliRunner

from configurable_agents.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).with_name("configurable-agents")
EXAMPLES = sorted(ROOT.glob("examples/*/workflow.yaml"))
SVG = "{http://www.w3.org/2000/svg}"

every_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)


def drawn(path: Path, form: str) -> bytes:
    done = CliRunner().invoke(app, ["graph", str(path), "--format", form])
    assert done.exit_code == 0, done.exception
    return done.stdout_bytes


def command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, *arguments], env={**os.environ, **environment}, capture_output=True, check=False, timeout=60
    )


def nodes(graph: dict[str, Any]) -> Iterator[str]:
    for name, node in graph["nodes"].items():
        yield name
        if "nodes" in node:
            yield from nodes(node)


def conditions(graph: dict[str, Any]) -> Iterator[str]:
    for edge in graph.get("edges", []):
        for rule in edge.get("route", []) if isinstance(edge, dict) else []:
            times = f" (at most {rule['max_times']}×)" if "max_times" in rule else ""
            failed = {None: "", "any": "on any error"}.get(rule.get("on_error"), f"on error {rule.get('on_error')}")
            yield (rule.get("when") or failed or "else") + times
            target = rule.get("to")
            if isinstance(target, dict):
                yield f"fail: {target['fail']}"
        for value in edge.get("cases", {}) if isinstance(edge, dict) else []:
            yield f"{edge['switch']} = {value}"


def shown(svg: bytes) -> list[str]:
    """The texts of each thing in the picture, joined; none of it may act or be fetched."""
    assert b"<!DOCTYPE" not in svg
    root = ET.fromstring(svg)  # noqa: S314  # our own
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {"svg", "g", "title", "polygon", "path", "text", "ellipse", "polyline"}
        assert not [name for name in element.attrib if name.startswith("on") or name.endswith("href")]
        assert not [value for value in element.attrib.values() if "url(" in value]
    texts = [" ".join(text.text or "" for text in group.findall(f"{SVG}text")) for group in root.iter(f"{SVG}g")]
    return [" ".join(text.split()) for text in texts]


def picture_size(png: bytes) -> tuple[int, int, int]:
    """Width, height, and how many different bytes there are in its rows."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, rows = 8, b""
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        rows += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    width, height = struct.unpack(">II", png[16:24])
    return width, height, len(set(zlib.decompress(rows)))


def unbroken(text: str) -> str:
    """A drawing for terminals as one text, without its lines, spaces and breaks."""
    return re.sub(r"[\s│─├╮╯┤┼╰▶║]", "", text)


@every_example
def test_the_svg_holds_each_node_and_each_condition(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    texts = shown(drawn(path, "svg"))
    for name in nodes(workflow):
        assert [text for text in texts if text.split(" ")[0] == name], name
    for condition in conditions(workflow):
        assert " ".join(condition.split()) in texts
    assert {"START", "END"} <= set(texts)


@every_example
def test_the_png_is_a_picture(path: Path) -> None:
    width, height, values = picture_size(drawn(path, "png"))
    assert 200 < width < 4000
    assert 300 < height < 4000
    assert values > 20


@every_example
def test_the_drawing_for_a_terminal_fits_and_is_whole(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    text = drawn(path, "ascii").decode()
    assert max(map(len, text.splitlines())) <= 80
    for name in nodes(workflow):
        assert re.search(rf"[│║] {name} ", text)
    for condition in conditions(workflow):
        assert unbroken(condition) in unbroken(text)


ODD = r"""
version: 2
name: odd
description: '<script>alert(1)</script> & "q" &lt; %%{init: {}}%% #35; שלום 🚀'
input: {text: str, xs: "list[str]"}
state: {s: "enum[yes, no]", t: str, ts: "list[str]", deep: any}
nodes:
  end: {prompt: a, writes: s, description: "**bold** `code` <img src=x onerror=alert(1)>\e[31m\u202e x"}
  class:
    set: {t: "x"}
    when: text == "<&>\"' &lt; &amp; --> ]]>"
  subgraph:
    for_each: x in xs
    concurrency: 3
    state: {u: str}
    nodes:
      graph: {prompt: b, writes: u, description: "שלום עולם 日本語 🚀"}
    output: [u]
    writes: ts
edges:
  - START -> end
  - from: end
    switch: s
    cases: {"yes": class, "no": {fail: '</text><script>alert(2)</script> "q" <!-- c -->'}}
  - class -> subgraph
  - from: subgraph
    route:
      - {when: text == "LONG", to: subgraph, max_times: 2}
      - {else: END}
""".replace("LONG", " & ".join(["<b>long condition</b>"] * 14))


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    path = tmp_path / "odd.yaml"
    path.write_text(ODD, "utf-8")
    return path


def test_strange_text_is_text_in_an_svg(odd: Path) -> None:
    texts = shown(drawn(odd, "svg"))
    whole = " ".join(texts)
    assert '<script>alert(1)</script> & "q" &lt; %%{init: {}}%% #35; שלום 🚀' in whole
    assert "**bold** `code` <img src=x onerror=alert(1)>[31m x" in whole
    assert r"""when text == "<&>\"' &lt; &amp; --> ]]>" """.strip() in whole
    assert 'fail: </text><script>alert(2)</script> "q" <!-- c -->' in texts
    assert whole.count("long condition") == 14
    assert "שלום עולם 日本語 🚀" in whole
    assert "for each x in xs (3 at once)" in whole
    assert {"class", "end", "subgraph", "graph"} <= {text.split(" ")[0] for text in texts}


def test_strange_text_steers_no_terminal(odd: Path) -> None:
    text = drawn(odd, "ascii").decode()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert unbroken("שלום עולם 日本語 🚀") in unbroken(text)
    assert unbroken(text).count(unbroken("<b>long condition</b>")) == 14


def test_strange_text_is_text_in_mermaid(odd: Path) -> None:
    text = drawn(odd, "mermaid").decode()
    body = text.split("flowchart TD\n")[1]
    assert "<script" not in body
    assert "<img" not in body
    assert "#" not in body
    assert set(re.findall(r"<[^>]*>", body.replace("-->", ""))) == {"<br/>", "<small>", "</small>"}


def test_what_a_node_does_is_told_in_it(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("{version: 2, name: o, state: {a: str}, nodes: {x: {set: {a: b}}}}", "utf-8")
    path = tmp_path / "flow.yaml"
    path.write_text(
        """
version: 2
name: told
models: {quick: {model: demo}, careful: {model: demo}}
state: {a: str, b: str, kind: "enum[one_of_these, another_of_these, the_third_of_these, or_that]"}
nodes:
  first: {prompt: x, writes: kind}
  second: {prompt: x, writes: [a, b], model: careful, on_error: {set: {a: none}}}
  third: {workflow: other.yaml, writes: a}
""",
        "utf-8",
    )
    texts = shown(drawn(path, "svg"))
    assert "first prompt · quick → kind: enum[one_of_these, another_of_these, the_third_…" in texts
    assert "second prompt · careful → a: str → b: str on error set a" in texts
    assert "third workflow · other.yaml → a: str" in texts


def test_a_workflow_of_a_hundred_nodes_can_be_drawn(tmp_path: Path) -> None:
    lines = [f"  n{i}: {{set: {{s: 'x'}}}}" for i in range(100)]
    edges = [
        f"  - {{from: n{i}, route: [{{when: s == '{i}', to: n{max(0, i - 30)}, max_times: 2}}, {{else: n{i + 1}}}]}}"
        for i in range(99)
    ]
    path = tmp_path / "big.yaml"
    head = ["version: 2", "name: big", "state: {s: str}", "nodes:", *lines, "edges:", "  - START -> n0"]
    path.write_text("\n".join([*head, *edges, "  - n99 -> END"]), "utf-8")
    assert {f"n{i}" for i in range(100)} <= {text.split(" ")[0] for text in shown(drawn(path, "svg"))}
    text = drawn(path, "ascii").decode()
    assert max(map(len, text.splitlines())) <= 100
    for i in range(99):  # by a rail, or where there is no room for one by its name
        assert f"s == '{i}' (at most 2×) ─" in text


def test_a_file_is_written_in_the_format_of_its_name(tmp_path: Path) -> None:
    example = EXAMPLES[0]
    for name, start in [("a.svg", b"<?xml"), ("a.PNG", b"\x89PNG"), ("a.mmd", b"%% "), ("a.txt", b"article_writer: ")]:
        done = command("graph", example, "--output", tmp_path / name)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert (tmp_path / name).read_bytes().startswith(start)
    done = command("graph", example, "--output", tmp_path / "a.gif")
    assert done.returncode == 2
    assert b"error[unknown_format]" in done.stderr
    assert not (tmp_path / "a.gif").exists()


def test_a_picture_goes_through_a_pipe_as_it_is() -> None:
    done = command("graph", EXAMPLES[0], "--format", "png")
    assert (done.returncode, done.stderr) == (0, b"")
    assert picture_size(done.stdout)[2] > 20


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is a pty")
@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_picture_is_not_printed_on_a_terminal(form: str) -> None:
    import pty

    ours, terminal = pty.openpty()
    arguments: list[str | Path] = [COMMAND, "graph", EXAMPLES[0], "--format", form]
    done = subprocess.run(arguments, stdout=terminal, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(terminal)
    os.close(ours)
    assert done.returncode == 2
    assert b"error[needs_output]" in done.stderr
    assert f"--output workflow.{form}".encode() in done.stderr


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    done = command("graph", EXAMPLES[0], "--output", tmp_path / "missing" / "a.svg")
    assert done.returncode == 2
    assert b"error[not_writable]" in done.stderr
    assert b"a.svg can't be written: No such file or directory." in done.stderr


@pytest.mark.parametrize("form", ["mermaid", "ascii", "svg", "png"])
def test_a_broken_workflow_is_told_as_validate_tells_it(form: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("version: 2\nname: broken\nnodes:\n  a: {prompt: hi, writes: nowhere}\n", "utf-8")
    done = command("graph", path, "--format", form)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"error[unknown_field]" in done.stderr
    assert done.stderr.strip() in command("validate", path).stderr


def test_a_terminal_without_lines_gets_ascii() -> None:
    path = ROOT / "examples/draft_judge_revise/workflow.yaml"
    text = command("graph", path, "--format", "ascii", PYTHONIOENCODING="ascii", PYTHONUTF8="0").stdout.decode("ascii")
    assert "| judge           |<---" in text
    assert "score < good_enough (at most 3x)" in text
    assert "\\" not in text


def test_what_is_missing_is_told_with_the_line_that_installs_it(tmp_path: Path) -> None:
    (tmp_path / "pygraphviz.py").write_text("raise ImportError('not installed')", "utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = command("graph", EXAMPLES[0], "--format", "svg", PYTHONPATH=path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"error[missing_extra]" in done.stderr
    assert b"pip install 'configurable-agents[graph]'" in done.stderr
    for form in ("ascii", "mermaid"):
        assert command("graph", EXAMPLES[0], "--format", form, PYTHONPATH=path).returncode == 0


def test_no_network_is_touched() -> None:
    program = """
import sys
def watch(event, _):
    if event.startswith("socket."):
        raise SystemExit(f"{event} was called")
sys.addaudithook(watch)
from typer.testing import CliRunner
from configurable_agents.cli.main import app
for form in ("mermaid", "ascii", "svg", "png"):
    done = CliRunner().invoke(app, ["graph", sys.argv[1], "--format", form])
    assert done.exit_code == 0 and done.stdout_bytes, done
"""
    done = subprocess.run([sys.executable, "-c", program, EXAMPLES[0]], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
