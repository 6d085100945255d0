"""What a parsed text reads and what it gives: Jinja's syntax tree, typed against the declared fields.

What can't be known is `any`, about which nothing is ever said: no false alarms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jinja2 import nodes

from configurable_agents.spec.definedness import defined_names, read_name
from configurable_agents.spec.filtertypes import Use
from configurable_agents.spec.inferred import Inferred, Problem, Read
from configurable_agents.spec.jinja import FILTERS, TESTS
from configurable_agents.spec.scope import OPEN
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.templates import Expression, Template, lone_expression
from configurable_agents.spec.typerules import (
    COMPUTED,
    bare,
    begun,
    called,
    can_compute,
    comparable_kind,
    either,
    of_const,
)
from configurable_agents.spec.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    STR,
    DictOf,
    EnumOf,
    ListOf,
    ObjectOf,
    Scalar,
    Type,
    kind_of,
)


def infer_template(template: Template, scope: Mapping[str, Type], known: frozenset[str] = frozenset()) -> Inferred:
    """A template's reads and problems; its type is text, or that of its lone expression.

    `known` are names that are set for certain.
    """
    walk = _Walk(template.text, scope, known)
    lone = lone_expression(template.tree)
    if lone is not None:
        walk.found.type = walk.type(lone)
    else:
        walk.statements(template.tree.body)
    return walk.found


def infer_expression(
    expression: Expression,
    scope: Mapping[str, Type],
    *,
    condition: bool = False,
    known: frozenset[str] = frozenset(),
) -> Inferred:
    """An expression's type, reads and problems; a `condition` must be something that can hold."""
    walk = _Walk(expression.text, scope, known)
    walk.found.type = walk.test(expression.tree) if condition else walk.type(expression.tree)
    return walk.found


