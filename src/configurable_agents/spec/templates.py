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

from jinja2 import Undefined, UndefinedError, nodes
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context

from configurable_agents.spec.jinja import ENVIRONMENT, GLOBALS, RenderError, Truth, truth
from configurable_agents.spec.templatesyntax import expression_tree, template_tree

_Value = TypeVar("_Value")

# What an operator or a filter may raise for the values it meets.
_FAILURES = (
    TemplateRuntimeError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    AssertionError,
    RuntimeError,
)


class Expression:
    """A bare expression, as in `when`; `parse` gives its tree anew."""

    def __init__(self, text: str, parse: Callable[[], nodes.Expr]) -> None:
        self.text, self.tree, self._parse = text, parse(), parse

    @cached_property
    def _evaluate(self) -> Callable[[Mapping[str, Any]], Any]:
        tree = Truth().visit(self._parse())
        target = nodes.Name("result", "store", lineno=1)
        template = ENVIRONMENT.from_string(nodes.Template([nodes.Assign(target, tree, lineno=1)], lineno=1))

        def evaluate(values: Mapping[str, Any]) -> Any:
            context = Context(ENVIRONMENT, {**GLOBALS, **values}, None, {})
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
    def _fixed(self) -> str:
        return str(_guarded(lambda: self._render({}), self.text))

    @cached_property
    def lone(self) -> Expression | None:
        """The expression, where the whole text is one."""
        if lone_expression(self.tree) is None:
            return None
        inner = re.sub(r"^{{[-+]?|-?}}$", "", self.text.strip())
        return Expression(inner.strip(), lambda: lone_expression(template_tree(self.text)) or nodes.Const(None))

    @cached_property
    def _render(self) -> Callable[[Mapping[str, Any]], str]:
        tree = Truth().visit(template_tree(self.text))
        template = ENVIRONMENT.from_string(tree)

        def render(values: Mapping[str, Any]) -> str:
            context = Context(ENVIRONMENT, {**GLOBALS, **values}, None, {})
            return "".join(template.root_render_func(context))

        return render

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The text with its values in, or the value of a lone expression. Raises RenderError."""
        if self.constant:
            return self._fixed
        return self.lone.evaluate(values) if self.lone else self.render(values)

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with its values in. Raises RenderError."""
        return self._fixed if self.constant else str(_guarded(lambda: self._render(values), self.text))


def lone_expression(tree: nodes.Template) -> nodes.Expr | None:
    """The expression that is all of a template, where it is one."""
    match tree.body:
        case [nodes.Output(nodes=[nodes.Expr() as expression])] if not isinstance(expression, nodes.TemplateData):
            return expression
    return None


def parse_template(text: str) -> Template:
    """Raises TemplateError where the text is no template."""
    return Template(text, template_tree(text))


def parse_expression(text: str) -> Expression:
    """Raises TemplateError where the text is no expression."""
    return Expression(text, lambda: expression_tree(text))


def _settled(value: Any) -> Any:
    # `map`, `select` and their like give generators, `dictsort` tuples; a value that is kept must be plain.
    if isinstance(value, Iterator | range | tuple | list):
        return [_settled(item) for item in value]
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    if isinstance(value, Undefined):
        str(value)  # raises, naming what is unset
    return value


def _guarded(compute: Callable[[], _Value], text: str) -> _Value:
    try:
        return compute()
    except UndefinedError as error:
        name = re.match(r"'(\w+)' is undefined", error.message or "")
        if name:
            message = f"'{name[1]}' is read in '{_shown(text)}' before anything has written it."
            hint = f"Give it a default, declare it T?, or write {{{{ {name[1]} | default('…') }}}}."
            raise RenderError("unset_field", message, hint) from None
        words = re.sub(r"'(\w+) object' has no (?:attribute|element)", _has_no, error.message or "")
        raise RenderError("template_error", f"'{_shown(text)}' fails: {words}.", "Check the values it reads.") from None
    except (MemoryError, RecursionError, SyntaxError) as error:  # the last is Python's word for nested too deeply
        message = f"'{_shown(text)}' is too large to compute ({type(error).__name__})."
        raise RenderError("template_error", message, "Compute it in a python node.") from None
    except _FAILURES as error:
        raise RenderError("template_error", f"'{_shown(text)}' fails: {error}.", "Check the values it reads.") from None


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _has_no(match: re.Match[str]) -> str:
    called = {"str": "a text", "dict": "the object", "list": "the list", "None": "null"}.get(
        match[1], f"a value ({match[1]})"
    )
    return f"{called} has no"
