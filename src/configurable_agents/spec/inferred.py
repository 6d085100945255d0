"""What is found out about a text: the type of its value, the names it reads, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from configurable_agents.spec.types import STR, Type


@dataclass(frozen=True, slots=True)
class Read:
    """A name that a text reads. `guarded`: only through `is defined` or `default`, which stand an unset field.

    `chosen`: only where some condition holds, which may well say that the field is set.
    """

    name: str
    offset: int
    guarded: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a text, by its offset in it."""

    code: str
    message: str
    hint: str
    offset: int
    width: int


@dataclass(slots=True)
class Inferred:
    """The outcome: the type of the value, the names read, and what is wrong."""

    type: Type = STR
    reads: list[Read] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
