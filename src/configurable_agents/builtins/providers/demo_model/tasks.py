"""What a prompt asks for: the task that its first telling word names."""

from __future__ import annotations

import re

from configurable_agents.builtins.providers.demo_model import lexicon
from configurable_agents.builtins.providers.demo_model.form import asks_for_several
from configurable_agents.builtins.providers.demo_model.holding import Passage
from configurable_agents.builtins.providers.demo_model.words import sentences, word_set

ROLE = re.compile(r"^(?:you are|you're|act as|as) (?:an? |the |our )?([^.,;:\n]{2,60})", re.IGNORECASE)

_TASKS = {
    "summarise": r"summari[sz]e|shorten|condense|sum up|tl;?dr|combine|merge|consolidate",
    "revise": r"revise|improve|rewrite|polish|rework|edit|refine|proofread|expand|incorporate",
    "judge": r"judge|rate|score|grade|evaluate|assess|critique|critici[sz]e|good enough|how good|approve",
    "review": r"review|(?:what is|what's|anything|which are) wrong|find (?:\w+ )?(?:problems|bugs|issues|mistakes)"
    r"|inspect|audit|check (?:this|these|the|whether|for)",
    "fix": r"patch|fix|repair",
    "translate": r"translate",
    "greet": r"greet|welcome|say (?:hello|hi)",
    "answer": r"answer|reply|respond",
    "classify": r"classify|categori[sz]e|triage|what (?:is|are) th\w+ [\w -]+ about|which \w+ (?:is|should|does)"
    r"|how (?:urgent|severe|serious|important)|route|decide|detect|label|sentiment",
    "extract": r"extract|pull out|parse|identify",
    "list": r"list|outline|brainstorm|name",
    "write": r"write|draft|compose|explain|describe|tell|create|generate|make|say|suggest|propose|give|produce|invent"
    r"|prepare|plan",
}
_TASK = re.compile("|".join(rf"(?P<{task}>\b(?:{pattern})\b)" for task, pattern in _TASKS.items()), re.IGNORECASE)

# `this draft`, `the answer` name a thing; only without such a word before them are they something to do.
_DETERMINERS = word_set("this the a an my your our his her their first these those following each every its that last")

# What is to be written makes the task more exact: `Write a one-line summary` is summarising.
_WRITTEN = {
    "summarise": r"summary|digest|recap|overview of (?:the|these)|review|verdict",
    "title": r"titles?|headlines?|taglines?|slogans?|subject line",
    "list": r"list|outline|ideas|steps|questions|facts|keywords|points|bullets|bullet points|tips|reasons|examples"
    r"|risks",
    "judge": r"feedback|critique|score|rating",
    "answer": r"reply|answer|response",
    "greet": r"greeting|welcome",
    "translate": r"translation",
}
_WRITTEN_WORD = re.compile(
    "|".join(rf"(?P<{task}>\b(?:{pattern})\b)" for task, pattern in _WRITTEN.items()), re.IGNORECASE
)
_GREETS = re.compile(r"\bthat (?:greets|welcomes)\b", re.IGNORECASE)
_PREPOSITION = re.compile(r"\b(?:about|on|of|for|to|from|that|with|in)\b|[.:;?!]", re.IGNORECASE)


def find_task(instruction: str, background: str, passages: tuple[Passage, ...]) -> str:
    """The task: `write` unless the instruction, else the system message, names another of `_TASKS` or `_WRITTEN`."""
    told = [sentence for sentence in sentences(instruction) if not ROLE.match(sentence)]
    for text in ("\n".join(told), instruction, background):
        found = next((m for m in _TASK.finditer(text) if not _is_named(text, m)), None)
        if found and found.lastgroup:
            return _more_exactly(found.lastgroup, text[found.end() :], passages)
    if len(passages) == 1 and passages[0].text.rstrip().endswith("?"):
        return "answer"
    return "answer" if background and passages else "write"


def _is_named(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()].split()
    return bool(before) and before[-1].lower() in _DETERMINERS and " " not in match[0]


def _more_exactly(task: str, rest: str, passages: tuple[Passage, ...]) -> str:
    if task in {"write", "list"}:
        stop = _PREPOSITION.search(rest)
        written = rest[: stop.start()] if stop else rest
        found = _WRITTEN_WORD.search(written)
        if found and found.lastgroup:
            return "write" if found.lastgroup == "summarise" and not passages else found.lastgroup
        if task == "write":
            return _what_is_written(rest, written, passages)
    return "write" if task == "revise" and not passages else task


def _what_is_written(rest: str, written: str, passages: tuple[Passage, ...]) -> str:
    if asks_for_several(written):
        return "list"
    if _GREETS.search(rest):
        return "greet"
    labels = [set(passage.label.split()) for passage in passages]
    was_judged = any(label & lexicon.FEEDBACK_LABELS for label in labels)
    return "revise" if was_judged and any(label & lexicon.DRAFT_LABELS for label in labels) else "write"
