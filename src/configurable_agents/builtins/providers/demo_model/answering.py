"""Answers: to a question from the text at hand, to a sum, to a customer."""

from __future__ import annotations

import re

from configurable_agents.builtins.providers.demo_model import choosing, phrases
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.shaping import shaped
from configurable_agents.builtins.providers.demo_model.words import (
    cited,
    content_words,
    sentences,
    stems,
    word_set,
)

_SUM = re.compile(r"(\d+(?:\.\d+)?)\s*(\+|-|\*|\u00d7|x|/|plus|minus|times|divided by)\s*(\d+(?:\.\d+)?)")
_CONTEXT = word_set("""context document documents text source sources knowledge facts notes article excerpt""")


def answer(reading: Reading) -> str:
    """What is said to the question or the message that the prompt holds."""
    question = next((p.text for p in reading.passages if p.label == "question"), "")
    sources = [p.text for p in reading.passages if set(p.label.split()) & _CONTEXT]
    text = question or reading.main_text() or reading.prompt
    if sources and text not in sources:
        asked = set(stems(" ".join(content_words(text))))
        said = [s for source in sources for s in sentences(source)]
        best = max(said, key=lambda s: (len(asked & set(stems(s))), -said.index(s)))
        return f"According to the text: {best}"
    if text.rstrip().endswith("?") and not choosing.topic(phrases.SUPPORT, f"{reading.role}\n{text}"):
        return _calculated(text) or (
            f"You asked: {cited(text)} The demo model knows no facts, so this is where a real model's answer"
            " would stand."
        )
    return _reply(reading, text)


def _calculated(text: str) -> str:
    match = _SUM.search(text)
    if match is None:
        return ""
    a, sign, b = float(match[1]), match[2], float(match[3])
    if sign in {"/", "divided by"} and not b:
        return "Nothing can be divided by zero."
    result = {"+": a + b, "plus": a + b, "-": a - b, "minus": a - b}.get(sign)
    if result is None:
        result = a / b if sign in {"/", "divided by"} else a * b
    return f"{match[0]} is {result:g}."


def _reply(reading: Reading, text: str) -> str:
    """What a support team writes back."""
    topic = choosing.topic(phrases.SUPPORT, f"{reading.role}\n{reading.instruction}") or choosing.topic(
        phrases.SUPPORT, text
    )
    mood = choosing.topic(("negative", "positive"), text)
    answered = phrases.SUPPORT.get(topic or "", phrases.SUPPORT_PLEASED if mood == "positive" else phrases.SUPPORT_ANY)
    said = [f"Thank you for your message: {cited(text)}", answered]
    if mood == "negative" and (reading.form.sentences is None or reading.form.sentences > len(said)):
        said.insert(1, "We are sorry for the trouble.")
    sign = f"\n\nKind regards, your {reading.role}" if reading.role else ""
    return shaped(said, reading) + sign
