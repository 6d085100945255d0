"""`runs diff` and `runs export`: two runs side by side, and one in a file that may be shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.history.kept import command, keep, kept, ran, until
from tests.workflows import save


def test_two_runs_are_compared(revising: Path) -> None:
    one, other = kept(revising, {"topic": "sourdough"}), kept(revising, {"topic": "sourdough", "good_enough": 0.6})
    said = command("runs", "diff", one.run_id, other.run_id)
    assert (said.status, said.err) == (0, "")
    sections = dict(part.partition("\n")[::2] for part in said.out.split("\n\n"))
    assert sections["input"] == "  good_enough:\n    - 0.8\n    + 0.6"
    assert sections["way"].splitlines() == [
        "  parts at the choice after record (visit 2), after 6 common steps",
        "  - -> revise",
        "  + -> END",
    ]
    assert f"    - {one.state['scores']}\n    + {other.state['scores']}" in sections["output"]
    figures = {line[:12].strip(): line[12:].split() for line in said.out.split("\n\n")[0].splitlines()[1:]}
    assert figures["run"] == [one.run_id, other.run_id]
    assert figures["steps"] == ["9", "6"]
    assert figures["calls"] == [str(one.view.spent.model_calls), str(other.view.spent.model_calls)]
    assert figures["tokens in"] == [f"{result.view.spent.input_tokens:,}" for result in (one, other)]


def test_long_texts_are_compared_line_by_line(revising: Path) -> None:
    one, other = kept(revising, {"topic": "tides"}), kept(revising, {"topic": "sourdough"})
    lines = command("runs", "diff", one.run_id, other.run_id).out.splitlines()
    at = lines.index("write")
    assert lines[at + 1] == "  draft:"
    assert lines[at + 2].startswith("    @@ ")
    assert any(line.startswith("    -") and "tides" in line for line in lines[at:])
    assert any(line.startswith("    +") and "sourdough" in line for line in lines[at:])
    assert max(map(len, lines)) < 120


def test_runs_that_are_the_same_are_said_to_be(revising: Path) -> None:
    one, other = kept(revising, {"topic": "sourdough"}), kept(revising, {"topic": "sourdough"})
    said = command("runs", "diff", one.run_id, other.run_id).out
    assert said.endswith("\n\nway\n  the same\n")
    assert said.count("\n\n") == 1
    told = command("runs", "diff", one.run_id, other.run_id, "--json").json
    assert (told["input"], told["way"], told["writes"], told["output"]) == ([], None, [], [])
    assert told["same_workflow"] is True


def test_where_one_run_came_to_an_end_the_ways_part(revising: Path) -> None:
    whole = kept(revising, {"topic": "sourdough"})
    keep(revising, until(ran(revising, {"topic": "sourdough"}).events, "node_started", "judge"))
    said = command("runs", "diff", whole.run_id, "last").out
    assert "  parts at judge, after 1 common step\n  - ran\n  + did not come here\n" in said
    assert "interrupted" in said
    told = command("runs", "diff", "last", whole.run_id, "--json").json
    assert told["way"] == {
        "node": "judge",
        "visit": 1,
        "kind": "step",
        "a": None,
        "b": "ran",
        "common_steps": 1,
    }
    assert (told["a"]["status"], told["b"]["status"]) == ("interrupted", "succeeded")


def test_branches_that_end_in_another_order_went_the_same_way(project: Path) -> None:
    def flow(*seconds: float) -> Path:
        nodes = {
            name: {"python": "f:wait", "with": {"seconds": s}, "writes": "x"}
            for name, s in zip("ab", seconds, strict=True)
        }
        state = {"x": {"type": "list[any]", "merge": "append"}}
        return save(project, "flow.yaml", nodes, ["START -> a & b -> END"], state=state)

    one, other = kept(flow(0.2, 0)), kept(flow(0, 0.2))
    assert (one.view.finished, other.view.finished) == (["b", "a"], ["a", "b"])
    said = command("runs", "diff", one.run_id, other.run_id).out
    assert said.endswith("way\n  the same\n")
    rows = [line.split() for line in said.splitlines()]
    (workflow,) = [row for row in rows if row[:1] == ["workflow"]]
    assert workflow[2] != workflow[4], "the files are not the same"


def test_an_error_is_told_beside_what_the_other_run_gave(trouble: Path, project: Path) -> None:
    one, other = kept(trouble), kept(trouble, {"kind": "b"})
    said = command("runs", "diff", one.run_id, other.run_id).out
    assert "  parts at the choice after begin, after 1 common step\n  - -> maybe\n  + -> unused\n" in said
    assert "error\n  - python_error: f:fail raised ValueError: broken" in said
    assert "  x:\n    + 9\n" in said


def test_true_is_not_one(project: Path) -> None:
    def flow(value: object) -> Path:
        return save(project, "flow.yaml", {"a": {"set": {"x": [value]}}})

    one, other = kept(flow(True)), kept(flow(1))
    assert "    - [true]\n    + [1]\n" in command("runs", "diff", one.run_id, other.run_id).out


SECRETS = {
    "SHOP_DB": "postgresql://shop:hunter2-and-more@db/shop",
    "MY_API_KEY": 'a"secret\\with quotes',
    "LETTER_TOKEN": "grün-2026",
    "DB_PASSWORD": "first-part",
    "LONGER_SECRET": "first-part-and-the-rest",
    "EDITOR_NAME": "not-a-secret-at-all",
    "TINY_KEY": "abc",
}


@pytest.fixture
def secretive(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workflow that names a secret, and a run of it which wrote many of them."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    said = {name: [value, {value: json.dumps(json.dumps(value))}] for name, value in SECRETS.items()}
    url = "See https://user:pass%40word@example.com/x and redis://:letmein@cache:6379."
    nodes = {"a": {"set": {"x": {**said, "url": url}}}}
    models = {"m": {"model": "demo/x", "api_base": "${SHOP_DB}"}}
    path = save(project, "flow.yaml", nodes, models=models)
    result = ran(path)
    keep(path, result.events, payloads={"abc": json.dumps({"messages": [json.dumps(SECRETS)]})})
    return path


def test_a_run_is_exported_with_all_that_is_kept_of_it(revising: Path, project: Path) -> None:
    result = ran(revising, {"topic": "tides"})
    keep(revising, result.events, payloads={"hash": "a payload"})
    said = command("runs", "export", "last")
    assert (said.status, said.err) == (0, "")
    whole = said.json
    assert whole["run"]["run_id"] == result.run_id
    assert [event["type"] for event in whole["events"]] == [event.type for event in result.events]
    assert whole["payloads"] == {"hash": "a payload"}
    (workflow,) = whole["workflows"]
    assert workflow["files"] == {"revising.yaml": revising.read_text("utf-8")}
    assert (command("runs", "export", "last", "--output", "run.json").out, (project / "run.json").exists()) == (
        "",
        True,
    )
    assert json.loads((project / "run.json").read_text("utf-8")) == whole


def test_secrets_are_masked_wherever_they_stand(secretive: Path) -> None:
    text = command("runs", "export", "last").out
    for name, value in SECRETS.items():
        forms = {value, json.dumps(value)[1:-1], json.dumps(json.dumps(value)[1:-1])[1:-1]}
        if name in ("EDITOR_NAME", "TINY_KEY"):
            assert value in text
        else:
            assert not [form for form in forms if form in text], name
            assert f"***{name}***" in text
    written = json.loads(text)["events"][-1]["output"]["x"]
    assert written["LONGER_SECRET"][0] == "***LONGER_SECRET***"
    assert list(written["MY_API_KEY"][1]) == ["***MY_API_KEY***"]
    assert written["url"] == "See https://user:***@example.com/x and redis://:***@cache:6379."
    assert "hunter2" not in text


def test_a_file_that_cannot_be_written_is_told(revising: Path, project: Path) -> None:
    kept(revising, {"topic": "tides"})
    said = command("runs", "export", "last", "--output", str(project / "missing" / "run.json"))
    assert (said.status, said.err.split(":")[0]) == (2, "not_writable")
