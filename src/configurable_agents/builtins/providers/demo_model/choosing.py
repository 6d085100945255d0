"""Choosing among values by what a text says: enums, verdicts, yes or no."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from configurable_agents.builtins.providers.demo_model import judging, lexicon
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.words import (
    STOP_WORDS,
    name_words,
    stem,
    word_set,
    words,
)

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][a-z]+)?")
_OWN_WORD, _SYNONYM = 3, 1
_NEGATION_REACH = 2  # words before a word, in which a negation turns it round
_OPTIONS = re.compile(
    r"\b(?:reply with|answer with|respond with|say|only|either|one of|one word|options|categories)\b"
    r"[^:.\n\"]{0,30}?[:,]?\s*\b"
    r"((?:[\"'“]?[\w-]+[\"'”]?(?:,\s*|\s*/\s*|\s*\|\s*)){0,8}[\"'“]?[\w-]+[\"'”]?,?\s+or\s+[\"'“]?[\w-]+)",
    re.IGNORECASE,
)
_VERDICT_NAMES = word_set(
    """approved approve approval accepted accept good enough ok okay pass passed passes publish publishable
    ready done final satisfied satisfactory finished complete sufficient valid"""
)
_HELPER_NAMES = word_set("""is are has have was needs need should contains mentions was requires can did does""")
_JUDGING = frozenset(("judge", "review", "revise"))


def favoured(values: Sequence[str], reading: Reading, text: str) -> str | None:
    """The value that `text` speaks for most; None if it speaks for none.

    What is shown to a judge is judged (see `judging`) if the values are verdicts: the first that means yes
    for a text that is good enough, else the first that means no.
    """
    verdict = _verdict(values, reading)
    if verdict is not None:
        return verdict
    evidence = text if reading.passages else _without_options(text, values)
    best, top = None, 0
    for value in values:
        score = _language_score(value, values, evidence) or _score(value, evidence)
        if score > top:
            best, top = value, score
    return best if best is not None or not _says_yes_or_no(values) else _answer(values, reading, text)


def default(values: Sequence[str]) -> str:
    """The value for a text that speaks for none: `other`, `neutral` or the like, else the first."""
    return next((value for name in lexicon.FALLBACKS for value in values if value.lower() == name), values[0])


def favoured_all(values: Sequence[str], text: str) -> list[str]:
    """The values that `text` speaks for, the best first."""
    scored = [(_score(value, text), value) for value in values]
    return [value for score, value in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def topic(names: Iterable[str], text: str) -> str | None:
    """That of the topics `names` which `text` is about."""
    return next(iter(favoured_all(tuple(names), text)), None)


def boolean(name: str, reading: Reading, text: str) -> bool:
    """Yes or no: a judge approves of what was revised, other questions are answered by the words of the text."""
    asked = set(name_words(name))
    if asked & _VERDICT_NAMES and (reading.task in _JUDGING or judging.revisions(reading)):
        return judging.is_good_enough(reading)
    about = [word for word in name_words(name) if word not in _HELPER_NAMES]
    if asked & _VERDICT_NAMES:
        return _score("positive", text) > _score("negative", text)
    return any(_score(word, text) > 0 for word in about if word not in STOP_WORDS) or (
        reading.task == "judge" and judging.is_good_enough(reading)
    )


def chosen_from_options(reading: Reading) -> str | None:
    """The answer to a prompt that names the words it may be answered with, as `Reply with yes or no` does."""
    match = _OPTIONS.search(reading.instruction)
    if match is None:
        return None
    values = [part.strip("\"'“” ") for part in re.split(r",\s*or\s+|,\s*|\s+or\s+|\s*/\s*|\s*\|\s*", match[1])]
    text = "\n".join(p.text for p in reading.passages)
    return favoured(values, reading, text) or default(values)


def _verdict(values: Sequence[str], reading: Reading) -> str | None:
    if reading.task not in _JUDGING:
        return None
    yes = [
        value for value in values if set(name_words(value)) & lexicon.YES and not set(name_words(value)) & lexicon.NO
    ]
    no = [value for value in values if set(name_words(value)) & lexicon.NO]
    if yes and no:
        return yes[0] if judging.is_good_enough(reading) else no[0]
    return None


def _says_yes_or_no(values: Sequence[str]) -> bool:
    low = {value.lower() for value in values}
    return bool(low & {"yes", "true"}) and bool(low & {"no", "false"})


def _answer(values: Sequence[str], reading: Reading, text: str) -> str:
    """Yes if the text speaks of what the question asks for."""
    asked = [word for word in words(reading.instruction) if word not in STOP_WORDS and word not in lexicon.TEXT_NAMES]
    holds = bool(reading.passages) and any(_score(word, text) > 0 for word in asked)
    wanted = {"yes", "true"} if holds else {"no", "false"}
    return next(value for value in values if value.lower() in wanted)


def _score(value: str, text: str) -> int:
    own = {stem(word) for word in words(value) if word not in STOP_WORDS} or {value.lower()}
    known = lexicon.SPEAKS_FOR.get(value.lower(), frozenset()).union(
        *(lexicon.SPEAKS_FOR.get(word, frozenset()) for word in words(value))
    )
    tokens = [token.lower().replace("\u2019", "'") for token in _TOKEN.findall(text)]
    score = 0
    for index, token in enumerate(tokens):
        found = stem(token)
        weight = _OWN_WORD if found in own else _SYNONYM if found in known or token in known else 0
        is_denied = weight and lexicon.NEGATIONS & set(tokens[max(index - _NEGATION_REACH, 0) : index])
        # "Never arrived" is about shipping as well; only praise and urgency are turned round.
        if not is_denied or (weight == _SYNONYM and value.lower() not in lexicon.DENIABLE):
            score += weight
    return score


def _language_score(value: str, values: Sequence[str], text: str) -> int:
    known = [v for v in values if v.lower() in lexicon.LANGUAGE_WORDS]
    if len(known) < 2 or value not in known:  # one language among other things is just a word
        return 0
    own = lexicon.LANGUAGE_WORDS[value.lower()]
    return sum(word in own for word in words(text))


def _without_options(text: str, values: Sequence[str]) -> str:
    """`text` without the places that list the values to choose from."""
    any_value = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    quote = "[\"'`“”]?"
    gap = rf"{quote}(?:\s*[,/|]\s*|\s+)(?:or\s+|and\s+)?{quote}"
    return re.sub(rf"{quote}\b(?:{any_value})\b(?:{gap}\b(?:{any_value})\b)+", " ", text, flags=re.IGNORECASE)
