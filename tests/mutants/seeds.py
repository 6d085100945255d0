"""The right workflows that defects are planted in: every example, and small ones for what no example has."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.fuzz_seeds import SEEDS
from tests.mutants.text import Seed

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"

# Everything in braces, and text that is not ASCII before what may be wrong.
FLOW = """\
version: 2
name: flow
models: {main: {model: demo, timeout: 30s}}
types: {Note: {text: str, grade: "enum[good, bad]", size: {type: int, default: 1}}}
input: {topic: str, tags: {type: "list[str]", default: [a]}, most: {type: int, default: 3}, loud: bool?}
state: {note: Note, text: str, tries: {type: int, merge: add}, kind: "enum[new, old]", done: {type: str, default: "no"}}
output: {text: "text", grade: "note.grade", "tries": tries}
nodes: {
  ask: {description: "é 漢字 👋🏽", prompt: "héllo 👋🏽 about {{ topic | upper }} ({{ most }})", writes: note},
  sort: {prompt: 'Ünsorted, 漢字: {{ note.text }}', when: note.size < most, writes: kind, timeout: 5s},
  fresh: {set: {text: "ñ {{ note.text | trim }} {{ 'é' if note.grade == 'good' else tags | join(', ') }}"}},
  stale: {set: {text: "old {{ topic }}", tries: 1}},
  last: {set: {done: "{% if kind == 'old' %}é {{ text }}{% endif %}"}}
}
edges: [START -> ask -> sort, {from: sort, switch: kind, cases: {new: fresh, old: stale}}, fresh -> last,
  {from: stale, route: [{when: tries < most and note.grade == 'bad', to: ask, max_times: 2}, {else: last}]},
  last -> END]
"""

# Groups in groups and in maps; branches that share nothing, each of two nodes; everything in blocks.
NESTED = """\
version: 2
name: nested  # groups in groups
types:
  Part:
    title: str
    level: enum[basic, deep]
    lines:
      type: list[str]
input:
  subject: str  # 漢字
  parts: list[Part]
  limit:
    type: int
    default: 3
state:
  plan: str
  summary: str
  left: str
  right: str
  texts: list[str]
  both: str
output:
  - both
  - texts
nodes:
  plan:
    prompt: Plan a book about {{ subject }}.
    writes: plan
  chapters:
    for_each: part in parts
    when: part.level == 'deep' and limit > 1
    state:
      draft: str
      checked: str
    nodes:
      write:
        prompt: |
          👋🏽 Write about {{ subject }}: {{ part.title }}.
          {% for line in part.lines %}
          - {{ loop.index }} {{ line | upper }}
          {% endfor %}
        writes: draft
      check:
        state:
          found: str
          verdict: str
        nodes:
          look:
            prompt: >-
              Look at {{ draft }}
            writes: found
          judge:
            prompt: 'Judge {{ found }} by {{ plan }}'
            writes: verdict
        edges:
          - START -> look
          - from: look
            route:
              - when: part.level == 'basic'
                to: judge
              - else: judge
          - judge -> END
        output:
          - verdict
        writes: checked
    output:
      checked: checked
    writes: texts
  left_one:
    set:
      left: "{{ plan }}, left"
  left_two:
    prompt: Shorten {{ left }} to {{ limit }} lines.
    writes: summary
  right_one:
    set:
      right: right
  right_two:
    prompt: Shorten {{ right }}, and mind the {{ parts | length }} parts.
    writes: both
  done:
    set:
      both: "{{ summary }} {{ right }} {{ both }} {{ texts | join(' ') }}"
edges:
  - START -> plan -> chapters
  - chapters -> left_one & right_one
  - left_one -> left_two -> done
  - right_one -> right_two
  - right_two -> done
  - done -> END
"""

# Workflows in nodes, functions, prompts in files.
CALLS = """\
version: 2
name: calls
input:
  topic: str
  numbers: list[int]
state:
  total: int
  mean: float
  text: str
  texts: list[str]
  story: str
  title: str
output: [text, story]
nodes:
  add:
    python: sums:total
    writes: total
  share:
    python: sums:share
    with:
      whole: "{{ total }}"
      parts: 2
    writes: mean
  tell:
    workflow: parts/tell.yaml
    with:
      subject: "{{ topic }}"
      length: "{{ total }}"
    writes: [story, title]
  each:
    for_each: number in numbers
    python: sums:name
    with: {number: "{{ number }}", word: item}
    writes: texts
  ask: {prompt: {file: parts/ask.md}, writes: text}
edges:
  - START -> add -> share
  - share -> tell & each -> ask -> END
"""
TELL = """\
version: 2
name: tell
input:
  subject: str
  length: int
  mood: {type: "enum[sad, happy]", default: happy}
state:
  story: str
  title: {type: str?, maxLength: 80}
nodes:
  write:
    prompt: "Ein {{ mood }} Märchen über {{ subject }}, {{ length }} Zeilen"
    writes: story
  name: {prompt: {file: name.md}, when: mood == 'happy' and length > 3, writes: title}
output: [story, title]
"""
NAME = "Wie heißt {{ story }}?\n{% if mood == 'sad' %}\nÜber {{ subject | title }}.\n{% endif %}\n"
ASK = (
    "👋🏽 About {{ topic }}, {{ total }}, {{ mean | round(2) }}.\n{% for text in texts %}\n- {{ text }}\n{% endfor %}\n"
)
SUMS = '''\
"""Sums."""


def total(numbers: list[int]) -> int:
    return sum(numbers)


async def share(whole: int, parts: int, digits: int = 2) -> float:
    return round(whole / parts, digits)


def name(number: int, word: str) -> str:
    return f"{word} {number}"
'''


@cache
def seeds() -> tuple[Seed, ...]:
    """All of them; the examples come first."""
    small = {"flow": FLOW, "nested": NESTED, **dict(zip(("support", "small", "control"), SEEDS, strict=True))}
    called = {
        "workflow.yaml": CALLS, "parts/tell.yaml": TELL, "parts/name.md": NAME, "parts/ask.md": ASK, "sums.py": SUMS
    }  # fmt: skip
    return (
        *examples(),
        *(Seed(name, {"workflow.yaml": text}) for name, text in small.items()),
        Seed("calls", called),
    )


def examples() -> tuple[Seed, ...]:
    return tuple(
        Seed(folder.name, {
            path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for path in sorted(folder.rglob("*"), key=lambda path: (path.name != "workflow.yaml", path))
            if path.is_file() and "__pycache__" not in path.parts
        })
        for folder in sorted(EXAMPLES.iterdir())
        if folder.is_dir()
    )  # fmt: skip
