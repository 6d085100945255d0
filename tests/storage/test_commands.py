"""The commands that look back at runs, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from configurable_agents.settings import DATABASE_URL, Settings
from tests.history.kept import command, kept
from tests.workflows import save


@pytest.fixture
def flow(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workflow whose runs are kept in the database of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(DATABASE_URL, settings.url or f"sqlite:///{settings.file}")
    nodes = {
        "ask": {"prompt": "Say something of {{ topic }}", "writes": "x"},
        "end": {"set": {"x": 1}, "when": "false"},
    }
    return save(tmp_path, "flow.yaml", nodes, input={"topic": "str"}, state={"x": "any"})


def test_runs_are_kept_looked_at_compared_and_deleted(flow: Path) -> None:
    one, other = kept(flow, {"topic": "tides"}), kept(flow, {"topic": "sourdough"})
    assert [run["run_id"] for run in command("runs", "list", "--json").lines] == [other.run_id, one.run_id]
    assert command("runs", "show", one.run_id[-8:], "--json").json["output"] == one.output
    assert command("runs", "state", "last", "--json").json == other.state
    events = command("runs", "events", one.run_id, "--json").lines
    assert [event["type"] for event in events] == [event.type for event in one.events]
    assert command("runs", "why", "last").out == "end: skipped, because its condition did not hold\n    when false\n"
    assert '- "tides"' in command("runs", "diff", one.run_id, other.run_id).out
    assert command("runs", "export", "last").json["run"]["run_id"] == other.run_id
    assert "Deleted 1 run; " in command("runs", "delete", one.run_id, "--yes").err
    assert [run["run_id"] for run in command("runs", "list", "--json").lines] == [other.run_id]


def test_what_is_not_there_is_told(flow: Path) -> None:
    assert command("runs", "show", "last").err.startswith("unknown_run: There is no run yet.")
    ids = [kept(flow, {"topic": "tides"}).run_id for _ in range(2)]
    said = command("runs", "show", ids[0][:4])
    assert (said.status, said.err.split(":")[0]) == (2, "ambiguous_run")
    assert command("runs", "list", "--status", "failed").err == "No runs.\n"
