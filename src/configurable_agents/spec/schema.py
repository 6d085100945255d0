"""The workflow language as JSON Schema (draft 2020-12), made from the models that the loader reads files with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configurable_agents.spec import schemawords, words
from configurable_agents.spec.document import GroupBase, document_model
from configurable_agents.spec.nodeshapes import NodeShape
from configurable_agents.spec.schemawords import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# What stands in many places is said once.
_SHARED: Mapping[str, Schema] = {
    "Chain": schemawords.CHAIN,
    "Duration": words.DURATION_SCHEMA,
    "EnvironmentText": schemawords.ENVIRONMENT,
    "ErrorCode": schemawords.CODE,
    "Expression": schemawords.EXPRESSION,
    "Function": schemawords.FUNCTION,
    "Loop": schemawords.LOOP,
    "MemberName": words.MEMBER_NAME_SCHEMA,
    "Model": schemawords.MODEL,
    "Name": words.NAME_SCHEMA,
    "Source": schemawords.SOURCE,
    "Target": schemawords.TARGET,
    "Type": schemawords.TYPE,
}


def document_schema(kinds: Mapping[str, NodeShape[Any]]) -> Schema:
    """The schema of a workflow file in which these kinds of node may stand."""
    schema: Schema = _tidied(document_model(kinds).model_json_schema(by_alias=True))
    definitions = schema.pop("$defs")
    rules = {"FieldRules": schemawords.FIELD_RULES, "StateRules": schemawords.STATE_RULES}
    for name, follows in (("FieldShape", ["FieldRules"]), ("StateShape", rules)):
        long = {**definitions[name], "allOf": [{"$ref": f"#/$defs/{rule}"} for rule in follows]}
        definitions[name] = {"anyOf": [{"$ref": "#/$defs/Type"}, long]}  # the short form is the type alone
    members = schema["properties"]
    members["nodes"]["additionalProperties"] = {"$ref": "#/$defs/Node"}
    members["nodes"]["defaultSnippets"] = schemawords.NODE_SNIPPETS
    definitions["Node"] = _node(kinds)
    for shape in kinds.values():
        of_kind = definitions[shape.Config.__name__]["properties"]
        if GroupBase.model_fields.keys() <= of_kind.keys():  # a group: its keys hold what a file's hold
            of_kind.update({key: {"$ref": f"#/properties/{key}", **of_kind[key]} for key in GroupBase.model_fields})
    definitions["RouteShape"]["defaultSnippets"] = [schemawords.ROUTE_SNIPPET]
    definitions.update({**rules, **_SHARED})
    return {
        "$schema": DIALECT,
        "title": "Configurable Agents workflow",
        **schema,
        "$defs": dict(sorted(definitions.items())),
    }


def _node(kinds: Mapping[str, NodeShape[Any]]) -> Schema:
    """A node: one schema a kind, chosen by its key, so that an editor tells what is wrong with this kind of node."""
    names = {kind: shape.Config.__name__ for kind, shape in kinds.items()}
    return {
        "type": "object",
        # To be offered where there is no kind yet.
        "properties": {kind: {"$ref": f"#/$defs/{name}/properties/{kind}"} for kind, name in names.items()},
        "oneOf": [{"required": [kind]} for kind in kinds],
        "errorMessage": f"A node has the key of exactly one kind: {', '.join(kinds)}.",
        "allOf": [{"if": {"required": [kind]}, "then": {"$ref": f"#/$defs/{name}"}} for kind, name in names.items()],
    }


def _tidied(schema: Any) -> Any:
    """Say what the loader accepts: no null for a key that is left out, no names but names; and no titles to no use."""
    if isinstance(schema, list):
        return [_tidied(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    if isinstance(found.get("title"), str):
        del found["title"]
    if "default" in found and found["default"] in (None, "", {}):
        del found["default"]
    if "patternProperties" in found:
        found.update(_named(found.pop("patternProperties"), found.get("propertyNames", {})))
    ways = [way for way in found.get("anyOf", ()) if way != {"type": "null"}]
    if len(ways) == 1:
        del found["anyOf"]
        found = {**ways[0], **found}
    elif ways:
        found["anyOf"] = ways
    return {key: _tidied(value) for key, value in _by_reference(found).items()}


def _named(patterns: Schema, names: Schema) -> Schema:
    """Values by names, so that an editor can say of a key why it is no name."""
    for known in (words.NAME_SCHEMA, words.MEMBER_NAME_SCHEMA):
        if patterns.keys() == {known["pattern"]}:
            return {"propertyNames": {**known, **names}, "additionalProperties": patterns[known["pattern"]]}
    return {"patternProperties": patterns, "additionalProperties": False}


def _by_reference(schema: Schema) -> Schema:
    """The same, with what is shared named by its reference; a description of its own stays."""
    for name, shared in _SHARED.items():
        said = {key: value for key, value in shared.items() if key != "description"}
        if all(schema.get(key) == value for key, value in said.items()):
            rest = {key: value for key, value in schema.items() if key not in said and shared.get(key) != value}
            return {**rest, "$ref": f"#/$defs/{name}"}
    return schema
