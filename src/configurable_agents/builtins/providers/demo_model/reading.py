"""Reading a conversation: what is asked for, about what, by whom and in which form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from configurable_agents.builtins.providers.demo_model import lexicon
from configurable_agents.builtins.providers.demo_model.splitting import Passage, split
from configurable_agents.builtins.providers.demo_model.subject import find_subject
from configurable_agents.builtins.providers.demo_model.words import name_words, sentences, stem
from configurable_agents.plugins.models import Message

READ_CHARACTERS = 20_000  # of a message; what comes after is not looked at

# The task is the one whose words come first in the instruction.
_TASKS = {
    "summarise": r"summari[sz]e|shorten|condense|sum up|tl;?dr|combine|merge|consolidate",
    "revise": r"revise|improve|rewrite|polish|rework|edit|refine|proofread|expand|incorporate",
    "judge": r"judge|rate|score|grade|evaluate|assess|critique|critici[sz]e|good enough|how good|approve",
    "review": r"review|(?:what is|what's|anything) wrong|find (?:\w+ )?(?:problems|bugs|issues|mistakes)|inspect|audit",
    "fix": r"patch|fix|repair",
    "translate": r"translate",
    "greet": r"greet|welcome|say (?:hello|hi)",
    "answer": r"answer|reply|respond",
    "classify": r"classify|categori[sz]e|triage|what (?:is|are) th\w+ [\w -]+ about|which (?:topic|category)|route|decide"
    r"|detect|label|sentiment",
    "extract": r"extract|pull out|parse|identify",
    "list": r"list|outline|brainstorm|name",
    "write": r"write|draft|compose|explain|describe|tell|create|generate|make|say|suggest|propose|give|produce|invent"
    r"|prepare|plan",
}
_TASK = re.compile(
    "|".join(rf"(?P<{task}>\b(?:{pattern})\b)" for task, pattern in _TASKS.items()), re.IGNORECASE
)

# What is to be written makes the task more exact: `Write a one-line summary` is summarising.
_WRITTEN = {
    "summarise": r"summary|digest|recap|overview of (?:the|these)|review(?!s)|verdict",
    "title": r"titles?|headlines?|taglines?|slogans?|subject line",
    "list": r"list|outline|ideas|steps|questions|facts|keywords|points|bullets|bullet points|tips|reasons|examples|risks",
    "judge": r"feedback|critique|score|rating",
    "answer": r"reply|answer|response",
    "greet": r"greeting|welcome",
    "translate": r"translation",
}
_PREPOSITION = re.compile(r"\b(?:about|on|of|for|to|from|that|with|in)\b|[,.:;?!]", re.IGNORECASE)

_NUMBERS = {
    "a single": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12,
}  # fmt: skip
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_SENTENCE_COUNT = re.compile(
    rf"\b{_NUMBER}(?:(?: to |-| or ){_NUMBER})?[ -](?:\w+ )?sentences?\b", re.IGNORECASE
)
_PARAGRAPHS = re.compile(rf"\b{_NUMBER} (?:\w+ )?paragraphs?\b", re.IGNORECASE)
_WORD_LIMIT = re.compile(r"\b(\d{1,4})[ -]words?\b", re.IGNORECASE)
_BULLETS = re.compile(r"\bbullet|\bas a (?:markdown )?list\b", re.IGNORECASE)
_UNITS = (
    r"sentences?|words?|paragraphs?|lines?|characters?|minutes?|hours?|days?|weeks?|years?|syllables?|percent"
)
_COUNT = re.compile(
    rf"\b{_NUMBER} (?!(?:{_UNITS})\b)(?:[\w-]+ ){{0,2}}?(?!(?:{_UNITS})\b)([\w-]+s)\b", re.IGNORECASE
)
_OWN_SUBJECT = frozenset(("write", "list", "greet"))  # tasks whose subject the instruction names
_ROLE = re.compile(r"^(?:you are|you're|act as|as) (?:an? |the |our )?([^.,;:\n]{2,60})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """The form a reply is asked to have; None where the prompt doesn't say.

    `counts` are the numbers of things it asks for, by the stems of their names: `five titles`.
    """

    sentences: int | None = None
    paragraphs: int | None = None
    words: int | None = None
    counts: tuple[tuple[str, int], ...] = ()
    bullets: bool = False

    @property
    def count(self) -> int | None:
        """How many things are asked for."""
        return self.counts[0][1] if self.counts else None

    def count_of(self, name: str) -> int | None:
        """How many things of this name are asked for."""
        asked = {stem(word) for word in name_words(name)}
        return next((number for thing, number in self.counts if thing in asked), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a conversation asks for.

    `instruction` is what the user's message tells the model to do, `background` what the system message and
    earlier turns say, `passages` what the user's message is about.
    """

    prompt: str
    instruction: str
    background: str
    passages: tuple[Passage, ...]
    task: str
    subject: str
    role: str
    form: Form

    @property
    def material(self) -> str:
        """All passages with their labels; the whole prompt where there are none."""
        if not self.passages:
            return self.prompt
        return "\n".join(
            f"{p.label}: {p.text}" if p.label not in {"", "code"} else p.text for p in self.passages
        )

    @property
    def orders(self) -> str:
        """Everything that says what to do: the system message and the instruction."""
        return f"{self.background}\n{self.instruction}".strip()

    def main_text(self) -> str:
        """The text that the prompt is about: what is called a draft or a text, else the longest that is no
        feedback.
        """
        texts = [p for p in self.passages if not _is_feedback(p)]
        texts = texts or list(self.passages)
        named = [p.text for p in texts if set(p.label.split()) & lexicon.DRAFT_LABELS]
        return max(named or [p.text for p in texts] or [""], key=len)


