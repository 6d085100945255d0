"""The ways through a graph: what a run adds up on the shortest, on a likely one, and at most.

A place is a node on its way to where its branch ends: a join, or END. A fan-out leads to a place for each head and to
the join after them, and all of these are added up; of several choices one is taken. What is added up are vectors, each
of whose figures is worked out for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from configurable_agents.planning.amounts import INF, Spread, Vector, lower, scaled, total, upper
from configurable_agents.planning.choices import Choice
from configurable_agents.planning.components import Place, components
from configurable_agents.planning.loops import Loop, Option, unbounded
from configurable_agents.spec.edges import END, START, Fail
from configurable_agents.spec.topology import Fork

_LEFT = "loops are left at the first chance"
_DEAREST = "of ways that the input does not decide, the one with the most calls is taken"


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
        return [sorted({node for node, _ in part}) for part in self.parts if unbounded(self.options, part)]

    @property
    def undecided(self) -> Iterator[str]:
        """How the likely way was chosen where the input does not decide it."""
        for part in self.parts:
            for place in part:
                ways = {option.places for option in _expected(self.options[place])}
                if len(ways) > 1:
                    yield _LEFT if any(to in part for places in ways for to in places) else _DEAREST

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
            loop = Loop(self.options, part, found, {place: costs[place[0]].most for place in part}, self.max_steps)
            found.update(loop.most())
        dearest = nothing
        for node, _ in self.options:
            dearest = upper(dearest, costs[node].most)
        return lower(found[START, END], scaled(self.max_steps, dearest))

    def _likely(self, costs: Mapping[str, Spread], size: int) -> Vector:
        """Of a run in which nothing fails, loops are left at the first chance, and of ways the dearest is taken."""
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
    changed = True
    while changed:
        changed = False
        for place in part:
            ways = [
                max((found[to] + 1 for to in o.places if to in inner), default=0.0) for o in _expected(options[place])
            ]
            nearest = min(ways, default=0.0)
            changed |= nearest != found[place]
            found[place] = nearest
    return found
