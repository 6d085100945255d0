"""Every text of a document that is more than itself: templates, expressions, environment references, by their roles.

The shapes say which they are (`Role` in an annotation); this walks a value along its annotation and gathers them.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from configurable_agents.spec.shapes import DataPath, Role, Shape, TextFile


@dataclass(frozen=True, slots=True)
class Site:
    """One text: where it stands, by the keys of the file, and what it is.

    `file`: it is the path of the text's file. `lead` are the characters of the file's own text that stand before it.
    """

    path: DataPath
    role: Role
    text: str
    file: bool = False
    lead: int = 0


def sites(shape: BaseModel, path: DataPath = ()) -> Iterator[Site]:
    """The texts of a shape that stands at `path`."""
    for name, info in type(shape).model_fields.items():
        value = getattr(shape, name)
        if value is not None:
            role = next((mark for mark in info.metadata if isinstance(mark, Role)), None)
            yield from _walk(value, info.annotation, (*path, info.alias or name), role)


def _walk(value: Any, annotation: Any, path: DataPath, role: Role | None = None) -> Iterator[Site]:
    if typing.get_origin(annotation) is typing.Annotated:
        annotation, *marks = typing.get_args(annotation)
        role = next((mark for mark in marks if isinstance(mark, Role)), role)
    if isinstance(value, TextFile):
        yield Site((*path, "file"), Role.TEMPLATE, value.file, file=True)
    elif isinstance(value, Shape):
        yield from sites(value, path)
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
        yield from _walk(value, _member(value, typing.get_args(annotation)), path, role)
    elif role is not None:
        yield from _texts(value, path, role)
    elif isinstance(value, list):
        (item,) = typing.get_args(annotation) or (Any,)
        for index, element in enumerate(value):
            yield from _walk(element, item, (*path, index))
    elif isinstance(value, dict):
        _, member = typing.get_args(annotation) or (str, Any)
        for key, element in value.items():
            yield from _walk(element, member, (*path, key))


def _texts(value: Any, path: DataPath, role: Role) -> Iterator[Site]:
    """All texts in data of one role."""
    if isinstance(value, str):
        yield Site(path, role, value)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _texts(element, (*path, index), role)
    elif isinstance(value, dict):
        for key, element in value.items():
            yield from _texts(element, (*path, key), role)


def _member(value: Any, members: tuple[Any, ...]) -> Any:
    """The member of a union that a plain value is of, by its outer type."""
    for member in members:
        inner = member
        while typing.get_origin(inner) is typing.Annotated:
            inner = typing.get_args(inner)[0]
        if typing.get_origin(inner) is typing.Literal:
            if value in typing.get_args(inner):
                return member
        elif typing.get_origin(inner) in (typing.Union, types.UnionType):
            found = _member(value, typing.get_args(inner))
            if found is not Any:
                return found
        elif inner is not Any and isinstance(value, typing.get_origin(inner) or inner):
            return member
    return Any
