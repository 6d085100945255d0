"""The tree of a file read as a document: every misfit becomes a finding, and what is left is a document all the same.

A file is validated, the parts that do not fit are reported and cut out, and the rest is validated again, until it fits.
So one mistake hides no other, and the analysis of the rest goes on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError

from configurable_agents.spec.document import DocumentBase, GroupBase, document_model, group_model
from configurable_agents.spec.mistakes import hint_for_key, meant_key
from configurable_agents.spec.nodeshapes import NodeShape
from configurable_agents.spec.report import Report
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.suggest import Suggestion, did_you_mean, nearest, sure
from configurable_agents.spec.validation import describe, show
from configurable_agents.spec.yamltree import YamlMap, YamlScalar, to_data

Kinds = Mapping[str, NodeShape[Any]]

# Sections whose entries stand for themselves: a bad one is cut out alone.
_SECTIONS = ("models", "types", "files", "input", "state", "nodes", "edges")


D = TypeVar("D", bound=DocumentBase | GroupBase)


@dataclass(slots=True)
class Read(Generic[D]):
    """A document and what was cut out of it, as (section, entry); an entry of '' is the whole section.

    `edges` are the places in the file's list that the document's edges had before anything was cut; `meant` are the
    places of keys that were refused, by the names they were meant to have.
    """

    document: D
    cut: set[tuple[str, str | int]]
    edges: list[int]
    meant: set[DataPath]

    @property
    def lost(self) -> set[str]:
        """The sections whose keys were misspelled, so that nothing of what they declare is known."""
        return {str(path[0]) for path in self.meant if len(path) == 1}

    def is_cut(self, section: str) -> bool:
        """Whether anything of a section is missing."""
        return any(name == section for name, _ in self.cut)


def read_document(report: Report, kinds: Kinds) -> Read[DocumentBase] | None:
    """The document in the report's tree, or None where nothing of it can be read."""
    if not isinstance(report.root, YamlMap):
        hint = "It begins with: version: 2"
        if not report.findings:  # else its YAML is to blame
            report.add("not_a_workflow", "A workflow file is a mapping of keys like name and nodes.", hint, ())
        return None
    return _Reader(report, to_data(report.root), kinds, document_model(kinds)).read()


def read_group(report: Report, keys: Collection[str], kinds: Kinds) -> Read[GroupBase] | None:
    """The graph that stands in these keys of the node which is the report's tree; None where nothing can be read."""
    found = to_data(report.root)
    data = {key: value for key, value in found.items() if key in keys} if isinstance(found, dict) else {}
    return _Reader(report, data, kinds, group_model(kinds)).read()


