r"""The small languages in a file's texts, as JSON Schema: types, edges, loops, functions, references, codes.

A schema accepts whatever the loader does. Its patterns are read by the engines of many editors, so they keep to what
all of these mean alike: the end is `$(?!\n)`, for Python's `$` stands before a last newline too; and what may be a
letter of any alphabet is told by what it is not, for to some `\w` is ASCII alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configurable_agents.codes import GROUPS
from configurable_agents.spec.words import NAME, NOT_RESERVED

Schema = dict[str, Any]

_END = r"$(?!\n)"
# Python's idea of white space has a few more characters than that of editors.
_S = r"[\s\x1c-\x1f\x85]*"
_LETTERS = r"[^\s!-/:-@\[-^`{-~]*"  # letters and digits of any alphabet, and _
_WORD_END = r"(?![A-Za-z0-9_])"


def text(pattern: str, message: str, **more: Any) -> Schema:
    """A text that matches a pattern; `message` is what editors say of one that does not."""
    return {"type": "string", "pattern": pattern, "patternErrorMessage": message, **more}


def choice(words: Mapping[str, str]) -> Schema:
    """One of these words; what each means is shown beside it."""
    return {"oneOf": [{"const": word, "description": meaning} for word, meaning in words.items()]}


def _offered(words: Mapping[str, str], *examples: str) -> list[Schema]:
    """What editors offer for a text that its pattern checks: the last of these is whatever matches that."""
    return [*choice(words)["oneOf"], {"examples": list(examples)} if examples else {}]


# ------------------------------------------------------------------------------------------------------------- types

TYPE_WORDS = {
    "str": "Text.",
    "int": "A whole number.",
    "float": "A number.",
    "bool": "true or false.",
    "any": "Any value. Nothing is checked of it.",
    "date": "A date like 2026-01-31.",
    "datetime": "A date and time like 2026-01-31T12:00:00Z.",
    "messages": "A conversation: a list of messages, each with a role and a content.",
    "ItemError": "What went wrong with one item of a map: index, code, message, item.",
}

_TYPE_DEPTH = 6


def _type_pattern() -> str:
    values = r"[^\],]*[^\],\s][^\],]*"
    inner = r"[\s\S]*"  # deeper than this a pattern does not look; the loader does
    for _ in range(_TYPE_DEPTH):
        of = rf"(?:list{_S}\[|dict{_S}\[{_S}str{_S},){inner}\]"
        enum = rf"enum{_S}\[{values}(?:,{values})*\]"
        inner = rf"{_S}(?:{of}|{enum}|[A-Za-z_][A-Za-z0-9_]*){_S}(?:\?{_S})*"
    return f"^{inner}{_END}"


TYPE = text(
    _type_pattern(),
    "A type is a word like str, a name under types, list[T], dict[str, T], enum[a, b], or T? for one that may be null.",
    anyOf=_offered(TYPE_WORDS, "list[str]", "dict[str, int]", "enum[low, high]", "str?"),
)


def if_type(words: str) -> Schema:
    """That the type of a field is one of these, or may be null besides; `list` and `dict` stand for all of theirs.

    A name under `types` may be any word that is not the language's, so bare `list` is none.
    """
    ways = [rf"{word}{_S}\[" if word in ("list", "dict", "enum") else word + _WORD_END for word in words.split()]
    return {"properties": {"type": {"type": "string", "pattern": f"^{_S}(?:{'|'.join(ways)})"}}}


def _implied(key: str, types: str, value: Schema | None = None) -> Schema:
    """A key, where it is there and its value is such, needs one of these types."""
    return {
        "if": {"required": [key], "properties": {key: value or {}}},
        "then": {**if_type(types), "required": ["type"]},
    }


_DEFAULTS = {
    "str date datetime enum": "string",
    "int float": "number",
    "bool": "boolean",
    "list messages": "array",
    "dict": "object",
}

# What the words of a field have to do with its type.
FIELD_RULES: Schema = {
    "allOf": [
        *(_implied(rule, "int float") for rule in ("minimum", "maximum")),
        *(_implied(rule, "str") for rule in ("minLength", "maxLength", "pattern")),
        *(_implied(rule, "list messages") for rule in ("minItems", "maxItems")),
        *(
            {
                "if": {"required": ["type"], **if_type(types)},
                "then": {"properties": {"default": {"type": [kind, "null"]}}},
            }
            for types, kind in _DEFAULTS.items()
        ),
    ]
}

# And what merging and keeping have to do with it.
STATE_RULES: Schema = {
    "allOf": [
        _implied("merge", "list any", {"const": "append"}),
        _implied("merge", "dict any", {"const": "update"}),
        _implied("merge", "int float any", {"const": "add"}),
        _implied("merge", "messages", {"const": "messages"}),
        _implied("keep", "messages"),
        _implied("scope", "messages"),
        {"if": {"required": ["keep"]}, "then": {"properties": {"merge": {"const": "messages"}}}},
        {"if": {"required": ["scope"]}, "then": {"properties": {"merge": {"const": "messages"}}}},
    ]
}

MERGE = choice(
    {
        "replace": "What is written takes the place of what is there. This is the default.",
        "append": "For lists: adds an item, or all items of a list.",
        "update": "For dicts: adds the pairs, and replaces those of the same key.",
        "add": "For numbers: adds up.",
        "messages": "For conversations, and their default: adds messages, or replaces those of the same id.",
    }
)

# ------------------------------------------------------------------------------------------------------------- edges

_NODE = rf"(?!__){NOT_RESERVED}[A-Za-z_][A-Za-z0-9_]*"
_SEVERAL = rf"{_NODE}(?:{_S}&{_S}{_NODE})*"
_TARGET = rf"{_S}(?:END|{_SEVERAL}){_S}"

CHAIN = text(
    rf"^{_S}(?:START|{_SEVERAL}){_S}->(?:{_S}{_SEVERAL}{_S}->)*{_TARGET}{_END}",
    "An edge is written a -> b, or a -> b & c -> d; the first begins at START, the last leads to END.",
    description="An edge, or several in a row.",
    examples=["START -> first", "a -> b & c -> d", "last -> END"],
)
TARGET = text(
    rf"^{_TARGET}{_END}",
    "A target is a node, several joined by & (which then run in parallel), or END.",
    description="A node, several (`a & b`), or END.",
)
SOURCE = text(rf"^{_S}(?:START|{_NODE}){_S}{_END}", "This is the name of a node, or START.", description="A node.")

_FROM_START = {"type": "string", "pattern": rf"^{_S}START{_WORD_END}"}

EDGES: Schema = {
    "minItems": 1,
    "contains": {
        "anyOf": [
            _FROM_START,
            {
                "type": "object",
                "required": ["from"],
                "properties": {"from": {"anyOf": [_FROM_START, {"type": "array", "contains": _FROM_START}]}},
            },
        ]
    },
    "errorMessage": "An edge leaves START, as in: START -> first",
}

# A rule holds by `when`, or by `on_error`; or it is the last, with `else` alone.
RULE: Schema = {
    "oneOf": [
        {"required": ["when", "to"], "not": {"required": ["else"]}},
        {"required": ["on_error", "to"], "not": {"required": ["else"]}},
        {"required": ["else"], "maxProperties": 1},
    ],
    "errorMessage": "A rule is {when, to}, {on_error, to}, or {else} as the last.",
}

# Where to go when no node fails.
ROUTE: Schema = {"contains": {"not": {"required": ["on_error"]}}}

# Where editors offer more than one key at a time.
NODE_SNIPPETS = [
    {
        "label": "a node that asks a model",
        "description": "A prompt, and the field that the reply goes to.",
        "body": {"${1:name}": {"prompt": "${2:What is …?}", "writes": "${3:field}"}},
    },
    {
        "label": "a node for each item of a list",
        "description": "A map: one prompt an item; the field is a list of the replies.",
        "body": {"${1:name}": {"for_each": "${2:x} in ${3:xs}", "prompt": "${4:What is …?}", "writes": "${5:field}"}},
    },
]
ROUTE_SNIPPET = {
    "label": "a route",
    "description": "The first rule that holds decides.",
    "body": {
        "from": "${1:node}",
        "route": [{"when": "${2:condition}", "to": "${3:node}"}, {"else": "${4:END}"}],
    },
}

# ------------------------------------------------------------------------------------------------------------- texts

# `true` and `3` are expressions, which YAML reads as what they are.
EXPRESSION: Schema = {
    "type": ["string", "boolean", "number"],
    "pattern": r"^(?![\s\S]*(?:\{\{|\{%))[\s\S]*\S",
    "patternErrorMessage": "An expression stands here, which takes no braces.",
}

LOOP = text(
    rf"^{_S}{_NODE}[\s\x1c-\x1f\x85]+in[\s\x1c-\x1f\x85]+"
    rf"(?![\s\S]*(?:\{{\{{|\{{%))(?![\s\S]*,\s*[A-Za-z0-9_]+\s+in\s+[A-Za-z0-9_])[\s\S]*\S",
    "A loop is written x in xs, where xs is an expression; several are a list: [a in as, b in bs].",
    description="`x in xs`: x is each of the items of the list xs.",
    examples=["x in xs"],
)

ENVIRONMENT = text(
    rf"^(?![\s\S]*\{{\{{)(?:[^$]|\$(?!\{{)|\$\{{[A-Za-z_]{_LETTERS}(?::-[^}}]*)?\}})*{_END}",
    "The environment is read by ${NAME}, or ${NAME:-default}; no template stands here.",
)

FUNCTION = text(
    rf"^[A-Za-z_]{_LETTERS}(?:\.{_LETTERS})*:[A-Za-z_]{_LETTERS}{_END}",
    "A function is written module:function.",
)

MODEL = text(
    rf"/|{NAME}",
    "A model is an alias under models, provider/model, auto or demo.",
    examples=["auto", "demo", "openai/gpt-5-mini", "ollama_chat/llama3.2"],
)

# ------------------------------------------------------------------------------------------------------------- codes

# The groups of what happens in a run, and what else a node may fail with; the others are known, but not offered.
_FAILURES = ("Python functions", "Models", "Runs")
_FURTHER = ("items_failed", "template_error", "unset_field", "write_type")


def _codes() -> Schema:
    known = {code: meaning for group in GROUPS.values() for code, meaning in group.items()}
    offered = {code: meaning for name in _FAILURES for code, meaning in GROUPS[name].items()}
    offered.update({code: known[code] for code in _FURTHER})
    return text(
        rf"^(?:any|{'|'.join(known)}){_END}",
        "No error has this code. docs/errors.md lists them; any is every one.",
        anyOf=_offered({"any": "Every error.", **offered}),
    )


CODE = _codes()
