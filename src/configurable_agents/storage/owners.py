"""Who runs a run: a process, told by a lock on a file of its own, so that others on its machine see when it is gone.

The system lets go of a lock when a process ends, however it ends. The files lie in a folder of the user's among the
temporary files; an id in the folder says that two processes see the same one, and so that a lock means something to
both. Elsewhere (on another machine, in another container) only the lease of a run tells.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import secrets
import socket
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from configurable_agents.storage.forks import forks

LEASE_S = 20  # how long a run is its owner's without a sign of life

_ID = "id"
_LOCK = ".lock"
_NOWHERE = "-"


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: its host and number, to be told, and its lock. `folder` is the id of the folder of locks."""

    host: str
    process: int
    folder: str
    lock: str

    def __str__(self) -> str:
        return f"{self.host} {self.process} {self.folder} {self.lock}"

    @classmethod
    def read(cls, text: str) -> Owner:
        """The owner that was written as this text."""
        host, process, folder, lock = text.split(" ")
        return cls(host, int(process), folder, lock)

    def is_gone(self) -> bool:
        """Whether its process has ended for sure. False says that nothing is known of it from here."""
        here = _Locks.of_this_process()
        return here.folder is not None and here.id == self.folder and _is_free(here.folder / self.lock)


def this_process() -> Owner:
    """The process that calls, whose lock is held from now on until it ends."""
    return _Locks.of_this_process().owner


def keep_lock() -> None:
    """See that the lock's file is still there, and not old to those who clean up among temporary files."""
    _Locks.of_this_process().keep()


class _Locks:
    """The lock of this process, and the folder that it lies in; None where there can be none."""

    _mine: _Locks | None = None
    _making = threading.Lock()
    _watched = False

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.id = _NOWHERE
        self.handle: int | None = None
        name = f"{secrets.token_hex(8)}{_LOCK}"
        with suppress(OSError):  # nothing can be written there: leases alone tell who is alive
            folder = _folder()
            self.id = _folder_id(folder)
            self._lock(folder / name)
            self.folder = folder
            _clean_up(folder, name)
        host = socket.gethostname().replace(" ", "-") or "localhost"
        self.owner = Owner(host, os.getpid(), self.id if self.folder else _NOWHERE, name)

    @classmethod
    def of_this_process(cls) -> _Locks:
        with cls._making:
            if cls._mine is None:
                cls._mine = cls()
                if not cls._watched:
                    cls._watched = True
                    forks.in_child(cls._forget)
                    atexit.register(cls._remove)
            return cls._mine

    def keep(self) -> None:
        if self.folder is None:
            return
        path = self.folder / self.owner.lock
        with suppress(OSError):
            try:
                os.utime(path)
            except FileNotFoundError:
                self.folder.mkdir(mode=0o700, exist_ok=True)
                if not (self.folder / _ID).exists():
                    (self.folder / _ID).write_text(self.id, encoding="ascii")
                self._lock(path)

    def _lock(self, path: Path) -> None:
        """Make the file under another name first: it is never seen by others without its lock."""
        new = path.with_suffix(".new")
        handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(path)
        except OSError:
            os.close(handle)
            new.unlink(missing_ok=True)
            raise
        if self.handle is not None:
            os.close(self.handle)
        self.handle = handle

    @classmethod
    def _forget(cls) -> None:
        """In a child: the lock is its parent's, and would outlive the parent while the child has it open."""
        cls._making = threading.Lock()  # another thread may have been within it
        mine, cls._mine = cls._mine, None
        if mine is not None and mine.handle is not None:
            os.close(mine.handle)

    @classmethod
    def _remove(cls) -> None:
        mine = cls._mine
        if mine is not None and mine.folder is not None:
            (mine.folder / mine.owner.lock).unlink(missing_ok=True)


def _folder() -> Path:
    """The folder of locks of this user, which no other user can write.

    Raises:
        OSError: it can't be made, or somebody else made it.
    """
    folder = Path(tempfile.gettempdir()) / f"configurable-agents-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
    return folder


def _folder_id(folder: Path) -> str:
    """The id of a folder; who comes first makes it."""
    path = folder / _ID
    if not path.exists():
        new = folder / f"{secrets.token_hex(8)}.id"
        new.write_text(secrets.token_hex(8), encoding="ascii")
        with suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    return path.read_text("ascii").strip()


def _is_free(path: Path) -> bool:
    """Whether nobody holds this lock."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:  # removed when the process ended, or by the next one
        return True
    except OSError:
        return False
    try:
        # Shared, so that two that look at once do not take each other for the process.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def _clean_up(folder: Path, mine: str) -> None:
    """Remove the locks of processes that were killed."""
    for path in folder.glob(f"*{_LOCK}"):
        if path.name != mine and _is_free(path):
            path.unlink(missing_ok=True)
