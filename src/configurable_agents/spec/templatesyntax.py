"""The syntax of templates and expressions: text to Jinja's tree, and what is wrong where there is none."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser

from configurable_agents.spec.jinja import ENVIRONMENT

MAX_DEPTH = 60

_Tree = TypeVar("_Tree")

# Jinja's statements that stay inside one text.
_STATEMENTS = (nodes.Output, nodes.If, nodes.For, nodes.Assign, nodes.AssignBlock)


class TemplateError(Exception):
    """A text can't be parsed: `offset` and `width` say where in it."""

    def __init__(self, code: str, message: str, hint: str, offset: int = 0, width: int = 1) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.offset, self.width = code, message, hint, offset, width


def template_tree(text: str) -> nodes.Template:
    """The tree of a template. Raises TemplateError where it is none."""
    return _syntax(lambda: ENVIRONMENT.parse(text), text)


def expression_tree(text: str) -> nodes.Expr:
    """The tree of a bare expression. Raises TemplateError where it is none."""
    if "{{" in text or "{%" in text:
        inner = text.strip().removeprefix("{{").removesuffix("}}").strip()
        hint = f"Write it bare: {inner}" if "{" not in inner else "Write the expression without {{ and }}."
        at = text.find("{")
        message = "An expression stands here, which takes no braces."
        raise TemplateError("braces_in_expression", message, hint, at, 2)

    def parse() -> nodes.Expr:
        parser = Parser(ENVIRONMENT, text, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            token = parser.stream.current
            raise TemplateSyntaxError(f"unexpected '{token.value}'", token.lineno)
        return tree

    return _syntax(parse, text)


# What people write from other languages, and what it is called here.
_INSTEAD = {
    "&&": "Write 'and'.", "||": "Write 'or'.", "&": "Write 'and'.", "|": "Write 'or'.", "!": "Write 'not'.",
    "===": "Write '=='.", "=": "Compare with '=='.", "?": "Write 'a if condition else b'.",
    "$": "Fields are plain names.",
}  # fmt: skip


def _syntax(parse: Callable[[], _Tree], text: str) -> _Tree:
    try:
        tree = parse()
    except TemplateSyntaxError as error:
        raise _explain(error, text) from None
    except RecursionError:
        raise TemplateError(
            "template_syntax", "This is nested too deeply.", "Compute parts of it in a set node."
        ) from None
    _check_depth(tree)
    for number in tree.find_all(nodes.Const) if isinstance(tree, nodes.Node) else ():
        if isinstance(number.value, float) and not math.isfinite(number.value):
            message = "This number is larger than any that can be computed with."
            raise TemplateError("template_syntax", message, "Write a smaller one.", max(number.lineno - 1, 0))
    for node in tree.find_all(nodes.Stmt) if isinstance(tree, nodes.Template) else ():
        if not isinstance(node, _STATEMENTS):
            tag = type(node).__name__.lower().removesuffix("block")
            message = f"{{% {tag} %}} is not available in templates."
            hint = "Long prompts go into files: prompt: {file: prompt.md}; shared texts under files."
            raise TemplateError("template_syntax", message, hint, max(node.lineno - 1, 0), len(tag))
    return tree


def _check_depth(tree: Any) -> None:
    # What is inferred of a tree and the Python that Jinja makes of it nest as deeply; Python's own limits are near.
    level: list[nodes.Node] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return
    raise TemplateError("template_syntax", "This is nested too deeply.", "Compute parts of it in a set node.")


def _explain(error: TemplateSyntaxError, text: str) -> TemplateError:
    offset = min(max((error.lineno or 1) - 1, 0), max(len(text) - 1, 0))
    words = (error.message or "").rstrip(".")
    words = (
        re.sub(r" at \d+$", "", words).replace("expected token ", "expected ").replace("end of print statement", "}}")
    )
    for wrong in sorted(_INSTEAD, key=len, reverse=True):
        for start in range(max(offset - len(wrong) + 1, 0), offset + 1):
            if text.startswith(wrong, start):
                return TemplateError(
                    "template_syntax", f"'{wrong}' is not written here.", _INSTEAD[wrong], start, len(wrong)
                )
    if "unknown tag" in words:
        tag = re.search(r"'(\w+)'", words)
        words, hint = f"there is no {{% {tag[1] if tag else ''} %}}", "There are if, for, set and raw."
    elif "end of template" in words:
        last = re.search(r"(\w+|[^\w\s]+)\s*$", text)
        offset = max(text.rfind("{{"), text.rfind("{%"), last.start() if last and "{" not in text else 0)
        words, hint = (
            "it ends too early",
            "Close what is open: }} or %}, a bracket, a quote, {% endif %}, {% endfor %}.",
        )
    elif _unclosed(text, offset, words):
        offset = text.rfind("{{", 0, offset + 1)
        return TemplateError("template_syntax", "The '{{' that opens here is not closed.", "Close it by }}.", offset, 2)
    else:
        hint = (
            "Literal braces are written {% raw %}{{{% endraw %}."
            if "{{" in text
            else "Text in an expression is quoted."
        )
    width = len(re.match(r"\w*", text[offset:])[0])  # type: ignore[index]  # \w* always matches
    return TemplateError("template_syntax", f"This can't be read: {words}.", hint, offset, width)


def _unclosed(text: str, offset: int, words: str) -> bool:
    """Whether what can't be read at `offset` comes of a `{{` before it that has no `}}`: a lone }, or a new line."""
    opening = text.rfind("{{", 0, offset + 1)
    return opening >= 0 and (words == "unexpected '}'" or ("expected '}}'" in words and "\n" in text[opening:offset]))
