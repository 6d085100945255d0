"""`plan`: what a run will cost, before a token is paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from configurable_agents.planning.plan import Estimate, Plan, Range

_WIDTH = 80


def plan(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A workflow file.")],
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="K=V",
            help="An input field; a list as JSON, or repeated. `-` reads all from stdin. Fields may be left out.",
        ),
    ] = None,
    input_file: Annotated[
        str | None,
        typer.Option("--input-file", metavar="FILE", help="The input as a JSON or YAML file; `-` is stdin."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Plan for this model instead of every model of the file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as one JSON object.")] = False,
) -> None:
    """Say what a run will cost.

    The least, likely and most model calls, tokens and USD of each model. Nothing is run, no model is called, and no key
    is needed. What nothing bounds is named, with what would bound it.

    Exit status: 0 if there is a plan, 2 if the file, the input or the model is wrong.
    """
    from configurable_agents.app import load
    from configurable_agents.cli.errors import print_findings
    from configurable_agents.cli.inputs import read_input
    from configurable_agents.cli.jsontext import json_text
    from configurable_agents.planning.given import check_given
    from configurable_agents.runs.input import parse_pairs

    workflow = load(file)
    print_findings(workflow.findings)
    pairs, values = [pair for pair in given or [] if pair != "-"], dict[str, Any]()
    if "-" in (given or []):
        values.update(read_input("-"))
    if input_file is not None:
        values.update(read_input(input_file))
    read, problems = parse_pairs(workflow.spec.input, pairs)
    values.update(read)
    check_given(workflow.spec.input, values, problems)
    found = workflow.plan(values, model=model)
    if as_json:
        print(json_text(found.as_dict()))
    else:
        _print(found)


def _print(found: Plan) -> None:
    """The plan for a person: a table for each model, one for all of several, and what is to be known of them."""
    if not found.models:
        print(f"{found.workflow} asks no model.")
        return
    for number, model in enumerate(found.models):
        if number:
            print()
        print(model.model + (f" ({model.why})" if model.why else ""))
        _table(model)
    if len(found.models) > 1:
        print("\nin all")
        _table(found.total)
        if found.total.cost_usd is None and len(found.total.unpriced) < len(found.models):
            _row("  of it known", found.total.known_cost_usd, _usd)
    reasons: dict[str, list[str]] = {}
    for gap in found.unbounded:
        reasons.setdefault(f"{gap.field} {gap.why}. {gap.hint}", []).append(f"{gap.file}:{gap.line}, {gap.node}")
    _list("unbounded", reasons)
    _list("unpriced", {f"{model}: its price is not known, so its cost is not": [] for model in found.total.unpriced})
    _list("assumed", {note: [] for note in found.assumed})


def _table(estimate: Estimate) -> None:
    print(f"  {'':<14}{'least':>14}{'likely':>14}{'most':>16}")
    _row("  calls", estimate.calls, _whole)
    _row("  tokens in", estimate.input_tokens, _whole)
    _row("  tokens out", estimate.output_tokens, _whole)
    if estimate.cost_usd is not None:
        _row("  cost", estimate.cost_usd, _usd)
    else:
        print(f"  {'cost':<14}{'unknown':>14}{'unknown':>14}{'unknown':>16}")


def _row(title: str, figures: Range, shown: Any) -> None:
    most = "unbounded" if figures.most is None else shown(figures.most)
    print(f"{title:<16}{shown(figures.least):>14}{shown(figures.likely):>14}{most:>16}")


def _whole(figure: float) -> str:
    return f"{figure:,.0f}"


def _usd(figure: float) -> str:
    from configurable_agents.cli.words import money

    return money(figure)


def _list(title: str, lines: Mapping[str, Sequence[str]]) -> None:
    """Lines under a title, each with the places that it is said of."""
    if lines:
        print(f"\n{title}:")
    for line, places in lines.items():
        _wrapped(line, "  - ", "    ")
        for place in places:
            print(f"      {place}")


def _wrapped(text: str, first: str, rest: str) -> None:
    import textwrap

    lines = textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    print("\n".join(lines))
