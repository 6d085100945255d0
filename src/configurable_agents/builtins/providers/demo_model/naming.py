"""What the name of a property says about the text in it: `summary`, `reply`, `feedback`."""

from __future__ import annotations

import re

from configurable_agents.builtins.providers.demo_model import items, judging, phrases, prose, records, reviewing
from configurable_agents.builtins.providers.demo_model.slots import Slot
from configurable_agents.builtins.providers.demo_model.words import name_words, sentences

TAKING = frozenset(("extract", "classify"))  # tasks whose values stand in the text

# A task of `prose` for each name ("own" is the prompt's); the first that fits counts.
_TASKS = {
    "title": r"title|headline|heading|tagline|slogan|subject",
    "summarise": r"summary|abstract|tldr|gist|overview|synopsis|recap",
    "answer": r"reply|answer|response",
    "reason": r"reason|reasoning|rationale|explanation|why|justification|evidence",
    "judge": r"feedback|critique|judgement|judgment|verdict|advice|assessment|note|comment|strength|weakness|change",
    "review": r"problem|issue|finding|remark|concern|observation|bug|flaw",
    "fix": r"fix|suggestion|recommendation|improvement|remedy|patch",
    "greet": r"greeting|welcome",
    "own": r"draft|article|text|body|content|message|paragraph|essay|review|report|output|result|outline|final|version"
    r"|translation|revised|improved",
}
_GENRES = {
    "introduction": r"introduction|intro|opening|hook|lead",
    "explanation": r"description|definition",
    "story": r"story|tale|backstory|biography|bio|background",
    **{genre: phrases.GENRE_WORDS[genre] for genre in ("poem", "joke", "conclusion", "plan")},
}


def task_of(name: str) -> str:
    """The task that a property of this name asks for, empty if it asks for none."""
    return _match(_TASKS, name)


def genre_of(name: str) -> str:
    """The genre of `phrases.GENRES` that a property of this name asks for, empty if it asks for none."""
    return _match(_GENRES, name)


def by_name(slot: Slot, task: str) -> str:
    """The text for a property whose name asks for a task."""
    reading = slot.reading
    if task == "title":
        return _title(slot)
    if slot.index is not None:
        return _of_item(slot, task)
    if task == "judge" or (task == "fix" and not records.code_lines(reading.main_text())):
        return _opinion(slot)
    if task == "own":
        if reading.task in {"judge", "classify", "extract"}:
            return reading.main_text() or prose.compose(reading)
        return judging.revise(reading) if reading.task == "revise" else prose.compose(reading)
    return prose.compose(reading, "" if task == reading.task else task)


def _title(slot: Slot) -> str:
    """A title; what is extracted gets the words before its first colon, or its first line."""
    first = re.split(r":\s|\n", slot.text.strip(), maxsplit=1)[0].rstrip(".:")
    if slot.reading.task in TAKING and first:
        return first
    titles = items.titles(slot.reading)
    return titles[(slot.index or 0) % len(titles)]


def _opinion(slot: Slot) -> str:
    reading = slot.reading
    if reading.task in {"review", "summarise"}:
        return prose.compose(reading)
    if reading.task in {"judge", "revise"} or not reading.passages:
        return prose.verdict(reading)
    return reviewing.remarks(reading, 1)[0]


def _of_item(slot: Slot, task: str) -> str:
    """A text about one item of a list, another one for each."""
    reading, index = slot.reading, slot.index or 0
    if task in {"review", "fix", "judge"}:
        line = slot.known.get("line")
        is_code = isinstance(line, int)
        whole = slot.text == reading.material
        place = "" if whole else reviewing.show_place(slot.text, is_code=is_code, line=line if is_code else None)
        return reviewing.remarks(reading, index + 1, place)[-1]
    made = items.item(reading, slot.name, index) if reading.task in {"list", "write"} else ""
    said = sentences(made or prose.compose(reading, "" if task == "own" else task))
    return said[index % len(said)]


def _match(table: dict[str, str], name: str) -> str:
    parts = [form for part in name_words(name) for form in (part, part.removesuffix("s"))]
    return next((key for key, pattern in table.items() if any(re.fullmatch(pattern, p) for p in parts)), "")
