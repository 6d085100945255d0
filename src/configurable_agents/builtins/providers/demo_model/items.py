"""The items of lists of text: taken from the text where it holds a list, else made about the subject."""

from __future__ import annotations

import re
from collections import Counter

from configurable_agents.builtins.providers.demo_model import facts, phrases, records, reviewing
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.words import (
    checksum,
    content_words,
    key_phrases,
    name_words,
    sentences,
    words,
)

DEFAULT_COUNT = 3
_KEYWORD_LETTERS = 6
_TAKES = frozenset(("extract", "classify", "summarise", "answer"))
_TITLE_NAMES = re.compile(r"title|headline|tagline|slogan|subject", re.IGNORECASE)
_KEYWORD_NAMES = re.compile(r"keyword|tag|topic|theme|term|word|label|phrase|entit|categor|skill|aspect", re.IGNORECASE)
_REVIEW_NAMES = re.compile(r"problem|issue|finding|remark|comment|bug|flaw|error|mistake|concern", re.IGNORECASE)
_PLAIN_TYPES = r"(?:\s+(?:are|is|include|includes|:)|:)\s*"


def list_items(reading: Reading, name: str, text: str) -> list[str]:
    """The items that a list of this name holds, most fitting first; at least `DEFAULT_COUNT`, all different."""
    taken = _listed(name, text) or facts.find(facts.kind_of(name), text)
    if taken and (reading.task in _TAKES or facts.kind_of(name)):
        return taken
    if reading.task == "summarise" and _names(phrases.ITEM_NAMES["risk"] + "|" + _REVIEW_NAMES.pattern, name):
        return [said[0] for passage in reading.passages if (said := sentences(passage.text))]
    if reading.task in (_TAKES | {"review"}) and not _KEYWORD_NAMES.search(name):
        found = records.points(text)
        if found:
            return found
    said = sentences(text)
    if reading.task == "extract" and len(said) > 1 and not _KEYWORD_NAMES.search(name):
        return said
    return made(reading, name, text)


def are_faults(name: str) -> bool:
    """Whether a list of this name holds what a reviewer finds wrong."""
    return bool(_REVIEW_NAMES.search(name))


def made(reading: Reading, name: str, text: str) -> list[str]:
    """Items about the subject, by what the list is called."""
    count = max(reading.form.count or DEFAULT_COUNT, DEFAULT_COUNT)
    asked = f"{name} {reading.instruction if name in {'', 'items', 'result'} else ''}"
    if _REVIEW_NAMES.search(asked) or (reading.task == "review" and not name):
        return list(dict.fromkeys(reviewing.remarks(reading, count)))
    is_keywords = bool(_KEYWORD_NAMES.search(name))
    if _TITLE_NAMES.search(name) or (reading.task == "title" and not is_keywords):
        return titles(reading)
    if is_keywords or _KEYWORD_NAMES.search(asked):
        return _keywords(reading, count)
    if name in {"lines", "sentences", "paragraphs"}:
        return sentences(text)
    group = next((g for g, pattern in phrases.ITEM_NAMES.items() if _names(pattern, name)), None) or next(
        (g for g, pattern in phrases.ITEM_NAMES.items() if _names(pattern, reading.instruction)), "point"
    )
    return [phrases.fill(item, subject_of(reading)) for item in phrases.ITEMS[group]]


def titles(reading: Reading) -> list[str]:
    """Titles about the subject, those that keep to a limit of words first."""
    found = turned(phrases.TITLES, reading)
    most = reading.form.words
    return sorted(found, key=lambda title: most is not None and len(title.split()) > most)


def item(reading: Reading, name: str, index: int) -> str:
    """The item that a property of an object in a list holds; empty if its name names none."""
    group = next((g for g, pattern in phrases.ITEM_NAMES.items() if _names(pattern, name)), "")
    options = phrases.ITEMS[group] if group else ("",)
    return phrases.fill(options[index % len(options)], subject_of(reading))


def turned(options: tuple[str, ...], reading: Reading) -> list[str]:
    """`options` about the subject, beginning with another one for each wording of the prompt."""
    start = checksum(reading.orders.replace(reading.subject, "")) % len(options)
    return [phrases.fill(option, subject_of(reading)) for option in options[start:] + options[:start]]


def more(reading: Reading, index: int) -> str:
    """A further item, when a list has to be longer than what there is to say."""
    return f"Point {index + 1} about {subject_of(reading)}"


def subject_of(reading: Reading) -> str:
    """The subject, or words that may stand for it."""
    return reading.subject or "the topic at hand"


def _keywords(reading: Reading, count: int) -> list[str]:
    """The subject, then the longer words of the text, the most frequent first."""
    subject = subject_of(reading).strip('"')
    text = "\n".join(p.text for p in reading.passages)
    seen = Counter(words(text))
    known = set(words(subject))
    found = [w for w in content_words(text) if len(w) >= _KEYWORD_LETTERS and w not in known]
    found.sort(key=lambda word: -seen[word])
    first = [subject] if len(subject.split()) <= DEFAULT_COUNT else key_phrases(subject, 1)
    around = [f"{name} {word}" for name in first for word in ("basics", "in practice", "costs", "trends", "examples")]
    return list(dict.fromkeys([*first, *found[: max(count, DEFAULT_COUNT)], *around]))


def _names(pattern: str, text: str) -> bool:
    return bool(re.search(rf"\b(?:{pattern})s?\b", text.replace("_", " "), re.IGNORECASE))


def _listed(name: str, text: str) -> list[str]:
    """`Skills: Python, SQL and Go` for `skills`."""
    label = r"[\s_-]*".join(map(re.escape, name_words(name)))
    match = re.search(rf"(?i)\b{label}{_PLAIN_TYPES}([^\n.;]+)", text) if name else None
    parts = re.split(r",\s*(?:and\s+|or\s+)?|\s+and\s+", match[1]) if match else []
    return [part.strip("\"' ") for part in dict.fromkeys(parts) if part.strip()] if len(parts) > 1 else []
