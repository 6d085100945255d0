"""Text as one YAML scalar, and whether what was written without quotes was surely meant as one text."""

from __future__ import annotations

import re
from functools import lru_cache

from configurable_agents.spec.templates import parse_template
from configurable_agents.spec.templatesyntax import TemplateError

# Keys that stand beside texts: where one begins within what should be a text, a line break or braces were forgotten.
_KEYS = (
    "cases", "concurrency", "default", "description", "else", "ensure", "for_each", "from", "input", "maximum", "merge",
    "messages", "minimum", "model", "on_error", "output", "pattern", "prompt", "retry", "returns", "route", "set",
    "state", "switch", "system", "temperature", "timeout", "to", "type", "when", "with", "writes",
)  # fmt: skip
_KEY_WITHIN = re.compile(rf"""\s(?:{"|".join(_KEYS)}):(?:\s|$)""")
_PAIR_FIRST = re.compile(r"""(?:[a-z_]\w*|'[^']*'|"[^"]*")\s*:(?:\s|$)""")
_PAIR_LATER = re.compile(r""",\s*['"]?[\w-]+['"]?\s*:(?:\s|$)""")
_ITEM_FIRST = re.compile(r"""(?:'[^']*'|"[^"]*"|\[[^\]]*\]|\{[^}]*\})\s*,""")


def quoted(text: str) -> str:
    """`text` as a quoted YAML scalar on one line."""
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def surely_text(value: str) -> bool:
    """Whether a value on one line that YAML does not read was surely meant as one text.

    It is doubtful where it may as well be several keys or items without their braces (`a: str, b: str`), a text whose
    quotes are there but hold one of their own (`'it's'`), or a template that can't be read in quotes either.
    """
    if not parses(value):
        return False
    plain = re.sub(r"\{\{.*?\}\}", "{}", value)  # what a template holds is no key and no item
    return not (
        plain.endswith(",")
        or (plain[0] in "'\"" and plain.endswith(plain[0]))
        or _PAIR_FIRST.match(plain)
        or _ITEM_FIRST.match(plain)
        or _PAIR_LATER.search(plain)
        or _KEY_WITHIN.search(plain)
    )


@lru_cache(maxsize=256)
def parses(text: str) -> bool:
    """Whether a text can be read as a template, as any text without one can."""
    try:
        parse_template(text)
    except TemplateError:
        return False
    return True
