"""What the graphs of one plan share: the models, the places of their figures, and what is noted on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from configurable_agents.planning.amounts import INF, Spread, Vector, scaled
from configurable_agents.planning.asks import REPAIR_TOKENS, Price
from configurable_agents.planning.extents import PART_TOKENS, TEXT_TOKENS, TOLD_ELSEWHERE, Cause
from configurable_agents.planning.meters import Meter, Providers
from configurable_agents.planning.plan import Gap, Total
from configurable_agents.runs.models import Models

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
        self.open = 0  # fields whose extents are being worked out, each for the next
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

    def gap(self, node: str, file: str, line: int, cause: Cause) -> None:
        """Note why there is no most of what the node at a path asks, which stands in this line."""
        if cause != TOLD_ELSEWHERE:
            self._gaps[Gap(node, cause.field, cause.why, cause.hint, file, line)] = None

    def note(self, assumption: str) -> None:
        """Note what is taken to be likely."""
        self._noted[assumption] = None

    def unknown(self, models: Iterable[str]) -> Spread:
        """Any number of calls of these models, one of each likely."""
        found = Spread.zero(self.size)
        for model in models:
            facts, tokens = self.meter(model).facts, float(TEXT_TOKENS)
            usd = tokens * ((facts.input_usd or 0.0) + (facts.output_usd or 0.0))
            likely = self._vector(model, (1.0, tokens, tokens, usd))
            found += Spread((0.0,) * self.size, likely, scaled(INF, likely))
        return found

    def notes(self, total: Total) -> Iterator[str]:
        """What the figures take for granted."""
        if not total.calls.likely and not total.calls.most:
            return
        yield from self._noted
        texts = f"a text has {TEXT_TOKENS} tokens, or {PART_TOKENS} within an object or a list"
        yield f"likely: nothing is asked twice; {texts}, but never more than half of its limit"
        yield f"at most: retries are used up, each reply is asked for again, with {REPAIR_TOKENS} tokens of complaint"
        caveats: dict[str, list[str]] = {}
        for model, meter in self.meters.items():
            for caveat in meter.facts.caveats:
                caveats.setdefault(caveat, []).append(model)
        yield from (f"{', '.join(models)}: {caveat}" for caveat, models in caveats.items())
