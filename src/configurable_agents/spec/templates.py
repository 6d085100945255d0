"""The only {{ }} grammar: templates and bare expressions are parsed, rendered and evaluated here, by Jinja2.

Jinja's sandbox runs them with our filters, without its statements that reach other files, without method calls, and
with an error for anything undefined. It is no sandbox against CPU or memory. `inference.py` says what a parsed
text reads and gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.lexer import TokenStream
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from configurable_agents.spec.filters import FROM_JINJA, OURS, text_of

MAX_RANGE = 100_000
MAX_DEPTH = 60


_Tree = TypeVar("_Tree")

# Jinja's statements that stay inside one text.
_STATEMENTS = (nodes.Output, nodes.If, nodes.For, nodes.Assign, nodes.AssignBlock)


class TemplateError(Exception):
    """A text can't be parsed: `offset` and `width` say where in it."""

    def __init__(self, code: str, message: str, hint: str, offset: int = 0, width: int = 1) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.offset, self.width = code, message, hint, offset, width


class RenderError(Exception):
    """A text can't be rendered or evaluated with these values."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def _range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > MAX_RANGE:
        message = f"range() of {len(found)} numbers; it may have {MAX_RANGE}."
        raise RenderError("template_error", message, "Take a smaller range.")
    return found


# Given to Jinja with the values: merging its own globals in at each rendering costs more than the rendering.
_GLOBALS: Mapping[str, Any] = {"range": _range, "null": None}


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"%"})

    def __init__(self) -> None:
        # '{#' is plain text here, so comments are given a sign that no text holds.
        super().__init__(
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            comment_start_string="\ue000{#",
            comment_end_string="#}\ue000",
            finalize=text_of,
            cache_size=0,
        )
        self.filters = {name: self.filters[name] for name in FROM_JINJA} | dict(OURS)
        self.globals = dict(_GLOBALS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`a.b` is the key b of a mapping and nothing else: `order.items` is no method."""
        if isinstance(obj, LoopContext):
            return super().getattr(obj, attribute)
        return (
            self.getitem(obj, attribute)
            if isinstance(obj, Mapping | Undefined)
            else self.undefined(obj=obj, name=attribute)
        )

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`a[b]`: a key of a mapping, a place in a list or a text."""
        if isinstance(obj, Undefined):
            return self.undefined(obj=obj, name=argument)
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`%` is the rest of a division only: on text it would print Python's idea of a value."""
        if isinstance(left, str):
            raise TypeError("% is for numbers; join texts with ~")
        return super().call_binop(context, operator, left, right)

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        # Jinja's nodes carry lines only. Every token is given its offset in the text (from 1) for its line instead.
        return TokenStream(self.lexer.wrap(self._tokens(source, state), name, filename), name, filename)

    def _tokens(self, source: str, state: str | None) -> Iterator[tuple[int, str, str]]:
        at = 0
        try:
            for _, token, value in self.lexer.tokeniter(source, None, None, state):
                # Between tokens only white space is ever dropped (trim_blocks, lstrip_blocks, `-%}`).
                found = source.find(value, at) if value.strip() else at
                at = found if found >= 0 else at
                yield at + 1, token, value
                at += len(value)
        except TemplateSyntaxError as error:
            position = re.search(r" at (\d+)$", error.message or "")
            error.lineno = int(position[1]) + 1 if position else at + 1
            raise


