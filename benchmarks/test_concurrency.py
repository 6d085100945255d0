"""A hundred runs of the support router at once, against the same workflow written by hand in LangGraph."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel, ConfigDict, Field

import configurable_agents
from benchmarks.conftest import Compare, Note, processor_seconds, throughput
from benchmarks.fixed import answer

RUNS = 100
EXAMPLE = Path(__file__).parents[1] / "examples" / "support_router"
INPUT = json.loads((EXAMPLE / "input.json").read_text(encoding="utf-8"))

Run = Callable[[], Awaitable[object]]
Message = dict[str, str]


class State(TypedDict, total=False):
    """The state of the graph written by hand."""

    message: str
    topic: str
    notes: str
    reply: str
    confidence: float
    escalated: bool


class Topic(BaseModel):
    """What triage answers."""

    model_config = ConfigDict(extra="forbid", strict=True)

    topic: Literal["billing", "technical", "other"]


class Reply(BaseModel):
    """What the customer is answered."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reply: str
    confidence: float = Field(ge=0, le=1)


async def ask(messages: list[Message], shape: type[BaseModel] | None = None) -> str:
    """What the model replies, in JSON of this shape or as text."""
    assert messages[-1]["role"] == "user"
    return await answer(shape.model_fields if shape is not None else ())


async def triage(state: State) -> State:
    prompt = f"What is this message about?\n\nMessage:\n{state['message']}\n"
    text = await ask([{"role": "user", "content": prompt}], Topic)
    return {"topic": Topic.model_validate(json.loads(text)).topic}


async def billing(state: State) -> State:
    prompt = f"Extract the invoice, the amount and the date in question.\n\nMessage:\n{state['message']}\n"
    messages = [{"role": "system", "content": "You are a bookkeeper."}, {"role": "user", "content": prompt}]
    return {"notes": await ask(messages)}


async def technical(state: State) -> State:
    prompt = f"List three questions that would find the cause.\n\nMessage:\n{state['message']}\n"
    messages = [{"role": "system", "content": "You are an engineer."}, {"role": "user", "content": prompt}]
    return {"notes": await ask(messages)}


async def other(state: State) -> State:
    return {"notes": "Thank the customer. A colleague will answer within one working day."}


async def reply(state: State) -> State:
    system = f"You are the {state['topic']} team. Promise nothing that is not in these notes.\n{state['notes']}\n"
    prompt = f"Reply to this message, and say how sure you are.\n\nMessage:\n{state['message']}\n"
    text = await ask([{"role": "system", "content": system}, {"role": "user", "content": prompt}], Reply)
    read = Reply.model_validate(json.loads(text))
    return {"reply": read.reply, "confidence": read.confidence}


async def escalate(state: State) -> State:
    text = "Thank you for your message. A colleague will read it and write to you today."
    return {"escalated": True, "reply": text}


# Were these no coroutines, LangGraph would run each in a thread.
async def by_topic(state: State) -> str:
    return state["topic"]


async def by_confidence(state: State) -> str:
    return "escalate" if state["confidence"] < 0.7 else END


def by_hand() -> Run:
    """The opponent: as a careful person writes it, each reply checked; nothing recorded."""
    builder = StateGraph(State)
    for name, node in (
        ("triage", triage),
        ("billing", billing),
        ("technical", technical),
        ("other", other),
        ("answer", reply),
        ("escalate", escalate),
    ):
        builder.add_node(name, node)
    builder.add_edge(START, "triage")
    builder.add_conditional_edges("triage", by_topic, ["billing", "technical", "other"])
    for name in ("billing", "technical", "other"):
        builder.add_edge(name, "answer")
    builder.add_conditional_edges("answer", by_confidence, ["escalate", END])
    builder.add_edge("escalate", END)
    graph: Any = builder.compile()  # of LangGraph's overloads none takes a plain dict

    async def run() -> object:
        result = await graph.ainvoke({**INPUT, "escalated": False})
        assert result["confidence"] == 0.9
        return result

    return run


def ours(model: str) -> Run:
    """Ours: the example as it stands, with every event recorded."""
    workflow = configurable_agents.load(EXAMPLE / "workflow.yaml")

    async def run() -> object:
        result = await workflow.arun(INPUT, model=model)
        assert result.output["confidence"] == 0.9
        return result

    return run


def test_a_hundred_runs(compare: Compare, note: Note, fixed_model: str) -> None:
    loop = asyncio.new_event_loop()
    pair = [ours(fixed_model), by_hand()]

    def at_once(run: Run) -> None:
        async def runs() -> None:
            await asyncio.gather(*(run() for _ in range(RUNS)))

        loop.run_until_complete(runs())

    try:
        compare(
            f"throughput of {RUNS} runs at once",
            lambda: at_once(pair[0]),
            "the graph by hand",
            lambda: at_once(pair[1]),
            0.8,
            measure=throughput,
        )
        # What is left of the difference where no time is spent waiting for a model.
        spent = [
            processor_seconds(lambda: at_once(pair[0])) / processor_seconds(lambda: at_once(pair[1])) for _ in range(5)
        ]
        note(f"processor time: {median(spent):.2f} x")
    finally:
        loop.close()
