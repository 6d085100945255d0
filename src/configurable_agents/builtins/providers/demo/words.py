"""Words: splitting a text, crude stems, lists, quoting, texts of a length or a form."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from typing import Any

LONGEST = 100_000  # characters of a text that has no limit
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_BETWEEN_SENTENCES = re.compile(r"(?:(?<=[.!?\u2026])(?<!\bMr\.)(?<!\bDr\.)|(?<=[.!?][\")]))\s+(?=[^\sa-z])|\n+")
_BULLET = re.compile(r"^[ \t]*(?:[-*\u2022]|\d{1,2}[.)])[ \t]+(\S.*)$", re.MULTILINE)
_LETTERS = ("12345678901234567890", "ABCDEFGHIJKLMNOPQRST", "abcdefghijklmnopqrst")
_SHAPES = ("A-1001", "AB-123", "ABC-1234", "#1a2b3c", "a-b", "a_b", "2026-01-01", "12:30", "+15550100200", "a@b.test")
_SUFFIX = re.compile(r"(?<=\w{3})(?:ations?|ings?|ies|ied|ers?|es|ed|ly|s|e|y)$")


def word_set(text: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(text.split())


STOP_WORDS = word_set(
    """a about after all also an and any are as at be been but by can can't could did do does don't for from get has had
    have he hello her him his how i i'm if in into is it it's its just me more most my never no not now of off on one or
    our out please she so some than that the their them then there these they this those to us was we were what when
    where which who why will with would you your"""
)


def words(text: str) -> list[str]:
    """The words of `text` in lower case, with straight apostrophes."""
    return [word.lower().replace("\u2019", "'") for word in _WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """The words that carry meaning, the most frequent first, each once."""
    return [word for word, _ in Counter(w for w in words(text) if w not in STOP_WORDS and len(w) > 1).most_common()]


def stem(word: str) -> str:
    """What the forms of a word have in common, crudely: charge, charges and charged are all `charg`."""
    cut = _SUFFIX.sub("", word.lower().removesuffix("'s"))
    return cut[:-1] if len(cut) > 3 and cut[-1] == cut[-2] else cut


def name_words(name: str) -> list[str]:
    """The words of a property's name: `dueDate` and `due_date` are both `due date`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", " ", name).lower().split()


def sentences(text: str) -> list[str]:
    """The sentences of `text`; a new line ends one as well."""
    return [said.strip() for said in _BETWEEN_SENTENCES.split(text) if said.strip()]


def main_phrase(text: str) -> str:
    """The two words that a text repeats together most often, nothing if it repeats none."""
    pairs = Counter(f"{a} {b}" for a, b in pairwise(words(text)) if not {a, b} & STOP_WORDS)
    return next((phrase for phrase, count in pairs.most_common(1) if count > 1), "")


def parse_json(text: str) -> Any:
    """The JSON array or object that begins in `text` with its first bracket, None if there is none."""
    start = re.search(r"\[\s*[\[{\"\d]|\{\s*\"", text)
    try:
        return json.JSONDecoder().raw_decode(text, start.start())[0] if start else None
    except (ValueError, RecursionError):
        return None


def points(text: str) -> list[str]:
    """What a text lists: the items of its JSON array, or its bullets."""
    data = parse_json(text)
    if not isinstance(data, list):
        return [item.strip() for item in _BULLET.findall(text)]
    parts = [list(item.values()) if isinstance(item, dict) else [item] for item in data]
    return list(filter(None, (": ".join(part for part in item if isinstance(part, str)) for item in parts)))


def quoted(text: str, limit: int = 120) -> str:
    """`text` in quotation marks, without those inside of it, on one line and cut to `limit` characters."""
    line = " ".join(re.sub('["\u201c\u201d]', "'", text).split()).strip("' ")
    return f'"{line}"' if len(line) <= limit else f'"{line[:limit].rpartition(" ")[0] or line[:limit]}\u2026"'


def capitalised(text: str) -> str:
    """`text` with a capital letter in front, and the rest as it is."""
    return text[:1].upper() + text[1:]


def fitted(text: str, shortest: int, longest: int) -> str:
    """`text` made longer by repeating it, or cut: after a sentence if it can be, else after a word."""
    while len(text) < shortest:
        text = f"{text} {text or 'More.'}".strip()
    for end in (". ", " ") if len(text) > longest else ():
        head, found, _ = text[: longest + 1].rpartition(end)
        if found and len(head) >= max(shortest, longest // 3):
            return head + found.strip()
    return text[:longest]


def matching(pattern: str, text: str, prompt: str) -> list[str]:
    """Those that fit of `text`, the pieces of the prompt and common shapes; none if Python can't read the pattern."""
    pieces = (piece.rstrip(".:!?") for piece in re.findall(r"[^\s,;()\"']+", prompt))
    shapes = (letters[:length] for letters in _LETTERS for length in range(1, len(letters) + 1))
    try:
        form = re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return []
    return [made for made in (text, *pieces, *re.findall(r"\w+", pattern), *_SHAPES, *shapes) if form.search(made)]
