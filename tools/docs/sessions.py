"""Terminal sessions in pages, recorded by running their commands on the demo model."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from tools.docs.pages import blocks, save_files

ROOT = Path(__file__).resolve().parent.parent.parent
WIDTH = 100

# What differs from run to run: the id of a run, and how long things took.
_RUN_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_DURATION = re.compile(r"\b\d+\.\d+s\b")
_SECONDS = re.compile(r'("duration_s": )[\d.]+')


def recorded(page: str) -> str:
    """The page with the sessions in it as they go today; one that has changed in figures of time only stays."""
    sessions = [block for block in blocks(page) if block.language == "console" and block.runs]
    if not sessions:
        return page
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        save_files(page, folder)
        outcomes = [_session(block.text, folder) for block in sessions]
    for block, outcome in reversed(list(zip(sessions, outcomes, strict=True))):
        if _timeless(block.text) != _timeless(outcome):
            page = page[: block.start] + outcome + page[block.start + len(block.text) :]
    return page


def _timeless(text: str) -> str:
    # Figures of time may move the end of a line that was broken, so all space counts the same.
    text = _SECONDS.sub(r"\g<1>0", _DURATION.sub("0s", _RUN_ID.sub("ID", text)))
    return re.sub(r"\s+", " ", text).strip()


def _session(text: str, folder: Path) -> str:
    """The commands of a session, each with what it prints on a terminal's two streams."""
    commands = [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{_printed(command, folder)}" for command in commands)


def _printed(command: str, folder: Path) -> str:
    keep = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment.get("PATH", "")))
    environment |= {"CONFIGURABLE_AGENTS_MODEL": "demo", "COLUMNS": "80", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    shown = ""
    if command.startswith("make demo"):
        # As the target does it, but for installing: that is done, or nothing of this could run.
        command, folder = _recipe(command), ROOT
        shown = f"{command}\n"  # make says what it runs
    done = subprocess.run(  # noqa: S602  # a page of ours says what to run, with pipes if need be
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    for never in ("Traceback (most recent call last)", str(ROOT), str(folder)):
        if never in done.stdout:
            sys.exit(f"error: not to be recorded: `{command}` prints {never}\n{done.stdout}")
    return wrapped(shown + done.stdout)


def _recipe(command: str) -> str:
    done = subprocess.run(  # noqa: S602  # as above
        f"{command} --dry-run", shell=True, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return next(line for line in reversed(done.stdout.splitlines()) if "configurable-agents run" in line)


def wrapped(text: str) -> str:
    """Text with long lines broken as a terminal of `WIDTH` columns would, but between words."""
    lines = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False,
            drop_whitespace=True, replace_whitespace=False,
        ) or [""]  # fmt: skip
    return "\n".join(lines) + "\n" if lines else ""
