"""What the types of a template's values have to do with each other: comparing, joining, naming them."""

from __future__ import annotations

from collections.abc import Mapping

from configurable_agents.spec.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    MISSING,
    STR,
    EnumOf,
    ListOf,
    ObjectOf,
    OptionalOf,
    Scalar,
    Type,
)


def bare(a_type: Type) -> Type:
    """The type without its `?`."""
    return a_type.of if isinstance(a_type, OptionalOf) else a_type


def either(one: Type, other: Type) -> Type:
    """The type of a value that is one or the other."""
    return one if one == other else ANY


def of_const(value: object) -> Type:
    """The type of a literal in an expression."""
    match value:
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case str():
            return STR
        case _:
            return OptionalOf(ANY)


def comparable_kind(a_type: Type) -> str | None:
    """What a type compares as; None where that can't be known."""
    match a_type:
        case OptionalOf(of=Scalar(name="any")):
            return "null"
        case OptionalOf(of=of):
            return comparable_kind(of)
        case Scalar(name="int" | "float"):
            return "number"
        case Scalar(name="str") | EnumOf():
            return "text"
        case Scalar(name="bool"):
            return "bool"
        case Scalar(name="date" | "datetime"):
            return a_type.name
        case Scalar(name="any"):
            return None
        case ListOf():
            return "list"
        case _:
            return "object"


# Jinja's operators by what they do, as a sentence says it.
COMPUTED: Mapping[str, str] = {
    "Add": "added", "Sub": "subtracted", "Mul": "multiplied", "Div": "divided", "FloorDiv": "divided",
    "Mod": "divided", "Pow": "computed with",
}  # fmt: skip


def can_compute(operator: str, left: str | None, right: str | None) -> bool:
    """Whether an operator takes values that compare as these kinds; where one is not known, it may."""
    kinds = {left, right}
    if None in kinds or kinds <= {"number", "bool"}:
        return True
    match operator:
        case "Sub" if kinds in ({"date"}, {"datetime"}):
            return True  # the time between them
        case "Add":
            return left == right and left in ("text", "list")
        case "Mul":
            return kinds in ({"text", "number"}, {"list", "number"})
    return False


def called(a_type: Type) -> str:
    """A type as a sentence names it."""
    match a_type:
        case OptionalOf(of=of):
            return called(of) if of != ANY else "null"
        case Scalar(name="int" | "float"):
            return "a number"
        case Scalar(name="str"):
            return "text"
        case Scalar(name="bool"):
            return "true or false"
        case EnumOf():
            return f"an {a_type}"
        case ListOf():
            return f"a {a_type}"
        case _:
            return f"a {a_type}"


def begun(a_type: Type) -> str:
    """A type as a sentence begins with it."""
    name = called(a_type)
    return name[:1].upper() + name[1:]


def _same_fields(given: ObjectOf, wanted: ObjectOf) -> bool:
    """Whether an object may have all fields that are wanted, and has no others."""
    for field in wanted.fields:
        own = given.get(field.name)
        may_be_missing = field.default is not MISSING or isinstance(field.type, OptionalOf)
        if not (may_be_missing if own is None else assignable(own.type, field.type)):
            return False
    return all(wanted.get(field.name) is not None for field in given.fields)


def assignable(given: Type, wanted: Type) -> bool:
    """Whether a value of type `given` may fit `wanted`; only what surely can't is refused."""
    if isinstance(wanted, OptionalOf):
        return given == OptionalOf(ANY) or assignable(given, wanted.of)
    given = bare(given)
    if ANY in (given, wanted):
        return True
    match given, wanted:
        case Scalar(name="int" | "float"), Scalar(name="int" | "float"):
            return True  # 5.0 is the integer 5, and what a filter gives is not known so closely
        case Scalar(name="str"), Scalar(name="date" | "datetime"):
            return True
        case Scalar(name="str"), EnumOf():
            return True
        case EnumOf(), Scalar(name="str"):
            return True
        case Scalar(), Scalar():
            return given.name == wanted.name
        case ListOf(), ListOf():
            return assignable(given.item, wanted.item)
        case ObjectOf(), ObjectOf():
            return _same_fields(given, wanted)
    return comparable_kind(given) == comparable_kind(wanted)
