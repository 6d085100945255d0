"""Finding the subject of a prompt: a phrase that reads well after "about"."""

from __future__ import annotations

import re

from configurable_agents.builtins.providers.demo_model import lexicon
from configurable_agents.builtins.providers.demo_model.holding import Passage
from configurable_agents.builtins.providers.demo_model.words import (
    content_words,
    key_phrases,
    quoted,
    sentences,
    shortened,
    word_set,
    words,
)

_LONGEST = 8  # words of a passage that is itself the subject
_LONGEST_CHARACTERS = 80
_LONGEST_QUOTATION = 60

_AFTER = tuple(
    re.compile(rf"\b(?:{lead})\s+(?=\S)", re.IGNORECASE)
    for lead in (
        "about|regarding|concerning|called|named", "explain|describe|on the (?:topic|subject) of", "on|into",
        "greets?|welcomes?|hello to|greeting (?:for|to)", "of|behind", "for", "to",
    )
)  # fmt: skip
_CLEAR = 2  # so many of them name the subject for sure; the others only where there is no text to speak of
_END = re.compile(
    r"[.!?;\n](?:\s|$)|:\s|:$"
    r"|,?\s+(?:using|so that|based on|which|within|without|according to|as if|as a|as an|given|titled|followed)\b"
    r"|,?\s+in (?:at most|no more|under|fewer|less|about|around|exactly|plain|simple|one|two|three|four|five|a|an"
    r"|english|german|french|spanish|italian|the style|the tone|markdown|json|your|\d+)\b"
    r"|,?\s+for (?:a|an|the|our|my|beginners|children|kids|readers|developers|people|someone|experts|students"
    r"|newcomers)\b"
    r"|,?\s+with (?:a|an|no|at least|exactly|one|two|three|four|five|\d+)\b"
    r"|,?\s+to (?:a|an|the|someone|children|beginners|my|our|your)\b"
    r"|,?\s+from (?:the|these|this|those)\b"
    r"|\s+(?:should|must|ought|warmly|kindly|politely|nicely|briefly|clearly|simply)\b"
    r"|\s+that (?:an?|the|every|any|you|your|our|we|they|readers?|people|would|will|could|can|are|is|has|have|\w+s)\b"
    r"|,\s*(?:in|with|for|and|then|keeping|no|at|as|not|one|two|three|max|under|ideally|please)\b"
    r"|\s+(?:and|then) (?:then |also )?(?:say|give|keep|write|make|include|end|list|explain|answer|add|name|rate"
    r"|mention)\b",
    re.IGNORECASE,
)
_POINTS_ELSEWHERE = word_set(
    """this these that those it its them following below above given text each every one you your what how
    which"""
)
_SENTENCE_WORDS = word_set(
    """i i'm we you he she they it my is are was were am do does did have has don't can't please"""
)
_HOW_WORKS = re.compile(r"^(?:how|what) (.+?) (?:works?|is|are|means?)$", re.IGNORECASE)
_AUDIENCE = re.compile(
    r"(?:an? |the |my |our |your )?(?:\w+ )?(?:child|children|kids|beginners?|readers?|developers|people|someone"
    r"|experts?|students|newcomers|audience|five-year-old|customers?|users?|colleagues?|team|managers?|human)\b",
    re.IGNORECASE,
)
_ARTICLES = frozenset(("the", "a", "an"))


def find_subject(instruction: str, passages: tuple[Passage, ...], *, names_all: bool) -> str:
    """The subject: what a label, a short quotation or the instruction names, else what the passages speak of.

    With `names_all`, what stands after any preposition of the instruction may be it, else only after `about` and such.
    """
    named = [p.text for p in passages if set(p.label.split()) & lexicon.SUBJECT_LABELS and p.label != "question"]
    short = [p.text for p in passages if p.label not in lexicon.FEEDBACK_LABELS and _is_short(p.text)]
    for text in named:
        if _is_short(text):
            return _tidy(text)
    told = _named_in(instruction, _AFTER if names_all else _AFTER[:_CLEAR])
    if told:
        return told
    if short:
        return _tidy(short[0])
    return _main_phrase("\n".join(p.text for p in passages)) or _object(instruction)


def _named_in(instruction: str, leads: tuple[re.Pattern[str], ...]) -> str:
    for lead in leads:
        for match in lead.finditer(instruction):
            rest = instruction[match.end() :]
            end = _END.search(rest)
            phrase = _tidy(rest[: end.start()] if end else rest)
            phrase = _HOW_WORKS.sub(r"\1", phrase)
            low = words(phrase)
            if not low or low[0] in _POINTS_ELSEWHERE or not content_words(phrase):
                continue
            if _AUDIENCE.match(phrase):
                continue
            if low[0] in _ARTICLES and set(low[1:]) & lexicon.TEXT_NAMES:
                continue
            if low[0] in lexicon.INSTRUCTION_VERBS and lead is not _AFTER[0]:
                continue
            return phrase
    return ""


def _main_phrase(text: str) -> str:
    """What a text says again and again; else its first sentence, in quotation marks."""
    found = key_phrases(text, 1, least=2)
    said = sentences(text)
    if found or text.lstrip().startswith(("{", "[", "<", "```")):
        return next(iter(found or key_phrases(text, 1)), "")
    if not said or len(re.findall(r"\d+(?:[.,]\d+)?", said[0])) > 1:
        return ""
    return quoted(said[0].rstrip(".!"), _LONGEST_QUOTATION)


def _object(instruction: str) -> str:
    """`a weekend in Rome` of `Plan a weekend in Rome.`; nothing where that is the text to write."""
    match = re.match(r"(?:please\s+)?(\w+)\s+(?:me\s+|us\s+)?(?=\S)", instruction, re.IGNORECASE)
    if match is None or match[1].lower() not in lexicon.INSTRUCTION_VERBS:
        return ""
    rest = instruction[match.end() :]
    end = _END.search(rest)
    phrase = _tidy(rest[: end.start()] if end else rest)
    low = set(words(phrase))
    return "" if low & (lexicon.TEXT_NAMES | _POINTS_ELSEWHERE) or not content_words(phrase) else phrase


def _is_short(text: str) -> bool:
    """Whether a text is a phrase, not a sentence or data."""
    kept = text.strip()
    return (
        len(kept.split()) <= _LONGEST
        and "\n" not in kept
        and not kept.startswith(("{", "["))
        and not kept.endswith((".", "!", "?"))
        and not _SENTENCE_WORDS & set(words(kept))
    )


def _tidy(text: str) -> str:
    return shortened(text, _LONGEST_CHARACTERS).strip("\"“”'`*_ ").rstrip(" .,;:!?")
