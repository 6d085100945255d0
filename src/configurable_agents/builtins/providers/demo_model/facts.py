"""Facts in a text: names, addresses, dates, prices, found by their form."""

from __future__ import annotations

import re
from datetime import date

from configurable_agents.builtins.providers.demo_model.words import name_words

_CODES = "EUR|USD|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|PLN|INR|CNY"
_SYMBOLS = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "euro": "EUR",
    "euros": "EUR",
    "dollars": "USD",
    "pounds": "GBP",
}
_UNIT = rf"(?:{_CODES})\b|[€$£¥]|euros?\b|dollars\b|pounds\b"
_DIGITS = r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
MONEY = rf"(?:(?:{_UNIT})\s?(?:{_DIGITS})|(?:{_DIGITS})\s?(?:{_UNIT}))"
_GROUPS = re.compile(r"-?[1-9]\d{0,2}(?:[.,]\d{3})+")
_CLEAR_GROUPS = re.compile(r"-?[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3}){2,})")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905  # reads better than twelve quotes
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b",
        r"\b(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})\b",
        r"\b(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})\b",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH},?\s+(?P<y>\d{{4}})\b",
        rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b",
    )
)
_TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\b")
_NAME = r"[A-ZÄÖÜÉ][a-zäöüßéèçñ]+(?:-[A-Z][a-z]+)?"
_ROADS = "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Square|Way|Court|Place|Boulevard"
_STREET = rf"\d+[a-z]?\s+(?:{_NAME}\s+){{1,3}}(?:{_ROADS})\b\.?"
_STRASSE = r"\b[A-ZÄÖÜ][\wäöüß.-]{0,40}(?:straße|strasse|str\.|weg|platz|allee|gasse)\s+\d+[a-z]?"
_CITY = rf"(?:{_NAME})(?:\s+(?:{_NAME}|upon|on))*"

_FORMS = {
    "email": r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+",
    "url": r"https?://[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]|\bwww\.[\w-]+(?:\.[\w-]+)+",
    "phone": r"(?<![\w.-])\+?\d[\d ()/-]{6,18}\d(?![\w-])",
    "street": f"{_STREET}|{_STRASSE}",
    "address": rf"(?:{_STREET}|{_STRASSE})(?:,\s*(?:\d{{4,5}}\s+)?{_CITY}(?:\s+[A-Z]{{1,2}}\d[\w ]{{2,5}})?)?",
    "city": rf"(?:(?:{_STREET}|{_STRASSE}),\s*(?:\d{{4,5}}\s+)?|\b(?:in|from|to|near)\s+)({_CITY})",
    "postcode": r"\b\d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|\b\d{4}\b(?=\s+[A-Z])",
    "company": r"\b(?:[A-Z][\w&-]*\s+){1,4}"
    r"(?:Ltd|GmbH|Inc|LLC|AG|Corp|Corporation|Company|Group|SE|PLC|BV|SA)\b\.?",
    "id": r"(?<!\w)#?(?:[A-Z]{1,5}-?\d{2,}[\w-]*|(?<=#)\d+)"
    r"|\b(?i:no|number|nr|order|invoice|ticket|id)\.?:?\s+#?(\d{2,})\b",
    "path": r"(?<![\w/:.])(?:[\w.-]+/)+[\w.-]*\w"
    r"|\b[\w-]+\.(?:py|js|ts|go|rs|java|c|h|md|txt|csv|json|ya?ml|toml|sql|html|css|sh)\b",
    "person": rf"\b(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+)?"
    rf"({_NAME}(?:\s+(?:van|von|de|der|la))?(?:\s+(?:[A-Z]\.\s+)?{_NAME}))\b",
    "role": r"\bis (?:the|an?|our|their|her|his)\s+([A-Za-z][\w -]{1,40}?)(?=\s+(?:of|at|for|in|and)\b|[,.;)]|$)"
    r"|\(([A-Za-z][\w -]{1,30})\)",
    "country": r"\b(?:Germany|France|Spain|Italy|Austria|Switzerland|Netherlands|Belgium|Poland|Sweden|Norway"
    r"|Denmark|Ireland|Portugal|Greece|Canada|Mexico|Brazil|India|China|Japan|Australia|United Kingdom|UK|USA"
    r"|United States)\b",
    "hashtag": r"(?<!\w)#[A-Za-z]\w+",
}
_CURRENCY = re.compile(_UNIT)

