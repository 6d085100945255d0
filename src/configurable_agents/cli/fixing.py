"""`validate --fix`: writes what is safe to write, round by round, for one mistake may hide another."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from configurable_agents.errors import Finding, UsageError
from configurable_agents.spec.fixes import apply_fixes

_MOST_ROUNDS = 20
_BOM = "\ufeff"


def fix_files(name: str) -> int:
    """Mend the workflow in a file, and the files that it reads, as far as is safe; how many edits were made.

    Each edit is told on stderr. A file is written as a whole or not at all.

    Raises:
        UsageError: there is no such file, or one that should be mended can't be written.
    """
    from configurable_agents.app import check

    done = 0
    seen: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        by_file: dict[str, list[Finding]] = {}
        for finding in check(name).findings:
            if finding.fix is not None and finding.severity != "advice":
                by_file.setdefault(finding.location.file, []).append(finding)
        made = sum(_mended(file, findings, seen) for file, findings in by_file.items())
        done += made
        if not made:
            break
    return done


def _mended(file: str, findings: Iterable[Finding], seen: set[str]) -> int:
    path = Path(file).resolve()  # a link stays one
    raw = path.read_bytes().decode("utf-8")
    bom = _BOM if raw.startswith(_BOM) else ""
    text = raw.removeprefix(_BOM)
    by_fix = {finding.fix: finding for finding in findings if finding.fix is not None}
    mended, made = apply_fixes(text, by_fix)
    if mended == text or f"{path}\0{mended}" in seen:
        return 0  # what comes round again mends nothing
    seen.update((f"{path}\0{text}", f"{path}\0{mended}"))
    _write(path, bom + mended, file)
    for fix in sorted(made, key=lambda fix: (fix.line, fix.column)):
        old = by_fix[fix].source[fix.column - 1 : fix.column - 1 + fix.width]
        what = f"{old} -> {fix.text}" if old else f"added {fix.text.strip().removeprefix(', ')}"
        print(f"{file}:{fix.line}:{fix.column}: {what}", file=sys.stderr)
    return len(made)


def _write(path: Path, text: str, shown: str) -> None:
    """Put a text in the place of a file in one go, so that it is whole whenever it is read."""
    temporary: str | None = None
    try:
        with path.open("ab"):  # refused here where the file, rather than its directory, may not be written
            pass
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        os.chmod(temporary, path.stat().st_mode)  # noqa: PTH101  # a path as mkstemp gives it
        os.replace(temporary, path)  # noqa: PTH105  # as above
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108  # as above
        raise UsageError(
            "not_writable", f"{shown} can't be written: {error.strerror}.", "Check its permissions."
        ) from None