class _Truth(NodeTransformer):
    """Gives conditions and joined text the language's meaning where Jinja would use Python's.

    `a and b`, `not a`, `if`: a value that may be null is true when it is there, a list when it is not empty.
    `a ~ b`: joins what the values print as.
    """

    def _test(self, node: Any) -> nodes.Expr:
        if isinstance(node, nodes.Compare | nodes.Test | nodes.Not | nodes.And | nodes.Or):
            return node
        return nodes.Filter(node, "_truth", [], [], None, None, lineno=node.lineno)

    def visit_And(self, node: nodes.And) -> nodes.And:
        self.generic_visit(node)
        return nodes.And(self._test(node.left), self._test(node.right), lineno=node.lineno)

    def visit_Or(self, node: nodes.Or) -> nodes.Or:
        self.generic_visit(node)
        return nodes.Or(self._test(node.left), self._test(node.right), lineno=node.lineno)

    def visit_Not(self, node: nodes.Not) -> nodes.Not:
        self.generic_visit(node)
        return nodes.Not(self._test(node.node), lineno=node.lineno)

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.CondExpr:
        self.generic_visit(node)
        node.test = self._test(node.test)
        node.expr2 = node.expr2 or nodes.Const(None, lineno=node.lineno)  # without else it gives null
        return node

    def visit_For(self, node: nodes.For) -> nodes.For:
        self.generic_visit(node)
        node.test = self._test(node.test) if node.test is not None else None
        return node

    def visit_If(self, node: nodes.If) -> nodes.If:
        self.generic_visit(node)
        node.test = self._test(node.test)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Concat:
        self.generic_visit(node)
        node.nodes = [nodes.Filter(n, "string", [], [], None, None, lineno=n.lineno) for n in node.nodes]
        return node


def truth(value: Any) -> bool:
    """Whether a condition's value holds: true, a list that is not empty, a value that may be null and is there."""
    if isinstance(value, Undefined):
        str(value)  # raises, naming it
    if isinstance(value, list | dict):
        return bool(value)
    return value is not None and value is not False


_ENVIRONMENT = _Environment()
_ENVIRONMENT.filters["_truth"] = truth
FILTERS = frozenset(_ENVIRONMENT.filters) - {"_truth"}
TESTS = frozenset(_ENVIRONMENT.tests)


class Expression:
    """A bare expression, as in `when`; `parse` gives its tree anew."""

    def __init__(self, text: str, parse: Callable[[], nodes.Expr]) -> None:
        self.text, self.tree, self._parse = text, parse(), parse

    @cached_property
    def _evaluate(self) -> Callable[[Mapping[str, Any]], Any]:
        tree = _Truth().visit(self._parse())
        target = nodes.Name("result", "store", lineno=1)
        template = _ENVIRONMENT.from_string(nodes.Template([nodes.Assign(target, tree, lineno=1)], lineno=1))

        def evaluate(values: Mapping[str, Any]) -> Any:
            context = template.new_context({**_GLOBALS, **values}, shared=True)
            for _ in template.root_render_func(context):  # a generator whose end is the evaluation's
                pass
            value = context.vars["result"]
            if isinstance(value, Undefined):
                str(value)  # raises, naming it
            return value

        return evaluate

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The expression's value. Raises RenderError where it can't be computed."""
        return _guarded(lambda: _settled(self._evaluate(values)), self.text)

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the condition holds. Raises RenderError where it can't be computed."""
        return truth(self.evaluate(values))


class Template:
    """A text with {{ }} in it. One lone `{{ x }}` keeps the type of x."""

    def __init__(self, text: str, tree: nodes.Template) -> None:
        self.text, self.tree = text, tree

    @cached_property
    def constant(self) -> bool:
        """Whether the text computes nothing."""
        return "{{" not in self.text and "{%" not in self.text

    @cached_property
    def lone(self) -> Expression | None:
        """The expression, where the whole text is one."""
        if lone_expression(self.tree) is None:
            return None
        inner = re.sub(r"^{{[-+]?|-?}}$", "", self.text.strip())
        return Expression(inner.strip(), lambda: lone_expression(_parse_template(self.text)) or nodes.Const(None))

    @cached_property
    def _render(self) -> Callable[[Mapping[str, Any]], str]:
        tree = _Truth().visit(_parse_template(self.text))
        template = _ENVIRONMENT.from_string(tree)

        def render(values: Mapping[str, Any]) -> str:
            context = template.new_context({**_GLOBALS, **values}, shared=True)
            return "".join(template.root_render_func(context))

        return render

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The text with its values in, or the value of a lone expression. Raises RenderError."""
        if self.constant:
            return self.render(values)
        return self.lone.evaluate(values) if self.lone else self.render(values)

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with its values in. Raises RenderError."""
        return str(_guarded(lambda: self._render(values), self.text))


