"""All that can happen in a run, as one tagged union of frozen records. Progress and results are folds of it.

`EVENT_VERSION` grows when a reader of older events would misread newer ones; fields are only ever added.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

EVENT_VERSION = 1


class ErrorInfo(BaseModel):
    """A failure as it is recorded and shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    message: str
    node: str | None = None
    hint: str = ""


class _Event(BaseModel):
    """What every event has: the run, its place in the run's order (`seq`, from 1, gapless) and its time (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    seq: int
    time: datetime


class RunStarted(_Event):
    """The run began, with this input."""

    type: Literal["run_started"] = "run_started"
    version: int = EVENT_VERSION
    workflow: str
    workflow_hash: str
    input: dict[str, Any]


class RunSucceeded(_Event):
    """The run reached its end."""

    type: Literal["run_succeeded"] = "run_succeeded"
    output: dict[str, Any]


class RunFailed(_Event):
    """The run ended by a failure."""

    type: Literal["run_failed"] = "run_failed"
    error: ErrorInfo


class RunCancelled(_Event):
    """The run was stopped from outside."""

    type: Literal["run_cancelled"] = "run_cancelled"


class _NodeEvent(_Event):
    """What happened to an execution of a node.

    `node` is its path: its name, and before it the executions that it is inside of (see `path_within`). `visit` counts
    its executions from 1; `item` is the index of an item of a map, from 0; `attempt` counts attempts from 1.
    """

    node: str
    visit: int
    item: int | None = None
    attempt: int = 1


class NodeStarted(_NodeEvent):
    """A node began."""

    type: Literal["node_started"] = "node_started"


class NodeSkipped(_NodeEvent):
    """A node was passed over, because its `when` did not hold."""

    type: Literal["node_skipped"] = "node_skipped"


class NodeSucceeded(_NodeEvent):
    """`writes` are what the node added, before merging; `superstep` is the step of the graph they were merged in.

    `error` is set where the node failed and its `on_error` said what to write instead; `left_behind` as in
    NodeCancelled.
    """

    type: Literal["node_succeeded"] = "node_succeeded"
    writes: dict[str, Any]
    superstep: int
    duration_s: float
    error: ErrorInfo | None = None
    left_behind: bool = False


class NodeFailed(_NodeEvent):
    """A node failed. `handled`: a rule of its route takes it from there. `left_behind` as in NodeCancelled."""

    type: Literal["node_failed"] = "node_failed"
    error: ErrorInfo
    duration_s: float
    handled: bool = False
    left_behind: bool = False


class NodeRetried(_NodeEvent):
    """An attempt failed, and the next begins after `delay_s` seconds. `left_behind` as in NodeCancelled."""

    type: Literal["node_retried"] = "node_retried"
    error: ErrorInfo
    delay_s: float
    left_behind: bool = False


class NodeCancelled(_NodeEvent):
    """The node was stopped in its middle. `left_behind` says that a thread of it could not be stopped."""

    type: Literal["node_cancelled"] = "node_cancelled"
    left_behind: bool = False


class ItemSucceeded(_NodeEvent):
    """An item of a map is done; `value` is what it gives."""

    type: Literal["item_succeeded"] = "item_succeeded"
    value: Any
    duration_s: float


class ItemFailed(_NodeEvent):
    """An item of a map failed. `handled`: the map goes on without it."""

    type: Literal["item_failed"] = "item_failed"
    error: ErrorInfo
    duration_s: float
    handled: bool = False
    left_behind: bool = False


class RouteTaken(_NodeEvent):
    """Which way a route or switch went: the rules tried (by index), what each saw, the winner and where it leads.

    For a rule of `on_error`, what it saw is the failure's code.
    """

    type: Literal["route_taken"] = "route_taken"
    tried: list[int]
    values: dict[str, Any]
    rule: int
    targets: list[str]
    count: int


class ModelCalled(_NodeEvent):
    """One call of a model provider: `call` counts them within the node's execution, from 1.

    `cost_usd` is None where the price is unknown. `error` is set where the call failed or its reply did not fit.
    """

    type: Literal["model_called"] = "model_called"
    call: int
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    latency_s: float
    stop_reason: str = ""
    error: str = ""


Event = (
    RunStarted
    | RunSucceeded
    | RunFailed
    | RunCancelled
    | NodeStarted
    | NodeSkipped
    | NodeSucceeded
    | NodeFailed
    | NodeRetried
    | NodeCancelled
    | ItemSucceeded
    | ItemFailed
    | RouteTaken
    | ModelCalled
)

_ADAPTER: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def event_from_json(text: str | bytes) -> Event:
    """An event from the JSON that `event.model_dump_json()` made of it."""
    return _ADAPTER.validate_json(text)


def path_within(node: str, visit: int, item: int | None, attempt: int) -> str:
    """The path of an execution, as what is inside of it has it before its own name.

    `review`, the second time `review#2`, its third item `review[2]`, that item's second attempt `review[2]~2`.
    """
    text = f"{node}#{visit}" if visit > 1 else node
    text = f"{text}[{item}]" if item is not None else text
    return f"{text}~{attempt}" if attempt > 1 else text


def owner_of(node: str) -> tuple[str, int] | None:
    """The execution that a path is directly inside of, by its node and its visit."""
    outside, slash, _ = node.rpartition("/")
    if not slash:
        return None
    before, _, last = f"/{outside}".rpartition("/")
    name, sign, visit = re.split(r"[\[~]", last)[0].partition("#")
    return f"{before}/{name}".lstrip("/"), int(visit) if sign else 1
