"""All that can happen in a run, as one tagged union of frozen records. Progress and results are folds of it.

`EVENT_VERSION` grows when a reader of older events would misread newer ones; fields are only ever added.
"""

from __future__ import annotations

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
    """`node` is the node's name; `visit` counts its executions from 1."""

    node: str
    visit: int


class NodeStarted(_NodeEvent):
    """A node began."""

    type: Literal["node_started"] = "node_started"


class NodeSucceeded(_NodeEvent):
    """`writes` are what the node added, before merging; `superstep` is the step of the graph they were merged in."""

    type: Literal["node_succeeded"] = "node_succeeded"
    writes: dict[str, Any]
    superstep: int
    duration_s: float


class NodeFailed(_NodeEvent):
    """A node failed."""

    type: Literal["node_failed"] = "node_failed"
    error: ErrorInfo
    duration_s: float


class NodeCancelled(_NodeEvent):
    """The node was stopped in its middle. `left_behind` says that a thread of it could not be stopped."""

    type: Literal["node_cancelled"] = "node_cancelled"
    left_behind: bool = False


class RouteTaken(_NodeEvent):
    """Which way a route or switch went: the rules tried (by index), what each saw, the winner and where it leads."""

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
    | NodeSucceeded
    | NodeFailed
    | NodeCancelled
    | RouteTaken
    | ModelCalled
)

_ADAPTER: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def event_from_json(text: str | bytes) -> Event:
    """An event from the JSON that `event.model_dump_json()` made of it."""
    return _ADAPTER.validate_json(text)
