"""Writes the documentation that is made from the code; with `--check`, says what is out of date instead.

Run as `python -m tools.docs` by `make docs`, and with `--check` by `make check`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from typer import Context
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from configurable_agents.cli.main import app
from configurable_agents.codes import GROUPS
from configurable_agents.plugins.registry import node_kinds
from configurable_agents.spec.schema import document_schema
from tools.docs.mutants import with_mutants
from tools.docs.reference import markdown_table, node_names, table
from tools.docs.sessions import ROOT, recorded

_MARKER = re.compile(r"<!-- (?P<name>[a-z ]+) -->")
_MADE = "<!-- Made from {source} by `python -m tools.docs`. Change it there. -->\n\n"


def language() -> str:
    """The reference of the language: its text, with a table from the models in the place of each marker."""
    partial = "docs/_partials/language.md"
    text = (ROOT / partial).read_text("utf-8")
    missing = [name for name in node_names() if f"<!-- node {name} -->" not in text]
    if missing:
        sys.exit(f"error: {partial} says nothing of the kinds of node {missing}; add <!-- node {missing[0]} -->")
    return _MADE.format(source=f"the code and {partial}") + _MARKER.sub(lambda match: table(match["name"]), text)


def errors() -> str:
    """Every code, by what it is about."""
    text = (ROOT / "docs/_partials/errors.md").read_text("utf-8")
    parts = [_MADE.format(source="src/configurable_agents/codes.py and docs/_partials/errors.md") + text.rstrip()]
    for title, codes in GROUPS.items():
        rows = [(f'<a id="{code}"></a>`{code}`', meaning) for code, meaning in sorted(codes.items())]
        parts.append(f"## {title}\n\n{markdown_table(('code', 'means'), rows)}")
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    """The help of every command."""
    text = (ROOT / "docs/_partials/cli.md").read_text("utf-8")
    parts = [_MADE.format(source="the commands' own help and docs/_partials/cli.md") + text.rstrip()]
    for name in ("", *_command_names()):
        shown = CliRunner().invoke(
            app, [*name.split(), "--help"], prog_name="configurable-agents", terminal_width=80, color=False
        )
        title = f"configurable-agents {name}".strip()
        parts.append(f"## {title}\n\n```text\n{shown.output.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _command_names() -> Iterator[str]:
    """Every command, one of a group with the group's name before it."""
    whole = get_command(app)
    assert isinstance(whole, TyperGroup)  # noqa: S101  # there are several
    context = Context(whole)
    for name in whole.list_commands(context):
        command = whole.get_command(context, name)
        if isinstance(command, TyperGroup):
            yield from (f"{name} {inner}" for inner in command.list_commands(context))
        else:
            yield name


def schema() -> str:
    """The JSON Schema that the examples name in their first line."""
    kinds = {name: kind for name, kind in node_kinds().items() if name in node_names()}
    return json.dumps(document_schema(kinds), indent=2, ensure_ascii=False) + "\n"


def contents() -> Iterator[tuple[Path, str]]:
    """Every file that is made here, with what it should hold."""
    yield ROOT / "docs/language.md", recorded(language())
    yield ROOT / "docs/errors.md", errors()
    yield ROOT / "docs/cli.md", commands()
    yield ROOT / "examples/workflow.schema.json", schema()
    made = {"language.md", "errors.md", "cli.md"}
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        if page.name not in made:
            yield page, recorded(with_mutants(page.read_text("utf-8")))


def main() -> int:
    """The exit status: 1 where `--check` finds a file out of date."""
    stale = []
    for path, text in contents():
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if "--check" not in sys.argv[1:]:
                path.write_text(text, encoding="utf-8")
    if "--check" not in sys.argv[1:]:
        print("\n".join(f"wrote {name}" for name in stale) or "everything is up to date")
        return 0
    for name in stale:
        print(f"error: {name} is out of date", file=sys.stderr)
    if stale:
        print("hint: make docs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
