"""`runs diff`: what is different in two runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from configurable_agents.history.comparison import Change, Comparison


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A run: its id, a part of it, or `last`.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as one JSON object.")] = False,
) -> None:
    """Compare two runs.

    Their input, the way they took and where it parts, what their nodes wrote, their output, tokens, cost and duration.
    The exit status is 0 whether they differ or not.
    """
    from configurable_agents.cli.jsontext import json_text
    from configurable_agents.cli.runs.opened import find, history
    from configurable_agents.history.comparison import compare

    with history() as store:
        one, other = find(store, a), find(store, b)
    # The events do not tell that a process died.
    compared = compare(one.events, other.events)
    compared.before.status, compared.after.status = one.view.status, other.view.status
    if as_json:
        print(json_text(compared.as_dict()))
    else:
        print_comparison(compared)


def print_comparison(compared: Comparison) -> None:
    """A comparison, for a person."""
    from configurable_agents.cli.runs.tables import print_table
    from configurable_agents.cli.words import asked_model, cost, duration

    one, other = compared.before, compared.after
    rows = [["", "A", "B"], ["run", one.run_id, other.run_id]]
    if one.workflow_hash != other.workflow_hash:
        rows.append(
            ["workflow", f"{one.workflow} {one.workflow_hash[:8]}", f"{other.workflow} {other.workflow_hash[:8]}"]
        )
    rows += [
        ["status", one.status, other.status],
        ["model", *(asked_model(view) or "as in the file" for view in (one, other))],
        ["steps", str(len(one.steps)), str(len(other.steps))],
        ["calls", str(one.spent.model_calls), str(other.spent.model_calls)],
        *(
            [title, f"{getattr(one.spent, name):,}", f"{getattr(other.spent, name):,}"]
            for title, name in (("tokens in", "input_tokens"), ("tokens out", "output_tokens"))
        ),
        ["cost", cost(one.spent).removeprefix("cost "), cost(other.spent).removeprefix("cost ")],
        ["duration", duration(one.duration_s), duration(other.duration_s)],
    ]
    print_table(rows)
    _section("input", compared.input)
    _way(compared)
    for (node, visit), changes in compared.writes.items():
        _section(f"{node} (visit {visit})" if visit > 1 else node, changes)
    _section("output", compared.output)
    if one.error is not None or other.error is not None:
        _title("error")
        for sign, view in (("-", one), ("+", other)):
            if view.error is not None:
                print(f"  {sign} {view.error.code}: {view.error.message}")


def _way(compared: Comparison) -> None:
    parting = compared.parting
    _title("way")
    if parting is None:
        print("  the same")
        return
    from configurable_agents.cli.progress import called
    from configurable_agents.cli.words import counted

    what = "the choice after " if parting.kind == "route" else ""
    print(f"  parts at {what}{called(parting.node, parting.visit)}, after {counted(parting.common, 'common step')}")
    print(_removed(f"  - {parting.before or 'did not come here'}"))
    print(_added(f"  + {parting.after or 'did not come here'}"))


def _section(title: str, changes: Sequence[Change]) -> None:
    from configurable_agents.cli.jsontext import json_line
    from configurable_agents.history.comparison import MISSING

    if not changes:
        return
    _title(title)
    for change in changes:
        print(f"  {change.name}:")
        lines = change.lines()
        for line in lines:
            text = f"    {line}"
            print(_removed(text) if line.startswith("-") else _added(text) if line.startswith("+") else text)
        if not lines:
            if change.before is not MISSING:
                print(_removed(f"    - {json_line(change.before)}"))
            if change.after is not MISSING:
                print(_added(f"    + {json_line(change.after)}"))


def _title(text: str) -> None:
    from configurable_agents.cli.runs.tables import painted

    print(f"\n{painted(text, '1')}")


def _removed(text: str) -> str:
    from configurable_agents.cli.runs.tables import painted

    return painted(text, "31")


def _added(text: str) -> str:
    from configurable_agents.cli.runs.tables import painted

    return painted(text, "32")
