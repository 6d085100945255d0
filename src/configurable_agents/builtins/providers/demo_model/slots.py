"""A place in a reply that a value is wanted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from configurable_agents.builtins.providers.demo_model import facts
from configurable_agents.builtins.providers.demo_model.reading import Reading


@dataclass(frozen=True, slots=True)
class Slot:
    """A property or an item that needs a value.

    `text` is the part of the prompt that it speaks of, `known` what was already found there, by name or by
    kind of fact; `index` counts the items of a list. An `optional` slot may stay empty: it gets None where
    the text is silent.
    """

    reading: Reading
    name: str
    text: str
    description: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    index: int | None = None
    optional: bool = False
    alone: bool = False

    def to(self, **changes: Any) -> Slot:
        return replace(self, **changes)

    @property
    def kind(self) -> str:
        """The kind of fact that the name, or else the description, speaks of."""
        return facts.kind_of(self.name)

    @property
    def fact(self) -> Any:
        """What is known of the slot, or stands after its name in the text; None if nothing does."""
        found = self.known.get(self.name.lower(), self.known.get(self.kind))
        return found if found is not None else facts.labelled(self.name, self.text) or None
