"""The tables of the language reference, from the models that the loader reads files with."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.fields import FieldInfo

from configurable_agents.builtins.nodes.prompt import TurnShape
from configurable_agents.plugins.models import Role
from configurable_agents.plugins.registry import node_kinds
from configurable_agents.spec import document, edgeshapes, nodeshapes, shapes
from configurable_agents.spec.filters import text_of
from configurable_agents.spec.jinja import FILTERS
from configurable_agents.spec.jsonschema import json_schema
from configurable_agents.spec.scope import RUN
from configurable_agents.spec.templates import parse_expression
from configurable_agents.spec.types import RULES, SCALARS, Field, ObjectOf, parse_type
from configurable_agents.spec.words import RESERVED, Duration, Name, Number
from tools.docs.examples import FILTER_EXAMPLES, TEST_EXAMPLES, TYPE_WORDS

# What the annotations of the models are called, one and several; the first that is equal is taken.
_WORDS: tuple[tuple[Any, str, str], ...] = (
    (Name, "a name", "names"),
    (Duration, "a duration", "durations"),
    (Number, "a number", "numbers"),
    (edgeshapes.Target, "a target, or `{fail: message}`", "targets, or `{fail: message}`"),
    (edgeshapes.Edge, "an [edge](#edges)", "[edges](#edges)"),
    (shapes.Text, "a template, or `{file: path}`", "templates, or `{file: path}`"),
    (shapes.Template, "a template", "templates"),
    (shapes.Expression, "an expression", "expressions"),
    (shapes.EnvironmentText, "text, in which `${NAME}` is read", "texts, in which `${NAME}` is read"),
    (shapes.Values, "a mapping of names to values; texts in them are templates", ""),
    (nodeshapes.Loops, "`x in xs`, or a list of such", ""),
    (nodeshapes.OnError, "`fail` or `{set: {field: value}}`", ""),
    (nodeshapes.OnItemError, "`fail`, `skip` or `{collect: field}`", ""),
    (document.Merge, "`replace`, `append`, `update`, `add`, `messages` or `{python: module:function}`", ""),
    (nodeshapes.RetryShape, "[retry](#retry)", ""),
    (document.KeepShape, "`{last: n}` or `{tokens: n}`", ""),
    (document.DefaultsShape, "[defaults](#defaults)", ""),
    (document.LlmDefaults, "a mapping of the keys below", ""),
    (Role, "`system`, `user` or `assistant`", ""),
    (str, "text", "texts"),
    (int, "an integer", "integers"),
    (float, "a number", "numbers"),
    (bool, "`true` or `false`", ""),
    (Any, "any value", "any values"),
    # The mappings of the file that have a section of their own in the reference.
    (document.FieldShape, "a [field](#types-and-fields)", "[fields](#types-and-fields)"),
    (document.StateShape, "a [field](#state)", "[fields](#state)"),
    (document.ModelShape, "a [model](#models)", "[models](#models)"),
    (document.LimitsShape, "[limits](#limits)", ""),
    (edgeshapes.RuleShape, "a [rule](#routes)", "[rules](#routes)"),
    (TurnShape, "a [message](#messages)", "[messages](#messages)"),
)

SHAPES: Mapping[str, type[shapes.Shape]] = {
    "workflow": document.DocumentBase,
    "field": document.FieldShape,
    "model": document.ModelShape,
    "limits": document.LimitsShape,
    "llm": document.LlmDefaults,
    "retry": nodeshapes.RetryShape,
    "route": edgeshapes.RouteShape,
    "rule": edgeshapes.RuleShape,
    "switch": edgeshapes.SwitchShape,
    "node": nodeshapes.NodeConfig,
    "message": TurnShape,
}


def table(name: str) -> str:
    """The table of a marker in the reference's text.

    Raises:
        KeyError: there is none of this name.
    """
    if name.startswith("node "):
        return _node(name.removeprefix("node "))
    if name.startswith("keys of "):
        shape = SHAPES[name.removeprefix("keys of ")]
        # JSON Schema's words have a table of their own; a field of the state has one key more than others.
        return _keys(shape, without=tuple(RULES) if shape is document.FieldShape else ())
    return _TABLES[name]()


def in_words(annotation: Any, *, several: bool = False) -> str:
    """What a person may write where the models have this annotation.

    Raises:
        KeyError: there are no words for it yet.
    """
    for known, one, many in _WORDS:
        if annotation == known:
            return many if several else one
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return in_words(arguments[0], several=several)
    if origin is typing.Literal:
        return _listed([f"`{value}`" for value in arguments])
    if origin in (typing.Union, types.UnionType):
        return _listed([in_words(member, several=several) for member in arguments if member is not type(None)])
    if origin is list:
        return f"{'lists' if several else 'a list'} of {in_words(arguments[0], several=True)}"
    if origin is dict:
        keys = in_words(arguments[0], several=True)
        return f"{'mappings' if several else 'a mapping'} of {keys} to {in_words(arguments[1], several=True)}"
    raise KeyError(f"no words for {annotation}")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


_NODES = "a mapping of names to [nodes](#nodes)"


def _keys(shape: type[shapes.Shape], without: tuple[str, ...] = ()) -> str:
    hints = typing.get_type_hints(shape, include_extras=True)
    rows = []
    for name, info in shape.model_fields.items():
        if name in without:
            continue
        # The nodes are added for the kinds there are, so the base model knows nothing of them.
        words = _NODES if name == "nodes" else _constrained(in_words(hints[name]), info)
        meaning = info.description or "The nodes by name; each has the key of exactly one kind."
        default = "(required)" if name == "nodes" else _default(info)
        rows.append((f"`{info.alias or name}`", words, default, meaning))
    return markdown_table(("key", "takes", "default", "means"), rows)


def _constrained(said: str, info: FieldInfo) -> str:
    bounds = {type(mark).__name__: mark for mark in info.metadata}
    least, most = bounds.get("Ge"), bounds.get("Le")
    if least is not None and most is not None:
        return f"{said} from {least.ge} to {most.le}"
    return f"{said}, at least {least.ge}" if least is not None and least.ge else said


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "(required)"
    value = info.get_default(call_default_factory=True, validated_data={})
    return f"`{text_of(value)}`" if value not in (None, "", {}, []) and isinstance(value, str | int | float) else ""


def node_names() -> list[str]:
    """The kinds of node of this project, without those of plugins that happen to be installed."""
    return [name for name, kind in node_kinds().items() if type(kind).__module__.startswith("configurable_agents.")]


def _node(name: str) -> str:
    """What a kind of node does, and the keys it has beside those of every kind."""
    kind = node_kinds()[name]
    summary = kind.summary[0].upper() + kind.summary[1:]
    return f"{summary}.\n\n{_keys(kind.Config, tuple(nodeshapes.NodeConfig.model_fields))}"


def _types() -> str:
    nested = {"Order": ObjectOf("Order", (Field("id", parse_type("int")), Field("note", parse_type("str?"))))}
    rows = []
    for text, words in TYPE_WORDS.items():
        schema = json.dumps(json_schema(parse_type(text, nested.get)))
        rows.append((f"`{text}`", words, f"`{schema}`"))
    missing = set(SCALARS) - set(TYPE_WORDS)
    if missing:
        raise KeyError(f"types without words: {missing}")
    return markdown_table(("type", "values", "in JSON Schema"), rows)


def _rules() -> str:
    words = {name: info.description or "" for name, info in document.FieldShape.model_fields.items()}
    rows = [(f"`{rule}`", _listed([f"`{kind}`" for kind in kinds]), words[rule]) for rule, kinds in RULES.items()]
    return markdown_table(("word", "for", "means"), rows)


def _filters() -> str:
    missing, unknown = FILTERS - set(FILTER_EXAMPLES), set(FILTER_EXAMPLES) - FILTERS
    if missing or unknown:
        raise KeyError(f"filters without examples: {missing}; examples of no filter: {unknown}")
    rows = []
    for name, (expression, words) in sorted(FILTER_EXAMPLES.items()):
        value = parse_expression(expression).evaluate({})
        rows.append((f"`{name}`", words, f"`{expression}`", f"`{json.dumps(value, ensure_ascii=False)}`"))
    return markdown_table(("filter", "gives", "example", "is"), rows)


def _tests() -> str:
    rows = []
    for expression, words in TEST_EXAMPLES.items():
        value = parse_expression(expression).evaluate({})
        rows.append((f"`{expression}`", f"`{json.dumps(value)}`", words))
    return markdown_table(("example", "is", "means"), rows)


def _reserved() -> str:
    return ", ".join(f"`{name}`" for name in RESERVED)


def _run() -> str:
    return ", ".join(f"`run.{field.name}` (`{field.type}`)" for field in RUN.fields)


_TABLES = {
    "types": _types,
    "rules": _rules,
    "filters": _filters,
    "tests": _tests,
    "reserved": _reserved,
    "run": _run,
}


def markdown_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table in GitHub's Markdown; a `|` in a cell is escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
