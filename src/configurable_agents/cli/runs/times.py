"""Times as they are given and shown: `2d` and dates in, the clock of this place out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from configurable_agents.errors import UsageError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str) -> datetime:
    """The time that `2d` (ago), `2026-01-31` or `2026-01-31T12:00` means; without a zone, in that of this place.

    Raises:
        UsageError: it means none.
    """
    match = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip())
    try:
        if match is not None:
            return datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):  # no date, or one that no clock here can show
        message = f"'{text}' is no time."
        raise UsageError("wrong_time", message, "Write how long ago, as 30m, 12h, 2d or 1w, or a date.") from None


def shown(time: datetime) -> str:
    """`2026-01-31 12:00:00`, by the clock of this place."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def clock(time: datetime) -> str:
    """`12:00:00.123`."""
    return f"{time.astimezone():%H:%M:%S.%f}"[:-3]
