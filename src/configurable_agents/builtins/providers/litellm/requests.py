"""What LiteLLM is called with, and what is read from its answer."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from configurable_agents.builtins.providers.litellm.library import Library
from configurable_agents.builtins.providers.litellm.routes import Route
from configurable_agents.builtins.providers.litellm.schemas import is_strict, portable
from configurable_agents.errors import ModelError
from configurable_agents.plugins.models import ModelRequest, ModelResponse, OutputSchema, Usage

# Of the connection, in seconds. One value for all calls, as LiteLLM makes a new client for each; the time a call may
# take is limited around it.
_CONNECT_TIMEOUT_S = 10.0
_READ_TIMEOUT_S = 3600.0

# For Anthropic, which has to be told: enough for long texts, far below what a runaway reply could cost.
_ANTHROPIC_MAX_TOKENS = 8192


def arguments(request: ModelRequest, route: Route, library: Library) -> dict[str, Any]:
    """The arguments of `litellm.acompletion` for a call."""
    import httpx

    settings = request.settings
    call: dict[str, Any] = {
        "model": route.model,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "timeout": httpx.Timeout(_READ_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
        "max_retries": 0,
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens or default_max_tokens(route, library),
        "api_key": settings.api_key,
        "api_base": route.api_base(settings),
        "extra_headers": dict(settings.headers) or None,
    }
    if route.provider == "openai" and call["api_base"] and not route.keys(settings):
        call["api_key"] = "none"  # its client insists on one; a server of one's own often has none
    if request.output is not None:
        call.update(_structured(request.output, request.mode, route))
    return {name: value for name, value in call.items() if value is not None}


def default_max_tokens(route: Route, library: Library) -> int | None:
    """The limit that is sent where the workflow sets none; None where the provider's own holds."""
    if route.provider != "anthropic":
        return None
    limit = route.known(library).get("max_output_tokens")
    return min(_ANTHROPIC_MAX_TOKENS, limit) if isinstance(limit, int) else _ANTHROPIC_MAX_TOKENS


def _structured(output: OutputSchema, mode: str, route: Route) -> dict[str, Any]:
    # LiteLLM writes into what it is given.
    schema = copy.deepcopy(dict(output.json_schema))
    if mode == "native" and route.provider == "ollama_chat":
        return {"format": schema}
    if mode == "native":
        named = {"name": output.name, "schema": portable(schema), "strict": is_strict(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    if mode == "tool":
        function = {"name": output.name, "description": "Takes the answer.", "parameters": schema}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": output.name}},
            "_skip_mcp_handler": True,
        }
    return {}


def response(reply: Any, route: Route) -> ModelResponse:
    """What the gateway needs of LiteLLM's answer.

    Raises:
        ModelError: `server_error`, the provider's answer holds no reply.
    """
    if not reply.choices:
        raise ModelError("server_error", f"{route.model} answered without a reply in it.", retryable=True)
    choice = reply.choices[0]
    message = choice.message
    text = message.content or ""
    if message.tool_calls:
        text = message.tool_calls[0].function.arguments or ""
    stop_reason = str(choice.finish_reason or "stop")
    extra: Mapping[str, Any] = getattr(message, "provider_specific_fields", None) or {}
    if extra.get("refusal"):
        stop_reason = "content_filter"
    usage = getattr(reply, "usage", None)
    return ModelResponse(
        text,
        Usage(getattr(usage, "prompt_tokens", None) or 0, getattr(usage, "completion_tokens", None) or 0),
        _cost_usd(reply, route),
        stop_reason,
    )


def _cost_usd(reply: Any, route: Route) -> float | None:
    if route.is_local:
        return 0.0
    # LiteLLM also says 0 where it has no price, or the provider told no usage.
    return reply._hidden_params.get("response_cost") or None  # noqa: SLF001  # its documented place
