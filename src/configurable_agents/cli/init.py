"""`init`: a new project from a template that runs at once."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Annotated

import typer

_SKIPPED = ("__pycache__", ".configurable-agents")
_WORKFLOW = Path("workflow.yaml")
_SCHEMA = Path("workflow.schema.json")


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where the project goes; made if it isn't there.")
    ] = Path(),
    template: Annotated[str, typer.Option("--template", "-t", help="Which template; `--list` names them.")] = "hello",
    listing: Annotated[bool, typer.Option("--list", help="List the templates and exit.")] = False,
) -> None:
    """Begin a project that runs at once.

    It needs no key and no network: without a key, the demo model answers.
    """
    from configurable_agents.errors import UsageError
    from configurable_agents.spec.suggest import did_you_mean

    templates = _templates()
    if listing:
        for name, path in templates.items():
            print(f"{name:<20} {_description(path)}")
        return
    if template not in templates:
        hint = did_you_mean(template, templates, "List them with: configurable-agents init --list")
        raise UsageError("unknown_template", f"There is no template '{template}'.", hint)
    source = templates[template]
    files = [p.relative_to(source) for p in sorted(source.rglob("*")) if p.is_file()]
    files = [file for file in files if not set(file.parts) & set(_SKIPPED)]
    taken = [file for file in (*files, _SCHEMA) if (directory / file).exists()]
    if taken or (directory.exists() and not directory.is_dir()):
        message = f"{directory / taken[0]} is there already." if taken else f"{directory} is a file."
        raise UsageError(
            "file_exists",
            message,
            "Nothing was written. Name another directory: configurable-agents init DIR",
        )
    try:
        for file in files:
            target = directory / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target)
            print(target)
        _write_schema(directory)
    except OSError as error:
        message = f"{error.filename or directory} can't be written: {error.strerror}."
        raise UsageError("not_writable", message, "Name another directory: configurable-agents init DIR") from None
    workflow = shlex.quote(str(directory / _WORKFLOW))
    given = shlex.quote(str(directory / "input.json"))
    option = f" --input-file {given}" if (source / "input.json").is_file() else ""
    typer.echo(f"Run it:  configurable-agents run {workflow}{option}", err=True)


def _write_schema(directory: Path) -> None:
    """The schema beside the workflow, for its editor line: the templates share one, a folder above theirs.

    It is written anew, not copied, so that it knows the kinds of node of the plugins that are installed here.
    """
    from configurable_agents.cli.schema import schema_text

    (directory / _SCHEMA).write_text(f"{schema_text()}\n", encoding="utf-8")
    print(directory / _SCHEMA)
    for workflow in directory.glob("*.yaml"):
        text = workflow.read_text(encoding="utf-8")
        if f"$schema=../{_SCHEMA}" in text:
            workflow.write_text(text.replace(f"$schema=../{_SCHEMA}", f"$schema={_SCHEMA}", 1), encoding="utf-8")


def _templates() -> dict[str, Path]:
    """The examples by name: in the installed package, or beside its source."""
    package = Path(__file__).parents[1]
    for folder in (package / "examples", package.parents[1] / "examples"):
        if folder.is_dir():
            return {path.parent.name: path.parent for path in sorted(folder.glob("*/workflow.yaml"))}
    return {}


def _description(template: Path) -> str:
    from configurable_agents.app import load

    return load(template / "workflow.yaml").spec.description
