"""Checks what decides in a graph: the conditions of routes, the values and cases of switches, messages of `fail`."""

from __future__ import annotations

from collections.abc import Mapping

from configurable_agents.codes import CODES
from configurable_agents.spec.edges import END, START, Fail, Outgoing, Route, Switch, targets_of
from configurable_agents.spec.report import Report
from configurable_agents.spec.routecheck import check_coverage
from configurable_agents.spec.scope import OPEN
from configurable_agents.spec.shapes import DataPath, Role
from configurable_agents.spec.suggest import Edit, did_you_mean
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.texts import Site
from configurable_agents.spec.typerules import bare
from configurable_agents.spec.types import ANY, BOOL, INT, EnumOf, OptionalOf, Type


def check_edges(texts: TextChecker, edges: Mapping[str, Outgoing], scope: Mapping[str, Type]) -> None:
    """Report what is wrong with the texts of the edges; each declaration once, however many nodes share it."""
    seen: set[DataPath] = set()
    for name, outgoing in edges.items():
        if outgoing.path in seen:
            continue
        seen.add(outgoing.path)
        for target in targets_of(outgoing):
            if isinstance(target, Fail):
                texts.check(Site(target.path, Role.TEMPLATE, target.message), scope)
        if isinstance(outgoing, Route):
            for rule in outgoing.rules:
                if rule.when is not None:
                    texts.check(Site((*rule.path, "when"), Role.EXPRESSION, rule.when), scope, condition=True)
            _failures(texts, name, outgoing)
            check_coverage(texts, outgoing, scope)
        elif isinstance(outgoing, Switch):
            _switch(texts, outgoing, scope)


def _failures(texts: TextChecker, node: str, route: Route) -> None:
    """Report rules for failures that can't hold, and a route that has no others."""
    handling = [rule for rule in route.rules if rule.on_error is not None]
    for rule in handling:
        path: DataPath = (*rule.path, "on_error")
        if node == START:
            message = "START does not fail, so this rule never holds."
            texts.report.add("wrong_rule_of_route", message, "Remove it.", path, on_key=True)
        else:
            check_code(texts.report, rule.on_error or "", path)
    if handling and len(handling) == len(route.rules):
        fix = texts.report.append((*route.path, "route"), "{else: END}")
        message = "The route says nothing of where to go when no node fails."
        texts.report.add(
            "wrong_rule_of_route",
            message,
            Edit(f"Add {{else: {END}}} as its last rule.", fix),
            (*route.path, "route"),
            on_key=True,
        )


def check_code(report: Report, code: str, path: DataPath) -> None:
    """Report a code that no error has."""
    if code != "any" and code not in CODES:
        hint = did_you_mean(code, ("any", *CODES), "docs/errors.md lists the codes; any is every one.")
        if code.endswith(("Error", "Exception")):
            hint = "Whatever a function raises has the code python_error."
        report.add("unknown_code", f"No error has the code '{code}'.", hint, path)


def _switch(texts: TextChecker, switch: Switch, scope: Mapping[str, Type]) -> None:
    path: DataPath = (*switch.path, "switch")
    found = texts.check(Site(path, Role.EXPRESSION, switch.on), scope)
    given, decides = found.type, bare(found.type)
    if found.problems or path not in texts.parsed or (decides == ANY and OPEN in scope):
        return  # what it decides by is not known
    cases = [value for value, _ in switch.cases]
    if isinstance(decides, EnumOf):
        possible: tuple[str, ...] | None = decides.values
    elif decides == BOOL:
        possible = ("true", "false")
    else:
        possible = None
        # An int keeps its rules, so only its name is looked at; text and lists have no values to name in cases.
        if decides != ANY and getattr(decides, "name", "") != INT.name:
            hint = "Switch on an enum, a bool or an int; declare the field as enum[a, b], or use a route."
            texts.report.add("switch_type", f"A switch can't decide by {given}.", hint, path)
            return
    strangers = 0
    for case in cases:
        wrong = case not in possible if possible is not None else decides != ANY and not case.lstrip("-").isdigit()
        if wrong:
            strangers += 1
            hint = did_you_mean(case, possible or (), f"It is compared with {given}.")
            at: DataPath = (*switch.path, "cases", case)
            texts.report.add("unknown_case", f"'{case}' is no value of {decides}.", hint, at, on_key=True)
    if switch.otherwise is not None:
        return
    missing = [value for value in possible or () if value not in cases]
    if missing and len(missing) <= strangers:
        return  # those that are missing are most likely the ones misspelled
    if missing or possible is None or isinstance(given, OptionalOf):
        lacking = (
            f"it lacks {', '.join(missing)}"
            if missing
            else "it has no 'else' for null"
            if possible
            else "it has no 'else'"
        )
        message = f"The switch does not cover every value: {lacking}."
        texts.report.add(
            "switch_incomplete",
            message,
            Edit("Add the cases, or else: node.", texts.report.append(switch.path, "else: END")),
            (*switch.path, "cases"),
            on_key=True,
        )
