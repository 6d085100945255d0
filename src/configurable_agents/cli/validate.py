"""`validate`: everything that is wrong with workflow files, before anything runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from configurable_agents.errors import Finding


def validate(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Workflow files.")],
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write what is safe to write: the nearest name, quotes, else: END.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as one JSON list.")] = False,
) -> None:
    """Check workflow files before they run.

    Their shape, types, templates, edges and graph, and what is read before it is written. Nothing is run, and no code
    of yours is imported. With --fix, the files are mended first, as far as is safe; all else in them stays as it is.

    Exit status: 0 if nothing is wrong, 1 if there are errors (with --strict: or warnings), 2 if a file can't be read.
    """
    from configurable_agents.app import check
    from configurable_agents.cli.errors import print_error, print_findings
    from configurable_agents.cli.fixing import fix_files
    from configurable_agents.cli.jsontext import json_text
    from configurable_agents.errors import Finding, Location, UsageError

    findings: list[Finding] = []
    status = 0
    for file in files:
        try:
            if fix and fix_files(file):
                print(file=sys.stderr)
            found = check(file).findings
        except UsageError as error:
            status = 2
            found = (Finding(error.code, error.message, Location(file, 1, 1), error.hint),)
            if not as_json:
                print_error(error)
        else:
            failing = ("error", "warning") if strict else ("error",)
            status = max(status, int(any(finding.severity in failing for finding in found)))
            if not as_json:
                print_findings(found)
                _say(file, found)
        findings.extend(found)
    if as_json:
        print(json_text([finding.as_dict() for finding in findings]))
    raise typer.Exit(status)


def _say(file: str, findings: tuple[Finding, ...]) -> None:
    if not findings:
        print(f"{Path(file)}: no problems")
        return
    counts = []
    for severity, called in (("error", "error"), ("warning", "warning"), ("advice", "piece")):
        count = sum(finding.severity == severity for finding in findings)
        if count:
            counts.append(f"{count} {called}{'' if count == 1 else 's'}{' of advice' if called == 'piece' else ''}")
    print(f"{Path(file)}: {', '.join(counts)}", file=sys.stderr)
