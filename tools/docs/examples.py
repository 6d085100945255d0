"""What a table of the reference says in words, and the examples that it is computed from."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_WORDS: Mapping[str, str] = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "`true` or `false`",
    "any": "any JSON",
    "date": "a date, written `2026-01-31`",
    "datetime": "a date with a time, written `2026-01-31T12:00:00Z`",
    "list[str]": "a list, all of whose items have this type",
    "dict[str, int]": "an object with any keys, all of whose values have this type",
    "enum[low, high]": "one of these texts",
    "int?": "this type, or null",
    "Order": "an object with the fields that `types` gives to this name, here `{id: int, note: str?}`",
}

FILTER_EXAMPLES: Mapping[str, tuple[str, str]] = {
    "abs": ("-3 | abs", "the number without its sign"),
    "batch": ("[1, 2, 3] | batch(2) | list", "lists of so many items each"),
    "bucket": ("'customer 17' | bucket(100)", "a number below 100 that is always the same for the same value"),
    "capitalize": ("'tidal ENERGY' | capitalize", "the text with a capital first and small letters after it"),
    "count": ("[1, 2] | count", "as `length`"),
    "d": ("missing | d('none')", "as `default`"),
    "default": ("missing | default('none')", "the value, or another where it is unset; null is a value"),
    "dictsort": ("{'b': 1, 'a': 2} | dictsort", "pairs of key and value, sorted by key"),
    "first": ("[1, 2] | first", "the first item"),
    "float": ("'3.5' | float", "the text as a number, 0.0 where it is none"),
    "groupby": ("[{'k': 'a'}, {'k': 'b'}] | groupby('k')", "pairs of a value and the items that have it"),
    "indent": ("'a\\nb' | indent(2)", "the text with its lines, but for the first, moved to the right"),
    "int": ("'42' | int", "the text or number as a whole number, 0 where it is none"),
    "items": ("{'a': 1} | items", "pairs of key and value"),
    "join": ("['a', 'b'] | join(', ')", "the items in one text"),
    "last": ("[1, 2] | last", "the last item"),
    "length": ("'tides' | length", "the number of items, characters or keys"),
    "list": ("'abc' | list", "a list of it: of a text, its characters"),
    "lower": ("'TIDES' | lower", "the text in small letters"),
    "map": ("[{'n': 1}, {'n': 2}] | map(attribute='n')", "one field of each item, or a filter applied to each"),
    "max": ("[3, 1] | max", "the greatest item"),
    "min": ("[3, 1] | min", "the least item"),
    "reject": ("[1, 2, 3] | reject('odd')", "the items that a test does not hold for"),
    "rejectattr": ("[{'n': 1}, {'n': 5}] | rejectattr('n', 'gt', 2)", "the items whose field a test does not hold for"),
    "replace": ("'a-b' | replace('-', '+')", "the text with one part replaced by another"),
    "reverse": ("[1, 2] | reverse", "the items or characters backwards"),
    "round": ("3.14159 | round(2)", "the number, rounded to so many places"),
    "select": ("[1, 2, 3] | select('odd')", "the items that a test holds for"),
    "selectattr": ("[{'n': 1}, {'n': 5}] | selectattr('n', 'gt', 2)", "the items whose field a test holds for"),
    "slice": ("[1, 2, 3] | slice(2)", "so many lists of about the same length"),
    "sort": ("[3, 1, 2] | sort", "the items in order; `sort(attribute='n')`, `sort(reverse=true)`"),
    "split": ("'a, b' | split(', ')", "the parts of a text; without a separator, its words"),
    "string": ("3 | string", "what the value prints as"),
    "sum": ("[{'n': 1}, {'n': 5}] | sum(attribute='n')", "the sum of the items, or of one field of each"),
    "title": ("'a short tale' | title", "the text with every word capitalised"),
    "tojson": ("{'a': [1, null]} | tojson", "the value as JSON; `tojson(indent=2)`"),
    "trim": ("'  tides ' | trim", "the text without space around it"),
    "truncate": ("'a long sentence here' | truncate(12)", "the text cut to so many characters, ending in ..."),
    "unique": ("[1, 1, 2] | unique", "the items, each once"),
    "upper": ("'tides' | upper", "the text in capitals"),
    "wordcount": ("'one two three' | wordcount", "the number of words"),
    "wordwrap": ("'one two three' | wordwrap(8)", "the text in lines of at most so many characters"),
}

TEST_EXAMPLES: Mapping[str, str] = {
    "missing is defined": "has the field been written? `is undefined` is the opposite",
    "null is none": "is it null?",
    "3 is odd": "also `even`, `divisibleby(n)`",
    "'a' is string": "also `number`, `integer`, `float`, `boolean`, `mapping`, `sequence`",
    "'a' is lower": "also `upper`",
    "2 in [1, 2]": "is it an item, a part of the text, a key? `not in` is the opposite",
}
