"""Blocking work beside an event loop, in daemon threads: one that never ends does not keep the process alive.

So many of them work at once for one loop; a thread that nobody waits for any more takes no place.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

MOST = 128

T = TypeVar("T")

_PLACES: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def in_daemon_thread(function: Callable[[], T], begun: Callable[[], None] = lambda: None) -> T:
    """What `function` returns or raises, called in a thread of its own while the loop goes on.

    It waits for its turn where `MOST` threads are at work already; `begun` is called when it has come. Cancelling the
    waiting does not stop the thread: it runs to its end and its result is dropped.
    """
    loop = asyncio.get_running_loop()
    async with _PLACES.setdefault(loop, asyncio.Semaphore(MOST)):
        begun()
        return await _in_thread(function, loop)


async def _in_thread(function: Callable[[], T], loop: asyncio.AbstractEventLoop) -> T:
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T is None

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = function()
        except BaseException as raised:  # noqa: BLE001  # it is raised again, where it is waited for
            # A future can't carry a StopIteration: it would end the coroutine that waits.
            error = RuntimeError("StopIteration") if isinstance(raised, StopIteration) else raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=getattr(function, "__name__", "work"), daemon=True).start()
    return await future
