"""Facts in a text, found by their form: names, addresses, dates, prices; and what its words speak for."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from configurable_agents.builtins.providers.demo.words import name_words, parse_json, points, stem, word_set

_UNIT = r"(?:(?:EUR|USD|GBP|CHF|JPY)\b|[\u20ac$\u00a3]|euros?\b|dollars\b)"
_DIGITS = r"\d{1,12}(?:[.,]\d{1,3}){0,4}"
_NUMBER = rf"(?<![\w.,-])-?{_DIGITS}(?![\w]|[.,]\d)"
_MONEY = rf"(?:{_UNIT}\s?{_DIGITS}|{_NUMBER}\s?{_UNIT})"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}"
_DATES = (
    r"\b(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)\b",
    r"\b(?P<d>\d\d?)[./](?P<m>\d\d?)[./](?P<y>\d{4})\b",
    rf"(?i)\b(?P<d>\d\d?)(?:st|nd|rd|th|\.)?\s(?:of\s)?{_MONTH},?\s(?P<y>\d{{4}})\b",
    rf"(?i)\b{_MONTH}\s(?P<d>\d\d?)(?:st|nd|rd|th)?,?\s(?P<y>\d{{4}})\b",
)
_NAME = r"[A-Z\u00c4\u00d6\u00dc\u00c9][a-z\u00df-\u00ff]{1,30}"
_STREET = (
    rf"\b\d{{1,4}}\s(?:{_NAME}\s){{1,3}}(?:Street|St|Road|Avenue|Lane|Drive|Square|Way)\b"
    r"|\b[A-Z\u00c4\u00d6\u00dc][\w-]{0,40}(?:stra\u00dfe|strasse|weg|platz|allee)\s\d{1,4}[a-z]?"
)
# The names of properties, the first of them the kind's own, and the form of the fact; a group is the fact itself.
_KINDS = {
    "email mail": r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60})+",
    "url link website": r"https?://[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]",
    "phone mobile telephone": r"(?<![\w.+-])\+?\d[\d ()/-]{7,18}\d(?![\w-])",
    "street address": _STREET,
    "city town": rf"(?:(?:{_STREET}),\s?(?:\d{{4,5}}\s)?|\b(?:in|near|from)\s)({_NAME}(?:\s{_NAME})?)",
    "postcode zip": r"\b\d{5}\b|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b",
    "id reference code number": r"(?<!\w)#?([A-Z]{1,5}-?\d{2,20}\b)|\b(?i:order|invoice|ticket|no\.)\s?#?(\d{2,20})\b",
    "person people name customer author contact": r"\b(?!(?:Dear|Hello|Hi|Please|Order|Extract|The|Thank|Best)\b)"
    rf"({_NAME}\s{_NAME})(?<!Street)(?<!Road)(?<!Lane)(?<!Ltd)(?<!Inc)\b",
    "money price amount total cost sum fee salary budget": _MONEY,
    "year": r"\b(?:19|20)\d{2}\b",
    "date day deadline due birthday": "",
    "product item article": "",
    "quantity qty pieces": "",
}
_FORMS = {names.split()[0]: re.compile(form) for names, form in _KINDS.items() if form}
_KIND_OF = {name + s: names.split()[0] for names in _KINDS for name in names.split() for s in ("", "s")}
_ORDERED = re.compile(
    rf"(?i)(?<![\w.,-])(?P<n>\d{{1,4}})\s?(?:[x\u00d7]\s?|\s)"
    r"(?P<thing>[^\W\d_][\w'-]*(?:\s(?!for\b|at\b|and\b|on\b|to\b)[\w'-]+){0,4}?)"
    rf"(?:,?\s(?:for|at|@)\s|[:,]?\s)(?P<price>{_MONEY})"
)

_SPEAKS_FOR = {
    "billing": "invoice charge payment pay paid refund price cost money subscription card bank fee tax eur usd",
    "technical": "error crash bug login password server fail broken slow install update app screen 500 connect loading",
    "shipping": "delivery deliver parcel package courier arrive tracking carrier",
    "spam": "winner won prize lottery click free congratulations",
    "positive": "good great love lovely excellent happy wonderful amazing perfect nice best enjoy helpful beautiful",
    "negative": "bad terrible hate awful broken broke worst angry disappointed poor slow rude sad burnt twice late",
    "high": "urgent asap immediately crash critical fail broken angry blocked severe outage",
    "low": "minor typo cosmetic small suggestion curious whenever",
}
_ALIASES = {"good": "positive", "pleased": "positive", "angry": "negative", "bad": "negative", "urgent": "high"}
_NEGATIONS = word_set("not no never isn't don't doesn't wasn't hardly")


def kind_of(name: str) -> str:
    """The kind of fact that a property of this name holds; empty if it can't be told."""
    return next((_KIND_OF[word] for word in reversed(name_words(name)) if word in _KIND_OF), "")


