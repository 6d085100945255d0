"""Checks that a rule of a route always holds, where its conditions speak of enums and bools only: by trying all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod

from configurable_agents.spec.edges import Route, Rule
from configurable_agents.spec.filters import text_of
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.suggest import Edit
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.typerules import bare
from configurable_agents.spec.types import BOOL, EnumOf, OptionalOf, Type

_MOST_CASES = 256
_SHOWN = 3


def check_coverage(texts: TextChecker, route: Route, scope: Mapping[str, Type]) -> None:
    """Report a route whose rules leave a case out. What can't be known is taken as covered."""
    choosing = [rule for rule in route.rules if rule.on_error is None]
    if not choosing or any(rule.when is None for rule in choosing):
        return
    conditions = [(rule, texts.parsed.get(_place(rule))) for rule in choosing]
    readings = [reading for rule in choosing for reading in texts.reads.get(_place(rule), ())]
    names = {reading.name: _values(scope.get(reading.name)) for reading in readings}
    if any(reading.guarded for reading in readings) or prod(map(len, names.values())) not in range(1, _MOST_CASES + 1):
        return
    left, later = [], []  # the cases in which no rule holds, and those in which none does once it is used up
    for values in product(*names.values()):
        case = dict(zip(names, values, strict=True))
        try:
            held = [rule for rule, condition in conditions if _holds(condition, case)]
        except RenderError:
            return
        if not held:
            left.append(case)
        elif all(rule.max_times for rule in held):
            later.append(case)
    path: DataPath = (*route.path, "route")
    fix = texts.report.append(path, "{else: END}")
    if left:
        where = f"No rule holds where {_shown(left)}" if names else "None of the rules ever holds"
        message = f"{where}, and the run fails then."
        texts.report.add(
            "route_incomplete", message, Edit("Add a rule for it, or {else: node} as the last.", fix), path, on_key=True
        )
    elif later:
        where = f"Where {_shown(later)}, no rule" if names else "No rule"
        message = f"{where} holds any more when max_times is used up, and the run fails then."
        hint = Edit("Add {else: node} as the last rule: where to go then.", fix)
        texts.report.add("route_incomplete", message, hint, path, on_key=True, severity="warning")


def _place(rule: Rule) -> DataPath:
    return (*rule.path, "when")


def _values(a_type: Type | None) -> tuple[object, ...]:
    """All values of a type; none where they can't be counted."""
    of = bare(a_type) if a_type is not None else None
    values: tuple[object, ...] = of.values if isinstance(of, EnumOf) else (True, False) if of == BOOL else ()
    return (*values, None) if values and isinstance(a_type, OptionalOf) else values


def _holds(condition: object, case: Mapping[str, object]) -> bool:
    # Where a condition can't be read, which is reported, nothing is known of the route: it may hold always.
    return condition.holds(case) if isinstance(condition, Expression) else True


def _shown(cases: list[dict[str, object]]) -> str:
    words = [" and ".join(f"{name} is {_word(value)}" for name, value in case.items()) for case in cases[:_SHOWN]]
    more = len(cases) - len(words)
    return ", or ".join(words) + (f" (and {more} more)" if more > 0 else "")


def _word(value: object) -> str:
    return str(text_of(value)) or "null"
