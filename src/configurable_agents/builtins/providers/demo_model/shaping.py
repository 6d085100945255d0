"""Sentences about the subject, in the form that a prompt asks for."""

from __future__ import annotations

from itertools import pairwise

from configurable_agents.builtins.providers.demo_model import items, phrases
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.words import capitalised


def filled(bank: tuple[str, ...], reading: Reading) -> list[str]:
    """The sentences of a bank, about the subject."""
    return [capitalised(phrases.fill(template, items.subject_of(reading))) for template in bank]


def shaped(said: list[str], reading: Reading) -> str:
    """The sentences in the form that the prompt asks for."""
    form = reading.form
    if form.sentences:
        rest = [phrases.fill(s, items.subject_of(reading)) for bank in phrases.ARTICLES for s in bank]
        said = list(dict.fromkeys([*said, *rest]))[: form.sentences]
    if form.words:
        while len(said) > 1 and len(" ".join(said).split()) > form.words:
            said = said[:-1]
        if len(said[0].split()) > form.words:
            said = [" ".join(said[0].split()[: form.words]).rstrip(",;:") + "…"]
    if form.bullets:
        return "\n".join(f"- {sentence}" for sentence in said[: form.count or items.DEFAULT_COUNT])
    if form.paragraphs and form.paragraphs > 1:
        ends = [len(said) * part // form.paragraphs for part in range(form.paragraphs + 1)]
        return "\n\n".join(" ".join(said[a:b]) for a, b in pairwise(ends) if a < b)
    return " ".join(said)