def lone_expression(tree: nodes.Template) -> nodes.Expr | None:
    """The expression that is all of a template, where it is one."""
    match tree.body:
        case [nodes.Output(nodes=[nodes.Expr() as expression])] if not isinstance(expression, nodes.TemplateData):
            return expression
    return None


def parse_template(text: str) -> Template:
    """Raises TemplateError where the text is no template."""
    return Template(text, _parse_template(text))


def parse_expression(text: str) -> Expression:
    """Raises TemplateError where the text is no expression."""
    return Expression(text, lambda: _parse_expression(text))


def _parse_template(text: str) -> nodes.Template:
    return _syntax(lambda: _ENVIRONMENT.parse(text), text)


def _parse_expression(text: str) -> nodes.Expr:
    if "{{" in text or "{%" in text:
        inner = text.strip().removeprefix("{{").removesuffix("}}").strip()
        hint = f"Write it bare: {inner}" if "{" not in inner else "Write the expression without {{ and }}."
        at = text.find("{")
        raise TemplateError("braces_in_expression", "An expression stands here, which takes no braces.", hint, at, 2)

    def parse() -> nodes.Expr:
        parser = Parser(_ENVIRONMENT, text, state="variable")
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
        for start in (offset, offset - 1):
            if start >= 0 and text.startswith(wrong, start):
                return TemplateError(
                    "template_syntax", f"'{wrong}' is not written here.", _INSTEAD[wrong], start, len(wrong)
                )
    if "unknown tag" in words:
        tag = re.search(r"'(\w+)'", words)
        words, hint = f"there is no {{% {tag[1] if tag else ''} %}}", "There are if, for, set and raw."
    elif "end of template" in words:
        offset = max(text.rfind("{{"), text.rfind("{%"), 0)
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
    width = len(re.match(r"\w*", text[offset:])[0])  # type: ignore[index]
    return TemplateError("template_syntax", f"This can't be read: {words}.", hint, offset, width)


def _unclosed(text: str, offset: int, words: str) -> bool:
    """Whether what can't be read at `offset` comes of a `{{` before it that has no `}}`: a lone }, or a new line."""
    opening = text.rfind("{{", 0, offset + 1)
    return opening >= 0 and (words == "unexpected '}'" or ("expected '}}'" in words and "\n" in text[opening:offset]))


def _settled(value: Any) -> Any:
    # `map`, `select` and their like give generators; a value that is kept must be plain.
    return (
        list(value) if isinstance(value, Iterator | range | tuple | Mapping) and not isinstance(value, dict) else value
    )


def _guarded(compute: Callable[[], _Tree], text: str) -> _Tree:
    shown = text if len(text) <= 60 else text[:59] + "…"
    try:
        return compute()
    except UndefinedError as error:
        name = re.match(r"'(\w+)' is undefined", error.message or "")
        if name:
            message = f"'{name[1]}' is read in '{shown}' before anything has written it."
            hint = f"Give it a default, declare it T?, or write {{{{ {name[1]} | default('…') }}}}."
            raise RenderError("unset_field", message, hint) from None
        words = re.sub(r"'(\w+) object' has no (?:attribute|element)", _has_no, error.message or "")
        raise RenderError("template_error", f"'{shown}' fails: {words}.", "Check the values it reads.") from None
    except (SecurityError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise RenderError("template_error", f"'{shown}' fails: {error}.", "Check the values it reads.") from None
    except (MemoryError, RecursionError, SyntaxError) as error:  # the last is Python's word for nested too deeply
        message = f"'{shown}' is too large to compute ({type(error).__name__})."
        raise RenderError("template_error", message, "Compute it in a python node.") from None


def _has_no(match: re.Match[str]) -> str:
    called = {"str": "a text", "dict": "the object", "list": "the list", "None": "null"}.get(
        match[1], f"a value ({match[1]})"
    )
    return f"{called} has no"
