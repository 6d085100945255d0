"""Jinja2, made ours: its sandbox with our filters, our idea of truth, offsets for lines, no methods of Python's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.lexer import TokenStream
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from configurable_agents.spec.filters import FROM_JINJA, OURS, listed, text_of

MAX_RANGE = 100_000
MAX_BITS = 14_000


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
GLOBALS: Mapping[str, Any] = {"range": _range, "null": None}


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"%", "**"})

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
            optimized=False,  # computed beforehand, 1e300 * 1e300 would become a name of Python's: inf
        )
        self.filters = {name: listed(self.filters[name]) for name in FROM_JINJA} | dict(OURS)
        self.globals = dict(GLOBALS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`a.b` is the key b of a mapping and nothing else: `order.items` is no method."""
        if isinstance(obj, LoopContext) or (isinstance(obj, tuple) and attribute in getattr(obj, "_fields", ())):
            return super().getattr(obj, attribute)  # the latter: `grouper` and `list` of what `groupby` gives
        return (
            self.getitem(obj, attribute)
            if isinstance(obj, Mapping | Undefined)
            else self.undefined(obj=obj, name=attribute)
        )

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`a[b]`: a key of a mapping, a place in a list or a text."""
        if isinstance(obj, Undefined):
            return obj  # it is this that is unset, not the part of it that is read
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`%` is the rest of a division only: on text it would print Python's idea of a value.

        A power of thousands of digits is refused: Python computes it in one go, which no Ctrl-C interrupts.
        """
        if operator == "%" and isinstance(left, str):
            raise TypeError("% is for numbers; join texts with ~")
        whole = isinstance(left, int) and isinstance(right, int)
        if operator == "**" and whole and left.bit_length() * right > MAX_BITS:
            raise OverflowError("the power has thousands of digits")
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


class Truth(NodeTransformer):
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


ENVIRONMENT = _Environment()
ENVIRONMENT.filters["_truth"] = truth
FILTERS = frozenset(ENVIRONMENT.filters) - {"_truth"}
TESTS = frozenset(ENVIRONMENT.tests)
