"""The filters of templates and expressions, and how values print in them. All are deterministic and know no Python.

Values print as JSON does: true, null as nothing, objects and lists as JSON; text prints as itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import wraps
from typing import Any

from jinja2 import Environment, Undefined, pass_environment
from jinja2.filters import make_attrgetter

# Jinja's own filters that are deterministic and give what they say for plain data. Not here: `random`; `pprint`,
# `format` and `tojson` (Python's or HTML's idea of a value, replaced below or left out); those that make HTML.
FROM_JINJA = (
    "abs", "batch", "capitalize", "count", "default", "d", "dictsort", "first", "float", "groupby", "indent", "int",
    "items", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse",
    "round", "select", "selectattr", "slice", "sort", "sum", "title", "trim", "truncate", "unique", "upper",
    "wordcount", "wordwrap",
)  # fmt: skip


def text_of(value: Any) -> Any:
    """How `value` prints in a template."""
    if isinstance(value, str | Undefined):
        return value  # Jinja raises for an Undefined when it prints it, naming it
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return to_json(value)
    if isinstance(value, Iterable):
        return to_json(list(value))  # what `map` and `select` give
    return str(value)


def to_json(value: Any, indent: int | None = None) -> str:
    """`value` as JSON, nothing escaped for HTML; dates as ISO 8601 text."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_other)


def _other(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Undefined):
        str(value)  # raises, naming what is unset
    return list(value)


@pass_environment
def join(environment: Environment, values: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    """The values, or one attribute of each (`a.b`: a part of it), printed and joined."""
    items = map(make_attrgetter(environment, attribute), values) if attribute else values
    return str(separator).join(str(text_of(item)) for item in items)


def bucket(value: Any, buckets: int = 100) -> int:
    """A number from 0 to `buckets` - 1 that is always the same for the same value: for A/B splits."""
    import hashlib  # loads OpenSSL, which a check of a file has no use for

    digest = hashlib.sha256(str(text_of(value)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % buckets


def split(text: str, separator: str | None = None) -> list[str]:
    """The parts of a text; without a separator, its words."""
    return text.split(separator)


def listed(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of Jinja's that gives a list where Jinja's gives what can be walked once, and has no length."""

    @wraps(function)
    def wrapped(*args: Any, **named: Any) -> Any:
        found = function(*args, **named)
        return list(found) if isinstance(found, Iterator) else found

    return wrapped


OURS: Mapping[str, Callable[..., Any]] = {
    "bucket": bucket,
    "join": join,
    "split": split,
    "string": lambda value: str(text_of(value)),
    "tojson": to_json,
}
