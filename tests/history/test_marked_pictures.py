"""`graph --run`: the way that a run took, in every format."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.history.kept import command, keep, kept, ran, until
from tests.workflows import save

SVG = "{http://www.w3.org/2000/svg}"
GREEN, RED, PALE = "#2e7d32", "#b42318", "#c5ccd3"


def colours(svg: str) -> dict[str, str | None]:
    """The colour of the border of each node and each edge of a picture, by its title."""
    found = {}
    for group in ET.fromstring(svg.encode()).iter(f"{SVG}g"):  # noqa: S314  # our own
        title = group.find(f"{SVG}title")
        drawn = next((child for child in group if child.get("stroke") not in (None, "none", "transparent")), None)
        if title is not None and title.text and drawn is not None:
            found[title.text] = drawn.get("stroke")
    return found


def test_a_terminal_shows_how_each_node_went_and_which_ways_were_taken(trouble: Path) -> None:
    kept(trouble)
    text = command("graph", "--run", "last", "--format", "ascii").out
    below = {
        name: after.split("│")[0].strip()
        for name, after in re.findall(r"[│║] (\w+) +[│║][^\n]*\n(?:[│║] )?[│║] (.*)", text)
    }
    assert below["begin"] == "✓ run"
    assert below["maybe"] == "- skipped"
    assert below["bad"] == "✗ failed"
    assert below["odd"] == "✗ failed 2×, run"
    assert below["unused"] == "· not reached"
    assert "kind = a ✓ 1×" in text
    assert "kind = b ─" in text
    assert "on any error ✓ 1×" in text
    assert "on error timeout ✓" not in text
    assert "▼ ✓ 3×" in text, "three items began in the group"


def test_counts_are_those_of_the_run(revising: Path) -> None:
    kept(revising, {"topic": "sourdough"})
    text = command("graph", "--run", "last", "--format", "mermaid").out
    assert '-->|"score &lt; good_enough (at most 3×) · 2×"| n_revise' in text
    assert 'n_record -->|"else · 1×"| n_END' in text
    assert 'n_judge(["judge<br/><small>run 3×</small>' in text
    assert '"2×"| n_judge' in text
    assert "unreached" not in text


def test_mermaid_numbers_its_links_in_the_order_of_the_text(trouble: Path) -> None:
    kept(trouble)
    lines = command("graph", "--run", "last", "--format", "mermaid").out.splitlines()
    links = [line for line in lines if "-->" in line]
    styles = {
        style: [links[int(number)] for number in numbers.split(",")]
        for numbers, style in re.findall(r"linkStyle ([\d,]+) (\S+)", "\n".join(lines))
    }
    (taken,) = (found for style, found in styles.items() if GREEN in style)
    (other,) = (found for style, found in styles.items() if PALE in style)
    assert all(re.search(r'\d×"\|', line) for line in taken)
    assert not any(re.search(r'\d×"\|', line) for line in other)
    assert len(taken) + len(other) == len(links)
    classes = dict(re.findall(r"    class ([\w,]+) (\w+)", "\n".join(lines)))
    by_class = {name: set(nodes.split(",")) for nodes, name in classes.items()}
    assert {"n_bad", "n_softly", "n_last"} <= by_class["failed"]
    assert by_class["skipped"] == {"n_maybe", "g1_never"}
    assert by_class["unreached"] == {"n_unused", "n_END"}


def test_a_picture_is_coloured(trouble: Path) -> None:
    kept(trouble)
    found = colours(command("graph", "--run", "last", "--format", "svg").out)
    assert (found["begin"], found["bad"], found["unused"], found["END"]) == (GREEN, RED, PALE, PALE)
    assert (found["begin->maybe"], found["begin->unused"]) == (GREEN, PALE)
    assert (found["bad->catch"], found["bad->unused"]) == (RED, PALE)
    assert found["cluster_each"] == GREEN
    plain = colours(command("graph", str(trouble), "--format", "svg").out)
    assert not {GREEN, PALE} & set(plain.values())


def test_a_png_can_be_drawn(trouble: Path, project: Path) -> None:
    kept(trouble)
    assert command("graph", "--run", "last", "--output", "run.png").status == 0
    assert (project / "run.png").read_bytes().startswith(b"\x89PNG")


def test_what_was_under_way_is_told(revising: Path) -> None:
    keep(revising, until(ran(revising, {"topic": "tides"}).events, "node_started", "record"))
    text = command("graph", "--run", "last", "--format", "mermaid").out
    assert "record<br/><small>running</small>" in text
    assert "class n_record stopped" in text
    assert "class n_revise,n_END unreached" in text.replace("n_END,n_revise", "n_revise,n_END")


def test_a_way_that_fails_the_run_is_marked(project: Path) -> None:
    route = [{"when": "x > 5", "to": {"fail": "too much"}}, {"else": "END"}]
    kept(save(project, "flow.yaml", {"a": {"set": {"x": 7}}}, ["START -> a", {"from": "a", "route": route}]))
    text = command("graph", "--run", "last", "--format", "mermaid").out
    assert '-->|"x &gt; 5 · 1×"| fail_1{{"fail: too much"}}' in text
    assert "class fail_1 failed" in text
    assert "✓ 1× ─▶ fail: too much" in command("graph", "--run", "last", "--format", "ascii").out


def test_a_file_that_has_changed_since_is_said_to_have(revising: Path) -> None:
    run = kept(revising, {"topic": "tides"}).run_id
    assert command("graph", str(revising), "--run", run).err == ""
    revising.write_text(revising.read_text("utf-8").replace("max_times: 3", "max_times: 4"), "utf-8")
    said = command("graph", str(revising), "--run", run)
    assert (said.status, "at most 4×" in said.out) == (0, True)
    assert f"{revising} is not as it was when run {run} ran" in said.err
    assert "at most 3×" in command("graph", "--run", run).out


def test_something_has_to_be_named(project: Path) -> None:
    said = command("graph")
    assert (said.status, said.err.split(":")[0]) == (2, "nothing_chosen")


@pytest.mark.parametrize("form", ["ascii", "mermaid", "svg"])
def test_a_drawing_without_a_run_has_no_marks(form: str, trouble: Path) -> None:
    text = command("graph", str(trouble), "--format", form).out
    for mark in ("✓", "not reached", "linkStyle", "classDef", GREEN, PALE):
        assert mark not in text
