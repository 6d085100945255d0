"""A model that gives fixed replies to the support router's questions, each after the same time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection

from configurable_agents.plugins.models import ModelRequest, ModelResponse, ModelSettings, StructuredMode, Usage

SECONDS = 0.05

REPLIES = {
    "topic": "billing",
    "reply": "Invoice 4711 was paid twice; the second payment goes back to your card within five days.",
    "confidence": 0.9,
}
NOTES = "Invoice 4711, charged twice in March, the second payment to be refunded."


async def answer(asked: Collection[str]) -> str:
    """JSON with what is asked for, or a text where nothing is."""
    await asyncio.sleep(SECONDS)
    return json.dumps({name: REPLIES[name] for name in asked}) if asked else NOTES


class FixedProvider:
    """The same model as a provider's plugin."""

    def check(self, model: str, settings: ModelSettings) -> None:
        """Nothing is missing."""

    def structured(self, model: str) -> StructuredMode:
        """It answers in a schema by itself."""
        return "native"

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """What is asked for by the schema, or a text."""
        asked = request.output.json_schema["properties"] if request.output is not None else ()
        return ModelResponse(await answer(asked), Usage(100, 20), 0.0)
