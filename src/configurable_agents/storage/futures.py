"""Futures of event loops, settled from the writer's thread: one call into a loop for all of a group."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

Outcome = BaseException | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A future, and the loop that it is of."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]

    @classmethod
    def begin(cls) -> Waiting:
        """One of the loop that runs in this thread."""
        loop = asyncio.get_running_loop()
        return cls(loop, loop.create_future())


def settle(outcomes: Sequence[tuple[Waiting, Outcome]]) -> None:
    """Have these futures done, or raise, in their loops. A loop that is closed has nobody who waits."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[None], Outcome]]] = defaultdict(list)
    for waiting, outcome in outcomes:
        by_loop[waiting.loop].append((waiting.future, outcome))
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Sequence[tuple[asyncio.Future[None], Outcome]]) -> None:
    for future, outcome in settled:
        if future.done():  # its task was cancelled
            continue
        if outcome is None:
            future.set_result(None)
        else:
            fail(future, outcome)


def fail(future: asyncio.Future[None], error: BaseException) -> None:
    """Have a future raise; nothing is printed where nobody awaits it."""
    future.set_exception(error)
    future.exception()
