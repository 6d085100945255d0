"""Splitting a prompt into what it asks (the instruction) and what it is asked about (the passages).

A rendered prompt no longer shows which of its words were written by the author and which came from the
fields, so this goes by form: quotation marks, code fences, tags, JSON, labels (`Draft:`), what follows a
colon, and sentences that tell nobody to do anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from configurable_agents.builtins.providers.demo_model import lexicon
from configurable_agents.builtins.providers.demo_model.holding import Holder, Passage
from configurable_agents.builtins.providers.demo_model.instructions import (
    first_sentence,
    is_instruction,
    is_short_rule,
    named_in,
    returns,
)
from configurable_agents.builtins.providers.demo_model.words import sentences, words


@dataclass(frozen=True, slots=True)
class Split:
    """A prompt in its two parts."""

    instruction: str
    passages: tuple[Passage, ...]


_LABEL = re.compile(r"^\s*(?:[-*]\s+)?\**([A-Za-z][\w'\u2019/ -]{0,50}?)\**\s*:\**(?:\s+(.*)|)$")
_HEADING = re.compile(r"^\s*#{1,6}\s+(.*?)\s*#*\s*$")
_COLON = re.compile(r":\s+(?=\S)")
_OPTIONS_AHEAD = re.compile(r"\b(one of|either|options|categories|labels|values|choose|among|from)\s*$", re.IGNORECASE)
_BARE_OBJECT = re.compile(r"^(?:please\s+)?([a-z]+)\s+(?=[A-Z\ue000][^A-Z])")
_LABEL_WORDS = 5
_LABEL_WORDS_WITHIN = 3  # of a label that ends one passage and begins the next
_RULE_WORDS = 8  # after a label such as `Style:`; more than that is a text


def split(prompt: str) -> Split:
    """`prompt` as instruction and passages. A prompt that asks for nothing is one passage."""
    holder = Holder()
    text = holder.hold_all(prompt)
    told, passages = _Lines(holder).read(text)
    instruction = "\n".join(told)
    spoken = [passage for passage in holder.passages(instruction) if passage.text]
    spoken += [holder.opened(passage) for passage in passages]
    kept = tuple(passage for passage in spoken if passage.text)
    return Split(holder.shortened(instruction).strip(), kept)


class _Lines:
    """Reads a prompt line by line, in one of two moods: being told what to do, or reading a passage."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        self.told: list[str] = []
        self.passages: list[Passage] = []
        self.label: str | None = None  # of the passage being read; None while being told
        self.heading = ""
        self.heading_tells = False
        self.after_blank = True

    def read(self, text: str) -> tuple[list[str], list[Passage]]:
        for line in text.splitlines():
            if not line.strip():
                self.after_blank = True
                self.add("")
                continue
            self.line(line)
            self.after_blank = False
        return self.told, self.passages

    def line(self, line: str) -> None:
        heading = _HEADING.match(line)
        if heading:
            self.heading, self.label = heading[1].strip().lower(), None
            self.heading_tells = bool(set(words(self.heading)) & lexicon.INSTRUCTION_LABELS)
            if is_instruction(heading[1]) or not self.told:
                self.told.append(f"{heading[1]}.")
            return
        label = _LABEL.match(line)
        if label and self.is_label(label[1]):
            self.labelled(label[1].strip().lower(), label[2] or "", line)
        elif self.label is not None and not (self.after_blank and returns(line)):
            self.add(line)
        else:
            self.label = None
            self.instructed(line)

    def is_label(self, text: str) -> bool:
        """Whether the words before a colon are a label: within a passage only if they look much like one."""
        parts = text.lower().split()
        if text.lower() in lexicon.LABELS:
            return True
        if len(parts) > _LABEL_WORDS or is_instruction(text):
            return False
        if self.label is None or parts[-1] in lexicon.LABELS:
            return True
        lines = self.passages[-1].text.strip().count("\n") if self.passages[-1].text.strip() else 1
        return len(parts) <= _LABEL_WORDS_WITHIN and bool(self.label) and (lines == 0 or self.after_blank)

    def labelled(self, label: str, rest: str, line: str) -> None:
        among_passages = bool(self.label) and self.label not in lexicon.SUBJECT_LABELS
        is_rule = label.rsplit(maxsplit=1)[-1] in lexicon.INSTRUCTION_LABELS and len(rest.split()) <= _RULE_WORDS
        if is_rule and not among_passages:
            self.label = None
            self.told.append(line)
            return
        self.open(label, rest)

    def instructed(self, line: str) -> None:
        """A line that begins as an instruction may become a passage: after a colon, or when nothing is told."""
        rest = line.strip()
        while rest:
            sentence = first_sentence(rest)
            after = rest[len(sentence) :].strip()
            colon = _COLON.search(sentence)
            bare = _BARE_OBJECT.match(sentence[:1].lower() + sentence[1:])
            if not self.is_told(sentence, after):
                label = _LABEL.match(rest)
                if label and self.is_label(label[1]):
                    self.labelled(label[1].strip().lower(), label[2] or "", rest)
                else:
                    self.open(self.heading, rest)
                return
            if colon and not _OPTIONS_AHEAD.search(sentence[: colon.start()]):
                self.told.append(sentence[: colon.start() + 1])
                rest = self.after_colon(rest[colon.end() :], sentence)
                continue
            if bare and bare[1] in lexicon.OBJECT_VERBS and "\ue000" not in sentence:
                self.told.append(sentence[: bare.end()])
                self.open("", rest[bare.end() :])
                return
            self.told.append(sentence)
            rest = after
            label = _LABEL.match(rest)
            if rest and label and self.is_label(label[1]):
                self.labelled(label[1].strip().lower(), label[2] or "", rest)
                return
            if sentence.endswith("?") and rest and not returns(rest):
                self.open("", rest)
                return
        if line.rstrip().endswith(":") and not _OPTIONS_AHEAD.search(line.rstrip().rstrip(":")):
            self.open(named_in(line), "")

    def is_told(self, sentence: str, after: str) -> bool:
        """Whether a sentence that stands outside of any passage belongs to the instruction.

        A question does if anything comes before it, or a new line after it; else it may be a letter's first
        words.
        """
        return (
            self.heading_tells
            or is_instruction(sentence)
            or is_short_rule(sentence)
            or sentence.endswith(":")
            or (sentence.endswith("?") and (bool(self.told) or not after))
        )

    def after_colon(self, text: str, before: str) -> str:
        """Opens a passage; what is left are the instructions that follow a short one on its line."""
        parts = sentences(text)
        if len(parts) > 1 and all(is_instruction(part) or is_short_rule(part) for part in parts[1:]):
            self.open(named_in(before.split(":", maxsplit=1)[0]), parts[0])
            self.label = None
            return text[len(parts[0]) :].strip()
        self.open(named_in(before.split(":", maxsplit=1)[0]), text)
        return ""

    def open(self, label: str, text: str) -> None:
        self.label = label
        self.passages.append(Passage(label, text))

    def add(self, line: str) -> None:
        if self.label is not None and self.passages:
            last = self.passages[-1]
            self.passages[-1] = Passage(last.label, f"{last.text}\n{line}" if last.text else line)
