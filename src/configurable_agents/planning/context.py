"""What the graphs of one plan share: the models, the places of their figures, and what is noted on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from configurable_agents.planning.amounts import INF, Spread, Vector, scaled
from configurable_agents.planning.asks import REPAIR_TOKENS, Price
from configurable_agents.planning.extents import PART_TOKENS, TEXT_TOKENS, TOLD_ELSEWHERE, Cause
from configurable_agents.planning.meters import Meter, Providers
from configurable_agents.planning.plan import Gap, Total
from configurable_agents.plugins.nodes import NodeKind
from configurable_agents.runs.models import Models
from configurable_agents.spec.edges import Fail

if TYPE_CHECKING:
    from configurable_agents.planning.nodes import NodePlan
    from configurable_agents.planning.planner import GraphPlan
    from configurable_agents.planning.ways import Ways

_FIGURES = 4  # calls, tokens in, tokens out, USD


class Context:
    """The figures of a vector are those of all models together, then those of each."""

    def __init__(self, models: Models, providers: Providers) -> None:
        self.models = models
        self.meters: dict[str, Meter] = {}
        for target in models.targets.values():
            if target.model not in self.meters:
                self.meters[target.model] = Meter(target.model, providers)
        self._places = {model: _FIGURES * place for place, model in enumerate(self.meters, 1)}
        self.size = _FIGURES * (1 + len(self.meters))
        self._gaps: dict[Gap, None] = {}
        self._noted: dict[str, None] = {}

    def meter(self, model: str) -> Meter:
        """What is known of a model."""
        return self.meters[model]

    def place(self, model: str) -> int:
        """Where the figures of a model begin."""
        return self._places[model]

    def priced(self, meter: Meter, price: Price) -> Spread:
        """What an attempt asks of a model, as a spread of all figures."""
        rates = meter.facts.input_usd or 0.0, meter.facts.output_usd or 0.0
        vectors = []
        for calls, sent, back in zip(price.calls, price.input_tokens, price.output_tokens, strict=True):
            usd = sum(rate * tokens for rate, tokens in zip(rates, (sent, back), strict=True) if rate)
            vectors.append(self._vector(meter.model, (calls, sent, back, usd)))
        least, likely, most = vectors
        return Spread(least, likely, most)

    def _vector(self, model: str, figures: Vector) -> Vector:
        found = [*figures, *([0.0] * (self.size - _FIGURES))]
        found[self.place(model) : self.place(model) + _FIGURES] = figures
        return tuple(found)

    # ------------------------------------------------------------------------------------------------------------------

    @property
    def gaps(self) -> list[Gap]:
        """What nothing bounds, in the order of the file."""
        return sorted(self._gaps, key=lambda gap: (gap.file, gap.line))

    def gap(self, graph: GraphPlan, node: NodePlan, cause: Cause) -> None:
        """Note why there is no most of what a node asks."""
        if cause == TOLD_ELSEWHERE:
            return
        path = f"{graph.prefix}{node.spec.name}"
        self._gaps[Gap(path, cause.field, cause.why, cause.hint, graph.owner.source, node.spec.line)] = None

    def round(self, graph: GraphPlan, node: NodePlan) -> None:
        """Note what is guessed of a node that asks: how many items it has, and whether it runs."""
        path = f"{graph.prefix}{node.spec.name}"
        for place, number, sure in node.rounds_that_run():
            for cause in number.causes if number.most == INF else ():
                self.gap(graph, node, cause)
            if number.assumed:
                over = ", ".join(f"{loop.name} in {loop.over.text}" for loop in node.spec.loops)
                self._noted[f"likely: {path} has {number.likely:g} items ({over})"] = None
            if not sure and not place:
                self._noted[f"likely: the `when` of {path} holds"] = None

    def endless(self, graph: GraphPlan, names: list[str]) -> None:
        """Note a loop that only the limit of steps ends."""
        for name in names:
            why = f"lead back to it, and only max_steps ({graph.ways.max_steps}) ends that loop"
            self.gap(graph, graph.nodes[name], Cause("edges", why, "Give the rule that leads back a max_times."))

    def ways(self, ways: Ways) -> None:
        """Note how the likely way through a graph was chosen, where the input does not decide it."""
        for place, options in ways.options.items():
            going = [o for o in options if not o.choice.failed and not isinstance(o.choice.to, Fail)]
            if len(going) > 1 and len({o.places for o in going}) > 1:
                looping = any(place in part and len(part) > 1 for part in ways.parts)
                self._noted[_LEFT if looping else _DEAREST] = None

    def unknown(self, graph: GraphPlan, node: NodePlan) -> Spread:
        """What a node asks of which that can't be told: of each of its models, any number of calls."""
        cause = Cause("its kind", "does not say what it asks", "Add NodeKind.questions to the plugin.")
        self.gap(graph, node, cause)
        kind, found = node.spec.kind, Spread.zero(self.size)
        for asked in kind.models(node.config) if isinstance(kind, NodeKind) else ():
            model = self.models.target(graph.owner.source, asked, None, None).model
            facts, once = self.meter(model).facts, (1.0, float(TEXT_TOKENS), float(TEXT_TOKENS))
            usd = once[1] * (facts.input_usd or 0.0) + once[2] * (facts.output_usd or 0.0)
            likely = self._vector(model, (*once, usd))
            found += Spread((0.0,) * self.size, likely, scaled(INF, likely))
        return found

    def notes(self, total: Total) -> Iterator[str]:
        """What the figures take for granted."""
        if not total.calls.likely and not total.calls.most:
            return
        yield from self._noted
        texts = f"a text has {TEXT_TOKENS} tokens, or {PART_TOKENS} within an object or a list"
        yield f"likely: nothing is asked twice; {texts}, but never more than half of its limit"
        yield f"at most: each reply is asked for again once, with {REPAIR_TOKENS} tokens of complaint; retries are used up"
        for model, meter in self.meters.items():
            for caveat in meter.facts.caveats:
                yield f"{model}: {caveat}"


_LEFT = "likely: loops are left at the first chance"
_DEAREST = "likely: of ways that the input does not decide, the one with the most calls is gone"
