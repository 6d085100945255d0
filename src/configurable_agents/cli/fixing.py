"""`validate --fix`: writes what is safe to write, round by round, for one mistake may hide another."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from configurable_agents.errors import Finding, Fix, UsageError
from configurable_agents.spec.fixes import MOST_ROUNDS, apply_fixes, harmless_fixes, index_of
from configurable_agents.spec.source import LINE_END

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
    before: dict[Path, list[_Edit]] = {}
    for _ in range(MOST_ROUNDS):
        by_file: dict[str, list[Finding]] = {}
        for finding in check(name).findings:
            if finding.fix is not None and finding.severity != "advice":
                by_file.setdefault(finding.location.file, []).append(finding)
        made = sum(_mended(file, findings, seen, before) for file, findings in by_file.items())
        done += made
        if not made:
            break
    return done


@dataclass(frozen=True, slots=True)
class _Edit:
    """Where in a file, as it is now, a finding of this code was mended."""

    code: str
    start: int
    end: int


def _mended(file: str, findings: Iterable[Finding], seen: set[str], before: dict[Path, list[_Edit]]) -> int:
    path = Path(file).resolve()  # a link stays one
    raw = path.read_bytes().decode("utf-8")
    bom = _BOM if raw.startswith(_BOM) else ""
    text = raw.removeprefix(_BOM)
    done = before.setdefault(path, [])
    by_fix = {
        finding.fix: finding
        for finding in findings
        if finding.fix is not None and not _again(index_of(text, finding.fix), finding.fix, finding.code, done)
    }
    mended, made = apply_fixes(text, harmless_fixes(text, by_fix))
    if mended == text or f"{path}\0{mended}" in seen:
        return 0  # what comes round again mends nothing
    seen.update((f"{path}\0{text}", f"{path}\0{mended}"))
    _write(path, bom + mended, file)
    before[path] = _moved(done, [(index_of(text, fix), fix, by_fix[fix].code) for fix in made], text)
    for fix in sorted(made, key=lambda fix: (fix.line, fix.column)):
        old = by_fix[fix].source[fix.column - 1 : fix.column - 1 + fix.width]
        what = f"{old} -> {fix.text}" if old else f"added {fix.text.strip().removeprefix(', ')}"
        print(f"{file}:{fix.line}:{fix.column}: {what}", file=sys.stderr)
    return len(made)


def _again(start: int, fix: Fix, code: str, done: Iterable[_Edit]) -> bool:
    """Whether an edit is made where one of the same finding was made before, which did not mend it."""
    return any(edit.code == code and start < edit.end and edit.start < start + max(fix.width, 1) for edit in done)


def _moved(done: Iterable[_Edit], made: list[tuple[int, Fix, str]], text: str) -> list[_Edit]:
    """The edits of earlier rounds, and those that were made in `text` now, where they are in what came of it."""
    line_end = LINE_END.search(text)
    more = len(line_end.group()) - 1 if line_end else 0
    lengths = {start: len(fix.text) + more * fix.text.count("\n") for start, fix, _ in made}

    def after(index: int) -> int:
        return index + sum(lengths[start] - fix.width for start, fix, _ in made if start < index)

    found = [_Edit(edit.code, after(edit.start), after(edit.end)) for edit in done]
    return found + [_Edit(code, after(start), after(start) + lengths[start]) for start, _, code in made]


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
