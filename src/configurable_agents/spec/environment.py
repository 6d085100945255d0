"""`${NAME}` and `${NAME:-default}` in infrastructure values: references to the environment, resolved when used."""

from __future__ import annotations

import re
from collections.abc import Mapping

from configurable_agents.errors import SettingsError

_REFERENCE = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\}")


def broken_reference(text: str) -> int | None:
    """The offset of the first `${` that begins no reference, None where all do."""
    rest = _REFERENCE.sub(lambda match: " " * len(match.group()), text)
    at = rest.find("${")
    return at if at >= 0 else None


def is_reference(text: str) -> bool:
    """Whether any of `text` comes from the environment."""
    return _REFERENCE.search(text) is not None


def resolve_environment(text: str, environ: Mapping[str, str], what: str) -> str:
    """`text` with its references resolved; `what` names the value in the error.

    Raises:
        SettingsError: a variable without a default is not set.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        given = environ.get(name, "")
        if given:
            return given
        if default is not None:
            return default
        message = f"{what} reads the environment variable {name}, which is not set."
        raise SettingsError("missing_variable", message, f"Set it: export {name}=…")

    return _REFERENCE.sub(value, text)
