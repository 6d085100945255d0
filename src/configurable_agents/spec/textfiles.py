"""Text files beside a workflow: prompts, and what `files` names. Paths are relative to the workflow's."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from configurable_agents.errors import SettingsError
from configurable_agents.spec.environment import broken_reference, resolve_environment
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.source import MAX_BYTES, Source


class TextFiles:
    """Reads files; `read` are their texts by path as the workflow names it, `places` by where they lie."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.read: dict[str, str] = {}
        self.places: dict[Path, str] = {}

    def within(self, report: Report) -> TextFiles:
        """The same for a part of the file, which has a report of its own."""
        inner = TextFiles(report)
        inner.read, inner.places = self.read, self.places
        return inner

    def named(self, files: Mapping[str, str]) -> dict[str, str]:
        """The texts of the section `files` by name; a file that can't be read is reported and taken as empty."""
        found = {}
        for name, path in files.items():
            source = self.source(path, ("files", name))
            found[name] = source.text if source else ""
        return found

    def source(self, path: str, at: DataPath) -> Source | None:
        """The file at `path`, which the workflow names at `at`; None where it can't be read, which is reported."""
        if broken_reference(path) is not None:
            return None  # said where the references are checked
        try:
            resolved = resolve_environment(path, os.environ, f"The path '{path}'")
            file = self.report.source.directory / resolved
            kept = self.report.source.kept
            if kept is not None and file.resolve() in kept:
                return self._source(path, resolved, file, kept[file.resolve()])
            facts = file.stat()
            if facts.st_size > MAX_BYTES:
                self.report.add("file_too_large", f"{path} has more than 1 MB.", "Take a smaller file.", at)
                return None
            if not stat.S_ISREG(facts.st_mode):
                self.report.add("file_unreadable", f"{path} is no file of text.", "Name a file.", at)
                return None
            text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except SettingsError as error:
            self.report.add(error.code, error.message, error.hint, at)
        except UnicodeDecodeError:
            self.report.add("not_text", f"{path} is no text in UTF-8.", "Save it as UTF-8.", at)
        except (FileNotFoundError, ValueError):  # a path with a NUL names no file
            hint = f"Paths are relative to the workflow's directory, {self.report.source.directory}."
            self.report.add("file_not_found", f"There is no file {path}.", hint, at)
        except OSError as error:
            self.report.add("file_unreadable", f"{path} can't be read: {error.strerror}.", "Check the path.", at)
        else:
            return self._source(path, resolved, file, text)
        return None

    def _source(self, path: str, resolved: str, file: Path, text: str) -> Source:
        self.read[path] = text
        self.places[file.resolve()] = text
        # Named as the workflow was: relative to where the user is.
        shown = os.path.normpath(Path(self.report.source.name).parent / resolved)
        return Source.of(text, shown, file.parent)
