"""What the nodes of the workflows here call; each call is noted at once, in a file that outlives the process."""

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from pathlib import Path

CALLS = "CHAOS_CALLS"  # the file of calls: a line each, `kind key`
GATE = "CHAOS_GATE"  # what fails until this file exists, or waits for it

_REST_S = 0.003  # so that there is a middle to be killed in


def noted(kind: str, key: str) -> None:
    """Note a call. It is one write, so that two processes can note theirs at once, and is in the file when it ends."""
    handle = os.open(os.environ[CALLS], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        os.write(handle, f"{kind} {key}\n".encode())
    finally:
        os.close(handle)


def note(key: str, text: str) -> str:
    noted("call", key)
    time.sleep(_REST_S)
    return text.upper()


def day(key: str, rounds: int) -> date:
    noted("call", key)
    return date(2026, 2, 27) + timedelta(days=rounds)


def square(key: str, number: int, attempt: int) -> int:
    noted("call", key)
    time.sleep(_REST_S)
    if number == 5 or (number == 3 and attempt == 1):
        raise ValueError(f"no {number}")
    return number * number


def flaky(key: str, attempt: int) -> int:
    noted("call", key)
    if attempt < 3:
        raise ValueError("not yet")
    return attempt


def fail(key: str) -> str:
    noted("call", key)
    time.sleep(_REST_S)
    raise ValueError("broken")


def until_mended(key: str, text: str) -> str:
    """Fails until somebody has mended what is wrong."""
    noted("call", key)
    if not Path(os.environ[GATE]).exists():
        raise ValueError("not mended yet")
    return text


def slow(key: str, text: str) -> str:
    """Takes its time, until it is let go on."""
    noted("call", key)
    while not Path(os.environ[GATE]).exists():
        time.sleep(0.02)
    return text
