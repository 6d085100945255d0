"""The `demo` provider: a stand-in for a model that needs no key, no network and no AI.

Replies are made by rule from the prompt's own words: text in the form asked for, or a value that fits the schema. The
same request gets the same reply on every machine. Drafts that are judged and revised get better (see `prose`).
"""

from __future__ import annotations

import asyncio
import json
import math
import re

from configurable_agents.builtins.providers.demo import words
from configurable_agents.builtins.providers.demo.prose import compose
from configurable_agents.builtins.providers.demo.reading import Reading, read
from configurable_agents.builtins.providers.demo.values import value
from configurable_agents.errors import ModelError, SettingsError
from configurable_agents.plugins.models import (
    ModelFacts,
    ModelRequest,
    ModelResponse,
    ModelSettings,
    StructuredMode,
    Usage,
)

MODEL = "demo"
_CHARACTERS_A_TOKEN = 4


class DemoProvider:
    """Answers by rule, at once and for nothing."""

    def check(self, model: str, settings: ModelSettings) -> None:
        if model != MODEL:
            raise SettingsError(*_unknown(model))

    def structured(self, model: str) -> StructuredMode:  # one model, one way
        return "native"

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The reply to what the user asked last; `max_tokens` cuts plain text alone. Raises ModelError."""
        await asyncio.sleep(0)
        if request.model != MODEL:
            raise ModelError(*_unknown(request.model))
        reading, most = read(request.messages), request.settings.max_tokens
        whole = _text(reading)
        if request.output is not None:
            whole, most = json.dumps(value(request.output.json_schema, reading), ensure_ascii=False), None
        text = whole if most is None else whole[: most * _CHARACTERS_A_TOKEN]
        usage = Usage(sum(_tokens(m.content) for m in request.messages), _tokens(text))
        return ModelResponse(text, usage, cost_usd=0.0, stop_reason="stop" if text == whole else "length")

    def facts(self, model: str) -> ModelFacts:
        if model != MODEL:
            raise ModelError(*_unknown(model))
        return ModelFacts(input_usd=0.0, output_usd=0.0, cuts_data=False)

    def count_tokens(self, model: str, text: str) -> int:
        return _tokens(text)

    def overhead_tokens(self, request: ModelRequest) -> int:  # its usage is that of the texts alone
        return 0


def _unknown(model: str) -> tuple[str, str, str]:
    return "unknown_model", f"The demo provider has no model '{model}'.", "Its only model is called demo."


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_A_TOKEN)


def _text(reading: Reading) -> str:
    """The reply in plain text, of the length and form that its rules ask for."""
    low, high = (re.search(rf"at {end} (\d{{1,6}}) char", reading.rules) for end in ("least", "most"))
    form, text = re.search(r"regular expression (.+)\.", reading.rules), compose(reading)
    found = words.matching(form[1], text, reading.material) if form else []
    return words.fitted(found[0] if found else text, int(low[1]) if low else 0, int(high[1]) if high else words.LONGEST)
