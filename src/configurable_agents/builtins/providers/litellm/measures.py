"""What LiteLLM knows of a model before it is called: its price, its limits, and how many tokens a text has for it.

All of it comes from its wheel: the price table, and one tokenizer (OpenAI's), which stands in for all others.
"""

from __future__ import annotations

import json
from typing import Any

from configurable_agents.builtins.providers.litellm.library import Library
from configurable_agents.builtins.providers.litellm.requests import arguments, default_max_tokens
from configurable_agents.builtins.providers.litellm.routes import Route
from configurable_agents.plugins.models import ModelFacts, ModelRequest

# What OpenAI's format of a conversation adds: to each message, and before the reply.
_FRAME_TOKENS = 4
_BEFORE_REPLY_TOKENS = 3

_CAVEATS = (
    "prices are LiteLLM's list prices, without discounts for cached prompts or batches",
    "tokens are counted by the tokenizer that LiteLLM brings, so a provider's own count may differ a little",
)
_TIERED = "its price rises for long prompts, which is left out"


def facts(route: Route, library: Library) -> ModelFacts:
    """The prices and limits of a model; of one that runs on this machine the price is 0."""
    known = route.known(library)
    limit = known.get("max_output_tokens")
    most = limit if isinstance(limit, int) else None
    if route.is_local:
        return ModelFacts(0.0, 0.0, most, _CAVEATS[1:])
    read, written = _usd(known.get("input_cost_per_token")), _usd(known.get("output_cost_per_token"))
    if not (read or written):  # it also says 0 where it has no price
        read = written = None
    tiered = any(name.startswith("input_cost_per_token_above") and value for name, value in known.items())
    return ModelFacts(
        read,
        written,
        default_max_tokens(route, library) or most,
        (*_CAVEATS, *([_TIERED] if tiered else [])),
    )


def _usd(price: Any) -> float | None:
    return float(price) if isinstance(price, int | float) else None


def count(route: Route, library: Library, text: str) -> int:
    """About how many tokens a text has for a model."""
    return library.token_counter(model=route.model, text=text) if text else 0


def overhead(request: ModelRequest, route: Route, library: Library) -> int:
    """About how many tokens a request has beside its messages' texts."""
    call = arguments(request, route, library)
    schema = [call[key] for key in ("format", "response_format", "tools") if key in call]
    frames = len(request.messages) * _FRAME_TOKENS + _BEFORE_REPLY_TOKENS
    return frames + sum(count(route, library, json.dumps(part, ensure_ascii=False)) for part in schema)