class _Reader(Generic[D]):
    def __init__(self, report: Report, data: dict[str, Any], kinds: Kinds, model: type[D]) -> None:
        self.report = report
        self.data = data
        self.kinds = kinds
        self.model: type[D] = model
        self.cut: set[tuple[str, str | int]] = set()
        self.meant: set[DataPath] = set()  # what misspelled keys were meant to be, so that it isn't missed as well
        edges = data.get("edges")
        self.edges = list(range(len(edges))) if isinstance(edges, list) else []

    def read(self) -> Read[D] | None:
        self.check_kinds()
        # Each round cuts at least one part out; a part has few parts, so this ends long before.
        for _ in range(1000):
            try:
                document = cast("D", self.model.model_validate(self.data))
            except ValidationError as error:
                details = error.errors(include_url=False)
                for detail in details:
                    self.say(detail)
                self.cut_out(details)
                continue
            if not document.nodes and not any(section == "nodes" for section, _ in self.cut):
                message = f"The {self.model.called.removeprefix('a ')} has no nodes."
                self.report.add("no_nodes", message, "Add one under nodes.", ("nodes",), on_key=True)
            return Read(document, self.cut, self.edges, self.meant)
        return None

    def check_kinds(self) -> None:
        """Report and cut out the nodes that are not of exactly one kind."""
        found = self.data.get("nodes")
        if not isinstance(found, dict):
            return
        for name, node in list(found.items()):
            if not isinstance(node, dict):
                said = "is empty" if node is None else f"should be a mapping, not {show(node)}"
                hint = "Write its kind as a key, as in: prompt: What is …?"
                self.report.add("not_a_node", f"The node '{name}' {said}.", hint, ("nodes", name), on_key=True)
            elif not self.has_one_kind(name, node):
                pass
            else:
                continue
            del found[name]
            self.cut.add(("nodes", name))

    def has_one_kind(self, name: str, node: dict[str, Any]) -> bool:
        present = [key for key in node if key in self.kinds]
        if len(present) > 1:
            message = f"The node '{name}' has two kinds, {' and '.join(present)}; it must have one."
            self.report.add("two_kinds", message, "Make two nodes of it.", ("nodes", name, present[1]), on_key=True)
        elif not present:
            near = next(((key, found) for key in node if (found := nearest(key, self.kinds))), None)
            hint = f"Its kind is a key: {', '.join(self.kinds)}."
            if near:
                hint = sure(f"Did you mean '{near[1]}' for '{near[0]}'?", *near, self.kinds)
            path: DataPath = ("nodes", name, near[0]) if near else ("nodes", name)
            self.report.add("no_kind", f"The node '{name}' has no kind.", hint, path, on_key=True)
        return len(present) == 1

    def say(self, detail: Any) -> None:
        loc = _in_file(detail["loc"], self.edges)
        path: DataPath = tuple(part for part in loc if part != "[key]")
        context = detail.get("ctx") or {}
        kind, named, on_key = detail["type"], _name_of(path), bool(loc) and loc[-1] == "[key]"
        hint = context.get("hint", "")
        if kind == "unknown_keys":
            meant = [meant_key(key, context["called"], context["known"]) for key in context["unknown"]]
            for key in context["unknown"]:
                hint = hint_for_key(key, context["called"], context["known"])
                if isinstance(hint, Suggestion) and (hint.instead in detail["input"] or meant.count(hint.instead) > 1):
                    hint = str(hint)  # it would stand there twice
                message = f"'{key}' is no key of {context['called']}."
                self.meant.add(_untagged((*path, meant_key(key, context["called"], context["known"]) or key)))
                self.report.add("unknown_key", message, hint, (*path, key), on_key=True)
        elif kind == "null_values":
            for key in context["empty"]:
                message = f"'{_name_of((*path, key))}' has no value."
                self.report.add("no_value", message, "Give it one, or remove the key.", (*path, key), on_key=True)
        elif on_key:
            self.report.add(kind, f"'{path[-1]}' {detail['msg']}.", hint, path, on_key=True)
        elif (kind == "missing" and _untagged(path) in self.meant) or kind == "union_tag_not_found":
            pass  # said already: of the key that was meant, of the kind that has no value
        elif kind == "missing":
            owner = _name_of(path[:-1])
            subject = f"'{owner}'" if owner else "The workflow"
            hint = "Add version: 2" if path == ("version",) else f"Add the key '{path[-1]}'."
            self.report.add("missing_key", f"{subject} lacks the key '{path[-1]}'.", hint, path[:-1], on_key=True)
        elif path == ("version",):
            message = f"This version of the language is not known: {show(detail['input'])}."
            self.report.add("unknown_version", message, "Write version: 2", path)
        elif detail["input"] is None:
            self.report.add(
                "no_value", f"'{named}' has no value.", "Give it one, or remove the key.", path, on_key=True
            )
        elif kind in ("bad_name", "reserved_name"):
            self.report.add(kind, f"'{detail['input']}' {detail['msg']}.", hint, path)
        else:
            self.report.add("wrong_shape", f"'{named}' {describe(detail)}.", hint or self.hint(detail, path), path)

    def hint(self, detail: Any, path: DataPath) -> str:
        _, node = self.report.node(path)
        key = _untagged(path)[-1]
        if detail["type"] == "string_type" and isinstance(node, YamlScalar):
            return Suggestion(f'Quote it if it is text: "{node.text}"', node.text, f'"{node.text}"')
        if detail["type"] == "model_type" and path[0] == "models":
            return f"Write it as a mapping: {{model: {detail['input']}}}"
        if detail["type"] == "model_type" and key == "retry" and isinstance(detail["input"], int):
            return f"Write it as a mapping: {{attempts: {detail['input']}}}"
        if key in _OTHER_FORMS and not nearest(str(detail["input"]), _words(detail)):
            return _OTHER_FORMS[key]
        if detail["type"] == "literal_error":
            return did_you_mean(str(detail["input"]), _words(detail))
        return _FORMS.get(detail["type"], "Change it, or remove the key.")

    def cut_out(self, details: list[Any]) -> None:
        """Take out what the details complain of: unknown keys alone, else the entries or the sections they are in.

        Keys first and edges last: until then the details find by their paths what they speak of.
        """
        edges: set[int] = set()
        for detail in details:
            if detail["type"] in _OF_KEYS:
                owner = _follow(self.data, detail["loc"])
                for key in detail["ctx"].get("unknown") or detail["ctx"].get("empty") or ():
                    owner.pop(key, None)
                    self.meant.add(_untagged((*_in_file(detail["loc"], self.edges), key)))
        for detail in details:
            path: DataPath = detail["loc"]
            section, found = str(path[0]) if path else "", self.data.get(str(path[0])) if path else None
            if detail["type"] in _OF_KEYS:
                pass
            elif section == "edges" and len(path) > 1 and isinstance(found, list):
                edges.add(int(path[1]))
            elif section in _SECTIONS and len(path) > 1 and isinstance(found, dict):
                self.cut_entry(section, found, path)
            else:
                self.cut.add((section, ""))
                self.data.pop(section, None)
                if section in _PLACEHOLDERS:
                    self.data[section] = _PLACEHOLDERS[section]
        for place in sorted(edges, reverse=True):
            self.cut.add(("edges", self.edges[place]))
            del self.data["edges"][place], self.edges[place]

    def cut_entry(self, section: str, found: dict[str, Any], path: DataPath) -> None:
        entry = path[1]
        self.cut.add((section, entry))
        if section in ("input", "state") and path[-1] != "[key]":
            found[str(entry)] = "any"  # it is declared, whatever it is
        else:
            found.pop(str(entry), None)


