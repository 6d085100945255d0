"""Words of a text: splitting, crude stems, key phrases, and choices that are the same on every machine."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def word_set(text: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(text.split())


STOP_WORDS = word_set(
    """a about above after again all also am an and any are as at be because been before being below both
    but by can cannot could did do does doing don't down each every few for from further get give
    given had has have having he her here hers him his how however i if in into is it its itself
    just let like made make many may me might more most much must my no nor not now of off on once
    one only or other our out over own per please quite rather same she should so some such than
    that the their them then there these they this those through to too two three under until up
    upon us use used using very via was we were what when where whether which while who whom whose
    why will with within without would yes you your yours yourself i'm it's there's that's we're
    you're isn't wasn't can't won't didn't doesn't i've i'd i'll hello hi dear thanks thank regards"""
)

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…][\"”'\u2019)]*\s+(?=[^\sa-z])|\n+")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e|etc|approx)\.$")
_SUFFIXES = (
    "ations",
    "ation",
    "ings",
    "ing",
    "edly",
    "ies",
    "ied",
    "ers",
    "er",
    "es",
    "ed",
    "ly",
    "s",
    "e",
    "y",
)
_SHORTEST_STEM = 3
_LONGEST_PHRASE = 3


def words(text: str) -> list[str]:
    """The words of `text` in lower case, with straight apostrophes."""
    return [word.lower().replace("\u2019", "'") for word in _WORD.findall(text)]


def stem(word: str) -> str:
    """What the forms of a word have in common, crudely: charge, charges and charged are all `charg`."""
    word = word.lower().removesuffix("'s")
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            word = word[: -len(suffix)]
            break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def stems(text: str) -> list[str]:
    """The stems of the words of `text`, in its order."""
    return [stem(word) for word in words(text)]


def content_words(text: str) -> list[str]:
    """The words that carry meaning, each once, in the order of the text."""
    return list(dict.fromkeys(word for word in words(text) if word not in STOP_WORDS and len(word) > 1))


def name_words(name: str) -> list[str]:
    """The words of a property's name: `unit_price` and `unitPrice` are both unit, price."""
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)] or [name.lower()]


def sentences(text: str) -> list[str]:
    """The sentences of `text`, as they stand there; a line's end ends a sentence too."""
    found: list[str] = []
    start = 0
    for boundary in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[start : boundary.start() + 1]):
            found.append(text[start : boundary.end()].strip())
            start = boundary.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


def key_phrases(text: str, count: int, least: int = 1) -> list[str]:
    """The phrases that say what a text is about: runs of content words, what is repeated first.

    Each of them stands `least` times in the text, and no two share a word.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    shown: dict[tuple[str, ...], str] = {}
    for run in _runs(text):
        for size in range(1, _LONGEST_PHRASE + 1):
            for start in range(len(run) - size + 1):
                part = run[start : start + size]
                key = tuple(stem(word) for word in part)
                seen[key] += 1
                shown.setdefault(key, " ".join(part))
    first = {key: index for index, key in enumerate(seen)}
    order = sorted(seen, key=lambda key: (-(seen[key] - 1) * len(key), -len(key), first[key]))
    chosen: list[tuple[str, ...]] = []
    for key in order:
        if seen[key] >= least and not any(set(key) & set(other) for other in chosen):
            chosen.append(key)
        if len(chosen) == count:
            break
    return [shown[key] for key in chosen]


def _runs(text: str) -> list[list[str]]:
    runs: list[list[str]] = []
    for clause in re.split(r"[^\w\s'\u2019-]+|\n+", text):
        run: list[str] = []
        for word in _WORD.findall(clause):
            if word.lower().replace("\u2019", "'") in STOP_WORDS or len(word) == 1:
                runs.append(run)
                run = []
            else:
                run.append(word)
        runs.append(run)
    return [run for run in runs if run]


def pick(options: Sequence[T], *seed: object) -> T:
    """One of `options`, always the same for the same seed (a checksum, since Python's own hash is salted)."""
    return options[checksum(*seed) % len(options)]


def checksum(*seed: object) -> int:
    """A number that is the same for the same seed on every machine."""
    return zlib.crc32("\x1f".join(str(part) for part in seed).encode("utf-8", "surrogatepass"))


def capitalised(text: str) -> str:
    """`text` with a capital letter in front, and the rest as it is."""
    return text[:1].upper() + text[1:]


def shortened(text: str, limit: int) -> str:
    """`text` on one line and at most `limit` characters long, cut between words where there are any."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    head, space, _ = cut.rpartition(" ")
    return (head if space else cut).rstrip(" ,;:.-") + "…"


def quoted(text: str, limit: int = 120) -> str:
    """`text` in quotation marks, which never come out unbalanced."""
    inner = shortened(text, limit).strip("\"“”'\u2018\u2019 ").replace('"', "'").replace("“", "'").replace("”", "'")
    return f'"{inner}"'


def cited(text: str, limit: int = 160) -> str:
    """`text` in quotation marks at the end of a sentence, with a full stop where it has none of its own."""
    shown = quoted(text, limit)
    return shown if shown.endswith(('."', '!"', '?"', '…"')) else f"{shown}."


def uncapitalised(text: str) -> str:
    """`text` to go on a sentence with: names and abbreviations keep their capitals."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first.lower() in STOP_WORDS and first != "I" else text
