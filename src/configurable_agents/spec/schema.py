"""The workflow language as JSON Schema (draft 2020-12), made from the models that the loader reads files with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configurable_agents.spec.document import GroupBase, document_model
from configurable_agents.spec.nodeshapes import NodeShape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document_schema(kinds: Mapping[str, NodeShape[Any]]) -> dict[str, Any]:
    """The schema of a workflow file in which these kinds of node may stand."""
    schema = document_model(kinds).model_json_schema(by_alias=True)
    definitions = schema.pop("$defs")
    _tidy(schema)
    for definition in definitions.values():
        _tidy(definition)
    for name in ("FieldShape", "StateShape"):  # the short form of a field is its type alone
        definitions[name] = {"anyOf": [{"type": "string", "description": "A type."}, definitions[name]]}
    nodes = schema["properties"]["nodes"]
    nodes["patternProperties"] = {pattern: {"$ref": "#/$defs/Node"} for pattern in nodes["patternProperties"]}
    definitions["Node"] = _node(kinds)
    for shape in kinds.values():
        members = definitions[shape.Config.__name__]["properties"]
        if GroupBase.model_fields.keys() <= members.keys():  # a group: its keys hold what a file's hold
            members.update({key: {**schema["properties"][key], **members[key]} for key in GroupBase.model_fields})
    return {"$schema": DIALECT, "title": "Configurable Agents workflow", **schema, "$defs": definitions}


def _node(kinds: Mapping[str, NodeShape[Any]]) -> dict[str, Any]:
    """A node: one schema a kind, chosen by its key, so that an editor tells what is wrong with this kind of node."""
    ways = [
        {"if": {"required": [kind]}, "then": {"$ref": f"#/$defs/{shape.Config.__name__}"}}
        for kind, shape in kinds.items()
    ]
    return {"type": "object", "oneOf": [{"required": [kind]} for kind in kinds], "allOf": ways}


def _tidy(schema: Any) -> None:
    """Say what the loader accepts: no null for a key that is left out, no names but names; and no titles to no use."""
    if isinstance(schema, list):
        for item in schema:
            _tidy(item)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("title"), str):
        del schema["title"]
    if "default" in schema and schema["default"] in (None, "", {}):
        del schema["default"]
    if "patternProperties" in schema:
        schema["additionalProperties"] = False
    ways = [way for way in schema.get("anyOf", ()) if way != {"type": "null"}]
    if len(ways) == 1:
        del schema["anyOf"]
        schema.update(ways[0])
    elif ways:
        schema["anyOf"] = ways
    for value in list(schema.values()):
        _tidy(value)
