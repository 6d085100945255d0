"""Parses the texts of a document and checks them against the names they may read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from configurable_agents.errors import Fix, Severity
from configurable_agents.spec.environment import broken_reference
from configurable_agents.spec.inference import infer_expression, infer_template
from configurable_agents.spec.inferred import Inferred, Problem
from configurable_agents.spec.quoting import parses, quoted, surely_text
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath, Role
from configurable_agents.spec.source import Source
from configurable_agents.spec.suggest import Edit
from configurable_agents.spec.templates import Expression, Template, parse_expression, parse_template
from configurable_agents.spec.templatesyntax import TemplateError
from configurable_agents.spec.textfiles import TextFiles
from configurable_agents.spec.texts import Site
from configurable_agents.spec.types import ANY, Type
from configurable_agents.spec.yamltree import YamlScalar

_WORDS_AND_HASH = re.compile(r"[^\S\n]+#(?P<after>.?)")

_NUMBERED = re.compile(r" #\d+\b.*")


@dataclass(frozen=True, slots=True)
class Reading:
    """A name that is read: in a text at `offset`, or by what stands at `path`. `origin` is the text's own file.

    `guarded`: only where it is set, by `is defined` or `default`. `chosen`: only where a condition holds.
    """

    name: str
    report: Report
    path: DataPath
    offset: int | None = None
    origin: Source | None = None
    guarded: bool = False
    chosen: bool = False

    def say(self, code: str, message: str, hint: str, severity: Severity = "error") -> None:
        """Report something about the name where it is read."""
        if self.origin is not None and self.offset is not None:
            place = self.origin.place(self.offset)
            self.report.put(self.origin.finding(code, message, hint, place, len(self.name), severity))
        else:
            width = None if self.offset is None else len(self.name)
            self.report.add(code, message, hint, self.path, offset=self.offset, width=width, severity=severity)


class TextChecker:
    """Checks one text after the other.

    `parsed` holds what came of each by its place in the file's data, `reads` the names that it reads.
    """

    def __init__(self, report: Report, files: TextFiles) -> None:
        self.report = report
        self.files = files
        self.parsed: dict[DataPath, Template | Expression] = {}
        self.reads: dict[DataPath, list[Reading]] = {}

    def check(
        self,
        site: Site,
        scope: Mapping[str, Type],
        *,
        condition: bool = False,
        known: frozenset[str] = frozenset(),
        chosen: bool = False,
    ) -> Inferred:
        """The type and the reads of a text; whatever is wrong with it is reported where it stands.

        `known` are names that are set for certain; `chosen`: a condition decides whether the text is read at all.
        """
        if site.role is Role.ENVIRONMENT:
            self.environment(site)
            return Inferred()
        origin: Source | None = None
        text = site.text
        if site.file:
            self.environment(site)
            origin = self.files.source(site.text, site.path)
            if origin is None:
                return Inferred(ANY)
            text = origin.text
        cut = not site.file and site.role is not Role.EXPRESSION and self.cut_short(site)
        try:
            if site.role is Role.EXPRESSION:
                expression = parse_expression(text)
                self.parsed[site.path] = expression
                found = infer_expression(expression, scope, condition=condition, known=known)
            else:
                template = parse_template(text)
                self.parsed[site.path] = template
                found = infer_template(template, scope, known)
        except TemplateError as error:
            # What stands after an expression is a comment, unless that is what keeps it from being read.
            if not cut and (site.role is not Role.EXPRESSION or not self.cut_short(site)):
                self.say(site, origin, error)
            return Inferred(ANY)
        for problem in found.problems:
            self.say(site, origin, problem)
        lead = site.lead if origin is None else 0
        self.reads[site.path] = [
            Reading(read.name, self.report, site.path, read.offset + lead, origin, read.guarded, chosen or read.chosen)
            for read in found.reads
        ]
        return found

    def read(self, name: str, path: DataPath, *, guarded: bool = False) -> None:
        """Note that what stands at `path` reads a name; `guarded`: where it is set."""
        self.reads.setdefault(path, []).append(Reading(name, self.report, path, guarded=guarded))

    def say(self, site: Site, origin: Source | None, problem: TemplateError | Problem) -> None:
        code, message, hint = problem.code, problem.message, problem.hint
        offset, width = problem.offset, problem.width
        if origin is None:
            self.report.add(code, message, hint, site.path, offset=offset + site.lead, width=width)
        else:
            self.report.put(origin.finding(code, message, hint, origin.place(offset), width))

    def environment(self, site: Site) -> None:
        offset = broken_reference(site.text)
        if offset is not None:
            hint = "Write ${NAME}, or ${NAME:-default}."
            self.report.add(
                "wrong_reference",
                "'${' begins no environment reference.",
                hint,
                site.path,
                offset=offset,
                width=2,
            )
        elif "{{" in site.text:
            hint = "Such values come from the file and the environment: ${NAME}."
            at = site.text.find("{{")
            self.report.add("template_here", "No template stands here.", hint, site.path, offset=at, width=2)

    def cut_short(self, site: Site) -> bool:
        """Report a text that a `#` has cut short: a comment right after a plain text was hardly meant as one."""
        _, node = self.report.node(site.path)
        if not isinstance(node, YamlScalar) or node.style or not isinstance(node.value, str):
            return False
        source = self.report.source
        after = source.rest_of_line(node.end)
        match = _WORDS_AND_HASH.match(after)
        if match and (match["after"].strip() or " " in node.text):
            whole = (node.text + after).rstrip()
            line, column = source.place(node.end)
            column += match.end() - 1 - len(match["after"])
            hint = f"Quote the text: {quoted(whole)}. A comment goes on a line of its own."
            message = "YAML reads ' #' as the beginning of a comment, which cuts this text short."
            width, start = len(after) - match.start(), node.place
            in_one = source.lines[start[0]][start[1] :].startswith(whole)  # on one line, and all of it
            sure = (
                in_one
                and surely_text(whole)
                and _no_comment(site, node.text, whole)
                and not self.report.in_brackets(site.path)
            )
            fix = Fix(start[0] + 1, start[1] + 1, len(whole), quoted(whole)) if sure else None
            self.report.put(source.finding("text_cut_short", message, Edit(hint, fix), (line, column), width))
            return True
        return False


def _no_comment(site: Site, text: str, whole: str) -> bool:
    """Whether what a `#` has cut off a text surely belongs to it.

    It does where only the whole can be read, and where a number stands right after the `#`: `Say #1 of …`.
    """
    only = not _reads(site, text[site.lead :]) or _NUMBERED.fullmatch(whole, len(text)) is not None
    return only and _reads(site, whole[site.lead :])


def _reads(site: Site, text: str) -> bool:
    if site.role is not Role.EXPRESSION:
        return parses(text)
    try:
        parse_expression(text)
    except TemplateError:
        return False
    return True
