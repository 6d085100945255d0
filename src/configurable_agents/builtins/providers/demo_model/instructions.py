"""Telling instructions from what they are about, sentence by sentence."""

from __future__ import annotations

import re
from itertools import pairwise

from configurable_agents.builtins.providers.demo_model import lexicon
from configurable_agents.builtins.providers.demo_model.words import sentences, words

_POINTERS = frozenset(("this", "these", "the", "following", "my", "our", "your"))


def is_instruction(sentence: str) -> bool:
    """Whether a sentence tells the model what to do, who to be, or asks about "this" or "the following"."""
    low = words(sentence)
    while low and low[0] in lexicon.LEAD_INS:
        low = low[1:]
    if not low:
        return False
    return (
        low[0] in lexicon.INSTRUCTION_VERBS
        or (low[0] in {"you", "your"} and low[1:2] != [] and low[1] in lexicon.SAID_OF_THE_MODEL)
        or tuple(low[:2]) in lexicon.INSTRUCTION_OPENINGS
        or (sentence.rstrip().endswith("?") and bool({"this", "following", "below", "these"} & set(low)))
    )


def first_sentence(text: str) -> str:
    """The first sentence of `text`, all of it if it has no end."""
    return next(iter(sentences(text)), text)


def returns(text: str) -> bool:
    """Whether a text that may be a passage goes on as an instruction."""
    return next(iter(words(text)), "") in lexicon.RETURNING_VERBS


def is_short_rule(sentence: str) -> bool:
    """Whether a sentence only says how to write, as `At most 50 words, no preamble` does."""
    return bool(re.match(r"(?i)(at most|no more|no |max|exactly|under|in |one |two |three |\d)", sentence)) and bool(
        re.search(r"(?i)\b(word|sentence|line|paragraph|bullet|character|preamble|point|item)s?\b", sentence)
    )


def named_in(sentence: str) -> str:
    """What an instruction calls the text that follows: `Judge this draft:` a draft."""
    said = words(sentence)
    found = [word for word in said[1:] if word in lexicon.TEXT_NAMES]
    pointed = [word for before, word in pairwise(said) if before in _POINTERS and word in lexicon.TEXT_NAMES]
    return next(iter(pointed or found[::-1]), "")
