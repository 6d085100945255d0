"""What people and models often write instead: a key's name in other tools, and what it is called here."""

from __future__ import annotations

from collections.abc import Iterable

from configurable_agents.spec.suggest import Suggestion, did_you_mean, nearest

_EVERYWHERE = {
    "type": "A node's kind is its key: prompt, python, set.",
    "kind": "A node's kind is its key: prompt, python, set.",
}

_INSTEAD: dict[str, dict[str, str]] = {
    "a workflow": {
        "steps": "nodes", "tasks": "nodes", "agents": "nodes", "flow": "name", "id": "name",
        "schema_version": "version: 2",
        "vars": "state", "variables": "state", "schema": "types", "entry": "edges: [START -> node]",
        "start": "edges: [START -> node]", "entry_point": "edges: [START -> node]", "result": "output", "llm": "models",
        "transitions": "edges", "parameters": "input", "params": "input", "args": "input", "settings": "limits",
    },
    "a node": {
        "output": "writes", "outputs": "writes", "output_key": "writes", "result": "writes", "save_to": "writes",
        "store": "writes", "write": "writes", "to": "writes", "depends_on": "edges: [other -> node]",
        "needs": "edges: [other -> node]", "after": "edges: [other -> node]", "next": "edges: [node -> other]",
        "goto": "edges: [node -> other]", "if": "a route with when", "condition": "a route with when",
        "foreach": "for_each: x in xs", "map": "for_each: x in xs", "loop": "for_each: x in xs",
        "retries": "retry: {attempts: 3}", "max_retries": "retry: {attempts: 3}", "fallback": "on_error: {set: …}",
        "skip_if": "when", "parallel": "concurrency", "max_concurrency": "concurrency", "subgraph": "nodes",
        "llm": "model", "inputs": "with", "input": "with", "args": "with", "params": "with", "parameters": "with",
        "instructions": "system", "system_prompt": "system", "user": "prompt", "template": "prompt", "text": "prompt",
        "function": "python: module:function", "func": "python: module:function", "code": "python: module:function",
        "max_output_tokens": "max_tokens", "output_schema": "writes (the types of the fields are the schema)",
    },
    "a rule": {
        "if": "when", "condition": "when", "goto": "to", "target": "to", "then": "to", "next": "to", "default": "else",
        "catch": "on_error", "error": "on_error",
        "max_iterations": "max_times", "max": "max_times", "limit": "max_times", "otherwise": "else",
    },
    "a route": {"rules": "route", "routes": "route", "conditions": "route", "source": "from", "to": "edges: [a -> b]"},
    "a switch": {"on": "switch", "value": "switch", "case": "cases", "default": "else", "source": "from"},
    "a model": {
        "name": "model", "provider": "model: provider/name", "base_url": "api_base", "url": "api_base",
        "key": "api_key", "token": "api_key", "max_output_tokens": "max_tokens", "temp": "temperature",
    },
    "retry": {
        "times": "attempts", "max_attempts": "attempts", "count": "attempts", "delay": "backoff", "wait": "backoff",
        "max_delay": "max_backoff", "on": "for", "codes": "for",
    },
    "limits": {"steps": "max_steps", "time": "timeout", "max_time": "timeout", "concurrency": "max_parallel"},
    "a text file": {"path": "file", "name": "file", "filename": "file", "template": "file", "src": "file"},
    "a field": {
        "min": "minimum", "max": "maximum", "min_length": "minLength", "max_length": "maxLength", "desc": "description",
        "required": "a type with ? for what may be missing", "optional": "a type with ?", "reducer": "merge",
        "enum": "type: enum[a, b]", "items": 'type: "list[T]"', "properties": "a name under types", "format": "pattern",
    },
}  # fmt: skip

# What may be meant otherwise, too: `to: next_node`, the least length of a text.
_UNSURE = frozenset({("a node", "to"), ("a field", "min"), ("a field", "max")})


def meant_key(key: str, called: str, known: Iterable[str]) -> str | None:
    """What an unknown key of `called` (`a prompt node`, `a rule`) was meant to be: its name here, or the nearest."""
    near = nearest(key, known)
    return _INSTEAD.get(_group(called), {}).get(key, near)


def hint_for_key(key: str, called: str, known: Iterable[str]) -> str:
    """How to mend an unknown key."""
    listed = list(known)
    meant = meant_key(key, called, listed)
    group = _group(called)
    if meant is not None and key not in _INSTEAD.get(group, {}):
        return did_you_mean(key, listed)
    if meant is not None:
        hint = f"Did you mean '{meant}'?" if meant == nearest(key, listed) else f"Here it is written {meant}."
        return Suggestion(hint, key, meant) if meant in listed and (group, key) not in _UNSURE else hint
    if group == "a node" and key in _EVERYWHERE:
        return _EVERYWHERE[key]
    return f"There is {', '.join(listed)}."


def _group(called: str) -> str:
    return "a node" if called.endswith(" node") else "a field" if called.startswith("a field") else called
