"""The provider itself: one call in, text and usage out, whatever fails classified."""

from __future__ import annotations

import asyncio
from typing import Any

from configurable_agents.builtins.providers.litellm import failures, measures, requests, routes
from configurable_agents.builtins.providers.litellm.library import Library, load, load_for_this_loop
from configurable_agents.builtins.providers.litellm.routes import Route
from configurable_agents.errors import ModelError, SettingsError
from configurable_agents.plugins.models import ModelFacts, ModelRequest, ModelResponse, ModelSettings, StructuredMode

# Seconds that a call may take where the workflow sets no timeout.
DEFAULT_TIMEOUT_S = 600.0


class LiteLLMProvider:
    """All models that LiteLLM can call, by its names for them: `openai/gpt-5.4-mini`, `ollama_chat/llama3.2`."""

    def check(self, model: str, settings: ModelSettings) -> None:
        """Refuse a model whose provider needs a key that is nowhere. Does not load LiteLLM.

        Raises:
            SettingsError: `missing_api_key`, with the name of the variable to set.
        """
        full = model.removeprefix("litellm/")
        provider, _, name = full.partition("/")
        missing = routes.missing_key(Route(full, provider, name), settings)
        if missing:
            raise SettingsError("missing_api_key", *missing)

    def structured(self, model: str) -> StructuredMode:
        """How `model` is best made to answer in a schema; loads LiteLLM, which takes seconds the first time.

        Raises:
            ModelError: `unknown_model`.
        """
        library = load()
        return routes.route_of(model, library).structured(library)

    def facts(self, model: str) -> ModelFacts:
        """Prices and limits, from the table in LiteLLM's wheel. Raises ModelError (`unknown_model`)."""
        library = load()
        return measures.facts(routes.route_of(model, library), library)

    def count_tokens(self, model: str, text: str) -> int:
        library = load()
        return measures.count(routes.route_of(model, library), library, text)

    def overhead_tokens(self, request: ModelRequest) -> int:
        library = load()
        return measures.overhead(request, routes.route_of(request.model, library), library)

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Make the call once. Raises ModelError, classified; being cancelled closes the connection."""
        library = await load_for_this_loop()
        route = routes.route_of(request.model, library)
        missing = routes.missing_key(route, request.settings)
        if missing:
            raise ModelError("auth", *missing)
        _price_if_local(route, library)
        call = requests.arguments(request, route, library)
        timeout_s = request.settings.timeout or DEFAULT_TIMEOUT_S
        reply: Any
        try:
            async with asyncio.timeout(timeout_s):
                reply = await library.acompletion(**call)
        except TimeoutError:
            raise failures.timed_out(route, timeout_s) from None
        except Exception as error:  # noqa: BLE001  # LiteLLM wraps what it foresees and lets the rest through
            raise failures.classified(error, route, request) from None
        return requests.response(reply, route)


def _price_if_local(route: Route, library: Library) -> None:
    # Where it knows no price, LiteLLM looks for one after each call, and asks the server too.
    if route.is_local and route.model not in library.model_cost:
        price = {
            "input_cost_per_token": 0.0,
            "output_cost_per_token": 0.0,
            "litellm_provider": route.provider,
            "mode": "chat",
        }
        library.register_model({route.model: price})
