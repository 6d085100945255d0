"""Whole workflows that are right by construction: they are checked without a finding, and run without a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.correct.expressions import Writer
from tests.correct.types import BOOL, INT, NUMBERS, STR, Type, Types, listed, types_section

# Beside every workflow.
FUNCTIONS = """\
from __future__ import annotations


def same(value):
    return value


def count(words: list[str], least: int = 1) -> int:
    return max(len(words), least)


async def half(number: float) -> float:
    return number / 2


def about(topic: str, n: int) -> dict[str, object]:
    return {"name": topic.upper(), "size": n + 1}


def fail(text: str = "no") -> str:
    raise ValueError(text)


class Teller:
    def __init__(self) -> None:
        self.told = 0

    def __call__(self, text: str, *, loud: bool = False) -> str:
        return text.upper() if loud else text
"""


INDEX = {"item.index": INT}
ITEM_ERROR = Type("error", name="ItemError", fields=(("index", INT), ("code", STR), ("message", STR)))


@dataclass(frozen=True)
class Workflow:
    """A workflow as data, the files beside it, and an input that fits."""

    data: Mapping[str, Any]
    files: Mapping[str, str]
    given: Mapping[str, Any]


@dataclass
class Builder:
    """A workflow under construction. `sure` are the fields that are set where it goes on, `maybe` those that may be."""

    types: Types
    input: dict[str, Type] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    sure: dict[str, Type] = field(default_factory=dict)
    maybe: dict[str, Type] = field(default_factory=dict)
    nodes: dict[str, Any] = field(default_factory=dict)
    edges: list[Any] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    idioms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    end: str = ""  # the node that the next stage follows

    @property
    def draw(self) -> st.DrawFn:
        return self.types.draw

    def pick(self, *of: Any) -> Any:
        return self.types.pick(*of)

    def named(self, word: str) -> str:
        return f"{word}{next(self.types.names)}"

    def writer(self, **more: Type) -> Writer:
        return Writer(self.types, {**self.input, **self.sure, **more}, dict(self.maybe), self.idioms)

    def field(self, of: Type, **more: Any) -> str:
        """A new field of the state, which no node has written yet."""
        name = self.named("f")
        self.state[name] = of.declared(**more)
        return name

    # Nodes: each gives what is written by it, by name ----------------------------------------------------------------

    def node(self, *, plain: bool = False) -> tuple[dict[str, Any], dict[str, Type]]:
        kinds: list[Callable[[], tuple[dict[str, Any], dict[str, Type]]]]
        kinds = [self.set, self.set, self.prompt, self.prompt, self.python]
        if not plain:
            kinds += [self.mapped, self.mapped, self.mapped, self.group, self.workflow]
        node, written = self.pick(*kinds)()
        if self.types.some(6) and "for_each" not in node:
            node["retry"] = {"attempts": 2, "backoff": "1ms"}
        if self.types.some(8):
            node["timeout"] = "30s"
        return node, written

    def set(self) -> tuple[dict[str, Any], dict[str, Type]]:
        written = {self.field(of): of for of in (self.types.type() for _ in range(self.pick(1, 2)))}
        return {"set": {name: self.writer().value(of) for name, of in written.items()}}, written

    def prompt(self) -> tuple[dict[str, Any], dict[str, Type]]:
        node: dict[str, Any] = {"prompt": self.writer().template()}
        if self.types.some(3):
            node["system"] = self.writer().template(1)
        if self.types.some(5):
            turns = [{"role": role, "content": self.writer().template(1)} for role in ("system", "user")]
            node = {"messages": turns}
        elif self.types.some(4):
            file = f"{self.named('p')}.md"
            self.files[file] = f"{node['prompt']}\n{{% if {self.writer().condition()} %}}\nMore.\n{{% endif %}}\n"
            node["prompt"] = {"file": file}
        match self.pick("field", "fields", "result", "returns"):
            case "field":
                written = {self.field(of): of for of in [self.reply()]}
                return {**node, "writes": next(iter(written))}, written
            case "fields":
                written = {self.field(of): of for of in (self.reply(), self.reply())}
                return {**node, "writes": list(written)}, written
            case "result":
                return {**node, **(found := self.results(STR))[0]}, found[1]
        of = self.types.object()
        return {**node, "returns": of.name, **(found := self.results(of))[0]}, found[1]

    def reply(self) -> Type:
        """What a model is asked for; rules are for scalars."""
        if self.types.some(4):
            return Type(self.pick("str", *NUMBERS), ruled=True)
        return self.types.type()

    def results(self, result: Type) -> tuple[dict[str, Any], dict[str, Type]]:
        """Fields that are computed from a result, by expressions."""
        wanted = [self.pick(STR, INT, BOOL, listed(STR)) for _ in range(self.pick(1, 2))]
        writer = self.writer(result=result)
        written = {self.field(of): of for of in wanted}
        found = {name: f"result | {'length' if of == INT else 'string'}" if of in (INT, STR) and result == STR
                 else writer.of(of) for name, of in written.items()}  # fmt: skip
        if result.kind == "object" and self.types.some():
            name = self.field(result)
            written[name], found[name] = result, "result"
        return {"writes": found}, written

    def python(self) -> tuple[dict[str, Any], dict[str, Type]]:
        writer = self.writer()
        match self.pick("same", "count", "half", "about", "teller", "fail"):
            case "same":
                of = self.types.type()
                name = self.field(of)
                return {"python": "f:same", "with": {"value": writer.value(of)}, "writes": name}, {name: of}
            case "count":
                given = {
                    "words": writer.value(listed(STR)),
                    **({"least": writer.value(INT)} if self.types.some() else {}),
                }
                name = self.field(INT)
                return {"python": "f:count", "with": given, "writes": name}, {name: INT}
            case "half":
                name, of = self.field(Type("float")), Type("float")
                return {"python": "f:half", "with": {"number": writer.value(of)}, "writes": name}, {name: of}
            case "about":  # its parameters are named after inputs
                one, two = self.field(STR), self.field(INT)
                return {"python": "f:about", "writes": {one: "result.name", two: "result.size"}}, {one: STR, two: INT}
            case "teller":
                name = self.field(STR)
                given = {"text": writer.value(STR), **({"loud": writer.value(BOOL)} if self.types.some() else {})}
                return {"python": "f:Teller", "with": given, "writes": name}, {name: STR}
        name = self.field(STR)
        handled = {"set": {name: "failed: {{ error.code }} {{ error.message | upper }}"}}
        return {"python": "f:fail", "with": {"text": writer.value(STR)}, "on_error": handled, "writes": name}, {
            name: STR
        }

    def loops(self) -> tuple[list[str], dict[str, Type]]:
        """A loop over a list, a product of two, or a list and what its items hold; and the variables."""
        found: list[str] = []
        names: dict[str, Type] = {}
        for _ in range(self.pick(1, 1, 2)):
            item, name = self.pick(INT, STR, self.types.type(1), self.types.object()), self.named("x")
            writer = self.writer(**names)
            inner = [(path, of) for path, of in writer.all_of("list") if path.split(".")[0] in names]
            if inner and self.types.some():
                over, of = self.pick(*inner)
                item = of.inner
            elif writer.writable(item):
                over = writer.of(listed(item))
            else:
                item, over = INT, "[1, 2]"
            found.append(f"{name} in {over}")
            names[name] = item
        return found, names

    def mapped(self) -> tuple[dict[str, Any], dict[str, Type]]:
        """A node in a map."""
        loops, names = self.loops()
        within = Builder(self.types, self.input, {}, {**self.sure, **names, **INDEX}, self.maybe)
        flat, of = self.types.some(4), self.types.type(1)
        target = self.field(listed(of), **({"merge": "append"} if self.types.some(4) else {}))
        gives = listed(of) if flat else of
        body: Callable[[], dict[str, Any]] = self.pick(
            lambda: {"set": {target: within.writer().value(gives)}},
            lambda: {"prompt": within.writer().template(), "writes": target},
            lambda: {"python": "f:same", "with": {"value": within.writer().value(gives)}, "writes": target},
            lambda: {**within.grouped(gives), "writes": target},
        )
        node: dict[str, Any] = {"for_each": loops[0] if len(loops) == 1 else loops, **body()}
        node |= {"flatten": True} if flat else {}
        node |= {"when": self.writer(**names, **INDEX).condition()} if self.types.some(3) else {}
        node |= {"concurrency": self.pick(1, 2)} if self.types.some(3) else {}
        written = {target: listed(of)}
        match self.pick("fail", "fail", "skip", "collect"):
            case "skip":
                node["on_item_error"] = "skip"
            case "collect":
                failures = self.named("f")
                self.state[failures] = "list[ItemError]"
                node["on_item_error"] = {"collect": failures}
                written[failures] = listed(ITEM_ERROR)
        self.files |= within.files
        return node, written

    def group(self) -> tuple[dict[str, Any], dict[str, Type]]:
        of = self.types.type()
        name = self.field(of)
        within = Builder(self.types, self.input, {}, dict(self.sure), self.maybe)
        node = {**within.grouped(of), "writes": name}
        self.files |= within.files
        return node, {name: of}

    def grouped(self, gives: Type) -> dict[str, Any]:
        """The keys of a group whose single output has a type."""
        node: dict[str, Any] = {}
        if self.types.some(3):
            name, of = self.named("w"), self.types.type(1)
            node["with"] = {name: self.writer().value(of)}
            self.sure[name] = of
        for _ in range(self.pick(1, 2)):
            self.add(*self.node(plain=True))
        last = self.field(gives)
        self.nodes[self.named("n")] = {"set": {last: self.writer().value(gives)}}
        output = [last] if self.types.some() else {"gives": last}
        found = {**node, "state": self.state, "nodes": self.nodes, "output": output}
        if self.types.some():
            found["edges"] = [f"START -> {' -> '.join(self.nodes)} -> END"]
        return found

    def add(self, node: dict[str, Any], written: dict[str, Type]) -> str:
        name = self.named("n")
        self.nodes[name] = node
        self.sure |= written
        return name

    def workflow(self) -> tuple[dict[str, Any], dict[str, Type]]:
        """A workflow in a file of its own, which is given values or fields of the same names."""
        inner = Builder(Types(self.draw, {}, self.types.names), {"topic": STR, "n": INT})
        given: dict[str, Any] = {}
        if self.types.some():
            of = self.pick(STR, INT, BOOL, listed(STR), Type("optional", INT))
            inner.input["extra"] = of
            given = {"topic": self.writer().value(STR), "n": self.writer().value(INT), "extra": self.writer().value(of)}
        inner.sure = {}
        for _ in range(self.pick(1, 2)):
            inner.add(*inner.node(plain=True))
        file = f"{self.named('sub')}.yaml"
        outputs = {"gives": self.pick(STR, INT, listed(INT), Type("optional", STR)), "more": BOOL}
        single = self.types.some()  # it is the result itself; several are an object
        output = None if single else {name: inner.writer().of(of) for name, of in outputs.items()}
        self.files |= inner.files | {file: json.dumps(inner.finished(output), ensure_ascii=False)}
        written = {self.field(of): of for of in ([STR] if single else outputs.values())}
        first, *rest = written
        writes = first if single else {first: "result.gives", rest[0]: "not result.more"}
        return {"workflow": file, **({"with": given} if given else {}), "writes": writes}, written

    # Stages: parts of the graph with one way in and one way out ------------------------------------------------------

    def finished(self, output: Any) -> dict[str, Any]:
        """The workflow, with a last node that reads all that was declared."""
        report = self.field(STR)
        names = [*self.input, *self.sure]
        texts = [f"{{{{ {name} }}}}" for name in names]
        texts += [f"{{% if {name} is defined %}}{{{{ {name} }}}}{{% endif %}}" for name in self.maybe]
        last = self.named("last")
        self.nodes[last] = {"set": {report: " ".join(texts)}}
        found: dict[str, Any] = {"version": 2, "name": "made", "models": {"main": {"model": "demo"}}}
        asks = any(key in json.dumps(self.nodes) for key in ('"prompt"', '"messages"'))
        if not asks:
            del found["models"]
        used = types_section(self.types.objects, json.dumps([self.state, self.nodes, self.input_section()]))
        if used:
            found["types"] = used
        found["input"] = self.input_section()
        found |= {"state": self.state, "output": {**output, "report": report} if output is not None else [report]}
        found["nodes"] = self.nodes
        if self.edges:
            found["edges"] = [*self.edges, f"{self.end} -> {last} -> END"]
        return found

    def input_section(self) -> dict[str, Any]:
        return {name: of.declared() for name, of in self.input.items()}
