"""The commands that go on with runs, as a person uses them: what they print, and how they end."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from configurable_agents.settings import DATABASE_URL
from tests.durable.kept import FUNCTIONS, calls
from tests.history.kept import Said, command

COMMAND = Path(sys.executable).with_name("configurable-agents")

WORKFLOW = """\
version: 2
name: w
input: {n: {type: int, default: 1}}
state:
  m: int
  ok: bool
  note: str
  x: any
  chat: {type: messages, scope: session}
output: [m, ok, note, x]
nodes:
  one: {python: "g:step", with: {n: "{{ n }}"}, writes: m}
  person: {human: "Is {{ m }} right?", writes: ok}
  say: {prompt: "Say {{ m }}", conversation: chat, writes: note}
  last: {python: "g:broken", writes: x}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a workflow, which is the working directory and has a history of its own."""
    (tmp_path / "g.py").write_text(FUNCTIONS, "utf-8")
    (tmp_path / "w.yaml").write_text(WORKFLOW, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(DATABASE_URL)
    monkeypatch.setenv("CONFIGURABLE_AGENTS_MODEL", "demo")
    return tmp_path


def only(said: Said) -> str:
    """The id of the run that a command tells of."""
    found: str = said.json["run_id"]
    return found


def test_a_run_waits_is_answered_fails_and_is_mended(project: Path) -> None:
    waiting = command("run", "w.yaml")
    assert (waiting.status, waiting.out) == (3, "")
    assert "person asks: Is 2 right? (true / false)" in waiting.err
    assert "runs resume " in waiting.err.splitlines()[-1]
    assert (project / ".configurable-agents" / "data.db").exists()
    assert command("runs", "resume", "last").status == 2
    failed = command("runs", "resume", "last", "--answer", "yes")
    assert failed.status == 1
    assert "error[python_error]: g:broken raised ValueError: not yet" in failed.err
    run_id = failed.err.splitlines()[-1].split()[-1]
    assert failed.err.splitlines()[-1].endswith(f"configurable-agents runs resume {run_id}")
    assert command("runs", "list", "--json").lines[0]["status"] == "failed"
    (project / "ok").touch()
    done = command("runs", "resume", run_id[-8:], "--json")
    assert (done.status, done.json["status"], done.json["run_id"]) == (0, "succeeded", run_id)
    assert done.json["output"]["x"] == "mended"
    assert done.json["usage"]["model_calls"] == 1
    assert calls(project) == ["step 1", "broken", "broken"]
    over = command("runs", "resume", "last")
    assert over.status == 2
    assert "run_ended" in over.err


def test_json_tells_the_questions(project: Path) -> None:
    told = command("run", "w.yaml", "--json")
    assert told.status == 3
    assert told.json["status"] == "waiting"
    (question,) = told.json["questions"]
    assert (question["name"], question["text"], question["choices"]) == ("person", "Is 2 right?", ["true", "false"])


def test_a_replay_and_a_fork(project: Path) -> None:
    (project / "ok").touch()
    command("run", "w.yaml")
    done = command("runs", "resume", "last", "--answer", "yes", "--json")
    calls(project)
    again = command("runs", "replay", only(done), "--json")
    assert (again.status, again.json["output"]) == (0, done.json["output"])
    assert again.json["usage"]["model_calls"] == 0
    assert f"The same way as {only(done)}." in again.err
    other = command("runs", "fork", only(done), "--at", "say", "--set", "m=9", "--set", "ok=no")
    assert other.status == 0
    assert "m: 9" in other.out
    assert "way\n  the same" in other.err
    assert calls(project) == ["broken"]
    assert command("runs", "fork", only(done), "--at", "sya").status == 2
    assert "Did you mean 'say'?" in command("runs", "fork", only(done), "--at", "sya").err


def test_with_the_current_file_it_is_said_what_is_done_again(project: Path) -> None:
    command("run", "w.yaml")
    command("runs", "resume", "last", "-a", "yes")
    calls(project)
    (project / "w.yaml").write_text(WORKFLOW.replace("Say {{ m }}", "Tell {{ m }}"), "utf-8")
    (project / "ok").touch()
    asked = command("runs", "resume", "last", "--use-current-file")
    assert asked.status == 2
    assert "2 results kept." in asked.err
    assert "Executed again: say. Before, they took" in asked.err
    assert "needs_yes" in asked.err
    assert calls(project) == []
    done = command("runs", "resume", "last", "--use-current-file", "--yes")
    assert (done.status, calls(project)) == (0, ["broken"])


def test_another_input(project: Path) -> None:
    (project / "ok").touch()
    command("run", "w.yaml")
    told = command("runs", "resume", "last", "-i", "n=5", "-a", "yes", "--yes", "--json")
    assert told.status == 3  # the question is another one now
    assert [q["text"] for q in told.json["questions"]] == ["Is 6 right?"]
    wrong = command("runs", "resume", "last", "-i", "n=five", "--yes")
    assert wrong.status == 2
    assert "an integer" in wrong.err


def test_a_session_and_none(project: Path) -> None:
    (project / "ok").touch()
    (project / "w.yaml").write_text(WORKFLOW.replace('  person: {human: "Is {{ m }} right?", writes: ok}\n', "")
                                    .replace("output: [m, ok,", "output: [m,").replace("  ok: bool\n", ""))  # fmt: skip
    for number in (1, 2):
        told = command("run", "w.yaml", "--session", "me", "--json")
        assert len(told.json["state"]["chat"]) == 2 * number, told.err
    refused = command("run", "w.yaml", "--session", "me", "--no-history")
    assert (refused.status, "no_session" in refused.err) == (2, True)
    (project / "v.yaml").write_text("version: 2\nname: v\nstate: {x: any}\nnodes: {a: {set: {x: 1}}}\n")
    refused = command("run", "v.yaml", "--session", "me")
    assert (refused.status, "scope: session" in refused.err) == (2, True)


def test_without_history_nothing_is_kept(project: Path) -> None:
    told = command("run", "w.yaml", "--no-history")
    assert told.status == 3
    assert "runs resume" not in told.err
    assert not (project / ".configurable-agents").exists()
    none = command("runs", "resume", "last")
    assert (none.status, "no_history" in none.err) == (2, True)


def test_questions_are_asked_on_a_terminal(project: Path) -> None:
    (project / "ok").touch()
    main, other = pty.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    with subprocess.Popen(
        [COMMAND, "run", "w.yaml"], env=environment, stdin=other, stderr=other, stdout=subprocess.PIPE
    ) as process:
        os.close(other)
        seen = until(main, "> ")
        assert "person: Is 2 right?" in seen
        os.write(main, b"perhaps\n")
        assert "should be true or false" in until(main, "> ")
        os.write(main, b"yes\n")
        until(main, "succeeded")
        assert process.stdout is not None
        assert b"ok: true" in process.stdout.read()
        assert process.wait(30) == 0
    os.close(main)


def until(terminal: int, text: str, patience_s: float = 60) -> str:
    """What is shown up to this."""
    seen, end = "", time.monotonic() + patience_s
    while text not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 10_000).decode()
    return seen


def test_what_ctrl_c_stops_can_be_gone_on_with(project: Path) -> None:
    (project / "slow.py").write_text("import time\n\n\ndef wait():\n    time.sleep(1.5)\n    return 1\n")
    (project / "s.yaml").write_text(
        "version: 2\nname: s\nstate: {m: int, x: int}\nnodes:\n"
        "  one: {python: 'g:step', writes: m}\n  two: {python: 'slow:wait', writes: x}\n"
    )
    with subprocess.Popen(
        [COMMAND, "run", "s.yaml", "--json"], text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("two"):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    run_id = json.loads(out)["run_id"]
    assert f"runs resume {run_id}" in err
    done = command("runs", "resume", run_id, "--json")
    assert (done.status, done.json["steps"]) == (0, ["one", "two"])
    assert calls(project) == ["step 0"]


def test_each_of_several_questions_is_named_as_a_shell_takes_it(project: Path) -> None:
    (project / "v.yaml").write_text(
        "version: 2\nname: v\nstate: {xs: 'list[int]'}\nnodes:\n"
        "  p: {for_each: 'i in [1, 2]', human: '{{ i }}?', writes: xs}\n"
    )
    waiting = command("run", "v.yaml")
    assert waiting.err.rstrip().endswith("--answer 'p[0]=...' --answer 'p[1]=...'")
    done = command("runs", "resume", "last", "--answer", "p[0]=7", "--answer", "p[1]=8")
    assert (done.status, done.out.strip()) == (0, "[7, 8]")
