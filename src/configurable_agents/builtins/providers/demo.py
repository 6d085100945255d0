"""The `demo` provider: a stand-in for a model that needs no key, no network and no AI.

Its replies are made from the prompt's own words: text in the form asked for, or a value that fits the schema.
The same request gets the same reply on every machine, so examples and tests can rely on it. Drafts that are
judged, revised and judged again are graded higher each time (`demo_model/judging.py` has the rule), so such
loops end.
"""

from __future__ import annotations

import asyncio
import json
import math

from configurable_agents.builtins.providers.demo_model.prose import compose
from configurable_agents.builtins.providers.demo_model.reading import read
from configurable_agents.builtins.providers.demo_model.values import value
from configurable_agents.errors import ModelError, SettingsError
from configurable_agents.plugins.models import ModelRequest, ModelResponse, ModelSettings, StructuredMode, Usage

MODEL = "demo"
_CHARACTERS_A_TOKEN = 4


class DemoProvider:
    """Answers by rule, at once and for nothing."""

    def check(self, model: str, settings: ModelSettings) -> None:
        """Refuse every name but `demo`. Raises SettingsError."""
        if model != MODEL:
            message = f"The demo provider has no model '{model}'."
            raise SettingsError("unknown_model", message, "Its only model is called demo.")

    def structured(self, model: str) -> StructuredMode:  # one model, one way
        """How the model answers in a schema: by itself."""
        return "native"

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The reply to the last thing the user asked for.

        Tokens are estimated, four characters each; `max_tokens` cuts plain text only, since half an object is
        none.

        Raises:
            ModelError: `unknown_model`, for every name but `demo`.
        """
        await asyncio.sleep(0)
        if request.model != MODEL:
            raise ModelError(
                "unknown_model",
                f"The demo provider has no model '{request.model}'.",
                "Its only model is called demo.",
            )
        reading = read(request.messages)
        if request.output is not None:
            text = json.dumps(value(request.output.json_schema, reading), ensure_ascii=False)
            stop_reason = "stop"
        else:
            text, stop_reason = _cut(compose(reading), request.settings.max_tokens)
        usage = Usage(sum(_tokens(m.content) for m in request.messages), _tokens(text))
        return ModelResponse(text, usage, cost_usd=0.0, stop_reason=stop_reason)


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_A_TOKEN)


def _cut(text: str, max_tokens: int | None) -> tuple[str, str]:
    if max_tokens is None or _tokens(text) <= max_tokens:
        return text, "stop"
    return text[: max_tokens * _CHARACTERS_A_TOKEN], "length"
