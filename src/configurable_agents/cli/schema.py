"""`schema`: the workflow language as JSON Schema, for editors."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of workflow files.

    Editors complete and check files by it.

    Save it and name it in a file's first line: # yaml-language-server: $schema=workflow.schema.json
    """
    print(schema_text())


def schema_text() -> str:
    """The JSON Schema of workflow files with the kinds of node that are installed, plugins included."""
    from configurable_agents.plugins.registry import node_kinds
    from configurable_agents.spec.schema import document_schema

    return json.dumps(document_schema(node_kinds()), indent=2, ensure_ascii=False)
