"""What the gateway is asked, and what it reports of each call that it makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from configurable_agents.plugins.models import ModelSettings, Usage


@dataclass(frozen=True, slots=True)
class Target:
    """A model and how to call it, everything resolved: no alias, no `auto`, no `${NAME}`."""

    model: str
    settings: ModelSettings = field(default_factory=ModelSettings)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of a provider. `cost_usd` is None where the price is unknown; `latency_s` is in seconds."""

    model: str
    usage: Usage
    cost_usd: float | None
    latency_s: float
    stop_reason: str = ""
    error: str = ""


OnCall = Callable[[CallRecord], Awaitable[None]]
