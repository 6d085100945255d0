"""Errors and findings as a person reads them, on stderr: what, where with the line itself, and how to mend it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from configurable_agents.errors import ConfigurableAgentsError, Finding, InputError, WorkflowError

_COLOURS = {"error": "31", "warning": "33", "advice": "36"}


def colourful() -> bool:
    """Whether stderr takes colour: a terminal, and NO_COLOR not set."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _paint(text: str, colour: str) -> str:
    return f"\033[1;{colour}m{text}\033[0m" if colourful() else text


def print_error(error: ConfigurableAgentsError) -> None:
    """An error of any kind; a workflow's with all its findings, an input's with all its problems."""
    if isinstance(error, WorkflowError):
        print_findings(error.findings)
        return
    if isinstance(error, InputError):
        for problem in error.problems:
            _print_one(error.code, problem.message, problem.hint)
        return
    _print_one(error.code, error.message, error.hint)


def _print_one(code: str, message: str, hint: str) -> None:
    print(f"{_paint(f'error[{code}]', '31')}: {message}", file=sys.stderr)
    if hint:
        print(f"  {_paint('hint', '36')}: {hint}", file=sys.stderr)


def print_findings(findings: Iterable[Finding]) -> None:
    """Findings with their lines, and a marker under what is meant."""
    for finding in findings:
        where = finding.location
        colour = _COLOURS[finding.severity]
        print(f"{_paint(f'{finding.severity}[{finding.code}]', colour)}: {finding.message}", file=sys.stderr)
        margin = " " * len(str(where.line))
        print(f"{margin}--> {where}", file=sys.stderr)
        if finding.source.strip():
            line, column = _window(finding.source.replace("\t", " "), where.column)
            marker = " " * (column - 1) + _paint("^" * min(where.width, max(len(line) - column + 1, 1)), colour)
            print(f"{margin} |\n{where.line} | {line}\n{margin} | {marker}", file=sys.stderr)
        if finding.hint:
            print(f"{margin} {_paint('hint', '36')}: {finding.hint}", file=sys.stderr)
        print(file=sys.stderr)


def _window(line: str, column: int, width: int = 110) -> tuple[str, int]:
    """The part of a long line round a column, and the column in it."""
    if len(line) <= width:
        return line, column
    start = max(0, min(column - width // 2, len(line) - width))
    cut = ("…" if start else "") + line[start + bool(start) : start + width]
    return cut, column - start
