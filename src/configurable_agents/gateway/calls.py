"""What the gateway is asked, and what it reports of each call that it makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from configurable_agents.plugins.models import ModelRequest, ModelResponse, ModelSettings, Usage


@dataclass(frozen=True, slots=True)
class Target:
    """A model and how to call it, everything resolved: no alias, no `auto`, no `${NAME}`."""

    model: str
    settings: ModelSettings = field(default_factory=ModelSettings)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of a provider. `cost_usd` is None where the price is unknown; `latency_s` is in seconds.

    `request` is what was asked, `text` the reply, None where there was none. `recalled`: it is one of before, and
    nothing was called.
    """

    model: str
    usage: Usage
    cost_usd: float | None
    latency_s: float
    stop_reason: str = ""
    error: str = ""
    request: ModelRequest | None = None
    text: str | None = None
    recalled: bool = False


# What a request was answered with before, in place of calling the provider. It may raise what it failed with.
Recall = Callable[[ModelRequest], ModelResponse | None]

OnCall = Callable[[CallRecord], Awaitable[None]]
