"""The rules of the house that neither ruff, mypy nor import-linter can hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "configurable_agents"
COMMAND = Path(sys.executable).with_name("configurable-agents")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

MAX_LINES = 400

# Loaded by these commands, they would cost a second or more before anything is said.
HEAVY = {"alembic", "langchain_core", "langgraph", "litellm", "sqlalchemy"}

# The plugin boundaries: the only modules that may catch every exception, to make a typed error of it.
# A module that no longer does so has to leave the list.
CATCH_ALL = {
    "builtins/nodes/python_calls.py",  # the functions of users
    "builtins/nodes/python_types.py",  # the annotations of users
    "builtins/providers/litellm/provider.py",  # LiteLLM
    "builtins/providers/litellm/routes.py",  # LiteLLM
    "cli/main.py",  # our own mistakes, told without a traceback
    "gateway/gateway.py",  # model providers
    "graph/attempts.py",  # kinds of node
    "graph/merging.py",  # functions of users that merge
    "graph/wrapper.py",  # kinds of node, and whatever may go wrong with what they give
    "plugins/functions.py",  # modules and classes of users
    "plugins/registry.py",  # modules of plugins
    "storage/writer.py",  # whatever a database's driver raises: those who wait are told, and the thread goes on
    "runs/journal.py",  # subscribers; what they raise is raised when the run has ended
    "runs/runner.py",  # whatever ends a run is recorded, and raised again
    "plugins/threads.py",  # whatever runs in a thread; it is raised again where it is waited for
}

# The only modules that may import by a name worked out at run time, which import-linter can't see.
DYNAMIC_IMPORTS = {
    "__init__.py",  # the public names, imported when they are first used
    "plugins/functions.py",  # the modules of users
}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text("utf-8"), path))


def imported_by(*command: str | Path) -> set[str]:
    """All modules that a Python program imports, by Python's own account; it has to succeed."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    assert done.returncode == 0, "\n".join([done.stdout, *said])
    return set(re.findall(r"^import time: +\d+ \| +\d+ \| +([\w.]+)$", done.stderr, re.MULTILINE))


def libraries(imported: set[str]) -> set[str]:
    """The top-level names among them that are neither Python's nor ours."""
    known = {*sys.stdlib_module_names, "configurable_agents"}
    return {top for module in imported if (top := module.partition(".")[0]) not in known}


def catches_all(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"}) for kind in caught
    )


def imports_dynamically(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
    return called in {"__import__", "exec_module", "import_module"}


@pytest.mark.parametrize(
    "path", modules("src", "tests", "tools", "benchmarks"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_module_is_one_thought(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= MAX_LINES, f"{lines} lines are two modules"


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in modules("src", "tests", "tools", "benchmarks")} - {ROOT / "src"}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def test_only_plugin_boundaries_catch_every_exception() -> None:
    found = {name(path) for path in modules("src") if any(map(catches_all, nodes(path)))}
    assert found == CATCH_ALL


def test_only_loaders_import_by_computed_names() -> None:
    found = {name(path) for path in modules("src") if any(map(imports_dynamically, nodes(path)))}
    assert found == DYNAMIC_IMPORTS


def test_every_library_that_is_imported_is_declared() -> None:
    imported: set[str] = set()
    for path in modules("src"):
        for node in nodes(path):
            if isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module or "")
    lines = sum(PROJECT["project"]["optional-dependencies"].values(), PROJECT["project"]["dependencies"])
    declared = {re.split(r"[^\w.-]", line)[0].lower().replace("_", "-") for line in lines}
    providers = packages_distributions()
    undeclared = {
        library
        for library in libraries(imported)
        if not declared & {provider.lower().replace("_", "-") for provider in providers.get(library, ())}
    }
    assert not undeclared


def test_importing_the_package_loads_no_library_and_none_of_its_modules() -> None:
    bare = imported_by("-c", "pass")
    imported = imported_by("-c", "import configurable_agents") - bare
    assert not libraries(imported)
    assert {module for module in imported if module.startswith("configurable_agents")} == {"configurable_agents"}


def test_every_public_name_is_there() -> None:
    import configurable_agents

    assert configurable_agents.__all__
    assert not [public for public in configurable_agents.__all__ if not hasattr(configurable_agents, public)]
    assert set(configurable_agents.__all__) <= set(dir(configurable_agents))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["validate"], ["plan", "examples/hello/workflow.yaml", "--model", "demo"]], ids=" ".join
)
def test_light_commands_load_no_heavy_library(arguments: list[str]) -> None:
    if arguments == ["validate"]:
        arguments = [*arguments, *map(str, sorted(ROOT.glob("examples/*/workflow.yaml")))]
    imported = imported_by(COMMAND, *arguments)
    assert "configurable_agents.cli.main" in imported
    assert not libraries(imported) & HEAVY
