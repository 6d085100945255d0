"""Every error this package raises, as one tree.

    ConfigurableAgentsError            code, message, hint, exit_status
    ├── UsageError                     the file, the input or the call is wrong; nothing was run (exit 2)
    │   ├── WorkflowError              a workflow file with mistakes: `findings` holds all of them
    │   ├── InputError                 the input does not fit the workflow: `problems` holds all of them
    │   └── SettingsError              the environment lacks something: a variable, a plugin that loads
    ├── StoreError                     what happens can't be kept, or is kept by another process (exit 1)
    └── RunError                       a run was started and failed (exit 1)
        ├── LimitError                 a limit of the workflow was reached
        └── NodeError                  a node failed: `node` names it
            ├── ModelError             a model call failed, or its reply did not fit
            └── WriteError             a value did not fit the type of the field it was written to

`code` is stable and documented in docs/errors.md, which is made from `CODES`. A message says what is wrong and
where, a hint how to mend it; neither ever holds a secret.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "advice"]


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a text file. Lines and columns count from 1; `width` is the number of characters meant.

    In a workflow that Python made, `file` is its name, `path` the keys that lead to a value (`nodes.ask.prompt`), and
    line and column count within that value's text.
    """

    file: str
    line: int
    column: int
    width: int = 1
    path: str = ""

    def __str__(self) -> str:
        if self.path and (self.line, self.column) == (1, 1):
            return f"{self.file}:{self.path}"
        return f"{self.file}:{self.path}{':' if self.path else ''}{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that mends a finding: from a line and a column, counted from 1, so many characters become `text`.

    The characters stand on one line; a text that begins with a line end adds lines after it.
    """

    line: int
    column: int
    width: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the analysis of a workflow file found; `source` is the text of its line.

    `fix` mends it where there is one safe way to; it is an edit of the file that `location` names.
    """

    code: str
    message: str
    location: Location
    hint: str = ""
    severity: Severity = "error"
    source: str = ""
    fix: Fix | None = None

    def as_dict(self) -> dict[str, object]:
        """The finding as `validate --json` prints it."""
        where = self.location
        return {
            "code": self.code,
            "severity": self.severity,
            "file": where.file,
            **({"path": where.path} if where.path else {}),
            "line": where.line,
            "column": where.column,
            "message": self.message,
            "hint": self.hint,
            **({"fix": asdict(self.fix)} if self.fix is not None else {}),
        }

    def __str__(self) -> str:
        text = f"{self.location}: {self.severity}[{self.code}]: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class ConfigurableAgentsError(Exception):
    """The root of the tree: `code` is stable, `message` says what is wrong, `hint` how to mend it."""

    exit_status = 1

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.code}: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class UsageError(ConfigurableAgentsError):
    """The file, the input or the call is wrong; nothing was run."""

    exit_status = 2


class WorkflowError(UsageError):
    """A workflow file has mistakes. `findings` are all of them, in the order of the file."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        errors = [f for f in findings if f.severity == "error"]
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(first.code, f"{first.location}: {first.message}{more}", first.hint)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One input field that does not fit: what was given, what is expected."""

    field: str
    message: str
    hint: str = ""


class InputError(UsageError):
    """The input does not fit the workflow's `input`. `problems` are all of its misfits."""

    def __init__(self, problems: tuple[InputProblem, ...]) -> None:
        message = "; ".join(problem.message for problem in problems)
        super().__init__("invalid_input", message, problems[0].hint)
        self.problems = problems


class SettingsError(UsageError):
    """The environment lacks something: a variable that the workflow names, a plugin that can be loaded."""


class StoreError(ConfigurableAgentsError):
    """The history of runs can't be written or read, or a run belongs to another process."""


class RunError(ConfigurableAgentsError):
    """A run was started and failed; `node` is the node it failed in, where there is one."""

    def __init__(self, code: str, message: str, hint: str = "", node: str | None = None) -> None:
        super().__init__(code, message, hint)
        self.node = node


class LimitError(RunError):
    """A limit of the workflow was reached; the message says which, where the run stood and how to raise it."""


class NodeError(RunError):
    """A node failed."""


class ModelError(NodeError):
    """A model call failed, or its reply did not fit what was asked for.

    `status` is the HTTP status the provider answered with, None where there was no answer; `retryable` says
    whether the same call may succeed later; `retry_after` is in seconds, where the provider named it.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        status: int | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, hint)
        self.status = status
        self.retryable = retryable
        self.retry_after = retry_after


class WriteError(NodeError):
    """A value did not fit the type of the field it was written to."""
