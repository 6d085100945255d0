"""A PostgreSQL server of the tests' own, in a temporary directory; it can be killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg


def programs() -> Path | None:
    """The folder of PostgreSQL's programs."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))]
    if shutil.which("pg_config"):
        done = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)  # noqa: S607
        found.append(Path(done.stdout.strip()))
    found += [Path(which).resolve().parent for name in ("initdb",) if (which := shutil.which(name))]
    return next((path for path in reversed(found) if (path / "initdb").exists() and (path / "postgres").exists()), None)


class Server:
    """A server at a free port of this machine."""

    def __init__(self, folder: Path, bindir: Path) -> None:
        self._bindir, self._data = bindir, folder / "data"
        self._log = (folder / "log").open("wb")
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # the server refuses root
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "--pgdata", str(self._data), "--username", "tester", "--auth", "trust", "--no-sync")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def url(self, database: str) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "60"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [str(self._bindir / "postgres"), "-D", str(self._data), "-p", str(self.port), *options],
            cwd="/",
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            **self._as,
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, "the server has ended"
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """End it as a loss of power would: all of its processes, at once."""
        assert self._process is not None
        others = [int(pid) for (pid,) in self.execute("SELECT pid FROM pg_stat_activity")]
        self._process.kill()
        self._process.wait()
        for pid in others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}").exists() for pid in others):  # a new server waits for none of them
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)
        self._log.close()

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bindir / program), *arguments],
            cwd="/",
            stdout=self._log,
            stderr=self._log,
            check=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            **self._as,
        )
