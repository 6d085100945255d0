"""How long texts are that are not known yet: at least, likely and at most, in tokens."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from configurable_agents.planning.amounts import INF
from configurable_agents.spec.types import DictOf, EnumOf, ListOf, ObjectOf, OptionalOf, Scalar, Type

Count = Callable[[str], int]  # the tokens of a text

# What is taken to be likely where nothing is known: tokens of a text, of one among others, and items of a list.
TEXT_TOKENS, PART_TOKENS, ITEMS = 200, 30, 3

# The longest forms of numbers and dates that are reckoned with.
_LONGEST = {
    "int": "-9223372036854775808",
    "float": "-1.7976931348623157e+308",
    "date": "2026-12-31",
    "datetime": "2026-12-31T23:59:59.999999+00:00",
}
_LIKELY = {"int": "42", "float": "0.85", "date": "2026-12-31", "datetime": "2026-12-31T12:30:00"}
_SHORTEST = {"int": "0", "float": "0", "date": "2026-12-31", "datetime": "2026-12-31T12:30:00"}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why there is no bound: the field that has none (or the key that is missing), and how to give it one."""

    field: str
    why: str
    hint: str


# A text that a model writes has no most for the reason that its node has none: that is told of the node.
TOLD_ELSEWHERE = Cause("", "", "")


@dataclass(frozen=True, slots=True)
class Extent:
    """The length of a text: `short` is as short as it may be, `likely` and `most` are tokens.

    `causes` are why there is no most.
    """

    short: str = ""
    likely: float = 0.0
    most: float = 0.0
    causes: tuple[Cause, ...] = ()

    def within(self, most: float) -> Extent:
        """The same text, which has no more than so many tokens for another reason."""
        if most >= self.most:
            return self
        return Extent(self.short, min(self.likely, math.ceil(most / 2)), most)

    def part_of(self, other: Extent) -> Extent:
        """The same text, which is a part of another: where neither has a most, it is for the reason of that."""
        if other.causes and self.causes:
            return Extent(self.short, self.likely, self.most, other.causes)
        return self.within(other.most)


# A text in parts, of which some are known.
Part = str | Extent


def whole(parts: Iterable[Part], count: Count) -> Extent:
    """The extent of a text from those of its parts."""
    known, short, likely, most = "", "", 0.0, 0.0
    causes: dict[Cause, None] = {}
    for part in [*parts, Extent()]:
        if isinstance(part, str):
            known, short = known + part, short + part
            continue
        tokens = count(known) if known else 0
        short += part.short
        likely, most, known = likely + tokens + part.likely, most + tokens + part.most, ""
        causes.update(dict.fromkeys(part.causes))
    return Extent(short, likely, most, tuple(causes))


def either(extents: Iterable[Extent]) -> Extent:
    """The extent of a text that is one of several, of which the longest is likely."""
    found = list(extents)
    return Extent(
        min((e.short for e in found), key=len, default=""),
        max((e.likely for e in found), default=0.0),
        max((e.most for e in found), default=0.0),
        tuple(dict.fromkeys(cause for e in found for cause in e.causes)),
    )


def repeated(extent: Extent, least: int, likely: float, most: float, causes: tuple[Cause, ...]) -> Extent:
    """The extent of a text that stands so often in a row; `causes` say why there is no most of that."""
    reasons = (*extent.causes, *(causes if most == INF and (extent.most or extent.short) else ()))
    length = most * extent.most if most and extent.most else 0.0
    return Extent(extent.short * least, likely * extent.likely, length, reasons if length == INF else ())


