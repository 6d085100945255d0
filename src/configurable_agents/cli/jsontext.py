"""Data as JSON on stdout."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any


def json_text(value: Any) -> str:
    """A value as JSON for stdout; escaped where stdout can't show every character."""
    return json.dumps(value, ensure_ascii=_escaped(), default=plain_json, indent=2)


def json_line(value: Any) -> str:
    """The same on one line."""
    return json.dumps(value, ensure_ascii=_escaped(), default=plain_json)


def _escaped() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"


def plain_json(value: Any) -> Any:
    """What JSON has for a value that it has no form for: dates as text."""
    return value.isoformat() if isinstance(value, date) else str(value)