# Details that list keys of what they are about.
_OF_KEYS = ("unknown_keys", "null_values")

# How to write what a detail of this type asks for.
_FORMS: Mapping[str, str] = {
    "bool_type": "Write true or false.",
    "dict_type": "Write it as a mapping of keys: {key: value}.",
    "float_type": "Write a number, without quotes.",
    "int_type": "Write a whole number, without quotes.",
    "list_type": "Write it as a list: [a, b].",
    "model_type": "Write it as a mapping of keys: {key: value}.",
    "string_pattern_mismatch": "Write it as module:function.",
    "string_type": "Write one text.",
}

# How to write what may be one of some words, or more than that.
_OTHER_FORMS: Mapping[str | int, str] = {
    "keep": "Write {last: 40}, or {tokens: 4000}.",
    "merge": "Write replace, append, update, add or messages, or {python: module:function}.",
    "on_error": "Write fail, or {set: {field: value}}.",
    "on_item_error": "Write fail, skip, or {collect: field}.",
}

_PLACEHOLDERS: Mapping[str, Any] = {"version": 2, "name": "workflow", "nodes": {}}


def _words(detail: Any) -> list[str]:
    """The words that a detail says were expected."""
    return re.findall("'(.*?)'", str((detail.get("ctx") or {}).get("expected", "")))


def _name_of(path: DataPath) -> str:
    """What a message calls a path: its keys, without the tags that Pydantic puts into it."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        elif not part.startswith("<") and not part.startswith("function-"):
            shown += f".{part}" if shown else part
    return shown


def _in_file(path: DataPath, edges: list[int]) -> DataPath:
    """A path in what is left as a path in the file."""
    if len(path) > 1 and path[0] == "edges" and isinstance(path[1], int):
        return ("edges", edges[path[1]], *path[2:])
    return path


def _untagged(path: DataPath) -> DataPath:
    """A path without the tags that Pydantic puts into it."""
    return tuple(part for part in path if isinstance(part, int) or not part.startswith("<"))


def _follow(data: Any, path: DataPath) -> dict[str, Any]:
    for part in path:
        # Pydantic puts the tags of its unions into a path; they name nothing in the data.
        if isinstance(part, int) or part in data:
            data = data[part]
    found: dict[str, Any] = data
    return found
