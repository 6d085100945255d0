"""What `plan` tells: calls, tokens and money of each model and in all, and what is not known of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from configurable_agents.planning.amounts import INF


@dataclass(frozen=True, slots=True)
class Range:
    """A figure of a run: at least, likely, and at most; None where nothing bounds it."""

    least: float
    likely: float
    most: float | None

    def as_dict(self) -> dict[str, float | None]:
        """The range for JSON."""
        return {"least": self.least, "likely": self.likely, "most": self.most}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run costs. `cost_usd` is in USD, and None where a price that it needs is unknown."""

    calls: Range
    input_tokens: Range
    output_tokens: Range
    cost_usd: Range | None

    def as_dict(self) -> dict[str, Any]:
        """The estimate for JSON."""
        return {
            "calls": self.calls.as_dict(),
            "input_tokens": self.input_tokens.as_dict(),
            "output_tokens": self.output_tokens.as_dict(),
            "cost_usd": self.cost_usd.as_dict() if self.cost_usd is not None else None,
        }


@dataclass(frozen=True, slots=True)
class ModelPlan(Estimate):
    """What is asked of one model; `why` says why `auto` chose it."""

    model: str
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The model for JSON."""
        told = {"model": self.model, **({"why": self.why} if self.why else {})}
        return told | Estimate.as_dict(self)


@dataclass(frozen=True, slots=True)
class Total(Estimate):
    """What is asked of all models. `known_cost_usd` is for those whose price is known, `unpriced` are the others."""

    known_cost_usd: Range
    unpriced: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The total for JSON."""
        more = {"known_cost_usd": self.known_cost_usd.as_dict(), "unpriced": list(self.unpriced)}
        return Estimate.as_dict(self) | more


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that nothing bounds: the node that asks, by its path, the field that is the reason, and how to mend it.

    `file` and `line` are where the node stands.
    """

    node: str
    field: str
    why: str
    hint: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.node}: {self.field} {self.why}"

    def as_dict(self) -> dict[str, Any]:
        """The gap for JSON."""
        return {name: getattr(self, name) for name in ("node", "field", "why", "hint", "file", "line")}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of a workflow costs, before it runs.

    At least: of a run that succeeds on its shortest way. Likely: as `assumed` says. At most: of any run; `unbounded`
    says what that knows no bound of.
    """

    workflow: str
    models: tuple[ModelPlan, ...]
    total: Total
    unbounded: tuple[Gap, ...]
    assumed: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The plan as `plan --json` prints it."""
        return {
            "workflow": self.workflow,
            "models": [model.as_dict() for model in self.models],
            "total": self.total.as_dict(),
            "unbounded": [gap.as_dict() for gap in self.unbounded],
            "assumed": list(self.assumed),
        }


def whole_range(least: float, likely: float, most: float) -> Range:
    """A range of whole figures."""
    return Range(int(least), round(likely), None if most == INF else int(-(-most // 1)))


def money_range(least: float, likely: float, most: float) -> Range:
    """A range in USD, to a billionth."""
    rounded: Iterator[float] = (round(figure, 9) for figure in (least, likely))
    return Range(next(rounded), next(rounded), None if most == INF else round(most, 9))
