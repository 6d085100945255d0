"""Plainer words: long sentences cut in two, and stiff words replaced."""

from __future__ import annotations

import re

from configurable_agents.builtins.providers.demo_model.words import capitalised, sentences

_LONG = 15  # words of a sentence that is cut where it can be
_CUT = re.compile(r";\s+|,\s+(?=(?:and|but|so)\s)")
_WORDS = tuple(
    (re.compile(rf"\b{stiff}\b", re.IGNORECASE), plain)
    for stiff, plain in (
        (r"utili[sz](e[sd]?|ing)", r"us\1"),
        (r"leverag(e[sd]?|ing)", r"us\1"),
        (r"in order to", "to"),
        (r"prior to", "before"),
        (r"numerous", "many"),
        (r"approximately", "about"),
        (r"additional", "more"),
        (r"sufficient", "enough"),
        (r"assistance", "help"),
    )
)


def plain(text: str) -> str:
    """`text` in shorter sentences and shorter words."""
    said = [piece for sentence in sentences(text) for piece in _pieces(sentence)]
    joined = " ".join(said)
    for stiff, word in _WORDS:
        joined = stiff.sub(word, joined)
    return joined


def _pieces(sentence: str) -> list[str]:
    if len(sentence.split()) <= _LONG:
        return [sentence]
    parts = [part.strip() for part in _CUT.split(sentence)]
    ended = [part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part]
    return [capitalised(part) for part in ended]
