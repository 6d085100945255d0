"""Right workflows, together with most of what the language has, for tests to change at random."""

from __future__ import annotations

SUPPORT = """\
version: 2
name: support  # a comment
description: 'Answers tickets, it''s said: 👋'
models:
  main: {model: openai/gpt-5-mini, temperature: 0.2, timeout: 60s, api_key: "${OPENAI_API_KEY}"}
types:
  Order: {id: int, total: float, tags: "list[str]?"}
input:
  ticket: {type: str, minLength: 1, maxLength: 5000}
  orders: {type: "list[Order]", default: []}
state:
  topic: enum[billing, technical, other]
  sure: {type: float, minimum: 0, maximum: 1}
  seen: {type: "list[str]", merge: append}
  counts: {type: "dict[str, int]", merge: update, default: {}}
  reply: {type: str, default: ''}
  later: date?
  second: str?
output:
  answer: reply
  topics: seen | join(', ')
nodes:
  triage:
    prompt: "What is this about? {{ ticket }}"
    model: main
    writes: topic
  answer:
    system: You are kind.
    prompt: |
      Answer "{{ ticket }}".
      {% for order in orders if order.total > 3 %}
      - {{ order.id }}: {{ order.tags | default([], true) | join(', ') }}
      {% endfor %}
    writes: [reply, sure]
  note:
    set: {seen: "{{ topic }}", counts: {a: 1}}
  talk:
    messages:
      - {role: system, content: Be short.}
      - role: user
        content: >-
          Is {{ reply }}
          true?
    writes: {second: result | upper}
edges:
  - START -> triage
  - from: triage
    switch: topic
    cases: {billing: note, technical: answer & talk}
    else: answer
  - answer & talk -> note
  - from: note
    route:
      - {when: "'x' in seen and counts | length > 3", to: triage, max_times: 2}
      - {when: later is defined, to: {fail: "No: {{ seen }}"}}
      - {else: END}
limits: {max_steps: 20}
"""

SMALL = """\
version: 2
name: small
input: {n: {type: int, default: 2}, words: {type: "list[str]", default: [b, a]}}
state: {sum: {type: int, merge: add}, out: any, text: str?}
nodes:
  a: {set: {sum: "{{ n * 2 }}", out: "{{ words | sort }}"}}
  b: {set: {text: "{{ words[0] ~ n }}"}}
  c:
    set:
      out: |
        {% if text %}{{ text | upper }}{% else %}none{% endif %}
        {{ {"a": [n, true, null]} }}
edges:
  - START -> a & b -> c
  - {from: c, route: [{when: sum < 10, to: a & b, max_times: 3}, {else: END}]}
"""

CONTROL = """\
version: 2
name: control
models: {main: {model: demo}}
defaults: {llm: {temperature: 0.5, retry: {attempts: 2, backoff: 1ms, for: [timeout]}}}
types:
  File: {path: str, size: {type: int, default: 3}}
input:
  files: {type: "list[File]", default: [{path: a}, {path: b, size: 9}]}
state:
  found: {type: "list[str]", merge: append}
  failures: list[ItemError]
  talk: {type: messages, keep: {last: 4}}
  texts: list[str]
  reply: str
  n: {type: int, merge: add}
output: [found, texts, reply, n]
nodes:
  look:
    for_each: [file in files, "word in ['x', 'y']"]
    concurrency: 2
    when: file.size > 1
    set: {found: "{{ word }} in {{ file.path }}, {{ item.index }}"}
    on_item_error: {collect: failures}
  chapters:
    for_each: file in files
    with: {title: "{{ file.path | upper }}"}
    state: {draft: {type: str, default: ""}, done: bool?}
    nodes:
      write: {prompt: "Write about {{ title }}.", writes: draft}
      check: {set: {done: true}, when: draft != ''}
    edges:
      - START -> write
      - {from: write, route: [{on_error: any, to: check}, {else: check}]}
      - check -> END
    output: [draft]
    timeout: 10s
    writes: texts
  ask:
    prompt: Say more. {{ texts | length }}
    conversation: talk
    returns: str
    on_error: {set: {reply: "{{ error.code }}"}}
    writes: reply
  count:
    set: {n: 1}
edges:
  - START -> look & chapters -> ask
  - from: ask
    route:
      - {on_error: timeout, to: ask, max_times: 2}
      - {when: n < 2, to: count, max_times: 3}
      - {else: END}
  - count -> ask
limits: {max_steps: 20, timeout: 1m, max_parallel: 8, max_depth: 3}
"""

SEEDS = (SUPPORT, SMALL, CONTROL)
