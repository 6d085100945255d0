"""`schema`: the workflow language as JSON Schema, for editors."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of workflow files, for editors to complete and check them.

    Save it and name it in a file's first line: # yaml-language-server: $schema=workflow.schema.json
    """
    from configurable_agents.plugins.registry import node_kinds
    from configurable_agents.spec.schema import document_schema

    print(json.dumps(document_schema(node_kinds()), indent=2, ensure_ascii=False))