class _Walk:
    def __init__(self, text: str, scope: Mapping[str, Type], known: frozenset[str]) -> None:
        self.text = text
        self.scope = scope
        self.locals: dict[str, Type] = {}
        self.known = known  # with what conditions round the place that is looked at say is set
        self.chosen = False  # whether a condition decides whether this place is computed at all
        self.choosing = False  # whether this place is in the `if` of a `for`
        self.found = Inferred()

    def say(self, code: str, message: str, hint: str, node: nodes.Node, width: int = 1) -> None:
        self.found.problems.append(Problem(code, message, hint, node.lineno - 1, width))

    def say_word(self, code: str, message: str, hint: str, word: str, node: nodes.Node) -> None:
        """Report something about a word that stands at a node or after it."""
        start = node.lineno - 1
        found = re.compile(rf"\b{re.escape(word)}\b").search(self.text, start)
        self.found.problems.append(Problem(code, message, hint, found.start() if found else start, len(word)))

    def statements(self, body: list[nodes.Node]) -> None:
        for node in body:
            match node:
                case nodes.Output(nodes=parts):
                    for part in parts:
                        self.type(part)
                case nodes.If():
                    self.choice(node)
                case nodes.For():
                    self.loop(node)
                case nodes.Assign(target=target, node=value):
                    given = self.type(value)
                    self.bind(target, given)
                case nodes.AssignBlock(target=target):
                    self.statements(node.body)
                    self.bind(target, STR)

    def choice(self, node: nodes.If) -> None:
        self.test(node.test)
        before, (holds, fails) = (self.known, self.chosen), defined_names(node.test)
        self.known, self.chosen = before[0] | holds, True
        self.statements(node.body)
        self.known = before[0] | fails
        self.statements([*node.elif_, *node.else_])
        self.known, self.chosen = before

    def after(self, known: frozenset[str], node: nodes.Node | None, *, test: bool = False) -> Type:
        """The type of what is computed only where a condition holds, by which these names are set."""
        before = self.known, self.chosen
        self.known, self.chosen = before[0] | known, True
        found = self.test(node) if test and node is not None else self.type(node)
        self.known, self.chosen = before
        return found

    def loop(self, node: nodes.For) -> None:
        over = bare(self.type(node.iter))
        if isinstance(over, Scalar) and over.name not in ("any", "str"):
            self.say("not_a_list", f"{{% for %}} goes over a list, not over {called(over)}.", "Name a list.", node.iter)
        outer = dict(self.locals)
        self.bind(node.target, over.item if isinstance(over, ListOf) else ANY)
        before = self.known, self.chosen
        if node.test is not None:
            self.choosing = True
            self.test(node.test)  # in which `loop` is still that of the loop round this one
            self.choosing = False
            self.known, self.chosen = self.known | defined_names(node.test)[0], True
        self.locals["loop"] = ANY
        self.statements(node.body)
        self.known, self.chosen = before
        self.locals = outer
        self.statements(node.else_)

    def bind(self, target: nodes.Node, given: Type) -> None:
        match target:
            case nodes.Name(name=name):
                self.locals[name] = given
            case nodes.Tuple(items=items):
                for item in items:
                    self.bind(item, ANY)

    def test(self, node: nodes.Node) -> Type:
        """The type of a condition: a bool, a list, or a value that may be null; text and numbers must be compared."""
        found = self.type(node)
        if isinstance(found, Scalar | EnumOf | ObjectOf) and kind_of(found) not in ("bool", "any"):
            width = len(node.name) if isinstance(node, nodes.Name) else 1
            hint = "Compare it, as in: name == 'value', or count > 0."
            self.say("condition_type", f"{begun(found)} is no condition.", hint, node, width)
        return found

    def type(self, node: nodes.Node | None) -> Type:  # noqa: C901, PLR0911, PLR0912  # a case for each kind of syntax
        match node:
            case nodes.Name(name=name):
                return self.name(node, name)
            case nodes.Const(value=value):
                return of_const(value)
            case nodes.Getattr(node=of, attr=attr):
                return self.attribute(node, of, attr)
            case nodes.Getitem(node=of, arg=arg):
                return self.item(of, arg)
            case nodes.Compare():
                return self.compare(node)
            case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
                self.test(left)
                holds, fails = defined_names(left)
                self.after(holds if isinstance(node, nodes.And) else fails, right, test=True)
                return BOOL
            case nodes.Not(node=of):
                self.test(of)
                return BOOL
            case nodes.Test():
                return self.is_test(node)
            case nodes.Filter():
                return self.filter(node)
            case nodes.CondExpr(test=test, expr1=yes, expr2=no):
                self.test(test)
                holds, fails = defined_names(test)
                return either(self.after(holds, yes), self.after(fails, no) if no is not None else ANY)
            case nodes.Concat(nodes=parts):
                for part in parts:
                    self.type(part)
                return STR
            case nodes.BinExpr():
                return self.arithmetic(node)
            case nodes.UnaryExpr():
                return self.negated(node)
            case nodes.List(items=items) | nodes.Tuple(items=items):
                types = [self.type(item) for item in items]
                return ListOf(types[0] if types and all(t == types[0] for t in types) else ANY)
            case nodes.Call():
                return self.call(node)
            case nodes.TemplateData():
                return STR
            case None:
                return ANY
        for child in node.iter_child_nodes():
            self.type(child)
        return DictOf(ANY) if isinstance(node, nodes.Dict) else ANY

    def name(self, node: nodes.Name, name: str) -> Type:
        if name in self.locals:
            return self.locals[name]
        if name in ("null", "range"):
            return ANY
        if name in self.scope:
            self.found.reads.append(Read(name, node.lineno - 1, name in self.known, self.chosen))
            return self.scope[name]
        if name == "loop" and self.choosing:
            message, hint = "'loop' can't be used in the for's own if.", "Put an {% if %} into the loop."
            self.say("unknown_name", message, hint, node, len(name))
            return ANY
        if OPEN in self.scope:
            return ANY
        hint = did_you_mean(name, self.scope, "Declare it under input or state.")
        self.say("unknown_name", f"There is no field '{name}'.", hint, node, len(name))
        return ANY

    def attribute(self, node: nodes.Getattr, of: nodes.Expr, attr: str) -> Type:
        owner = bare(self.type(of))
        if isinstance(owner, DictOf):
            return owner.value
        if isinstance(owner, ObjectOf):
            known = owner.get(attr)
            if known is not None:
                return known.type
            hint = did_you_mean(attr, (f.name for f in owner.fields))
            message = f"{owner.name} has no field '{attr}'."
        elif owner == ANY:
            return ANY
        else:
            message = f"{begun(owner)} has no fields, so no '.{attr}'."
            hint = f"Use a filter: | {attr}" if attr in FILTERS else "Read the value itself, or declare an object type."
        self.say_word("unknown_attribute", message, hint, attr, node)
        return ANY

    def item(self, of: nodes.Expr, arg: nodes.Node) -> Type:
        owner = bare(self.type(of))
        self.type(arg)
        match owner:
            case ListOf(item=item):
                return item if not isinstance(arg, nodes.Slice) else owner
            case DictOf(value=value):
                return value
            case Scalar() if comparable_kind(owner) in ("number", "bool"):
                self.say("unknown_attribute", f"{begun(owner)} has no parts.", "Read the value itself.", of)
            case ObjectOf() if isinstance(arg, nodes.Const):
                known = owner.get(str(arg.value))
                if known is None:
                    hint = did_you_mean(str(arg.value), (f.name for f in owner.fields))
                    self.say("unknown_attribute", f"{owner.name} has no field '{arg.value}'.", hint, arg)
                return known.type if known else ANY
        return ANY

    def compare(self, node: nodes.Compare) -> Type:
        left, left_type = node.expr, self.type(node.expr)
        for operand in node.ops:
            right, right_type = operand.expr, self.type(operand.expr)
            if operand.op in ("in", "notin"):
                self.membership((left, left_type), (right, right_type))
            else:
                self.comparable(operand.op, (left, left_type), (right, right_type))
            left, left_type = right, right_type
        return BOOL

    def comparable(self, op: str, left: tuple[nodes.Expr, Type], right: tuple[nodes.Expr, Type]) -> None:
        kinds = ["null" if _is_null(node) else comparable_kind(bare(a_type)) for node, a_type in (left, right)]
        for (_, enum), (other, _) in ((left, right), (right, left)):
            if isinstance(bare(enum), EnumOf):
                self.enum_value(bare(enum), other)
        if kinds == ["object", "object"] and op not in ("eq", "ne"):
            message = f"{begun(left[1])} is neither less nor greater than another."
            self.say("compare_types", message, "Compare a part of it that is a number or text.", left[0])
        if None in kinds or kinds[0] == kinds[1]:
            return
        if "null" in kinds and op in ("eq", "ne"):
            return
        message = f"{begun(left[1])} can't be compared with {called(right[1])}."
        self.say("compare_types", message, "Compare values of one kind; text in an expression is quoted.", left[0])

    def membership(self, left: tuple[nodes.Expr, Type], right: tuple[nodes.Expr, Type]) -> None:
        within = bare(right[1])
        if isinstance(bare(left[1]), EnumOf) and isinstance(right[0], nodes.List | nodes.Tuple):
            for item in right[0].items:
                self.enum_value(bare(left[1]), item)
        elif isinstance(within, ListOf):
            self.comparable("eq", left, (right[0], within.item))
        elif comparable_kind(within) == "text":
            self.comparable("in", left, (right[0], STR))
        elif comparable_kind(within) in ("number", "bool", "date", "datetime"):
            message = f"Nothing is in {called(within)}."
            self.say("compare_types", message, "`in` is for lists, objects and text.", right[0])

    def enum_value(self, enum: Type, other: nodes.Node) -> None:
        if not (isinstance(enum, EnumOf) and isinstance(other, nodes.Const) and isinstance(other.value, str)):
            return
        if other.value not in enum.values:
            hint = did_you_mean(other.value, enum.values)
            self.say("enum_value", f"'{other.value}' is no value of {enum}.", hint, other, len(other.value) + 2)

    def is_test(self, node: nodes.Test) -> Type:
        if node.name not in TESTS:
            hint = did_you_mean(node.name, sorted(TESTS), "The language reference lists the tests.")
            self.say_word("unknown_test", f"There is no test 'is {node.name}'.", hint, node.name, node)
        if node.name in ("defined", "undefined"):
            self.guarded(node.node)
        else:
            self.type(node.node)
        for arg in node.args:
            self.type(arg)
        return BOOL

    def guarded(self, node: nodes.Node | None) -> Type:
        """The type of what may as well be unset: a name, or a part of what it names."""
        before, name = self.known, read_name(node)
        self.known = before if name is None else before | {name}
        found = self.type(node)
        self.known = before
        return found

    def filter(self, node: nodes.Filter) -> Type:
        given = self.guarded(node.node) if node.name in ("default", "d") else self.type(node.node)
        types = [self.type(arg) for arg in node.args]
        named = {str(pair.key): pair.value for pair in node.kwargs}
        named_types = {name: self.type(value) for name, value in named.items()}
        use = Use(node.name, given, node.args, types, named, named_types)
        found = use.given()
        for misuse in use.misuses:
            if misuse.at is None:
                self.say_word(misuse.code, misuse.message, misuse.hint, node.name, node)
            else:
                text = misuse.at.value if isinstance(misuse.at, nodes.Const) else None
                width = len(text) + 2 if isinstance(text, str) else 1
                self.say(misuse.code, misuse.message, misuse.hint, misuse.at, width)
        return found

    def arithmetic(self, node: nodes.BinExpr) -> Type:
        left, right = self.type(node.left), self.type(node.right)
        kinds = comparable_kind(bare(left)), comparable_kind(bare(right))
        operator = type(node).__name__
        if not can_compute(operator, *kinds):
            message = f"{begun(left)} and {called(right)} can't be {COMPUTED[operator]}."
            hint = "Join them with ~." if "text" in kinds and isinstance(node, nodes.Add) else "Compute with numbers."
            self.say("compare_types", message, hint, node.left)
            return ANY
        if set(kinds) == {"number"}:
            whole = kind_of(left) == kind_of(right) == "int" and not isinstance(node, nodes.Div)
            return INT if whole else FLOAT
        if isinstance(node, nodes.Add) and set(kinds) == {"list"}:
            return either(left, right)
        return STR if isinstance(node, nodes.Add) and set(kinds) == {"text"} else ANY

    def negated(self, node: nodes.UnaryExpr) -> Type:
        found = self.type(node.node)
        if comparable_kind(bare(found)) not in (None, "number", "bool"):
            hint = "Only numbers have a sign."
            self.say("compare_types", f"{begun(found)} has no negative.", hint, node.node)
            return ANY
        return found

    def call(self, node: nodes.Call) -> Type:
        for arg in node.args:
            self.type(arg)
        match node.node:
            case nodes.Name(name="range"):
                return ListOf(INT)
            case (nodes.Name(name="loop") as loop) | nodes.Getattr(node=nodes.Name(name="loop") as loop):
                self.type(loop)
            case nodes.Getattr(node=of, attr=attr):
                self.type(of)
                hint = (
                    f"Use the filter: | {attr}"
                    if attr in FILTERS
                    else "Values have no methods here; there are filters."
                )
                self.say_word("method_call", f"There is no method '{attr}()'.", hint, attr, node.node)
            case other:
                self.say(
                    "method_call",
                    "Only range() can be called in a template.",
                    "Compute it in a python node.",
                    other,
                )
        return ANY


def _is_null(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and node.value is None
