"""Where a node may lead, as far as its input decides: what a known condition rules out is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from configurable_agents.planning.expressions import evaluated
from configurable_agents.spec.edges import Goto, Outgoing, Route, Switch, Target
from configurable_agents.spec.filters import text_of
from configurable_agents.spec.jinja import truth
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.types import MISSING

Texts = Mapping[DataPath, Template | Expression]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way on. `limit` is how often it may be taken in a run, counted by `path`; `failed`: only after a failure."""

    to: Target
    path: DataPath
    limit: int | None = None
    failed: bool = False


def choices(outgoing: Outgoing, texts: Texts, known: Mapping[str, Any]) -> list[Choice]:
    """Every way that a declaration may lead in a run in which the names `known` have these values."""
    match outgoing:
        case Goto(to=to, path=path):
            return [Choice(to, path)]
        case Route():
            return list(_rules(outgoing, texts, known))
        case Switch():
            return list(_cases(outgoing, texts, known))


def _rules(route: Route, texts: Texts, known: Mapping[str, Any]) -> Iterator[Choice]:
    decided = False
    for rule in route.rules:
        if rule.on_error is not None:
            yield Choice(rule.to, rule.path, rule.max_times, failed=True)
        elif not decided:
            holds = True if rule.when is None else condition(texts.get((*rule.path, "when")), known)
            if holds is not False:
                yield Choice(rule.to, rule.path, rule.max_times)
            decided = holds is True and rule.max_times is None


def _cases(switch: Switch, texts: Texts, known: Mapping[str, Any]) -> Iterator[Choice]:
    on = texts.get((*switch.path, "switch"))
    value = evaluated(on, known) if isinstance(on, Expression) else MISSING
    key = MISSING if value is MISSING else "null" if value is None else str(text_of(value))
    found = False
    for case, target in switch.cases:
        if key is MISSING or case == key:
            found = True
            yield Choice(target, (*switch.path, "cases", case))
    if switch.otherwise is not None and (key is MISSING or not found):
        yield Choice(switch.otherwise, (*switch.path, "else"))


def condition(text: Template | Expression | None, known: Mapping[str, Any]) -> bool | None:
    """Whether a condition holds; None where the known names don't decide it."""
    value = evaluated(text, known) if isinstance(text, Expression) else MISSING
    return None if value is MISSING else truth(value)
