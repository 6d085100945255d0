"""A model whose replies follow from what it is asked, and which notes each call where the calls of functions are noted.

What is asked begins with `@` and the key of the execution that asks.
"""

from __future__ import annotations

import asyncio
import json
import re

from configurable_agents.errors import ModelError
from configurable_agents.plugins.models import ModelRequest, ModelResponse, ModelSettings, StructuredMode, Usage
from tests.chaos.work import noted

_KEY = re.compile(r"^@(\S+) ?")


class EchoProvider:
    """The provider `chaos`."""

    def check(self, model: str, settings: ModelSettings) -> None:
        """Nothing is missing."""

    def structured(self, model: str) -> StructuredMode:
        return "native"

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """An echo. What is to be judged badly first fails, then is answered badly, then well."""
        asked = max(n for n, message in enumerate(request.messages) if _KEY.match(message.content))
        text = request.messages[asked].content
        found = _KEY.match(text)
        assert found is not None
        again = len(request.messages) - 1 - asked  # the turns in which it was told that its reply did not fit
        question = text[found.end() :]
        noted("ask", f"{found[1]}{' again' if again else ''}")
        await asyncio.sleep(0.003)
        if "badly" in question and "Try 1" in question:
            raise ModelError("rate_limit", "Too many at once.", status=429, retryable=True)
        reply = self._reply(request, question) if again or "badly" not in question else '{"verdict": {"length": "?"}}'
        return ModelResponse(reply, Usage(len(question), len(reply)), len(reply) / 2**20)

    def _reply(self, request: ModelRequest, question: str) -> str:
        if request.output is None:
            return f"Echo: {question}"
        wanted = request.output.json_schema["properties"]
        values = {"length": len(question), "word": question.split(maxsplit=1)[0]}
        return json.dumps({name: values if name == "verdict" else values[name] for name in wanted})
