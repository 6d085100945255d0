"""Where Ollama listens: `model: auto` looks for it there, and its models are called there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

DEFAULT_PORT = 11434

# Addresses that a server listens on, and by which it can be reached from the same machine.
# Nothing listens here: where a server listens on every interface, it is called on the loopback one.
_ANY_INTERFACE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104


def ollama_address(environment: Mapping[str, str]) -> str:
    """The URL of Ollama, without a slash at its end, from OLLAMA_HOST or OLLAMA_API_BASE, else this machine's.

    OLLAMA_HOST is what the server itself reads, so it may be `0.0.0.0:11434`, `:11434` or a bare name; without a
    port it means 11434, with `http://` or `https://` and no port 80 or 443, as Ollama has it.
    """
    for name in ("OLLAMA_HOST", "OLLAMA_API_BASE"):
        text = environment.get(name, "").strip().strip("\"'")
        if text:
            return _url(text)
    return f"http://127.0.0.1:{DEFAULT_PORT}"


def _url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    parts = urlsplit(f"//{rest}")
    host = parts.hostname or ""
    host = _ANY_INTERFACE.get(host, f"[{host}]" if ":" in host else host)
    try:
        port = parts.port
    except ValueError:
        port = DEFAULT_PORT
    if port is None and not separator:
        port = DEFAULT_PORT
    return f"{scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
