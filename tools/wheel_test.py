"""Installs the built wheel into a fresh environment, away from the source tree, and tries it there.

Run as `python -m tools.wheel_test DIST` by `make wheel-test`, which builds it first. The dependencies come
from the lock, with their hashes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "configurable_agents"
EXPECTED = (
    f"{PACKAGE}/__init__.py",
    f"{PACKAGE}/py.typed",
    f"{PACKAGE}/examples/article_writer/workflow.yaml",
)
UNWANTED = ("__pycache__", ".pyc", ".configurable-agents/", ".env", "node_modules")


def check_contents(wheel: Path) -> None:
    """What must be in the wheel is, and no leftovers of runs are; else exits with a message."""
    names = zipfile.ZipFile(wheel).namelist()
    missing = [name for name in EXPECTED if name not in names]
    surplus = [name for name in names if any(part in name for part in UNWANTED)]
    surplus += [name for name in names if not name.startswith((PACKAGE + "/", PACKAGE + "-"))]
    if missing or surplus:
        sys.exit(f"error: {wheel.name} lacks {missing or 'nothing'}, and has too much: {surplus or 'nothing'}")


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command as a user would, with nothing of the source tree in its way, and gives its stdout.

    Raises:
        subprocess.CalledProcessError: it failed; its stderr has been shown.
    """
    print("+", *command, flush=True)
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - commands of our own
    return done.stdout


def main() -> None:
    """Builds the environment in a temporary folder, installs the wheel and runs a template from it."""
    [wheel] = Path(sys.argv[1]).resolve().glob("*.whl")
    check_contents(wheel)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        venv.create(scratch / "venv", with_pip=True)
        programs = scratch / "venv" / "bin"
        pip = (programs / "python", "-m", "pip", "install", "--quiet")
        lock = ROOT / "requirements" / "run.txt"
        run(*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", lock, cwd=scratch)
        run(*pip, "--no-deps", "--no-index", wheel, cwd=scratch)
        command = programs / "configurable-agents"
        run(command, "--help", cwd=scratch)
        run(command, "init", "project", "--template", "article_writer", cwd=scratch)
        workflow = Path("project") / "workflow.yaml"
        run(command, "validate", workflow, cwd=scratch)
        options = ("--model", "demo", "--input", "topic=tidal energy", "--json")
        reply = run(command, "run", workflow, *options, cwd=scratch)
        status = json.loads(reply)["status"]
        if status != "succeeded":
            sys.exit(f"error: the template ended as {status}, not succeeded")
        run(command, "db", "upgrade", cwd=scratch)
        state = json.loads(run(command, "db", "status", "--json", cwd=scratch))["state"]
        if state != "current":
            sys.exit(f"error: the database that was made is {state}, not current")
    print(f"{wheel.name} works")


if __name__ == "__main__":
    main()
