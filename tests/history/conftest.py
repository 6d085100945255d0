"""A project of its own for each test: its folder, with its own history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows import functions


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project in which nothing was run yet."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIGURABLE_AGENTS_DATABASE_URL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return functions(tmp_path)


LOOP = """\
version: 2
name: revising
input: {topic: str, good_enough: {type: float, default: 0.8}}
state:
  draft: str
  score: {type: float, minimum: 0, maximum: 1}
  feedback: str
  scores: {type: "list[float]", merge: append}
output: [draft, scores]
nodes:
  write: {prompt: "Write a paragraph about {{ topic }}.", writes: draft}
  judge: {prompt: "Score this draft from 0 to 1, and give feedback. {{ draft }}", writes: [score, feedback]}
  record: {set: {scores: "{{ score }}"}}
  revise: {prompt: "Revise this draft as the feedback asks. {{ draft }} {{ feedback }}", writes: draft}
edges:
  - START -> write -> judge -> record
  - {from: record, route: [{when: score < good_enough, to: revise, max_times: 3}, {else: END}]}
  - revise -> judge
"""

TROUBLE = """\
version: 2
name: trouble
input: {kind: {type: "enum[a, b]", default: a}}
state: {x: any, y: {type: "list[any]", merge: append}, e: str}
nodes:
  begin: {set: {x: 1}}
  maybe: {set: {x: 2}, when: x > 5}
  bad: {python: "f:fail", writes: x}
  catch: {set: {e: "{{ error.code }}"}}
  each:
    for_each: i in range(3)
    on_item_error: skip
    state: {z: any}
    nodes:
      odd: {python: "f:odd_only", with: {x: "{{ i }}"}, writes: z}
      never: {set: {z: 0}, when: z > 5}
    output: [z]
    writes: y
  softly: {python: "f:fail", writes: x, on_error: {set: {x: 3}}}
  last: {python: "f:fail", writes: x}
  unused: {set: {x: 9}}
edges:
  - START -> begin
  - {from: begin, switch: kind, cases: {a: maybe, b: unused}}
  - maybe -> bad
  - {from: bad, route: [{on_error: timeout, to: unused}, {on_error: any, to: catch}, {else: each}]}
  - catch -> each -> softly -> last -> END
  - unused -> END
"""


@pytest.fixture
def revising(project: Path) -> Path:
    """A workflow that asks a model in a loop."""
    path = project / "revising.yaml"
    path.write_text(LOOP, "utf-8")
    return path


@pytest.fixture
def trouble(project: Path) -> Path:
    """A workflow in which much fails and is skipped; in the end it fails."""
    path = project / "trouble.yaml"
    path.write_text(TROUBLE, "utf-8")
    return path
