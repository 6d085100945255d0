"""Secrets masked in what leaves this machine: an export of a run may be shown to anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

_LEAST = 6  # characters; shorter values stand in too many texts by chance
_NAMED_LIKE_ONE = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_REFERENCE = re.compile(r"\$\{([A-Za-z_]\w*)")
_PASSWORD = re.compile(r"(?<=://)([^\s:/?#@\"']*):([^\s/?#\"']+)@")


def secrets(environ: Mapping[str, str], texts: Iterable[str]) -> dict[str, str]:
    """What is to be masked, with the name of its variable.

    That is the values of all environment variables that the texts of a workflow name, and of those that are named like
    a secret.
    """
    named = {name for text in texts for name in _REFERENCE.findall(text)}
    return {
        value: name
        for name, value in environ.items()
        if len(value) >= _LEAST and (name in named or _NAMED_LIKE_ONE.search(name))
    }


def masked(value: Any, values: Mapping[str, str]) -> Any:
    """The same data with `***NAME***` for each secret, and `***` for passwords in URLs, wherever they stand."""
    return _Masking(values).of(value)


class _Masking:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.names = {form: f"***{name}***" for value, name in values.items() for form in _forms(value)}
        # The longest first: one secret may begin with another.
        forms = sorted(self.names, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, forms))) if forms else None

    def of(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.of(key): self.of(item) for key, item in value.items()}
            case list() | tuple():
                return [self.of(item) for item in value]
            case _:
                return value

    def text(self, text: str) -> str:
        if self.pattern is not None:
            text = self.pattern.sub(lambda match: self.names[match.group()], text)
        return _PASSWORD.sub(_without_password, text)


def _without_password(match: re.Match[str]) -> str:
    user, password = match.groups()
    return match.group() if password.startswith("***") else f"{user}:***@"


def _forms(value: str) -> set[str]:
    """A secret as it may be written: as it is, in a URL, in JSON, and in JSON within JSON."""
    forms = {value, quote(value, safe=""), quote(value)}
    for form in list(forms):
        for ascii_only in (True, False):
            once = json.dumps(form, ensure_ascii=ascii_only)[1:-1]
            forms |= {once, json.dumps(once, ensure_ascii=ascii_only)[1:-1]}
    return forms
