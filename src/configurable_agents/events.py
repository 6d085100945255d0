"""All that can happen in a run, as one tagged union of frozen records. Progress and results are folds of it.

`EVENT_VERSION` grows when a reader of older events would misread newer ones; fields are only ever added.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

EVENT_VERSION = 1


class ErrorInfo(BaseModel):
    """A failure as it is recorded and shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    message: str
    node: str | None = None
    hint: str = ""


class Question(BaseModel):
    """A question to a person, by the execution that asks it. `choices` are the answers where only these are possible.

    `answer_type` is the type of the answer as the language writes it; after `expires_at` the node fails with `timeout`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    node: str
    visit: int
    item: int | None = None
    text: str
    answer_type: str
    answer_schema: dict[str, Any] = {}
    choices: list[str] = []
    asked_at: datetime
    expires_at: datetime | None = None


class _Event(BaseModel):
    """What every event has: the run, its place in the run's order (`seq`, from 1, gapless) and its time (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    seq: int
    time: datetime


class RunStarted(_Event):
    """The run began, with this input.

    `model` was asked for in place of the models of the file, `auto` is what `auto` came to. `session` names the
    conversation that it goes on with, `messages` are what was said in it before, by field. A replay or a fork names in
    `parent` the run that it is of.
    """

    type: Literal["run_started"] = "run_started"
    version: int = EVENT_VERSION
    workflow: str
    workflow_hash: str
    input: dict[str, Any]
    model: str | None = None
    auto: str | None = None
    session: str | None = None
    messages: dict[str, list[dict[str, Any]]] = {}
    parent: str | None = None
    relation: Literal["replay", "fork"] | None = None


class RunForked(_Event):
    """From here on the run is its own; what is before was taken over from the run `parent`.

    It goes on at the execution of a node, with these fields of the state changed.
    """

    type: Literal["run_forked"] = "run_forked"
    parent: str
    node: str
    visit: int
    set: dict[str, Any] = {}


class RunResumed(_Event):
    """The run goes on after it was interrupted, cancelled, had failed or waited.

    `workflow_hash` and `input` are set where they are other than before; recorded results are kept then only where the
    node and what it reads are the same. `model` is that of RunStarted, or another from here on.
    """

    type: Literal["run_resumed"] = "run_resumed"
    workflow_hash: str | None = None
    input: dict[str, Any] | None = None
    model: str | None = None


class RunWaiting(_Event):
    """The run can't go on before these questions, all that are open, are answered or their time is over."""

    type: Literal["run_waiting"] = "run_waiting"
    questions: list[Question]


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


class NodeAsked(_NodeEvent):
    """A node asks a person, and waits for the answer."""

    type: Literal["node_asked"] = "node_asked"
    question: Question


class NodeAnswered(_NodeEvent):
    """A person answered the question of a node; `by` says who."""

    type: Literal["node_answered"] = "node_answered"
    answer: Any
    by: str = ""


class NodeSkipped(_NodeEvent):
    """A node was passed over, because its `when` did not hold."""

    type: Literal["node_skipped"] = "node_skipped"


class NodeSucceeded(_NodeEvent):
    """`writes` are what the node added, before merging; `superstep` is the step of the graph they were merged in.

    `error` is set where the node failed and its `on_error` said what to write instead; `left_behind` as in
    NodeCancelled. `fingerprint` is a hash of what the node is and of all that it read.
    """

    type: Literal["node_succeeded"] = "node_succeeded"
    writes: dict[str, Any]
    superstep: int
    duration_s: float
    error: ErrorInfo | None = None
    left_behind: bool = False
    fingerprint: str = ""


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
    """An item of a map is done; `value` is what it gives, `fingerprint` as in NodeSucceeded."""

    type: Literal["item_succeeded"] = "item_succeeded"
    value: Any
    duration_s: float
    fingerprint: str = ""


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
    `request` and `reply` are the hashes of payloads, which lie beside the events. `replayed`: no provider was called,
    the reply is one that was recorded before.
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
    request: str = ""
    reply: str = ""
    replayed: bool = False


Event = (
    RunStarted
    | RunForked
    | RunResumed
    | RunWaiting
    | RunSucceeded
    | RunFailed
    | RunCancelled
    | NodeStarted
    | NodeAsked
    | NodeAnswered
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

EVENT_TYPES = tuple(str(kind.model_fields["type"].default) for kind in get_args(Event))

_ADAPTER: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def event_to_json(event: Event) -> str:
    """An event as JSON from which `event_from_json` makes the same again, dates included."""
    return to_json({**event.model_dump(), "time": event.time.isoformat()})


def event_from_json(text: str | bytes) -> Event:
    """An event from the JSON that `event_to_json` made of it, or `model_dump_json`, in which dates are but text."""
    return _ADAPTER.validate_python(from_json(text))


def to_json(value: Any) -> str:
    """Plain data as JSON; dates are marked, so that `from_json` gives them back as what they are."""
    try:
        text = _ENCODER.encode(value)
    except TypeError:  # it holds dates
        return _ENCODER.encode(_marked(value))
    # Data of a user's that looks like a mark is marked itself.
    return _ENCODER.encode(_marked(value)) if '"$' in text else text


def from_json(text: str | bytes) -> Any:
    """The plain data that `to_json` was given."""
    return json.loads(text, object_hook=_unmarked)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _marked(value: Any) -> Any:
    match value:
        case datetime():
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case dict():
            marked = {key: _marked(item) for key, item in value.items()}
            return {"$object": list(marked.items())} if any(str(key).startswith("$") for key in marked) else marked
        case list() | tuple():
            return [_marked(item) for item in value]
        case _:
            return value


def _unmarked(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    try:
        match found:
            case {"$datetime": str(text)}:
                return datetime.fromisoformat(text)
            case {"$date": str(text)}:
                return date.fromisoformat(text)
            case {"$object": list(items)}:
                return dict(items)
    except (TypeError, ValueError):  # somebody else's, in which nothing is marked
        return found
    return found


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
