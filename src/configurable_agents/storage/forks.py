"""Keeps connections out of forked children: a connection that two processes hold harms the database, or the other one.

SQLite remembers in the process which locks it holds, and PostgreSQL's server ends a session that a child closes. So no
connection is open while the process forks: the fork waits for those in use, and those that wait in pools are closed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from weakref import WeakSet


class _Gate:
    """Counts the connections in use. Closed while the process forks."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = True
        self._inside: dict[int, int] = {}  # by thread

    @contextmanager
    def inside(self) -> Iterator[None]:
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._open or me in self._inside)
            self._inside[me] = self._inside.get(me, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                self._inside[me] -= 1
                if not self._inside[me]:
                    del self._inside[me]
                    self._changed.notify_all()

    def close(self) -> None:
        me = threading.get_ident()
        with self._changed:
            self._open = False
            self._changed.wait_for(lambda: self._inside.keys() <= {me})
        # It stays acquired, so that the child has it in a state that is known.
        self._changed.acquire()

    def reopen(self) -> None:
        self._open = True
        self._changed.notify_all()
        self._changed.release()


class Closer(Protocol):
    """What holds connections."""

    def disconnect(self) -> None:
        """Close those that are not in use."""
        ...


class Forks:
    """What is to be done around a fork: `close` of all that is registered before it, `forget` in the child."""

    def __init__(self) -> None:
        self._gate = _Gate()
        self._closers: WeakSet[Closer] = WeakSet()
        self._forgotten: list[Callable[[], None]] = []
        self._watching = False

    def watch(self, closer: Closer) -> None:
        """Have the connections of this one closed before a fork."""
        self._closers.add(closer)
        self._register()

    def in_child(self, forget: Callable[[], None]) -> None:
        """Have this called in every child."""
        self._forgotten.append(forget)
        self._register()

    def connected(self) -> AbstractContextManager[None]:
        """Around all use of a connection."""
        return self._gate.inside()

    def _register(self) -> None:
        if not self._watching:
            self._watching = True
            os.register_at_fork(before=self._before, after_in_parent=self._gate.reopen, after_in_child=self._after)

    def _before(self) -> None:
        self._gate.close()
        for closer in list(self._closers):
            closer.disconnect()

    def _after(self) -> None:
        self._gate.reopen()
        for forget in self._forgotten:
            forget()


forks = Forks()
