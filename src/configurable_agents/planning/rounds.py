"""The items of a map: each by itself where its lists are known, else all that are alike as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from configurable_agents.planning.extents import Count, Extent, Number, either, of_type
from configurable_agents.planning.texts import Known, Measure, Name, Names, Sized, Typed, called
from configurable_agents.spec.scope import ITEM
from configurable_agents.spec.types import ANY, MISSING, ListOf, OptionalOf, Type
from configurable_agents.spec.workflow import Loop

# So many items are told apart.
_MOST_KNOWN = 100


@dataclass(frozen=True, slots=True)
class Round:
    """Items that are alike: the names that their node reads, and how many they are."""

    names: Names
    number: Number


class Item:
    """A loop's variable that is not known: it is no longer than the list that it is of."""

    def __init__(self, a_type: Type, label: str, listed: Name | None) -> None:
        self.type, self.label, self.listed = a_type, label, listed
        self.value = MISSING

    def extent(self, count: Count) -> Extent:
        found = of_type(self.type, self.label, "", count)
        if self.listed is None:
            return found
        listed = self.listed.extent(count)
        return found.part_of(listed)

    def number(self) -> Number:
        return Typed(self.type, self.label).number()


def rounds(loops: Sequence[Loop], names: Names) -> Iterator[Round]:
    """The rounds of a node with these loops; one, where it has none."""
    if not loops:
        yield Round(names, Number(1, 1, 1))
        return
    found = [Round({**names, "item": Typed(ITEM, "item")}, Number(1, 1, 1))]
    for loop in loops:
        found = [further for before in found for further in _turned(loop, before, _MOST_KNOWN // max(len(found), 1))]
    yield from found


def _turned(loop: Loop, before: Round, room: int) -> Iterator[Round]:
    """One round for each item of a loop that is known, or one for all of them."""
    measure = Measure(before.names, lambda text: len(text) // 4)
    value, tree = measure.value(loop.over.tree), loop.over.tree
    if value is None:
        return
    over = measure.type(tree)
    over = over.of if isinstance(over, OptionalOf) else over
    item: Type = over.item if isinstance(over, ListOf) else ANY
    if isinstance(value, list) and len(value) <= room:
        for each in value:
            yield Round({**before.names, loop.name: Known(each, item)}, before.number)
        return
    number = measure.number(tree)
    variable: Name = Item(item, loop.name, before.names.get(called(tree)))
    if value is not MISSING and isinstance(value, list):
        variable = Several(item, value)
    yield Round({**before.names, loop.name: variable}, _product(before.number, number))


class Several(Sized):
    """A loop's variable that is one of many known values."""

    def __init__(self, a_type: Type, values: list[object]) -> None:
        super().__init__(a_type, Extent())
        self.values = values

    def extent(self, count: Count) -> Extent:
        found = [Known(value).extent(count) for value in self.values]
        likely = sum(extent.likely for extent in found) / max(len(found), 1)
        return Extent(either(found).short, likely, either(found).most)


def _product(one: Number, other: Number) -> Number:
    most = one.most * other.most if one.most and other.most else 0
    return Number(
        one.least * other.least,
        one.likely * other.likely,
        most,
        (*one.causes, *other.causes),
        one.assumed or other.assumed,
    )
