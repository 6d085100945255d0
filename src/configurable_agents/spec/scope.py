"""The names that the texts of a workflow may read, with their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from configurable_agents.spec.types import INT, STR, Field, ObjectOf, OptionalOf, Scalar, Type

RUN = ObjectOf(
    "run",
    (
        Field("id", STR),
        Field("started_at", Scalar("datetime")),
        Field("attempt", INT),
        Field("session", OptionalOf(STR)),
        Field("idempotency_key", STR),
    ),
)
ITEM = ObjectOf("item", (Field("index", INT),))
ERROR = ObjectOf("error", (Field("code", STR), Field("message", STR), Field("node", STR)))


# A name in a scope that stands for any other: where declarations were lost by a mistake, so that nothing is missed.
OPEN = ""


def surrounding_scope(files: Iterable[str]) -> dict[str, Type]:
    """What all texts may read beside fields: `run`, and `files` where the workflow names any."""
    named = tuple(Field(name, STR) for name in files)
    return {"run": RUN, **({"files": ObjectOf("files", named)} if named else {})}


def scope_of(fields: Mapping[str, Field]) -> dict[str, Type]:
    """Fields by their names."""
    return {name: field.type for name, field in fields.items()}
