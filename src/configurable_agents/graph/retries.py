"""When a node is tried again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass

from configurable_agents.errors import LimitError, ModelError, RunError
from configurable_agents.spec.nodeshapes import RetryShape

_BACKOFF_S = 1.0
_MAX_BACKOFF_S = 60.0

# Failures that the same attempt would meet again: the file, the machine or the account has to be mended first.
_LASTING = frozenset({
    "auth", "bad_request", "compare_types", "content_filter", "context_length", "failed_by_route", "invalid_input",
    "missing_api_key", "missing_variable", "no_case", "no_rule", "not_a_list", "not_recorded", "parallel_writes",
    "python_import", "python_missing", "python_signature", "quota", "replay_diverged", "schema_refused",
    "template_error", "unknown_model", "unset_field", "unset_output",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, and after which failures; times are in seconds."""

    attempts: int = 1
    backoff: float = _BACKOFF_S
    max_backoff: float = _MAX_BACKOFF_S
    codes: frozenset[str] | None = None

    @classmethod
    def of(cls, shape: RetryShape | None) -> Retries:
        if shape is None:
            return cls()
        return cls(
            shape.attempts,
            _BACKOFF_S if shape.backoff is None else shape.backoff,
            _MAX_BACKOFF_S if shape.max_backoff is None else shape.max_backoff,
            None if shape.codes is None else frozenset(shape.codes),
        )

    def delay(self, attempt: int, error: RunError) -> float | None:
        """The seconds to wait after a failed attempt; None where it was the last.

        The waiting time doubles with each attempt; a random half of it (AWS's "equal jitter") keeps those apart that
        failed together. Where a provider says when to come back, it is no shorter than that.
        """
        if attempt >= self.attempts or not self._may_pass(error):
            return None
        full = min(self.backoff * 2.0 ** (attempt - 1), self.max_backoff)
        # Which half it is need not be known to anybody.
        wait = full / 2 + random.random() * full / 2  # noqa: S311
        asked = error.retry_after if isinstance(error, ModelError) else None
        return max(wait, asked or 0.0)

    def _may_pass(self, error: RunError) -> bool:
        if self.codes is not None:
            return "any" in self.codes or error.code in self.codes
        return error.code not in _LASTING and not isinstance(error, LimitError)
