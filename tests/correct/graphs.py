"""The graphs of correct workflows: nodes in a row, branches, choices and loops, one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.correct.idioms import IDIOMS, PARTS
from tests.correct.types import BOOL, ENUMS, INT, STR, Type, Types, listed
from tests.correct.workflows import Builder, Workflow


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    types = Types(draw)
    builder = Builder(types, {"topic": STR, "n": INT})
    for _ in range(draw(st.integers(0, 3))):
        of = types.type() if draw(st.booleans()) else Type(types.pick("str", "int", "float"), ruled=True)
        builder.input[builder.named("i")] = of
    for _ in range(draw(st.integers(0, 2))):
        started(builder)
    graph = Graph(builder)
    stages: list[Callable[[], tuple[str, str]]] = [graph.one, graph.fan_out, graph.switch, graph.route, graph.loop]
    stages += [graph.one, graph.one, graph.caught, graph.skipped, graph.talk]
    if draw(st.integers(1, 4)) == 1:
        for _ in range(draw(st.integers(1, 3))):  # without edges they run as they are written
            builder.add(*builder.node())
    else:
        builder.end = "START"
        for _ in range(draw(st.integers(1, 4))):
            first, last = types.pick(*stages)()
            builder.edges.append(f"{builder.end} -> {first}")
            builder.end = last
    given = {name: types.value(of) for name, of in builder.input.items()}
    output = None
    if draw(st.booleans()):
        output = {f"o{place}": builder.writer().of(of) for place, of in enumerate((STR, BOOL, listed(INT)))}
    return Workflow(builder.finished(output), builder.files, given)


@st.composite
def computations(draw: st.DrawFn) -> Workflow:
    """A node that computes values of all types, from inputs of all types."""
    types = Types(draw)
    builder = Builder(types, {"topic": STR, "n": INT, "things": listed(types.object())})
    thing = builder.input["things"].inner
    builder.input |= {
        "words": listed(STR), "counts": listed(INT), "first_thing": thing, "maybe": Type("optional", thing),
        "number": Type("float"), "level": ENUMS[0], "colour": Type("optional", ENUMS[1]), "by_name": Type("dict", INT),
        "deep": Type("dict", listed(INT)), "table": listed(listed(STR)), "day": Type("date"),
        "days": listed(Type("date")), "moment": Type("datetime"), "other": Type("optional", INT), "yes": BOOL,
        "any_thing": types.type(2),
    }  # fmt: skip
    builder.idioms = IDIOMS
    builder.maybe = {builder.field(of): of for of in (STR, INT)}
    wanted = [types.pick(STR, INT, BOOL, Type("float"), listed(STR), listed(INT), types.type(2)) for _ in range(5)]
    written = {builder.field(of): of for of in wanted}
    texts = {builder.field(STR): f"{builder.writer().template(4)} {types.pick(*PARTS)}" for _ in range(2)}
    # Those that may be missing are written where a condition holds.
    builder.nodes["before"] = {"when": "yes", "set": {name: types.value(of) for name, of in builder.maybe.items()}}
    builder.nodes["compute"] = {"set": {name: builder.writer().value(of) for name, of in written.items()} | texts}
    builder.sure |= dict.fromkeys(texts, STR) | written
    return Workflow(builder.finished(None), {}, {name: types.value(of) for name, of in builder.input.items()})


def started(builder: Builder) -> None:
    """A field that is set before any node has run: by a default, `?` or a merge."""
    types = builder.types
    match types.pick("default", "optional", "append", "add", "update"):
        case "default":
            of = types.type(1)
            builder.sure[builder.field(of, default=types.value(of))] = of
        case "optional":
            of = Type("optional", types.object())
            builder.sure[builder.field(of)] = of
        case "append":
            of = listed(types.type(1))
            builder.sure[builder.field(of, merge="append")] = of
        case "add":
            builder.sure[builder.field(INT, merge="add")] = INT
        case "update":
            of = Type("dict", types.pick(STR, INT))
            builder.sure[builder.field(of, merge="update")] = of


class Graph:
    """The stages of a graph: each gives the node that it begins and the one that it ends with."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.types = builder.types

    def edge(self, edge: Any) -> None:
        self.builder.edges.append(edge)

    def joint(self) -> str:
        """A node that does little, and may read everything."""
        builder = self.builder
        name = builder.field(STR)
        return builder.add({"set": {name: builder.writer().template(1)}}, {name: STR})

    def one(self) -> tuple[str, str]:
        name = self.builder.add(*self.builder.node())
        return name, name

    def branch(self) -> tuple[list[str], dict[str, Type]]:
        """One or two nodes in a row, and what they write; what was set before is so again afterwards."""
        builder = self.builder
        before = dict(builder.sure)
        names = [builder.add(*builder.node()) for _ in range(self.types.pick(1, 1, 2))]
        written = {name: of for name, of in builder.sure.items() if name not in before}
        builder.sure = before
        if len(names) > 1:
            self.edge(" -> ".join(names))
        return names, written

    def fan_out(self) -> tuple[str, str]:
        """Two or three branches; some of their nodes write one field with a merge as well."""
        builder, first = self.builder, self.joint()
        merged, of, values = self.types.pick(
            ("append", listed(STR), ["x", ["y", "z"], "{{ topic }}"]),
            ("add", INT, [1, "{{ n + 1 }}", -2]),
            ("update", Type("dict", INT), [{"a": 1}, {"b": "{{ n }}"}, {}]),
        )
        shared = builder.field(of, merge=merged)
        branches = [self.branch() for _ in range(self.types.pick(2, 2, 3))]
        for (names, _), value in zip(branches, values, strict=False):
            if "set" in builder.nodes[names[-1]] and "for_each" not in builder.nodes[names[-1]]:
                builder.nodes[names[-1]]["set"][shared] = value
        for _, written in branches:
            builder.sure |= written
        builder.sure[shared] = of
        self.edge(f"{first} -> {' & '.join(names[0] for names, _ in branches)}")
        last = self.joint()
        self.edge(f"{' & '.join(names[-1] for names, _ in branches)} -> {last}")
        return first, last

    def exclusive(self, number: int) -> tuple[list[str], str]:
        """The first nodes of branches of which one is taken, and the node after them."""
        builder = self.builder
        branches = [self.branch() for _ in range(number)]
        of = self.types.type()
        both = builder.field(of)  # written in every branch, so it is set afterwards
        ends = []
        for names, written in branches:
            end = builder.named("n")
            before = dict(builder.sure)
            builder.sure |= written
            builder.nodes[end] = {"set": {both: builder.writer().value(of)}}
            builder.sure = before
            self.edge(f"{names[-1]} -> {end}")
            ends.append(end)
            builder.maybe |= written
        builder.sure[both] = of
        last = self.joint()
        self.edge(f"{' & '.join(ends)} -> {last}")
        return [names[0] for names, _ in branches], last

    def switch(self) -> tuple[str, str]:
        first, before = self.joint(), self.builder.writer()
        on = self.types.pick(BOOL, INT, *ENUMS)
        expression = before.of(on)
        if on.kind == "enum":  # a literal is text
            name = self.builder.field(on, default=self.types.value(on))
            self.builder.sure[name] = on
            expression = name
        heads, last = self.exclusive(2)
        values = {"bool": ["true", "false"], "int": ["1", "-2"]}.get(on.kind, list(on.values))
        cases = {value: heads[place % 2] for place, value in enumerate(values)}
        edge: dict[str, Any] = {"from": first, "switch": expression, "cases": cases}
        if on.kind == "int" or (on.kind == "enum" and self.types.some()):
            if on.kind == "enum":
                edge["cases"].pop(values[-1])
            edge["else"] = heads[1]
        self.edge(edge)
        return first, last

    def route(self) -> tuple[str, str]:
        first, before = self.joint(), self.builder.writer()
        conditions = [before.condition() for _ in range(self.types.pick(1, 2))]
        heads, last = self.exclusive(len(conditions) + 1)
        rules: list[Any] = [{"when": when, "to": head} for when, head in zip(conditions, heads, strict=False)]
        if self.types.some(3):
            rules.insert(0, {"when": "n > 1000", "to": {"fail": before.template(1)}})
        self.edge({"from": first, "route": [*rules, {"else": heads[-1]}]})
        return first, last

    def loop(self) -> tuple[str, str]:
        """A node that runs up to three times; it may read what it writes, once that is there."""
        builder = self.builder
        tries = builder.field(INT, merge="add")
        builder.sure[tries] = INT
        first = self.joint()
        body, _ = self.one()
        last = builder.add({"set": {tries: 1}}, {})
        self.edge(f"{first} -> {body} -> {last}")
        rule = {"when": builder.writer().of(BOOL), "to": body, "max_times": 2}
        end = self.joint()
        self.edge({"from": last, "route": [rule, {"else": end}]})
        return first, end

    def caught(self) -> tuple[str, str]:
        """A node whose failure another node tells of; what the first would have written may be missing."""
        builder = self.builder
        name, told = builder.field(STR), builder.field(STR)
        first = builder.add({"python": "f:fail", "with": {"text": builder.writer().value(STR)}, "writes": name}, {})
        builder.maybe[name] = STR
        note = builder.add({"set": {told: "{{ error.code }} in {{ error.node }}: {{ error.message | upper }}"}}, {})
        builder.maybe[told] = STR
        last = self.joint()
        self.edge({"from": first, "route": [{"on_error": "any", "to": note}, {"else": last}]})
        self.edge(f"{note} -> {last}")
        return first, last

    def skipped(self) -> tuple[str, str]:
        """A node that may be skipped, so what it writes may be missing."""
        builder = self.builder
        node, written = builder.node(plain=True)
        name = builder.add({**node, "when": builder.writer().condition()}, {})
        builder.maybe |= written
        return name, name

    def talk(self) -> tuple[str, str]:
        """Two prompts in one conversation, which is read afterwards."""
        builder = self.builder
        talk, reply = builder.named("talk"), builder.field(STR)
        builder.state[talk] = {"type": "messages", "keep": self.types.pick({"last": 4}, {"tokens": 200})}
        asks = {"prompt": builder.writer().template(1), "conversation": talk, "writes": reply}
        first = builder.add(asks, {reply: STR})
        read = "{% for m in TALK %}{{ m.role | upper }}: {{ m.content }} {% endfor %}({{ TALK | length }})"
        again = {**asks, "prompt": f"Go on. {{{{ {reply} }}}} {read.replace('TALK', talk)}"}
        last = builder.add(again, {reply: STR})
        self.edge(f"{first} -> {last}")
        return first, last
