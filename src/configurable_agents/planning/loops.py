"""What a run adds up at most in a loop: bounded by the rules of routes that may be taken so often, and by the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from configurable_agents.planning.amounts import Vector, lower, scaled, total, upper
from configurable_agents.planning.choices import Choice
from configurable_agents.planning.components import Place, components
from configurable_agents.spec.shapes import DataPath

# Ways through a loop are followed one by one where that takes no longer than this many additions.
_MOST_WORK = 300_000

Table = dict[Place, Vector]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice at a place, with the places that it leads to."""

    choice: Choice
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """An option in a loop: what it adds up outside, and the places within that it leads to; none where it leaves."""

    outside: Vector
    within: tuple[Place, ...]
    rule: DataPath | None
    limit: int = 0


def unbounded(options: Mapping[Place, Sequence[Option]], part: Sequence[Place]) -> bool:
    """Whether a run can go round in these places without a rule that is bounded."""
    inner = set(part)
    following = {
        place: [to for option in options[place] if option.choice.limit is None for to in option.places if to in inner]
        for place in part
    }
    return any(len(found) > 1 or found[0] in following[found[0]] for found in components(following))


class Loop:
    """Places of which each leads to each, or a single one. `beyond` has the vectors of those that they lead to."""

    def __init__(
        self,
        options: Mapping[Place, Sequence[Option]],
        part: Sequence[Place],
        beyond: Mapping[Place, Vector],
        own: Mapping[Place, Vector],
        max_steps: int,
    ) -> None:
        self.part, self.own, self.max_steps = part, own, max_steps
        self.nothing: Vector = scaled(0, own[part[0]])
        self.bounded = not unbounded(options, part)
        inner = set(part)
        self.steps: dict[Place, list[_Step]] = {}
        for place in part:
            self.steps[place] = []
            for option in options[place]:
                within = tuple(to for to in option.places if to in inner)
                outside = total((self.nothing, *(beyond[to] for to in option.places if to not in inner)))
                limit = option.choice.limit if within else None
                rule = option.choice.path if limit is not None else None
                self.steps[place].append(_Step(outside, within, rule, limit or 0))
        # What leads round without a rule that is bounded; each place comes after those that it leads to.
        free = {
            place: [to for step in steps if step.rule is None for to in step.within]
            for place, steps in self.steps.items()
        }
        self.order = [place for found in components(free) for place in found]

    def most(self) -> Table:
        """What a run that comes to each of the places adds up at most, there and beyond."""
        if not any(step.within for steps in self.steps.values() for step in steps):
            return {place: self._best(place, {}) for place in self.part}
        found = self._walked()
        if self.bounded:
            by_rules = self._counted()
            found = {place: lower(found[place], by_rules[place]) for place in self.part}
        return found

    def _work(self) -> int:
        return len(self.nothing) * sum(map(len, self.steps.values()))

    def _best(self, place: Place, tables: Mapping[DataPath | None, Table]) -> Vector:
        """The most of a place, where `tables` have what comes after each rule; a rule that has none is used up."""
        best = self.nothing
        for step in self.steps[place]:
            if not step.within or step.rule in tables:
                best = upper(best, total((step.outside, *(tables[step.rule][to] for to in step.within))))
        return total((self.own[place], best))

    def _counted(self) -> Table:
        """The most by the rules that are bounded: after each the most that is left with one time less of it."""
        limits = {step.rule: step.limit for steps in self.steps.values() for step in steps if step.rule is not None}
        if math.prod(limit + 1 for limit in limits.values()) * self._work() > _MOST_WORK:
            return self._between(limits)
        rules = list(limits)
        left: dict[tuple[int, ...], Table] = {}
        for counts in product(*(range(limit + 1) for limit in limits.values())):
            table: Table = {}
            tables: dict[DataPath | None, Table] = {None: table}
            for at, rule in enumerate(rules):
                if counts[at]:
                    tables[rule] = left[(*counts[:at], counts[at] - 1, *counts[at + 1 :])]
            for place in self.order:
                table[place] = self._best(place, tables)
            left[counts] = table
        return left[tuple(limits.values())]

    def _between(self, limits: Mapping[DataPath, int]) -> Table:
        """A bound that is found faster: a run goes on without bounded rules, takes one, goes on, and leaves once."""
        between: Table = {}
        for place in self.order:
            best = self.nothing
            for step in self.steps[place]:
                if step.rule is None and step.within:
                    best = upper(best, total((step.outside, *(between[to] for to in step.within))))
            between[place] = total((self.own[place], best))
        taken = dict.fromkeys(limits, self.nothing)
        leaving = self.nothing
        for steps in self.steps.values():
            for step in steps:
                if step.rule is not None:
                    after = total((step.outside, *(between[to] for to in step.within)))
                    taken[step.rule] = upper(taken[step.rule], after)
                elif not step.within:
                    leaving = upper(leaving, step.outside)
        again = total((leaving, *(scaled(limits[rule], after) for rule, after in taken.items())))
        return {place: total((between[place], again)) for place in self.part}

    def _walked(self) -> Table:
        """The most in as many steps as the graph may make, however often rules are taken."""
        if self.max_steps * self._work() > _MOST_WORK:
            dearest = leaving = self.nothing
            for place, steps in self.steps.items():
                for step in steps:
                    if step.within:
                        dearest = upper(dearest, total((self.own[place], step.outside)))
                    else:
                        dearest, leaving = upper(dearest, self.own[place]), upper(leaving, step.outside)
            return dict.fromkeys(self.part, total((scaled(self.max_steps, dearest), leaving)))
        found = dict.fromkeys(self.part, self.nothing)
        for _ in range(self.max_steps):
            tables = {step.rule: found for steps in self.steps.values() for step in steps}
            after = {place: self._best(place, tables) for place in self.part}
            if after == found:
                break
            found = after
        return found
