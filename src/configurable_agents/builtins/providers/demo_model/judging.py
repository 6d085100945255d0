"""The rule by which the demo model judges drafts and revises them, made so that a loop of the two ends.

A revision is the draft followed by one more sentence (a short draft, such as a title: by a few more words),
the next one of `_ADDITIONS`. A judge counts the additions in what it is shown, or believes a number the
prompt gives (`attempt 2`, `version 3`: one and two revisions). The grade, from 0 to 1, is

    0.55 for a first draft, 0.70 revised once, 0.85 twice, 0.95 three times or more

and up to 0.04 more for length, 0.01 for each 20 words. A text is good enough from its first revision on. Reviewers who
list faults find one in a text that was revised once (none, if the prompt allows for an empty list), and none later.
"""

from __future__ import annotations

import re

from configurable_agents.builtins.providers.demo_model import lexicon
from configurable_agents.builtins.providers.demo_model.plainer import plain
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.words import sentences

_GRADES = (0.55, 0.70, 0.85, 0.95)
_WORDS_A_STEP, _STEP, _MOST_STEPS = 20, 0.01, 4
_ADDITIONS = (
    ("a concrete case", "Take a concrete case: a single place on a single day, and everything that happens there."),
    ("in numbers", "Put in numbers, the difference is small in the first week and large after a year."),
    ("common objection", "The common objection is the effort; the honest answer is to begin with the smallest part."),
    ("what comes next", "As for what comes next, choose one question, give it a week, and decide on what you find."),
)  # fmt: skip
_NUMBERED = re.compile(
    r"\b(?:version|revision|attempt|draft|round|iteration)\s*(?:no\.?|number|#)?\s*(\d{1,2})\b", re.IGNORECASE
)
_MARKED = re.compile(r"\(revision (\d{1,2})\)")
_TITLE_WORDS = 14
_ANSWERED = "with the feedback in mind"
_PLAIN = re.compile(r"\b(?:plain|plainer|simple|simpler|simplify|easy|easier)\b", re.IGNORECASE)
_MAY_BE_EMPTY = re.compile(r"\bempty list\b|\bif (?:there (?:is|are)|you find) (?:nothing|none|no)\b", re.IGNORECASE)


def revisions(reading: Reading) -> int:
    """How often the text that is to be judged or revised was revised before."""
    shown = "\n".join(p.text for p in reading.passages if not set(p.label.split()) & lexicon.FEEDBACK_LABELS)
    numbers = [int(n) - 1 for n in _NUMBERED.findall(_MARKED.sub("", reading.prompt))]
    return max([_marks(shown), *numbers])


def grade(reading: Reading) -> float:
    """How good the text is, from 0 to 1."""
    steps = min(len(reading.main_text().split()) // _WORDS_A_STEP, _MOST_STEPS)
    return round(_GRADES[min(revisions(reading), len(_GRADES) - 1)] + steps * _STEP, 2)


def is_good_enough(reading: Reading) -> bool:
    """Whether a judge lets the text pass."""
    return revisions(reading) > 0


def revise(reading: Reading) -> str:
    """The draft that the prompt shows, with its next addition.

    Where plain words are asked for, it gets those as well, or instead if there is no feedback to answer.
    """
    draft = reading.main_text().strip()
    if _PLAIN.search(reading.instruction):
        plainer_draft = plain(draft)
        if plainer_draft != draft and not _feedback(reading):
            return plainer_draft
        draft = plainer_draft
    done = _marks(draft)
    if done >= len(_ADDITIONS):
        return f"{_MARKED.sub('', draft).rstrip()} (revision {done + 1})"
    words, sentence = _ADDITIONS[done]
    if len(draft.split()) <= _TITLE_WORDS and len(sentences(draft)) == 1 and not draft.endswith((".", "!", "?")):
        return f"{draft}, {'with' if done == 0 else 'and'} {words}"
    return f"{draft} {sentence}"


def translated(reading: Reading, text: str) -> str:
    """What a translator says, marked as revised where there was feedback on an earlier translation."""
    return f"{text.rstrip('.')}, {_ANSWERED}." if _feedback(reading) else text


def faults_left(reading: Reading) -> int | None:
    """How many faults a reviewer still finds in a text that was revised; None for a text that was not."""
    done = revisions(reading) if reading.task in {"judge", "review"} else 0
    if not done:
        return None
    return 0 if _MAY_BE_EMPTY.search(reading.orders) else max(2 - done, 0)


def _feedback(reading: Reading) -> bool:
    return any(set(p.label.split()) & lexicon.FEEDBACK_LABELS for p in reading.passages)


def _marks(text: str) -> int:
    marked = [int(n) for n in _MARKED.findall(text)]
    phrases = [*(words for words, _ in _ADDITIONS), _ANSWERED]
    return max([sum(words in text.lower() for words in phrases), *marked])
