"""`runs why`: why a run went the way it went."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from configurable_agents.history.decisions import Decision, Tried


def why(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    node: Annotated[str | None, typer.Argument(metavar="[NODE]", help="Only what was decided at this node.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Explain each decision of a run, in order.

    Routes and switches with every rule that was tried, what it saw and where it led; nodes that were skipped, and
    their `when`; failures, and what took them from there; the answers of people.
    """
    from configurable_agents.cli.jsontext import json_line
    from configurable_agents.cli.runs.opened import find, history, workflow_of
    from configurable_agents.history.decisions import decisions
    from configurable_agents.history.way import in_file

    with history() as store:
        found = find(store, run)
        workflow = workflow_of(store, found)
    if node is not None:
        _check(node, [step.node for step in found.view.steps])
    chosen = [
        decision
        for decision in decisions(workflow, found.events)
        if node is None or node in (decision.node, in_file(decision.node))
    ]
    if as_json:
        for decision in chosen:
            print(json_line(decision.as_dict()))
        return
    for decision in chosen:
        print("\n".join(_lines(decision)))
    if node is None and found.view.error is not None:
        print(f"{found.view.status}: {found.view.error.code}: {found.view.error.message}")
    elif not chosen:
        print("Nothing was decided: every edge on the way leads to one place.", file=sys.stderr)


def _check(node: str, executed: list[str]) -> None:
    from configurable_agents.errors import UsageError
    from configurable_agents.history.way import in_file
    from configurable_agents.spec.suggest import did_you_mean

    known = list(dict.fromkeys([*map(in_file, executed), "START"]))
    if node not in known and node not in executed:
        hint = did_you_mean(node, known, f"These were: {', '.join(known)}.")
        raise UsageError("unknown_execution", f"No node '{node}' was executed.", hint)


def _lines(decision: Decision) -> list[str]:
    from configurable_agents.cli.progress import called
    from configurable_agents.cli.runs.tables import painted

    name = painted(called(decision.node, decision.visit, decision.item), "1")
    match decision.kind:
        case "forked":
            changed = f", with {_values(decision)}" if decision.saw else ""
            return [f"{name}: from here on, a fork of {decision.text}{changed}"]
        case "answered":
            by = f" by {decision.by}" if decision.by else ""
            return [f"{name}: answered{by}: {_shown(decision.answer)}", f"    asked: {decision.text}"]
        case "skipped":
            return [
                f"{name}: skipped, because its condition did not hold",
                f"    when {decision.text}",
                *_saw(decision),
            ]
        case "failed":
            assert decision.error is not None  # noqa: S101  # it is what this is about
            lines = [f"{name}: failed with {decision.error.code}: {decision.error.message}"]
            return [*lines, f"    on_error set {', '.join(decision.sets)}"] if decision.sets else lines
    lines = [f"{name}: {decision.kind}"]
    if decision.error is not None:
        lines[0] += f" after it failed with {decision.error.code}: {decision.error.message}"
    lines += [f"    {_rule(rule)}" for rule in decision.tried]
    to = " & ".join(decision.to) if decision.fails_with is None else f"fail: {decision.fails_with}"
    return [*lines, *_saw(decision), f"    -> {to}"]


def _rule(rule: Tried) -> str:
    if rule.used_up:
        return f"used up  {rule.condition} (held, but was taken {rule.max_times} times, the most it may)"
    often = f" of at most {rule.max_times}" if rule.max_times is not None else ""
    if not rule.held:
        return f"no       {rule.condition}"
    return f"yes      {rule.condition}" + (f" (taken {rule.taken}{often})" if rule.taken is not None else "")


def _saw(decision: Decision) -> list[str]:
    return [f"    saw {_values(decision)}"] if decision.saw else []


def _values(decision: Decision) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in decision.saw.items())


def _shown(value: object) -> str:
    from configurable_agents.cli.jsontext import json_line
    from configurable_agents.spec.picturetext import shortened

    return shortened(json_line(value), 120)
