"""What one attempt at a question costs: its calls, and the tokens that go to the model and come back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from configurable_agents.gateway.structured import wanted
from configurable_agents.planning.amounts import INF
from configurable_agents.planning.extents import TOLD_ELSEWHERE, Cause, Extent, of_type
from configurable_agents.planning.meters import Meter
from configurable_agents.planning.texts import Measure, Names
from configurable_agents.plugins.models import Message
from configurable_agents.plugins.nodes import Question
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression, Template
from configurable_agents.spec.types import Type
from configurable_agents.spec.workflow import NodeSpec

# What a model is told of a reply that can't be used: eight problems of a line each, and what frames them.
REPAIR_TOKENS = 600

# A reply that does not fit is asked for once more.
_ASKED = 2


_SYSTEM: DataPath = ("system",)


@dataclass(frozen=True, slots=True)
class Said(Extent):
    """What a conversation holds: `number` messages at most."""

    number: float = 0.0


@runtime_checkable
class Conversation(Protocol):
    """A name that is a conversation."""

    def said(self, meter: Meter) -> Said:
        """What it holds when a model is told of it."""
        ...


@dataclass(frozen=True, slots=True)
class Price:
    """The calls of one attempt with all their tokens: least, likely and most; `causes` where there is no most."""

    calls: tuple[float, float, float]
    input_tokens: tuple[float, float, float]
    output_tokens: tuple[float, float, float]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of a node to a model. `max_tokens` is the limit of its reply, by the node or by the file."""

    node: NodeSpec
    question: Question
    meter: Meter
    max_tokens: int | None

    @property
    def structured(self) -> bool:
        """Whether the reply is asked for in JSON."""
        return wanted(self.node.returns, self.question.name).schema is not None

    @property
    def refusable(self) -> bool:
        """Whether the provider may refuse the schema of the reply, so that it is asked for in words."""
        return self.structured and self.meter.mode() != "prompt"

    def charged(self) -> Extent:
        """The reply as it comes back, fitting or not; a token at least."""
        want = wanted(self.node.returns, self.question.name)
        likely = of_type(want.type, "", "", self.meter.count, inside=want.schema is not None).likely
        kept = want.schema is None or self.meter.facts.cuts_data
        most = (self.max_tokens if kept else None) or self.meter.facts.max_output_tokens
        if self.max_tokens is not None:
            likely = min(likely, math.ceil(self.max_tokens / 2))
        if most is not None:
            return Extent("", min(max(likely, 1), most), most)
        why = f"is not set, and the longest reply of {self.meter.model} is not known"
        if self.max_tokens is not None:
            why, remedy = f"does not end what {self.meter.model} answers in JSON", "Plan for another model: --model …"
            return Extent("", max(likely, 1), INF, (Cause("max_tokens", why, remedy),))
        return Extent("", max(likely, 1), INF, (Cause("max_tokens", why, "Give the node max_tokens."),))

    def reply(self, a_type: Type, label: str) -> Extent:
        """The reply, or a part of it of this type, as it is written to a field and printed."""
        printed, charged = of_type(a_type, label, "", self.meter.count), self.charged()
        if charged.most < printed.most:
            return Extent(printed.short, min(printed.likely, charged.likely), charged.most)
        causes = (TOLD_ELSEWHERE,) if printed.causes else ()
        return Extent(printed.short, min(printed.likely, charged.likely), printed.most, causes)

    def price(self, names: Names) -> Price:
        """What one attempt costs where the node reads these names."""
        count, meter, asked = self.meter.count, self.meter, (self.node.returns, self.question.name)
        texts, turns = self.texts(), self.question.turns
        extents = [
            Measure(names, count).template(text) if isinstance(text := texts.get(path), Template) else Extent()
            for _, path in turns
        ]
        short = [
            Message(role, e.short) for (role, path), e in zip(turns, extents, strict=True) if e.short or path != _SYSTEM
        ]
        least = meter.sent(short, *asked)
        framed = [Message(role, "") for role, _ in turns]
        plain = meter.sent(framed, *asked)
        worded = meter.sent(framed, *asked, worded=True) if self.refusable else plain
        said, reply = self.before(names), self.charged()
        exact = all(count(e.short) == e.most for e in extents)
        likely = least if exact else plain + sum(e.likely for e in extents)
        once = max(plain, worded) + sum(e.most for e in extents) + said.most + said.number * meter.frame
        return Price(
            (1, 1, _ASKED),
            (least, max(likely, least) + said.likely, _ASKED * once + reply.most + REPAIR_TOKENS),
            (1, reply.likely, _ASKED * reply.most),
            tuple(dict.fromkeys(cause for extent in (*extents, said, reply) for cause in extent.causes)),
        )

    def texts(self) -> Mapping[DataPath, Template | Expression]:
        """The texts of the node by their place in it; the text of a file by the place that names it."""
        found = {}
        for path, text in self.node.texts.items():
            place = path[2:]
            found[place[:-1] if place and place[-1] == "file" else place] = text
        return found

    def before(self, names: Names) -> Said:
        """What the conversation holds that the model is told before the question."""
        name: object = names.get(self.question.conversation or "")
        return name.said(self.meter) if isinstance(name, Conversation) else Said()
