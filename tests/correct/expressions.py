"""Expressions and templates that fit a type, over names that are set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from tests.correct.types import BOOL, FLOAT, INT, STR, Type, Types, listed

TEXT_FILTERS = (
    "upper", "lower", "trim", "title", "capitalize", "replace('a', 'o')", "truncate(5)", "indent(2)", "wordwrap(6)",
    "reverse", "default('none')", "default('none', true)", "string",
)  # fmt: skip
SORTS = ("str", "int", "float", "bool", "enum")
Make = Callable[[], str]
A = TypeVar("A")


@dataclass
class Writer:
    """Writes expressions over `names`, which are set; `maybe` are those that may not be.

    `idioms` are expressions by the type that they give, for names that are there.
    """

    types: Types
    names: dict[str, Type]
    maybe: dict[str, Type] = field(default_factory=dict)
    idioms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: int = 0

    def within(self, **more: Type) -> Writer:
        return Writer(self.types, {**self.names, **more}, self.maybe, self.idioms, self.variables + len(more))

    def pick(self, *of: Any) -> Any:
        return self.types.pick(*of)

    def paths(self) -> Iterator[tuple[str, Type]]:
        """Everything that can be read without a doubt: names, and attributes of objects."""
        for name, of in self.names.items():
            yield from _paths(name, of, 2)

    def all_of(self, *kinds: str) -> list[tuple[str, Type]]:
        return [(path, of) for path, of in self.paths() if of.kind in kinds]

    def read(self, kind: str, inner: str = "") -> list[str]:
        """The paths to what is of a kind, and holds what is of another."""
        return [path for path, of in self.all_of(kind) if inner in ("", of.of and of.of.kind)]

    def holding(self, kind: str, inner: Type) -> list[str]:
        """The paths to the lists, dicts or optional values of a type."""
        return [path for path, of in self.all_of(kind) if of.of == inner]

    def of(self, wanted: Type, depth: int = 2) -> str:
        """An expression of a type."""
        computed: list[Make] = []
        if depth and not wanted.ruled and not self.types.some(4):
            computed = [*self.computed(wanted, depth - 1), *self.general(wanted, depth - 1)]
            if known := self.idioms.get(str(wanted)):
                computed += [lambda: f"({self.pick(*known)})"] * (len(computed) // 3)
        read = each([path for path, of in self.paths() if of == wanted], str)
        # Text in an expression is no date.
        literal: list[Make] = [lambda: self.types.literal(wanted)] if wanted.kind not in ("date", "datetime") else []
        return str(self.pick(*(computed or (read if read and not self.types.some(4) else literal or read)))())

    def writable(self, wanted: Type) -> bool:
        """Whether an expression can give it at all: there are no dates in expressions but those that are read."""
        if wanted.kind in ("date", "datetime"):
            return any(of == wanted for _, of in self.paths())
        if wanted.kind == "object":
            return all(self.writable(of) for _, of in wanted.fields)
        return wanted.of is None or self.writable(wanted.of)

    # Whatever the type ---------------------------------------------------------------------------------------------

    def general(self, wanted: Type, depth: int) -> list[Make]:
        makes: list[Make] = []
        if self.writable(wanted):
            makes.append(lambda: f"({self.of(wanted, depth)} if {self.condition(depth)} else {self.of(wanted, depth)})")
            other = partial(self.of, wanted, 0)
            lists = self.holding("list", wanted)
            makes += each(lists, lambda path: f"({path} | {self.pick('first', 'last')} | default({other()}))")
            makes += each(self.holding("optional", wanted), lambda path: f"({path} | default({other()}, true))")
            makes += each(
                self.holding("optional", wanted), lambda path: f"({path} if {path} is not none else {other()})"
            )
            makes += each(self.holding("dict", wanted), lambda path: f"({path}.a | default({other()}))")
            makes += each(self.holding("dict", wanted), lambda path: f"({path}['b'] if 'b' in {path} else {other()})")
            missing = [name for name, of in self.maybe.items() if of == wanted]
            makes += each(missing, lambda name: f"({name} | d({other()}))")
            makes += each(missing, lambda name: f"({name} if {name} is defined else {other()})")
        if wanted.kind == "optional" and self.writable(wanted.inner):
            makes += [lambda: self.of(wanted.inner, depth), lambda: "null"]
        return makes

    # By the type ---------------------------------------------------------------------------------------------------

    def computed(self, wanted: Type, depth: int) -> list[Make]:
        match wanted.kind:
            case "str":
                return self.text(depth)
            case "int":
                return self.whole(depth)
            case "float":
                return self.number(depth)
            case "bool":
                return self.bool(depth)
            case "list":
                return self.list(wanted.inner, depth)
            case "dict" if self.writable(wanted.inner):
                return [lambda: f'{{"k": {self.of(wanted.inner, depth)}, "m": {self.of(wanted.inner, 0)}}}']
            case "object" if self.writable(wanted):
                return [lambda: "{" + ", ".join(f'"{n}": {self.of(of, depth)}' for n, of in wanted.fields) + "}"]
        return []

    def text(self, depth: int) -> list[Make]:
        one = partial(self.of, STR, depth)
        name = self.pick(*TEXT_FILTERS)
        found: list[Make] = [
            lambda: f"({one()} ~ {self.anything(depth)})",
            lambda: f"({one()} + {one()})",
            lambda: f"({one()} | {name})",
            lambda: f"({one()}[{self.pick('0:2', '1:', ':1', ':-1')}])",
            lambda: f"({self.anything(depth)} | {self.pick('tojson', 'string', 'tojson(indent=2)')})",
            lambda: f"({self.of(listed(STR), depth)} | join({self.pick(repr(', '), repr('-'))}))",
            lambda: f"({self.of(INT, depth)} | {self.pick('string', 'upper', 'trim')})",
            lambda: self.pick("run.id", "run.id"),
        ]
        found += each(self.read("enum"), str)
        found += each(self.read("list", "object"), lambda path: f"({path} | map(attribute='label') | join('; '))")
        found += each(self.read("list", "object"), lambda path: f"({path} | join(', ', attribute='label'))")
        return found

    def whole(self, depth: int) -> list[Make]:
        one = partial(self.of, INT, depth)
        found: list[Make] = [
            lambda: f"({one()} {self.pick('+', '-', '*')} {one()})",
            lambda: f"({one()} {self.pick('//', '%')} {self.pick(2, 3, 7)})",
            lambda: f"(-{one()} | abs)",
            lambda: f"({one()} ** 2)",
            lambda: f"({self.of(STR, depth)} | {self.pick('length', 'wordcount', 'count', 'int', 'bucket(100)')})",
            lambda: f"({self.of(FLOAT, depth)} | int)",
            lambda: f"([{one()}, {one()}] | {self.pick('max', 'min', 'sum', 'first', 'last')})",
            lambda: f"({self.of(listed(INT), depth)} | {self.pick('sum', 'length')})",
            lambda: "run.attempt",
        ]
        found += each([*self.read("list"), *self.read("dict")], lambda path: f"({path} | length)")
        found += each(self.read("list", "object"), lambda path: f"({path} | sum(attribute='size'))")
        found += each(self.read("list", "object"), lambda path: f"({path} | map(attribute='size') | sum)")
        return found

    def a_number(self, depth: int) -> str:
        return self.of(self.pick(INT, FLOAT), depth)

    def number(self, depth: int) -> list[Make]:
        one = partial(self.a_number, depth)
        return [
            lambda: f"({one()} {self.pick('+', '-', '*')} {one()})",
            lambda: f"({one()} / {self.pick(2, 0.5)})",
            lambda: f"({one()} | {self.pick('round(2)', 'round', 'abs', 'float', 'int')})",
            lambda: f"({self.of(STR, depth)} | float)",
            lambda: f"([{one()}, {one()}] | {self.pick('max', 'min', 'sum')})",
            lambda: self.of(INT, depth),
        ]

    def bool(self, depth: int) -> list[Make]:
        number = partial(self.a_number, depth)
        found: list[Make] = [
            lambda: f"({number()} {self.pick('<', '<=', '>', '>=', '==', '!=')} {number()})",
            lambda: f"({number()} < {number()} <= {number()})",
            lambda: f"({self.of(STR, depth)} {self.pick('==', '!=', '<')} {self.of(STR, depth)})",
            lambda: f"({self.of(STR, depth)} {self.pick('in', 'not in')} {self.of(STR, depth)})",
            lambda: f"({self.of(STR, depth)} {self.pick('in', 'not in')} {self.of(listed(STR), depth)})",
            lambda: f"({number()} in {self.of(listed(INT), depth)})",
            lambda: f"({self.of(INT, depth)} is {self.pick('odd', 'even', 'divisibleby(3)', 'number', 'not odd')})",
            lambda: f"({self.of(STR, depth)} is {self.pick('string', 'lower', 'not upper', 'not none')})",
            lambda: f"({self.of(BOOL, depth)} == {self.of(BOOL, depth)})",
            lambda: f"(not {self.condition(depth)})",
            lambda: f"({self.of(BOOL, depth)} {self.pick('and', 'or')} {self.of(BOOL, depth)})",
        ]
        enums = self.all_of("enum")
        found += each(enums, lambda one: f"({one[0]} {self.pick('==', '!=')} '{self.pick(*one[1].values)}')")
        found += each(enums, lambda one: f"({one[0]} in {list(one[1].values)})")
        found += each(self.read("optional"), lambda path: f"({path} is {self.pick('none', 'not none')})")
        found += each(self.read("optional"), lambda path: f"({path} {self.pick('==', '!=')} null)")
        numbers = [*self.read("optional", "int"), *self.read("optional", "float")]
        found += each(numbers, lambda path: f"({path} is not none and {path} > {number()})")
        found += each(self.read("optional", "object"), lambda path: f"({path} is none or {path}.size < {number()})")
        found += each(self.read("dict"), lambda path: f"({self.of(STR, 0)} in {path})")
        dates = [(one, other) for one, a in self.all_of("date", "datetime") for other, b in self.paths() if a == b]
        found += each(dates, lambda pair: f"({pair[0]} {self.pick('<', '>=', '==')} {pair[1]})")
        found += each(self.maybe, lambda name: f"({name} is {self.pick('defined', 'undefined', 'not defined')})")
        return found

    def list(self, item: Type, depth: int) -> list[Make]:
        whole = partial(self.of, listed(item), depth)
        found: list[Make] = [
            lambda: f"({whole()} + {whole()})" if self.writable(item) else whole(),
            lambda: f"{whole()}[{self.pick('0:2', '1:', ':1', '::-1')}]",
            lambda: f"({whole()} | {self.pick('reverse | list', 'list')})",
        ]
        if self.writable(item):
            found.append(lambda: f"[{', '.join(self.of(item, depth) for _ in range(self.pick(1, 2)))}]")
        if item.kind in SORTS:
            found.append(lambda: f"({whole()} | {self.pick('sort', 'unique | list', 'sort(reverse=true)')})")
        if item.kind == "str":
            found.append(lambda: f"({self.of(STR, depth)} | split({self.pick('', repr(' '))}))")
            found.append(lambda: f"({whole()} | map({self.pick(repr('upper'), repr('trim'))}) | list)")
            found.append(lambda: f"({self.of(STR, depth)} | list)")
        if item.kind == "int":
            found.append(lambda: f"({whole()} | {self.pick('select', 'reject')}('{self.pick('odd', 'even')}') | list)")
            found.append(lambda: f"({whole()} | select('gt', {self.of(INT, depth)}) | list)")
            found.append(lambda: f"({self.of(listed(STR), depth)} | map('length') | list)")
            found.append(lambda: f"(range({self.pick(0, 3)}) | list)")
        if item.kind == "object":
            found.append(lambda: f"({whole()} | {self.pick('selectattr', 'rejectattr')}('good') | list)")
            found.append(lambda: f"({whole()} | selectattr('size', 'gt', {self.of(INT, depth)}) | list)")
            found.append(lambda: f"({whole()} | rejectattr('label', 'in', {self.of(listed(STR), depth)}) | list)")
            found.append(lambda: f"({whole()} | sort(attribute='{self.pick('label', 'size', 'label,size')}'))")
            found.append(lambda: f"({whole()} | unique(attribute='size') | list)")
        parts = [
            f"({path} | map(attribute='{name}') | list)"
            for path, of in self.all_of("list")
            for name, inner in of.inner.fields
            if of.inner.kind == "object" and inner == item
        ]
        found += each(parts, str)
        found += each(self.holding("list", listed(item)), lambda path: f"({path} | sum(start=[]))")
        if item.kind == "list" and self.writable(item):
            found.append(lambda: f"({self.of(item, depth)} | batch(2) | list)")
        return found

    # Conditions and texts ------------------------------------------------------------------------------------------

    def condition(self, depth: int = 2) -> str:
        """What may stand where something has to hold: a bool, a list, a value that may be null."""
        found = [path for path, _ in self.all_of("list", "optional", "bool")]
        makes: list[Make] = [lambda: self.of(BOOL, depth), lambda: self.of(BOOL, depth)]
        makes += (
            [lambda: self.pick(*found), lambda: f"({self.pick(*found)} and {self.of(BOOL, depth)})"] if found else []
        )
        return str(self.pick(*makes)())

    def anything(self, depth: int = 2) -> str:
        """Whatever prints."""
        paths = [path for path, _ in self.paths()]
        makes: list[Make] = [lambda: self.of(self.pick(STR, INT, FLOAT, BOOL, listed(STR), listed(INT)), depth)]
        makes += [lambda: self.pick(*paths)] * 2 if paths else []
        return str(self.pick(*makes)())

    def braces(self, expression: str) -> str:
        return f"{{{{ {expression} }}}}"

    def template(self, parts: int = 3) -> str:
        """A text with computed parts."""
        return " ".join(["About", *(self.part() for _ in range(self.pick(*range(1, parts + 1))))])

    def part(self) -> str:
        lists, dicts = self.all_of("list"), self.all_of("dict")
        kinds = [
            "value",
            "value",
            "if",
            *(["for", "for"] if lists else []),
            *(["dict"] if dicts else []),
            "set",
            "range",
        ]
        variable = f"v{self.variables}"
        match self.pick(*kinds):
            case "if":
                other = f"{{% elif {self.condition(1)} %}}{self.braces(self.anything(1))}" * self.types.some()
                more = f"{{% else %}}{self.braces(self.anything(1))}" * self.types.some()
                return f"{{% if {self.condition(1)} %}}{self.braces(self.anything(1))}{other}{more}{{% endif %}}"
            case "for":
                path, of = self.pick(*lists)
                inner = self.within(**{variable: of.inner})
                if of.inner.kind == "object" and self.types.some():
                    key = self.pick("label", "size", "good")
                    group = self.within(**{f"{variable}g": listed(of.inner)})
                    return (
                        f"{{% for {variable}k, {variable}g in {path} | groupby('{key}') %}}"
                        f"{self.braces(f'{variable}k')} {self.braces(group.of(self.pick(INT, STR), 1))}{{% endfor %}}"
                    )
                test = f" if {inner.condition(1)}" * self.types.some()
                body = f"{self.braces(self.pick('loop.index', 'loop.first', 'loop.length', 'loop.index0 + 1'))} "
                body += self.braces(inner.anything(1)) + (inner.part() if self.types.some(3) else "")
                return f"{{% for {variable} in {path}{test} %}}{body}{{% else %}}none{{% endfor %}}"
            case "dict":
                path, of = self.pick(*dicts)
                inner = self.within(**{f"{variable}v": of.inner, f"{variable}k": STR})
                over = f"{path} | {self.pick('items', 'dictsort')}" if of.inner.kind in SORTS else f"{path} | items"
                return f"{{% for {variable}k, {variable}v in {over} %}}{self.braces(inner.anything(1))}{{% endfor %}}"
            case "set":
                of = self.pick(STR, INT, BOOL)
                inner = self.within(**{variable: of})
                return f"{{% set {variable} = {self.of(of, 1)} %}}{self.braces(inner.of(of, 1))}"
            case "range":
                return f"{{% for {variable} in range(2) %}}{self.braces(f'{variable} + 1')}{{% endfor %}}"
        return self.braces(self.anything())

    def value(self, of: Type) -> Any:
        """A value for a field in `set` and `with`: a literal, one expression, or data with templates in it."""
        kinds = ["literal", *(["lone"] * 3 if self.writable(of) else [])]
        kinds += ["text"] if of.kind == "str" and not of.ruled else []
        kinds += ["parts"] if of.kind in ("list", "dict", "object") else []
        match self.pick(*kinds):
            case "lone":
                return self.braces(self.of(of))
            case "text":
                return self.template()
            case "parts":
                match of.kind:
                    case "list":
                        return [self.value(of.inner) for _ in range(self.pick(0, 1, 2))]
                    case "dict":
                        return {"a": self.value(of.inner)}
                return {name: self.value(inner) for name, inner in of.fields}
        return self.types.value(of)


def each(found: Iterable[A], make: Callable[[A], str]) -> list[Make]:
    """A way to make an expression from each of some things."""
    return [partial(make, one) for one in found]


def _paths(path: str, of: Type, depth: int) -> Iterator[tuple[str, Type]]:
    yield path, of
    if of.kind in ("object", "error") and depth:
        for name, inner in of.fields:
            yield from _paths(f"{path}.{name}", inner, depth - 1)