def find(kind: str, text: str) -> list[str]:
    """All facts of a kind in `text`, each once, in its order. Dates come as ISO."""
    matches = _FORMS[kind].finditer(text) if kind in _FORMS else ()
    found = _dates(text) if kind == "date" else [match[match.lastindex or 0] for match in matches]
    return [fact for fact in dict.fromkeys(found) if kind != "phone" or not _dates(fact)]


def labelled(name: str, text: str) -> str:
    """What stands after the name on a line of the text: `Total: 42 EUR`; empty if nothing does."""
    label = "[ _-]".join(map(re.escape, name_words(name))) or "$^"
    match = re.search(rf"(?im)^[ \t>*-]{{0,8}}{label}\**[ \t]?[:=]\**[ \t]*(\S[^\n]*)$", text)
    return match[1].strip() if match else ""


def to_number(text: str) -> float | None:
    """The first number of `text`: 1,234.50 and 1.234,50 and 39,90 are understood."""
    match = re.search(rf"-?{_DIGITS}", text)
    if match is None:
        return None
    *whole, last = re.split("[.,]", match[0])
    is_decimal = whole and (len(last) != 3 or (len(whole) == 1 and "." in match[0]))
    return float(f"{''.join(whole)}.{last}" if is_decimal else "".join([*whole, last]))


def numbers(name: str, text: str) -> list[float]:
    """The numbers of `text` that a property of this name may mean, the likeliest first; all without a name."""
    kind, found = kind_of(name), [labelled(name, text)]
    for root in (re.escape(stem(word)) for word in name_words(name) if word not in {"number", "count", "of"}):
        found += re.findall(rf"(?i)({_NUMBER})[ -](?:\w+ )?{root}\w*\b", text)
        found += re.findall(rf"(?i)\b{root}\w*\b[^\d\n.;]{{0,16}}({_NUMBER})", text)
    every = re.findall(_NUMBER, text)
    found += find(kind, text) if kind in {"money", "year"} else every if len(every) == 1 or not name else []
    return [number for item in found if (number := to_number(item)) is not None]


def records(names: Iterable[str], text: str) -> list[dict[str, Any]]:
    """What `text` lists, by name or kind of fact: the objects of its JSON, `2 lamps for 39.90 EUR`, or its bullets."""
    data = parse_json(text)
    found = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    known = [{str(key).lower(): value for key, value in item.items()} for item in found]
    for match in _ORDERED.finditer(text) if {kind_of(name) for name in names} & {"quantity", "money"} else ():
        count, thing, price = int(match["n"]), match["thing"], to_number(match["price"])
        known.append({"quantity": count, "product": thing, "name": thing, "money": price, "text": match[0]})
    return known or [{"text": point} for point in points(text)]


def _dates(text: str) -> list[str]:
    found: list[tuple[int, str]] = []
    for match in (match for pattern in _DATES for match in re.finditer(pattern, text)):
        parts = match.groupdict()
        month = int(parts["m"]) if "m" in parts else _MONTHS.index(parts["month"].lower()) + 1
        with contextlib.suppress(ValueError):  # no such day
            found.append((match.start(), date(int(parts["y"]), month, int(parts["d"])).isoformat()))
    return [day for _, day in sorted(found)]


def speaks_for(value: str, text: str) -> int:
    """How much the words of `text` speak for a value: its own words count three, those that go with it one."""
    name = _ALIASES.get(value.lower(), value.lower())
    own, known = ({stem(word) for word in table} for table in (name_words(value), _SPEAKS_FOR.get(name, "").split()))
    tokens = re.findall(r"[^\W_]+(?:'[a-z]+)?", text.lower().replace("\u2019", "'"))
    score = 0
    for index, token in enumerate(tokens):
        is_denied = name in {"positive", "negative", "high"} and _NEGATIONS & set(tokens[max(index - 2, 0) : index])
        score += 0 if is_denied else 3 if stem(token) in own else stem(token) in known
    return score


def favoured(values: Sequence[str], text: str) -> list[str]:
    """The values that `text` speaks for outside of a list of them, the most favoured first."""
    either = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    between = r"[\"'`]?(?:\s*[,/|]\s*|\s+)(?:or\s+|and\s+)?[\"'`]?"
    evidence = re.sub(rf"(?i)\b(?:{either})\b(?:{between}\b(?:{either})\b)+", " ", text)
    scores = {value: speaks_for(value, evidence) for value in values}
    return sorted((value for value in values if scores[value]), key=lambda value: -scores[value])
