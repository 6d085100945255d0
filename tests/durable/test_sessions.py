"""Conversations that live in a session go on in its next run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from configurable_agents.plugins.stores import RunStore
from tests.durable.kept import mend, resume, start
from tests.workflows import findings

CHAT = {"chat": {"type": "messages", "scope": "session"}, "x": "str"}
ASK: dict[str, Any] = {"ask": {"prompt": "I say {{ said }}", "conversation": "chat", "writes": "x"}}
SAID = {"said": {"type": "str", "default": "hello"}}


def contents(messages: list[dict[str, Any]]) -> list[str]:
    return [message["content"] for message in messages if message["role"] == "user"]


def test_a_conversation_goes_on(tmp_path: Path, store: RunStore) -> None:
    for number in range(3):
        done = start(tmp_path, store, ASK, given={"said": f"n{number}"}, session="me", input=SAID, state=CHAT)
        assert contents(done.state["chat"]) == [f"I say n{n}" for n in range(number + 1)]
    other = start(tmp_path, store, ASK, session="you", input=SAID, state=CHAT)
    assert contents(other.state["chat"]) == ["I say hello"]
    none = start(tmp_path, store, ASK, input=SAID, state=CHAT)
    assert contents(none.state["chat"]) == ["I say hello"]
    assert [run.session for run in (store.find(other.run_id), store.find(none.run_id))] == ["you", None]


def test_only_so_much_of_it_is_kept(tmp_path: Path, store: RunStore) -> None:
    state = {**CHAT, "chat": {**CHAT["chat"], "keep": {"last": 2}}}  # type: ignore[dict-item]
    for number in range(3):
        done = start(tmp_path, store, ASK, given={"said": f"n{number}"}, session="me", input=SAID, state=state)
        assert contents(done.state["chat"]) == [f"I say n{number}"]
        before = next(event for event in done.events if event.type == "run_started").messages["chat"]
        assert contents(before) == ([f"I say n{number - 1}"] if number else [])


def test_a_run_that_fails_says_nothing_in_it(tmp_path: Path, store: RunStore) -> None:
    nodes = {**ASK, "b": {"python": "g:broken", "writes": "x"}}
    failed = start(tmp_path, store, nodes, session="me", input=SAID, state=CHAT)
    assert store.session("me", "test", "chat") == []
    start(tmp_path, store, ASK, given={"said": "between"}, session="me", input=SAID, state=CHAT)
    mend(tmp_path)
    done = resume(store, failed)
    assert contents(done.state["chat"]) == ["I say hello"]
    assert contents(store.session("me", "test", "chat")) == ["I say between", "I say hello"]


def test_the_session_can_be_read(tmp_path: Path, store: RunStore) -> None:
    nodes = {"a": {"set": {"x": "{{ run.session | default('none', true) }}"}}}
    assert start(tmp_path, store, nodes, session="me", state=CHAT).state["x"] == "me"
    assert start(tmp_path, store, nodes, state=CHAT).state["x"] == "none"


@pytest.mark.parametrize(
    "state",
    [{"x": {"type": "str", "scope": "session"}}, {"x": {"type": "list[str]", "merge": "append", "scope": "run"}}],
)
def test_other_fields_have_no_scope(tmp_path: Path, state: dict[str, Any]) -> None:
    found = findings(tmp_path, {"a": {"set": {"x": "a"}}}, state=state)
    assert [finding.code for finding in found] == ["wrong_merge"]


def test_a_group_has_no_session(tmp_path: Path) -> None:
    group = {
        "state": {"chat": {"type": "messages", "scope": "session"}},
        "nodes": {"a": {"prompt": "x", "conversation": "chat", "writes": {"chat": "[]"}}},
        "output": ["chat"],
    }
    found = findings(tmp_path, {"g": {**group, "writes": "x"}})
    assert "wrong_merge" in [finding.code for finding in found]