def read(messages: Sequence[Message]) -> Reading:
    """What the last user message asks for, before the background of the others.

    A message that complains of the reply before it is not a new question: the one before that is answered
    again.
    """
    asked = _asked(messages)
    prompt = asked.content[:READ_CHARACTERS] if asked else ""
    others = [m for m in messages if m is not asked]
    background = "\n".join(m.content[:READ_CHARACTERS] for m in others if m.role == "system")
    parts = split(prompt)
    passages = parts.passages
    last = next(reversed(sentences(parts.instruction)), "")
    if not passages and last.endswith("?"):
        passages = (Passage("question", last),)
    task = _task(parts.instruction, background, passages)
    subject = find_subject(parts.instruction, passages, names_all=not passages or task in _OWN_SUBJECT)
    return Reading(
        prompt=prompt,
        instruction=parts.instruction,
        background=background,
        passages=passages,
        task=task,
        subject=subject or find_subject(background, (), names_all=True),
        role=_role(f"{background}\n{parts.instruction}"),
        form=_form(f"{background}\n{parts.instruction}"),
    )


_COMPLAINT = re.compile(
    r"\b(?:reply|answer|response|output|json)\b.{0,80}?(?:\bnot\b|n't\b|invalid|fail|problem|wrong|mistake)"
    r"|\b(?:invalid|problems?|errors?)\b.{0,60}?\b(?:reply|answer|response|output|json|schema)\b"
    r"|\bschema\b|\bvalid json\b",
    re.IGNORECASE | re.DOTALL,
)


def _asked(messages: Sequence[Message]) -> Message | None:
    users = [index for index, message in enumerate(messages) if message.role == "user"]
    while len(users) > 1:
        last = users[-1]
        if not (messages[last - 1].role == "assistant" and _COMPLAINT.search(messages[last].content)):
            break
        users.pop()
    return messages[users[-1]] if users else next(iter(messages), None)


def _is_feedback(passage: Passage) -> bool:
    return bool(set(passage.label.split()) & lexicon.FEEDBACK_LABELS)


def _task(instruction: str, background: str, passages: tuple[Passage, ...]) -> str:
    told = [s for s in sentences(instruction) if not _ROLE.match(s)]
    for text in ("\n".join(told), instruction, background):
        match = _TASK.search(text)
        if match and match.lastgroup:
            return _exact_task(match.lastgroup, text[match.end() :], passages)
    if len(passages) == 1 and passages[0].text.rstrip().endswith("?"):
        return "answer"
    return "answer" if background and passages else "write"


def _exact_task(task: str, rest: str, passages: tuple[Passage, ...]) -> str:
    if task in {"write", "list"}:
        stop = _PREPOSITION.search(rest)
        written = rest[: stop.start()] if stop else rest
        for name, pattern in _WRITTEN.items():
            if re.search(rf"\b(?:{pattern})\b", written, re.IGNORECASE):
                return "write" if name == "summarise" and not passages else name
        if task == "write" and _COUNT.match(written.strip()):
            return "list"
    if task == "revise" and not passages:
        return "write"
    return task


def _role(text: str) -> str:
    for sentence in sentences(text):
        match = _ROLE.match(sentence)
        if match:
            return re.split(r"\s(?:who|that|for|at|of|with|and|in)\s", match[1])[0].strip()
    return ""


def _form(text: str) -> Form:
    paragraphs = _PARAGRAPHS.search(text)
    words = _WORD_LIMIT.search(text)
    asked = _SENTENCE_COUNT.search(text)
    return Form(
        sentences=_number(asked[2] or asked[1]) if asked else None,
        paragraphs=_number(paragraphs[1]) if paragraphs else None,
        words=_number(words[1]) if words else None,
        counts=tuple((stem(match[2]), _number(match[1])) for match in _COUNT.finditer(text)),
        bullets=bool(_BULLETS.search(text)),
    )


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text.lower()]
