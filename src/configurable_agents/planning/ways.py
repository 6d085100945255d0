"""The ways through a graph: what a run adds up on the shortest, on a likely one, and at most.

A place is a node on its way to where its branch ends: a join, or END. A fan-out leads to a place for each head and to
the join after them, and all of these are added up; of several choices one is taken. What is added up are vectors, each
of whose figures is worked out for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from configurable_agents.planning.amounts import INF, Spread, Vector, lower, scaled, total, upper
from configurable_agents.planning.choices import Choice
from configurable_agents.planning.components import Place, components
from configurable_agents.spec.edges import END, START, Fail
from configurable_agents.spec.topology import Fork

# Walks through a loop are counted step by step where that takes no longer than this many additions.
_MOST_WORK = 200_000

_LEFT = "loops are left at the first chance"
_DEAREST = "of ways that the input does not decide, the one with the most calls is gone"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice at a place, with the places that it leads to."""

    choice: Choice
    places: tuple[Place, ...]


class Ways:
    """The ways through one graph, whose nodes lead to `choices`; `max_steps` bounds the executions of its nodes."""

    def __init__(self, choices: Mapping[str, Sequence[Choice]], forks: Sequence[Fork], max_steps: int) -> None:
        self.choices, self.max_steps = choices, max_steps
        self.joins = {(fork.source, fork.heads): fork.join for fork in forks}
        self.options: dict[Place, list[Option]] = {}
        waiting: list[Place] = [(START, END)]
        while waiting:
            place = waiting.pop()
            if place not in self.options:
                self.options[place] = [self._option(place, choice) for choice in choices[place[0]]]
                waiting += [to for option in self.options[place] for to in option.places]
        following = {
            place: [to for option in options for to in option.places] for place, options in self.options.items()
        }
        self.parts = components(following)

    def _option(self, place: Place, choice: Choice) -> Option:
        node, end = place
        if isinstance(choice.to, Fail):
            return Option(choice, ())
        places = [(head, end) for head in choice.to]
        if len(choice.to) > 1:
            join = self.joins[node, choice.to]
            places = [*((head, join) for head in choice.to), (join, end)]
        return Option(choice, tuple(place for place in places if place[0] not in (END, place[1])))

    @property
    def loops(self) -> list[list[str]]:
        """The nodes of each loop that no `max_times` bounds, so that only `max_steps` does."""
        return [sorted({node for node, _ in part}) for part in self.parts if self.unbounded(part)]

    @property
    def undecided(self) -> Iterator[str]:
        """How the likely way was chosen where the input does not decide it."""
        looping = {place for part in self.parts if len(part) > 1 for place in part}
        for place, options in self.options.items():
            if len({option.places for option in _expected(options)}) > 1:
                yield _LEFT if place in looping else _DEAREST

    def unbounded(self, part: Sequence[Place]) -> bool:
        """Whether a run can go round in these places without a rule that is bounded."""
        inner = set(part)
        following = {
            place: [
                to
                for option in self.options[place]
                if option.choice.limit is None
                for to in option.places
                if to in inner
            ]
            for place in part
        }
        return any(len(found) > 1 or found[0] in following[found[0]] for found in components(following))

    def spread(self, costs: Mapping[str, Spread], size: int) -> Spread:
        """What a run adds up of what one execution of each node costs; the first figure decides what is likely."""
        zero = Spread.zero(size)
        return Spread(
            self._least({**costs, START: zero}, size),
            self._likely({**costs, START: zero}, size),
            self._most({**costs, START: zero}, size),
        )

    # ------------------------------------------------------------------------------------------------------------------

    def _least(self, costs: Mapping[str, Spread], size: int) -> Vector:
        """Of a run that succeeds; nothing where none can. A node that fails may do so before it costs anything."""
        nothing, never = (0.0,) * size, (INF,) * size
        found = dict.fromkeys(self.options, never)
        changed = True
        while changed:
            changed = False
            for part in self.parts:
                for place in part:
                    best = never
                    for option in self.options[place]:
                        if not isinstance(option.choice.to, Fail):
                            own = nothing if option.choice.failed else costs[place[0]].least
                            best = lower(best, total((own, *(found[to] for to in option.places))))
                    if best != found[place]:
                        found[place], changed = best, True
        return tuple(0.0 if figure == INF else figure for figure in found[START, END])

    def _most(self, costs: Mapping[str, Spread], size: int) -> Vector:
        nothing = (0.0,) * size
        found: dict[Place, Vector] = {}
        for part in self.parts:
            found.update(_Loop(self, part, found, {p: costs[p[0]].most for p in part}, nothing).most())
        dearest = nothing
        for node, _ in self.options:
            dearest = upper(dearest, costs[node].most)
        return lower(found[START, END], scaled(self.max_steps, dearest))

    def _likely(self, costs: Mapping[str, Spread], size: int) -> Vector:
        """Of a run in which nothing fails, loops are left at the first chance, and of ways the dearest is gone."""
        nothing = (0.0,) * size
        found: dict[Place, Vector] = {}
        for part in self.parts:
            inner, left = set(part), _distances(part, self.options)
            for place in sorted(part, key=lambda place: left[place]):
                own = costs[place[0]].likely
                ways = [
                    option.places
                    for option in _expected(self.options[place])
                    if all(to in found for to in option.places) and (left[place] or not inner & set(option.places))
                ]
                sums = [total((own, *(found[to] for to in places))) for places in ways]
                found[place] = max(sums, key=lambda figures: figures[0], default=total((own, nothing)))
        return found[START, END]


