"""Checks maps: the loops of `for_each`, what only they may say, and the fields as one item gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from configurable_agents.spec.merging import written_type
from configurable_agents.spec.nodeshapes import CollectShape, NodeConfig
from configurable_agents.spec.scope import ITEM, OPEN
from configurable_agents.spec.shapes import DataPath, Role
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.textcheck import TextChecker
from configurable_agents.spec.texts import Site
from configurable_agents.spec.typerules import assignable, bare, called
from configurable_agents.spec.types import ANY, ITEM_ERROR, DictOf, Field, ListOf, ObjectOf, Type
from configurable_agents.spec.words import NAME, RESERVED
from configurable_agents.spec.workflow import Loop

_LOOP = re.compile(r"\s*(?P<name>\S+)\s+in\s+(?P<over>.+)", re.DOTALL)

# Another loop after a comma.
_SEVERAL = re.compile(r",\s*\w+\s+in\s+\w")

# What is said of items, so that it says nothing without for_each.
_OF_ITEMS = ("concurrency", "flatten", "on_item_error")


def check_map_keys(texts: TextChecker, config: NodeConfig, path: DataPath) -> None:
    """Report keys that only a map obeys."""
    for key in _OF_ITEMS:
        if config.for_each is None and getattr(config, key) is not None:
            message = f"'{key}' is said of the items of a map, and this node has no for_each."
            texts.report.add("not_a_map", message, "Add for_each: x in xs, or remove it.", (*path, key), on_key=True)


def check_loops(
    texts: TextChecker, config: NodeConfig, path: DataPath, scope: Mapping[str, Type], fields: Mapping[str, Field]
) -> tuple[tuple[Loop, ...], Mapping[str, Type]]:
    """The loops of a node, and the scope with their names in it; a later loop may read the names of those before."""
    if config.for_each is None:
        return (), scope
    inner = {**scope, "item": ITEM}
    loops: list[Loop] = []
    several = isinstance(config.for_each, list)
    for index, text in enumerate(config.for_each if isinstance(config.for_each, list) else [config.for_each]):
        at: DataPath = (*path, "for_each", index) if several else (*path, "for_each")
        match = _LOOP.fullmatch(text)
        if match is None or _SEVERAL.search(match["over"]):
            hint = (
                "Write it like: for_each: file in files"
                if match is None
                else "Several loops are a list: [a in as, b in bs]"
            )
            texts.report.add("wrong_loop", f"'{text}' is no loop.", hint, at)
            continue
        name = match["name"]
        item = _items(texts, match, at, inner)
        problem = _wrong_name(name, fields, [loop.name for loop in loops])
        if problem is not None:
            code, message, hint = problem
            texts.report.add(code, message, hint, at, offset=match.start("name"), width=len(name))
        parsed = texts.parsed.get(at)
        if isinstance(parsed, Expression):
            loops.append(Loop(name, parsed))
        inner[name] = item
    return tuple(loops), inner


def _wrong_name(name: str, fields: Mapping[str, Field], before: list[str]) -> tuple[str, str, str] | None:
    if not re.fullmatch(NAME, name):
        return "bad_name", f"'{name}' is no name.", "A name is a letter or _ followed by letters, digits or _."
    if name in RESERVED:
        return "reserved_name", f"'{name}' is a reserved name.", "Give the loop's variable another name."
    if name in fields or name in before:
        what = "a field" if name in fields else "another loop's variable"
        return "duplicate_name", f"'{name}' is {what} already.", "Give the loop's variable another name."
    return None


def _items(texts: TextChecker, match: re.Match[str], at: DataPath, scope: Mapping[str, Type]) -> Type:
    """The type of a loop's items."""
    site = Site(at, Role.EXPRESSION, match["over"], lead=match.start("over"))
    over = bare(texts.check(site, scope).type)
    if isinstance(over, ListOf):
        return over.item
    if over != ANY:
        hint = "Name a list." if not isinstance(over, DictOf | ObjectOf) else "Its pairs are a list: pair in x | items"
        message = f"for_each goes over a list, not over {called(over)}."
        texts.report.add("not_a_list", message, hint, at, offset=match.start("over"), width=len(match["over"].rstrip()))
    return ANY


def item_fields(
    texts: TextChecker,
    config: NodeConfig,
    path: DataPath,
    written: Mapping[str, DataPath],
    state: Mapping[str, Field],
) -> dict[str, Field]:
    """The fields that a node's result is written to, as one item of a map gives them.

    Where the node is no map, they are as they are declared.
    """
    fields = {name: state[name] for name in written if name in state}
    if config.for_each is None or isinstance(getattr(config, "writes", None), dict):
        return fields
    found = {}
    for name, field in fields.items():
        of = bare(field.type)
        if field.merge in ("messages", "python"):
            item: Type = written_type(field)
        elif isinstance(of, ListOf):
            item = ListOf(of.item) if config.flatten else of.item
        else:
            item = ANY
            if of != ANY:
                message = f"A map gives a list, but '{name}' is {field.type}."
                hint = f"Declare it as a list: list[{of}]"
                at = (*path, *written[name])
                texts.report.add("write_type", message, hint, at, on_key=isinstance(at[-1], str) and at[-1] == name)
        merge = "messages" if field.merge == "messages" else "replace"  # an item may give a message, or several
        found[name] = replace(field, type=item, merge=merge)
    return found


def check_collected(
    texts: TextChecker,
    config: NodeConfig,
    path: DataPath,
    state: Mapping[str, Field],
    written: Mapping[str, DataPath],
    scope: Mapping[str, Type],
) -> None:
    """Report a field that can't take the errors of items."""
    if not isinstance(config.on_item_error, CollectShape):
        return
    at: DataPath = (*path, "on_item_error", "collect")
    name = config.on_item_error.collect
    field = state.get(name)
    if name in written:
        message = f"'{name}' is where the results go, so the errors can't go there, too."
        texts.report.add("duplicate_name", message, "Declare a field of type list[ItemError] for them.", at)
        return
    if field is None and OPEN in scope:
        return
    if field is None:
        hint = did_you_mean(name, state, "Declare it under state.")
        texts.report.add("unknown_field", f"There is no field '{name}' in the state.", hint, at)
    elif not assignable(ListOf(ITEM_ERROR), field.type):
        message = f"The errors of items are list[ItemError], but '{name}' is {field.type}."
        texts.report.add("write_type", message, f'Declare it: {name}: "list[ItemError]"', at)
