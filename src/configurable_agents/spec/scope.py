"""The names that the texts of a workflow may read, with their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from configurable_agents.spec.types import STR, Field, ObjectOf, Scalar, Type

RUN = ObjectOf("run", (Field("id", STR), Field("started_at", Scalar("datetime"))))


def scope_of(fields: Mapping[str, Field], files: Iterable[str]) -> dict[str, Type]:
    """Input and state by their names, `run`, and `files` where the workflow has any."""
    scope: dict[str, Type] = {name: field.type for name, field in fields.items()}
    named = tuple(Field(name, STR) for name in files)
    if named:
        scope["files"] = ObjectOf("files", named)
    scope["run"] = RUN
    return scope