def _expected(options: Sequence[Option]) -> list[Option]:
    """The options of a node that does not fail, and of these not those that fail the run; where there are others."""
    going = [option for option in options if not isinstance(option.choice.to, Fail)]
    return [option for option in going if not option.choice.failed] or going


def _distances(part: Sequence[Place], options: Mapping[Place, Sequence[Option]]) -> dict[Place, float]:
    """How many steps each place of a loop is from the nearest that leads out of it."""
    inner = set(part)
    found: dict[Place, float] = dict.fromkeys(part, INF)
    for _ in part:
        for place in part:
            ways = [
                max((found[to] + 1 for to in o.places if to in inner), default=0.0) for o in _expected(options[place])
            ]
            found[place] = min(ways, default=0.0)
    return found


class _Loop:
    """Places of which each leads to each, or a single one: what they and all beyond them add up at most.

    `beyond` has the vectors of the places that they lead to. A run that is in the loop leaves it once. In it, it is on
    a way without rules that are bounded, which can't go round, then takes such a rule and is on another: so often in
    all as these rules allow.
    """

    def __init__(
        self,
        ways: Ways,
        part: Sequence[Place],
        beyond: Mapping[Place, Vector],
        own: Mapping[Place, Vector],
        nothing: Vector,
    ) -> None:
        self.part, self.beyond, self.own, self.nothing = part, beyond, own, nothing
        self.max_steps = ways.max_steps
        inner = set(part)
        self.staying: dict[Place, list[tuple[Option, Vector, tuple[Place, ...]]]] = {}
        self.leaving: Vector = nothing
        for place in part:
            self.staying[place] = []
            for option in ways.options[place]:
                within = tuple(to for to in option.places if to in inner)
                aside = total((nothing, *(beyond[to] for to in option.places if to not in inner)))
                if within:
                    self.staying[place].append((option, aside, within))
                else:
                    self.leaving = upper(self.leaving, aside)
        self.bounded = not ways.unbounded(part)

    def most(self) -> dict[Place, Vector]:
        """The vector of each place."""
        if not any(self.staying.values()):
            return {place: total((self.own[place], self.leaving)) for place in self.part}
        walked = self._walked()
        if self.bounded:
            between, again = self._between()
            found = {place: total((between[place], again)) for place in self.part}
            walked = {place: lower(walked[place], found[place]) for place in self.part}
        return {place: total((walked[place], self.leaving)) for place in self.part}

    def _between(self) -> tuple[dict[Place, Vector], Vector]:
        """The most of each place until a bounded rule is taken, and of all that comes after one."""
        order = components(
            {
                place: [to for option, _, within in options if option.choice.limit is None for to in within]
                for place, options in self.staying.items()
            }
        )
        between: dict[Place, Vector] = {}
        for (place,) in order:
            best = self.nothing
            for option, aside, within in self.staying[place]:
                if option.choice.limit is None:
                    best = upper(best, total((aside, *(between[to] for to in within))))
            between[place] = total((self.own[place], best))
        rules: dict[tuple[str | int, ...], tuple[int, Vector]] = {}
        for options in self.staying.values():
            for option, aside, within in options:
                if option.choice.limit is not None:
                    _, before = rules.get(option.choice.path, (0, self.nothing))
                    taken = upper(before, total((aside, *(between[to] for to in within))))
                    rules[option.choice.path] = (option.choice.limit, taken)
        return between, total((self.nothing, *(scaled(limit, taken) for limit, taken in rules.values())))

    def _walked(self) -> dict[Place, Vector]:
        """The most of each place in as many steps as the graph may make."""
        work = self.max_steps * sum(map(len, self.staying.values())) * len(self.nothing)
        if work > _MOST_WORK:
            dearest = self.nothing
            for place, options in self.staying.items():
                for _, aside, _ in options:
                    dearest = upper(dearest, total((self.own[place], aside)))
            return dict.fromkeys(self.part, scaled(self.max_steps, dearest))
        found = dict.fromkeys(self.part, self.nothing)
        for _ in range(self.max_steps):
            before = found
            found = {
                place: total((self.own[place], self._best(options, before))) for place, options in self.staying.items()
            }
            if found == before:
                break
        return found

    def _best(
        self, options: Sequence[tuple[Option, Vector, tuple[Place, ...]]], before: Mapping[Place, Vector]
    ) -> Vector:
        best = self.nothing
        for _, aside, within in options:
            best = upper(best, total((aside, *(before[to] for to in within))))
        return best
