"""What a reviewer says: remarks on one aspect, each about a place in the text."""

from __future__ import annotations

import re

from configurable_agents.builtins.providers.demo_model import facts, phrases, records
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.words import capitalised, quoted, sentences, word_set

_PLACE_CHARACTERS = 60
_NAMED_ASPECT = re.compile(
    r"\breview(?:s|ing)?\s+(?:the\s+|for\s+|only\s+)?([a-z]+)\b|\b([a-z]+)\s+reviewer\b|\bfor\s+([a-z]+)\b",
    re.IGNORECASE,
)
_NO_ASPECT = word_set("this these the a an my our your it its text code draft article each every")


def remarks(reading: Reading, count: int, place: str = "") -> list[str]:
    """`count` remarks, all different as long as there are places enough; `place` is the text they are about."""
    templates, aspect = _aspect(reading)
    shown = [place] if place else _places(reading)
    found: list[str] = []
    for index in range(max(count, 1)):
        where = shown[index % len(shown)]
        template = templates[(index + index // len(templates)) % len(templates)]
        found.append(capitalised(template.format(w=where, A=aspect)))
    return found


def show_place(text: str, *, is_code: bool, line: int | None = None) -> str:
    """A place in a text as a sentence names it."""
    if is_code:
        code = " ".join(text.split())
        code = code if len(code) <= _PLACE_CHARACTERS else code[: _PLACE_CHARACTERS - 1].rstrip() + "…"
        return f"`{code}`" if line is None else f"line {line} (`{code}`)"
    return quoted(text, _PLACE_CHARACTERS)


def _aspect(reading: Reading) -> tuple[tuple[str, ...], str]:
    orders = f"{reading.role}\n{reading.orders}"
    found = [
        (m.start(), bank)
        for pattern, bank in phrases.REVIEWS.items()
        if (m := re.search(pattern, orders, re.IGNORECASE))
    ]
    if found:
        return min(found)[1], ""
    named = _NAMED_ASPECT.search(orders)
    word = next(filter(None, named.groups()), "") if named else ""
    aspect = word if word and word.lower() not in _NO_ASPECT else reading.role or "Review"
    return phrases.REVIEW_ANY, capitalised(aspect)


def _places(reading: Reading) -> list[str]:
    text = reading.main_text()
    code = records.code_lines(text)
    if code:
        return [show_place(line.text, is_code=True, line=line.known["line"]) for line in code]
    said = [sentence for sentence in sentences(text) if len(sentence.split()) > 1]
    paths = facts.find("path", reading.instruction)
    return [show_place(sentence, is_code=False) for sentence in said] or paths or [reading.subject or "the text"]
