"""How long a template is when it is rendered, from what is known of the names that it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from jinja2 import nodes

from configurable_agents.planning.amounts import INF
from configurable_agents.planning.expressions import evaluated, names_in, part, type_of
from configurable_agents.planning.extents import (
    Count,
    Extent,
    Number,
    Part,
    either,
    items_of,
    of_type,
    quoted,
    repeated,
    whole,
)
from configurable_agents.spec.filters import text_of
from configurable_agents.spec.jinja import truth
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.types import ANY, MISSING, ListOf, OptionalOf, Type

# Filters whose text is no longer than what they are given, and those that leave items of a list out.
_SHORTENING = frozenset({
    "capitalize", "first", "last", "list", "lower", "max", "min", "reject", "rejectattr", "reverse", "select",
    "selectattr", "sort", "string", "title", "trim", "unique", "upper",
})  # fmt: skip
_FEWER = frozenset({"reject", "rejectattr", "select", "selectattr", "unique"})
_AS_MANY = frozenset({"list", "map", "reverse", "sort"})

_MOST_ITEMS = 1000  # of a known list, each is rendered up to so many


class Name(Protocol):
    """What is known of a name before a run."""

    @property
    def type(self) -> Type:
        """Its type."""
        ...

    @property
    def value(self) -> Any:
        """Its value; MISSING where that is not known."""
        ...

    def extent(self, count: Count) -> Extent:
        """How long it is when it is printed."""
        ...

    def number(self) -> Number:
        """How many items it has, where it is a list."""
        ...


class Known:
    """A name whose value is known."""

    def __init__(self, value: Any, a_type: Type = ANY) -> None:
        self.value, self.type = value, a_type

    def extent(self, count: Count) -> Extent:
        return whole((str(text_of(self.value)),), count)

    def number(self) -> Number:
        length = len(self.value) if isinstance(self.value, list) else 0
        return Number(length, length, length)


class Sized:
    """A name of which the length is known, or of one item in so many of a list."""

    def __init__(self, a_type: Type, extent: Extent, label: str = "", hint: str = "") -> None:
        self.type, self.value, self.found, self.label, self.hint = a_type, MISSING, extent, label, hint

    def extent(self, count: Count) -> Extent:
        return self.found

    def number(self) -> Number:
        return items_of(self.type, self.label, self.hint)


class Typed:
    """A name of which only the type is known. `hint` is what else than its type bounds it, to end a sentence with."""

    def __init__(self, a_type: Type, label: str, hint: str = "") -> None:
        self.type, self.value, self.label, self.hint = a_type, MISSING, label, hint

    def extent(self, count: Count) -> Extent:
        return of_type(self.type, self.label, self.hint, count)

    def number(self) -> Number:
        return items_of(self.type, self.label, self.hint)


Names = Mapping[str, Name]


def known_values(names: Names) -> dict[str, Any]:
    """The values that are known."""
    return {name: found.value for name, found in names.items() if found.value is not MISSING}


class Measure:
    """Measures the texts that read `names`, in tokens as `count` counts them."""

    def __init__(self, names: Names, count: Count) -> None:
        self.names = dict(names)
        self.count = count

    def template(self, template: Template) -> Extent:
        """The extent of a template, rendered."""
        if template.constant:
            return whole((template.render({}),), self.count)
        return whole(self.statements(template.tree.body), self.count)

    def expression(self, expression: Expression) -> Extent:
        """The extent of an expression's value, printed."""
        return whole((self.printed(expression.tree),), self.count)

    def number(self, tree: nodes.Node) -> Number:
        """How many items the list has that an expression gives."""
        value = self.value(tree)
        if value is not MISSING:
            return Known(value).number()
        match tree:
            case nodes.Name(name=name) if name in self.names:
                return self.names[name].number()
            case nodes.List(items=items):
                return Number(len(items), len(items), len(items))
            case nodes.Filter(node=nodes.Node() as of, name=name) if name in _FEWER | _AS_MANY:
                found = self.number(of)
                least = min(found.least, 1) if name == "unique" else 0 if name in _FEWER else found.least
                return Number(least, found.likely, found.most, found.causes, found.assumed)
        return items_of(self.type(tree), called(tree), "")

    def type(self, tree: nodes.Node) -> Type:
        return type_of(tree, {name: found.type for name, found in self.names.items()})

    def value(self, tree: nodes.Node) -> Any:
        read = {name for name in names_in(tree) if name in self.names}
        return evaluated(part(tree), {name: self.names[name].value for name in read if self.knows(name)})

    def knows(self, name: str) -> bool:
        return self.names[name].value is not MISSING

    # ------------------------------------------------------------------------------------------------------------------

    def statements(self, body: list[nodes.Node]) -> list[Part]:
        found: list[Part] = []
        for node in body:
            match node:
                case nodes.Output(nodes=parts):
                    found += [p.data if isinstance(p, nodes.TemplateData) else self.printed(p) for p in parts]
                case nodes.If():
                    found += self.choice(node)
                case nodes.For():
                    found += self.loop(node)
                case nodes.Assign(target=nodes.Name(name=name), node=value):
                    given = self.value(value)
                    self.names[name] = Known(given) if given is not MISSING else self.sized(value)
                case nodes.AssignBlock(target=nodes.Name(name=name)):
                    self.names[name] = Sized(ANY, whole(self.statements(node.body), self.count), name)
                case _:
                    found += self.unknown(node)
        return found

    def sized(self, tree: nodes.Node) -> Sized:
        return Sized(self.type(tree), whole((self.printed(tree),), self.count), called(tree))

    def unknown(self, node: nodes.Node) -> list[Part]:
        return [of_type(ANY, called(node), "", self.count)]

    def choice(self, node: nodes.If) -> list[Part]:
        value = self.value(node.test)
        otherwise: list[nodes.Node] = [*node.elif_[:1], *([] if node.elif_ else node.else_)]
        if node.elif_:
            first, *others = node.elif_
            otherwise = [nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)]
        if value is not MISSING:
            return self.statements(node.body if truth(value) else otherwise)
        before = dict(self.names)
        holds = whole(self.statements(node.body), self.count)
        after, self.names = self.names, before.copy()
        fails = whole(self.statements(otherwise), self.count)
        for name in {*after, *self.names}:  # what was set on one way is not known after both
            if after.get(name) is not self.names.get(name):
                self.names[name] = Typed(ANY, name)
        return [either((holds, fails))]

    def loop(self, node: nodes.For) -> list[Part]:
        value = self.value(node.iter)
        names = dict(self.names)
        try:
            if isinstance(value, list) and len(value) <= _MOST_ITEMS and isinstance(node.target, nodes.Name):
                found = self.each(node, node.target.name, value)
                if found is not None:
                    return found
            return self.any_number(node)
        finally:
            self.names = names

    def each(self, node: nodes.For, name: str, items: list[Any]) -> list[Part] | None:
        """The loop over a list that is known; None where it is not known which of its items are left out."""
        if node.test is not None:
            kept = []
            for item in items:
                self.names[name] = Known(item)
                holds = self.value(node.test)
                if holds is MISSING:
                    return None
                kept += [item] if truth(holds) else []
            items = kept
        found: list[Part] = [] if items else self.statements(node.else_)
        for place, item in enumerate(items):
            last = len(items) - 1
            about = {"index": place + 1, "index0": place, "first": place == 0, "last": place == last}
            back = {"length": len(items), "revindex": len(items) - place, "revindex0": last - place}
            self.names.update({name: Known(item), "loop": Known({**about, **back})})
            found += self.statements(node.body)
        return found

    def any_number(self, node: nodes.For) -> list[Part]:
        """The loop over a list of which the size is not known.

        All items together are no longer than the list, so what of the body is not the item is what counts by number.
        """
        number, listed = self.number(node.iter), whole((self.printed(node.iter),), self.count)
        of = self.type(node.iter)
        of = of.of if isinstance(of, OptionalOf) else of
        item: Type = of.item if isinstance(of, ListOf) else ANY
        one = of_type(item, f"{called(node.iter)}[]", "", self.count).part_of(listed)

        def body(extent: Extent) -> Extent:
            for target in [node.target] if isinstance(node.target, nodes.Name) else node.target.find_all(nodes.Name):
                self.names[target.name] = Sized(item, extent, target.name)
            self.names["loop"] = Sized(ANY, Extent("1", 1, self.count("1000000")), "loop")
            return whole(self.statements(node.body), self.count)

        by_item = repeated(body(one), 0 if node.test else number.least, number.likely, number.most, number.causes)
        if listed.most < INF:  # each item is at least one token of the list
            frame, with_list = body(Extent()).most, body(one).most
            by_item = by_item.within(min(number.most, listed.most) * frame + max(with_list - frame, 0) * 2)
        return [either((by_item, whole(self.statements(node.else_), self.count))) if node.else_ else by_item]

    def printed(self, tree: nodes.Node) -> Part:
        """The value of an expression, printed."""
        value = self.value(tree)
        if value is not MISSING:
            return str(text_of(value))
        match tree:
            case nodes.Name(name=name) if name in self.names:
                return self.names[name].extent(self.count)
            case nodes.Getattr(node=of) | nodes.Getitem(node=of):
                return self.typed(tree).part_of(whole((self.printed(of),), self.count))
            case nodes.CondExpr(expr1=yes, expr2=no):
                return either(whole((self.printed(way),) if way else (), self.count) for way in (yes, no))
            case nodes.Dict(items=pairs):
                return whole(("{", *self.listed([(pair.key, pair.value) for pair in pairs]), "}"), self.count)
            case nodes.List(items=items):
                return whole(("[", *self.listed([(None, item) for item in items]), "]"), self.count)
            case nodes.Concat(nodes=parts):
                return whole(map(self.printed, parts), self.count)
            case nodes.Filter(node=nodes.Node() as of):
                return self.filtered(tree, of)
        return self.typed(tree)

    def filtered(self, tree: nodes.Filter, of: nodes.Node) -> Part:
        """What a filter makes of a value, printed."""
        match tree:
            case nodes.Filter(name="default" | "d", args=args):
                return either(whole((self.printed(way),), self.count) for way in (of, *args[:1]))
            case nodes.Filter(name="join", args=args):
                number, separator = self.number(of), whole(map(self.printed, args[:1]), self.count)
                rest = repeated(separator, 0, number.likely, number.most, number.causes)
                listed = whole((self.printed(of),), self.count)
                return whole((Extent("", listed.likely, listed.most, listed.causes), rest), self.count)
            case nodes.Filter(name="tojson", args=[]):
                found = whole((self.printed(of),), self.count)
                return Extent("", found.likely, found.most * 2 + 2, found.causes)
            case nodes.Filter(name=name) if name in _SHORTENING:
                found = whole((self.printed(of),), self.count)
                return Extent("", found.likely, found.most, found.causes)
        return self.typed(tree)

    def listed(self, pairs: list[tuple[nodes.Node | None, nodes.Node]]) -> Iterator[Part]:
        """What stands between the brackets of an object or a list that a text makes."""
        for place, (key, value) in enumerate(pairs):
            lead = ", " if place else ""
            yield lead if key is None else f'{lead}"{self.printed(key)}": '
            yield quoted(whole((self.printed(value),), self.count))

    def typed(self, tree: nodes.Node) -> Extent:
        return of_type(self.type(tree), called(tree), "", self.count)


def called(tree: nodes.Node) -> str:
    """What a part of a text is called where it has no bound: `order.lines`, or `an expression`."""
    match tree:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=of, attr=attr):
            return f"{called(of)}.{attr}"
        case nodes.Getitem(node=of):
            return f"{called(of)}[]"
        case nodes.Filter(node=nodes.Node() as of, name=name):
            return f"{called(of)} | {name}"
    return "an expression"