_KINDS = {
    "email": "email mail", "url": "url link website homepage uri", "phone": "phone mobile telephone tel fax",
    "date": "date day deadline due birthday born datetime when timestamp", "postcode": "zip postcode postal plz",
    "street": "street", "address": "address location destination", "city": "city town place",
    "country": "country nation", "currency": "currency", "path": "path file filename",
    "company": "company organisation organization employer vendor supplier merchant firm",
    "id": "id identifier reference ref sku code number no nr",
    "person": "name person customer author sender recipient contact buyer client owner employee candidate speaker"
    " assignee user",
    "money": "price amount total cost subtotal sum fee salary budget revenue net gross paid",
    "quantity": "quantity qty pieces units", "product": "product item article goods dish ingredient",
    "role": "role position occupation job profession", "hashtag": "hashtag hashtags",
}  # fmt: skip
_KIND_OF = {word: kind for kind, text in _KINDS.items() for word in text.split()}
# Capitalised pairs that are no person: the second word of a street, the first of a sentence.
_NO_PERSON = re.compile(
    r"\b(?:Street|Road|Avenue|Lane|Square|Dear|Hello|Best|Kind|Please|Order|Invoice|Extract|The|Regards|Ship|Thank|From|Our|Your"
    r"|Subject|Ltd|GmbH|Inc|LLC|AG|Corp|Company|Group|Customer|New|United|January|February|March|April|June|July|August|September|October|November|December)\b"
)


def kind_of(name: str) -> str:
    """The kind of fact that a property of this name holds; empty if it can't be told."""
    parts = name_words(name)
    if parts[-1] in {"number", "no", "nr"} and len(parts) > 1:
        return _KIND_OF.get(parts[-2], "id")
    for part in reversed(parts):
        kind = _KIND_OF.get(part) or _KIND_OF.get(part.removesuffix("s"))
        if kind:
            return kind
    return ""


def labelled(name: str, text: str) -> str:
    """What stands after the name in the text: `Total: 42 EUR`, `due date = 2026-03-14`; empty if nothing does."""
    label = r"[\s_-]*".join(map(re.escape, name_words(name)))
    match = re.search(rf"(?im)^[\s>*\"-]*\**{label}\**\"?\s*[:=]\**[ \t]*(\S[^\n]*)$", text)
    return match[1].strip().rstrip(",").strip('"*') if match else ""


def find(kind: str, text: str) -> list[str]:
    """All facts of a kind in `text`, each once, in its order. Dates come as ISO, currencies as codes."""
    if kind == "date":
        found = [day.isoformat() for day in dates(text)]
    elif kind == "currency":
        found = [_SYMBOLS.get(unit.lower(), unit.upper()) for unit in _CURRENCY.findall(text)]
    elif kind in _FORMS:
        found = [match[match.lastindex or 0].strip() for match in re.finditer(_FORMS[kind], text)]
    else:
        found = []
    if kind == "person":
        found = [name for name in found if not _NO_PERSON.search(name)]
    if kind == "person" and not found:
        found = re.findall(rf"^({_NAME}),", text)
    if kind == "phone":
        found = [number for number in found if not dates(number)]
    if kind == "path":
        found = [re.sub(r"^[ab]/", "", path) for path in found]
    if kind == "id":
        found = [name.lstrip("#") for name in found]
    return list(dict.fromkeys(found))


def dates(text: str) -> list[date]:
    """The dates in `text`, in its order."""
    found: list[tuple[int, date]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _MONTHS.index(parts["month"].lower()) + 1
            try:
                found.append((match.start(), date(int(parts["y"]), month, int(parts["d"]))))
            except ValueError:
                continue
    return [day for _, day in sorted(found)]


def time_of_day(text: str) -> str:
    """The first time in `text` as HH:MM:SS, midnight if there is none."""
    match = _TIME.search(text)
    return f"{int(match[1]):02d}:{match[2]}:{match[3] or '00'}" if match else "00:00:00"


def to_number(text: str) -> float:
    """The first number of `text`, 0 if it has none: 1,234.50 and 1.234,50 and 39,90 are understood."""
    match = re.search(rf"-?(?:{_DIGITS}|\d+)", text)
    digits = match[0] if match else "0"
    head, mark, tail = max(digits.rpartition("."), digits.rpartition(","), key=lambda part: len(part[0]))
    thousands = _GROUPS if re.search(_UNIT, text) else _CLEAR_GROUPS
    if not mark or thousands.fullmatch(digits):
        return float(re.sub(r"[.,]", "", digits))
    return float(f"{re.sub(r'[.,]', '', head)}.{tail}")
