"""What the merge of a field means before anything is merged: what it begins with, and what a write to it gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configurable_agents.spec.types import ANY, MISSING, STR, Field, ListOf, OptionalOf, Type


def initial_value(a_field: Field) -> Any:
    """What a field of the state holds before anything is written; MISSING for nothing."""
    if a_field.default is not MISSING:
        return a_field.default
    if isinstance(a_field.type, OptionalOf):
        return None
    empty: Mapping[str, Any] = {"append": [], "messages": [], "update": {}, "add": 0}
    return empty.get(a_field.merge, MISSING)


def written_type(a_field: Field) -> Type:
    """The type of what a write to the field gives.

    An item for `append`, text for a conversation, anything for a function that merges, else the field's own type.
    """
    if a_field.merge == "python":
        return ANY
    if a_field.merge == "messages":
        return STR
    bare = a_field.type.of if isinstance(a_field.type, OptionalOf) else a_field.type
    if a_field.merge == "append" and isinstance(bare, ListOf):
        return bare.item
    return a_field.type
