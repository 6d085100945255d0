"""`nodes`: the kinds of node that are installed, with their keys."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def nodes(
    kind: Annotated[str | None, typer.Argument(help="One kind, with what each of its keys is for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a kind.")] = False,
) -> None:
    """List the kinds of node, plugins included."""
    from configurable_agents.errors import UsageError
    from configurable_agents.plugins.registry import node_kinds
    from configurable_agents.spec.suggest import did_you_mean

    kinds = node_kinds()
    if kind is not None and kind not in kinds:
        raise UsageError("unknown_kind", f"There is no kind of node '{kind}'.", did_you_mean(kind, kinds))
    for name, found in kinds.items():
        if kind not in (None, name):
            continue
        members = {info.alias or key: info for key, info in found.Config.model_fields.items()}
        if as_json:
            keys = [
                {"key": key, "required": info.is_required(), "description": info.description or ""}
                for key, info in members.items()
            ]
            print(json.dumps({"kind": name, "summary": found.summary, "keys": keys}, ensure_ascii=False))
        elif kind is None:
            others = ", ".join(key for key in members if key != name)
            print(f"{name:<10} {found.summary}\n{'':<10} also: {others}")
        else:
            print(f"{name}: {found.summary}\n")
            for key, info in members.items():
                print(f"  {key}{' (required)' if info.is_required() else ''}\n      {info.description}")
