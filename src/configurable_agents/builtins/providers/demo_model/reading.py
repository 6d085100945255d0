"""Reading a conversation: what is asked for, about what, by whom and in which form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from configurable_agents.builtins.providers.demo_model import lexicon
from configurable_agents.builtins.providers.demo_model.form import Form, find_form
from configurable_agents.builtins.providers.demo_model.holding import Passage
from configurable_agents.builtins.providers.demo_model.splitting import split
from configurable_agents.builtins.providers.demo_model.subject import find_subject
from configurable_agents.builtins.providers.demo_model.tasks import ROLE, find_task
from configurable_agents.builtins.providers.demo_model.words import sentences
from configurable_agents.plugins.models import Message

READ_CHARACTERS = 20_000  # of a message; what comes after is not looked at

_OWN_SUBJECT = frozenset(("write", "list", "greet"))  # tasks whose subject the instruction names
_COMPLAINT = re.compile(
    r"\b(?:reply|answer|response|output|json)\b.{0,80}?(?:\bnot\b|n't\b|invalid|fail|problem|wrong|mistake)"
    r"|\b(?:invalid|problems?|errors?)\b.{0,60}?\b(?:reply|answer|response|output|json|schema)\b"
    r"|\bschema\b|\bvalid json\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a conversation asks for.

    `instruction` is what the user's message tells the model to do, `background` what the system message says,
    `passages` what the user's message is about.
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
        return "\n".join(f"{p.label}: {p.text}" if p.label not in {"", "code"} else p.text for p in self.passages)

    @property
    def orders(self) -> str:
        """Everything that says what to do: the system message and the instruction."""
        return f"{self.background}\n{self.instruction}".strip()

    def main_text(self) -> str:
        """The text that the prompt is about: what is called a draft or a text, else the longest passage.

        Feedback is not what a prompt is about, unless there is nothing else.
        """
        texts = [p for p in self.passages if not _is_feedback(p)] or list(self.passages)
        named = [p.text for p in texts if set(p.label.split()) & lexicon.DRAFT_LABELS]
        return max(named or [p.text for p in texts] or [""], key=len)


def read(messages: Sequence[Message]) -> Reading:
    """What the last user message asks for, before the background of the system message.

    A message that complains of the reply before it is not a new question: the one before that is answered again.
    """
    asked = _asked(messages)
    prompt = asked.content[:READ_CHARACTERS] if asked else ""
    systems = [m for m in messages if m.role == "system" and m is not asked]
    background = "\n".join(m.content[:READ_CHARACTERS] for m in systems)
    parts = split(prompt)
    passages = parts.passages
    last = next(reversed(sentences(parts.instruction)), "")
    if not passages and last.endswith("?"):
        passages = (Passage("question", last),)
    task = find_task(parts.instruction, background, passages)
    subject = find_subject(parts.instruction, passages, names_all=not passages or task in _OWN_SUBJECT)
    orders = f"{background}\n{parts.instruction}"
    return Reading(
        prompt=prompt,
        instruction=parts.instruction,
        background=background,
        passages=passages,
        task=task,
        subject=subject or find_subject(background, (), names_all=True),
        role=_role(orders),
        form=find_form(orders),
    )


def _asked(messages: Sequence[Message]) -> Message | None:
    users = [index for index, message in enumerate(messages) if message.role == "user"]
    while len(users) > 1:
        last = users[-1]
        if not _COMPLAINT.search(messages[last].content) or messages[last - 1].role == "system":
            break
        users.pop()
    return messages[users[-1]] if users else next(iter(messages), None)


def _is_feedback(passage: Passage) -> bool:
    return bool(set(passage.label.split()) & lexicon.FEEDBACK_LABELS)


def _role(text: str) -> str:
    for sentence in sentences(text):
        match = ROLE.match(sentence)
        if match:
            return re.split(r"\s(?:who|that|for|at|of|with|and|in)\s", match[1])[0].strip()
    return ""
