"""Defects of what is computed: names, attributes, filters, operators and conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.mutants.plant import Defect
from tests.mutants.text import MARK, Document, Edit, Seed, Span, misspelt

Edits = Iterator[list[Edit]]


def quoted(document: Document, span: Span) -> str:
    """The quote that a text of the file stands in; ''."""
    return next((quote for quote in "'\"" if span.text.startswith(quote)), "") if span.file == document.file else ""


def plainly(document: Document, spans: Iterable[Span]) -> Iterator[Span]:
    """Those that stand in their file as they are read: on one line or in a literal, without escapes."""
    for span in spans:
        quote = quoted(document, span)
        escaped = (quote == "'" and "''" in span.text[1:-1]) or (quote == '"' and "\\" in span.text)
        folded = span.file == document.file and (
            span.text.startswith(">") or ("\n" in span.text.rstrip() and not span.text.startswith("|"))
        )
        if not escaped and not folded:
            yield span


def inside(seed: Seed, document: Document) -> Iterator[Span]:
    """What stands in the braces of templates."""
    for template in plainly(document, seed.templates(document)):
        yield from template.words(r"(?s)((?<=\{\{).*?(?=\}\})|(?<=\{%).*?(?=%\}))")


def names(document: Document, spans: Iterable[Span]) -> Iterator[Span]:
    """Where fields are read."""
    known = "|".join(document.fields)
    for span in spans:
        bare = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", lambda text: "_" * len(text[0]), span.text)
        if quoted(document, span):  # the whole of it is no text of the expression
            inner = span.text[1:-1]
            other = "'[^'\n]*'" if quoted(document, span) == '"' else '"[^"\n]*"'
            bare = span.text[0] + re.sub(other, lambda text: "_" * len(text[0]), inner) + span.text[-1]
        for match in re.finditer(rf"(?<![\w.|])(?<!for )({known})(?!\w|\s*=[^=]|:)", bare):
            yield Span(span.file, span.start + match.start(), span.start + match.end(), match[1])


def name_in_a_template(seed: Seed, document: Document) -> Edits:
    for name in names(document, inside(seed, document)):
        yield [name.replaced(MARK + misspelt(name.text))]


def name_in_an_expression(_: Seed, document: Document) -> Edits:
    for name in names(document, plainly(document, document.expressions)):
        if name.text != "result":
            yield [name.replaced(MARK + misspelt(name.text))]


def syntax(_: Seed, document: Document) -> Edits:
    for condition in plainly(document, document.conditions):
        for operator in condition.words(r" ([<>]=?|[!=]=) "):
            yield [operator.replaced(f"{operator.text} {MARK}{operator.text}")]
        for word in condition.words(r" (and) "):
            yield [word.replaced(f"{MARK}&&")]
        end = condition.end - len(quoted(document, condition))
        yield [Edit(document.file, end, end, f" {MARK}&& {'loud' if 'loud' in document.fields else 'true'}")]
    for condition in plainly(document, document.conditions):
        for last in condition.words(r" ([<>]=?) [\w.]+[\"']?$"):
            tail = quoted(document, condition)
            yield [Edit(document.file, last.start, condition.end, f"{MARK}{last.text}{tail}")]


def enum_value(seed: Seed, document: Document) -> Edits:
    values = {value for other in seed.documents for value in enum_values(other)}
    for span in (*plainly(document, document.expressions), *inside(seed, document)):
        for compared in span.words(r" [!=]= ('\w+'|\"\w+\")"):
            value = compared.text[1:-1]
            if value in values:
                wrong = compared.text.replace(value, misspelt(value))
                yield [compared.replaced(MARK + wrong)]


def enum_values(document: Document) -> Iterator[str]:
    for of in re.findall(r"enum\[(.*?)\]", document.text):
        yield from (value.strip() for value in of.split(","))


def attribute(seed: Seed, document: Document) -> Edits:
    objects = {field for of in declared(document) for field in of}
    for span in (*plainly(document, document.expressions), *inside(seed, document)):
        for name in span.words(r"(?<=\w)\.([A-Za-z_]\w*)"):
            if name.text in objects:
                yield [name.replaced(MARK + misspelt(name.text))]


def declared(document: Document) -> Iterator[list[str]]:
    types = document.section("types")
    for _, fields in types.value if types is not None else ():
        yield [key.value for key, _ in fields.value]


def filter_name(seed: Seed, document: Document) -> Edits:
    for span in (*plainly(document, document.expressions), *inside(seed, document)):
        for name in span.words(r"\| ?([a-z]\w+)"):
            yield [name.replaced(MARK + misspelt(name.text))]


# Types -------------------------------------------------------------------------------------------------------------


def given(document: Document, *of: str) -> str | None:
    """An input of one of these types: it can be read everywhere."""
    return next((name for name, kind in document.input.items() if kind.rstrip(" +") in of), None)


def condition_on(document: Document, text: str) -> Edits:
    for condition in plainly(document, document.conditions):
        yield [condition.replaced(text)]


def added_to_templates(seed: Seed, document: Document, text: str) -> Edits:
    """Before the first word in braces of a template, or at the end of a text that lies in a file or a block."""
    for template in plainly(document, seed.templates(document)):
        first = next(template.words(r"(\{[{%])"), None)
        lone = re.fullmatch(r"[\"']?\{\{.*\}\}[\"']?", template.text.strip())
        if first is not None and not lone and '"' not in text:
            quote = quoted(document, template)
            if quote != "'" or "'" not in text:
                yield [Edit(template.file, first.start, first.start, text)]


def text_and_number(seed: Seed, document: Document) -> Edits:
    text, number = given(document, "str"), given(document, "int", "float")
    if text:
        yield from condition_on(document, f"{MARK}{text} > 3")
        yield from added_to_templates(seed, document, f"{{% if {MARK}{text} > 3 %}}x{{% endif %}}")
    elif number:
        yield from condition_on(document, f"{MARK}{number} == 'three'")


def bare_text(seed: Seed, document: Document) -> Edits:
    text = given(document, "str", "int", "float")
    if text:
        yield from condition_on(document, f"{MARK}{text}")
        yield from added_to_templates(seed, document, f"{{% if {MARK}{text} %}}x{{% endif %}}")


def braces(_: Seed, document: Document) -> Edits:
    for expression in plainly(document, document.conditions):
        quote = quoted(document, expression)
        other = "" if quote else "'" if '"' in expression.text else '"'
        inner = expression.text[1:-1] if quote else expression.text
        yield [expression.replaced(f"{quote or other}{MARK}{{{{ {inner} }}}}{quote or other}")]


def no_list(_: Seed, document: Document) -> Edits:
    text = given(document, "str", "int", "float", "bool")
    for path, node in document.values:
        if path[-1] == "for_each" and text:
            span = document.span(node)
            over = next(span.words(r"(?s) in (.+)"))
            end = over.end - len(quoted(document, span))
            yield [Edit(document.file, over.start, end, MARK + text)]


TEXTS: Iterable[Defect] = (
    Defect("a template that reads what is not declared", "unknown_name", name_in_a_template),
    Defect("an expression that reads what is not declared", "unknown_name", name_in_an_expression),
    Defect("a condition that can't be read", "template_syntax", syntax),
    Defect("a comparison with a value that the enum lacks", "enum_value", enum_value),
    Defect("an attribute that the type lacks", "unknown_attribute", attribute),
    Defect("a filter that is not there", "unknown_filter", filter_name),
    Defect("a text compared with a number", "compare_types", text_and_number),
    Defect("text as a condition", "condition_type", bare_text),
    Defect("braces round a condition", "braces_in_expression", braces),
    Defect("a map over what is no list", "not_a_list", no_list),
)
