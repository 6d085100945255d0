"""What a provider says of a model before it is called, and what stands in where it says nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache

from configurable_agents.errors import ModelError, SettingsError
from configurable_agents.gateway.routing import provider_of
from configurable_agents.gateway.structured import instructed, schema_instruction, wanted
from configurable_agents.plugins.models import (
    Measuring,
    Message,
    ModelFacts,
    ModelProvider,
    ModelRequest,
    ModelSettings,
    StructuredMode,
)
from configurable_agents.spec.types import STR, Type

_BYTES_PER_TOKEN = 4
_FRAME_TOKENS = 4
_SILENT = "its provider says nothing of its models: a token is taken to be 4 bytes of text, and its price is unknown"

Providers = Mapping[str, Callable[[], ModelProvider]]


class Meter:
    """A model before it is called: its prices, and how many tokens texts have for it.

    Raises:
        SettingsError: there is no such model.
    """

    def __init__(self, model: str, providers: Providers) -> None:
        self.model = model
        name = provider_of(model, providers)
        if name not in providers:
            known = ", ".join(sorted(providers)) or "none"
            message = f"No provider is installed for the model '{model}'."
            raise SettingsError("unknown_model", message, f"Providers are: {known}.")
        self.provider = providers[name]()
        self.facts = self._facts()
        self.count = lru_cache(maxsize=4096)(self._count)

    def _facts(self) -> ModelFacts:
        if not isinstance(self.provider, Measuring):
            return ModelFacts(caveats=(_SILENT,))
        try:
            return self.provider.facts(self.model)
        except ModelError as error:
            raise SettingsError(error.code, error.message, error.hint) from None

    def _count(self, text: str) -> int:
        if isinstance(self.provider, Measuring):
            return self.provider.count_tokens(self.model, text)
        return -(-len(text.encode()) // _BYTES_PER_TOKEN)

    @lru_cache(maxsize=1)  # noqa: B019  # a meter lives as long as a plan
    def mode(self) -> StructuredMode:
        """How the model is made to answer in a schema."""
        try:
            return self.provider.structured(self.model)
        except ModelError as error:
            raise SettingsError(error.code, error.message, error.hint) from None

    def sent(self, messages: Sequence[Message], output: Type, name: str, *, worded: bool = False) -> int:
        """The tokens of a call that asks for `output`, with what the gateway and the provider add to its messages.

        `worded`: the schema of the reply is told in words, as it is where the provider refuses it.
        """
        want = wanted(output, name)
        mode: StructuredMode = "native" if want.schema is None else "prompt" if worded else self.mode()
        if want.rules:
            messages = instructed(messages, want.rules)
        if want.schema is not None and mode == "prompt":
            messages = instructed(messages, schema_instruction(want.schema))
        told = sum(self.count(message.content) for message in messages if message.content)
        request = ModelRequest(self.model, tuple(messages), ModelSettings(), want.schema, mode)
        if isinstance(self.provider, Measuring):
            return told + self.provider.overhead_tokens(request)
        schema = "" if want.schema is None or mode == "prompt" else json.dumps(want.schema.json_schema)
        return told + _FRAME_TOKENS * len(messages) + self.count(schema)

    @cached_property
    def frame(self) -> int:
        """The tokens that one more message has beside its text."""
        one, two = ([Message("user", "")] * number for number in (1, 2))
        return self.sent(two, STR, "") - self.sent(one, STR, "")