def of_type(a_type: Type, called: str, hint: str, count: Count, *, inside: bool = False) -> Extent:
    """The extent of any value of a type, as templates print it; `inside` an object or a list it is JSON.

    `called` is what its field is called where it has no bound, `hint` what else bounds it than a rule of its type.
    """
    match a_type:
        case Scalar(name="str"):
            return _text(a_type, called, hint, inside=inside)
        case Scalar(name="bool"):
            return either(_known(text, count) for text in ("true", "false"))
        case Scalar(name="any"):
            mend = f"Give it a type with maxLength or maxItems{hint}."
            return Extent("", PART_TOKENS if inside else TEXT_TOKENS, INF, (Cause(called, "may be anything", mend),))
        case Scalar(name=name):
            quoted = '"{}"' if inside and name.startswith("date") else "{}"
            short, likely, most = (quoted.format(of[name]) for of in (_SHORTEST, _LIKELY, _LONGEST))
            return Extent(short, count(likely), count(most))
        case EnumOf(values=values):
            return either(_known(json.dumps(value, ensure_ascii=False) if inside else value, count) for value in values)
        case OptionalOf(of=of):
            null = _known("null" if inside else "", count)
            return either((null, of_type(of, called, hint, count, inside=inside)))
        case ListOf(item=item):
            number = items_of(a_type, called, hint)
            one = of_type(item, f"{called}[]", hint, count, inside=True)
            each = whole((one, ", "), count)
            found = whole(("[", repeated(each, 0, number.likely, number.most, number.causes), "]"), count)
            short = f"[{', '.join([one.short] * number.least)}]"
            return Extent(short, found.likely, found.most, found.causes)
        case DictOf():
            cause = Cause(called, "is a dict of any size", f"Make it an object type{hint}.")
            return Extent("{}", ITEMS * PART_TOKENS, INF, (cause,))
        case ObjectOf(fields=fields):
            parts: list[Part] = ["{"]
            for place, field in enumerate(fields):
                lead = f"{', ' if place else ''}{json.dumps(field.name, ensure_ascii=False)}: "
                parts += [lead, of_type(field.type, f"{called}.{field.name}", hint, count, inside=True)]
            return whole((*parts, "}"), count)


def _known(text: str, count: Count) -> Extent:
    tokens = count(text) if text else 0
    return Extent(text, tokens, tokens)


def _text(a_type: Scalar, called: str, hint: str, *, inside: bool) -> Extent:
    """A text: of its characters each is one token at most, or where JSON escapes them, two."""
    rules, escaped = dict(a_type.rules), 2 if inside else 1
    short = '""' if inside else ""
    short = short[:1] + "x" * rules.get("minLength", 0) + short[1:]
    likely = PART_TOKENS if inside else TEXT_TOKENS
    if "maxLength" not in rules:
        cause = Cause(called, "is text without maxLength", f"Give it a maxLength{hint}.")
        return Extent(short, likely, INF, (cause,))
    most = rules["maxLength"]
    return Extent(short, min(likely, math.ceil(most / 4)), most * escaped + (2 if inside else 0))


def quoted(extent: Extent, lead: str = "") -> Extent:
    """A text within JSON, after a key: what has to be escaped in it is twice as long."""
    most = extent.most * 2 + 2 + len(lead)
    return Extent(f"{lead}{extent.short}", extent.likely + 1 + len(lead) / 4, most, extent.causes)


def may_be_list(a_type: Type) -> bool:
    """Whether a value of a type may be a list."""
    bare = a_type.of if isinstance(a_type, OptionalOf) else a_type
    return isinstance(bare, ListOf) or (isinstance(bare, Scalar) and bare.name == "any")


@dataclass(frozen=True, slots=True)
class Number:
    """How many items a list has; `causes` say why there is no most. `assumed`: what is likely is a guess."""

    least: int
    likely: float
    most: float
    causes: tuple[Cause, ...] = ()
    assumed: bool = False


def items_of(a_type: Type, called: str, hint: str) -> Number:
    """How many items any value of a type has, a list or what may be one."""
    if isinstance(a_type, OptionalOf):
        found = items_of(a_type.of, called, hint)
        return Number(0, found.likely, found.most, found.causes, found.assumed)
    rules = dict(a_type.rules) if isinstance(a_type, ListOf) else {}
    least = rules.get("minItems", 0)
    if "maxItems" in rules:
        most = rules["maxItems"]
        return Number(least, (least + most) // 2 or most, most, assumed=least != most)
    what = "is a list without maxItems" if isinstance(a_type, ListOf) else "may be a list of any size"
    return Number(least, max(ITEMS, least), INF, (Cause(called, what, f"Give it maxItems{hint}."),), assumed=True)
