"""What a model provider is: one call in, text and usage out.

A provider is registered under the entry-point group `configurable_agents.providers`; its entry's name is the name of
the provider: `acme/large-1` goes to the provider `acme` where one is registered, anything else to `litellm`. The
gateway asks `structured` how the model is best made to answer in a schema, then calls `complete`. Retries, repairs
and validation are the gateway's, so a provider must do none. A provider that is `Measuring` as well lets `plan` say
what a run will cost before it is paid for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

Role = Literal["system", "user", "assistant"]
StructuredMode = Literal["native", "tool", "prompt"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """The JSON Schema a reply must fit: always an object at its root, `additionalProperties` false."""

    name: str
    json_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How a model is called. `timeout` is in seconds; None leaves the provider's own default."""

    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    api_key: str | None = field(default=None, repr=False)
    api_base: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call: `model` is the name as the workflow gives it (`openai/gpt-5-mini`, `demo`)."""

    model: str
    messages: Sequence[Message]
    settings: ModelSettings
    output: OutputSchema | None = None
    mode: StructuredMode = "native"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call or of several."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens)


@dataclass(frozen=True, slots=True)
class ModelResponse:
    """What came back: `text` is the reply, JSON where `output` was asked for.

    `cost_usd` is None where the price is unknown, never 0 for that. `stop_reason` is the provider's word for why
    it stopped, in OpenAI's vocabulary (`stop`, `length`, `content_filter`, `tool_calls`).
    """

    text: str
    usage: Usage
    cost_usd: float | None
    stop_reason: str = "stop"


@runtime_checkable
class ModelProvider(Protocol):
    """A way to reach models."""

    def check(self, model: str, settings: ModelSettings) -> None:
        """Refuse a call that can only fail, before a run begins: no key, no such model. Fast, without the network.

        Raises:
            SettingsError: what is missing, and how to get it.
        """
        ...

    def structured(self, model: str) -> StructuredMode:
        """How `model` is best made to answer in a JSON Schema: by itself, by a forced tool call, by asking."""
        ...

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Make the call once. Raises ModelError, classified; being cancelled closes the connection."""
        ...


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model before it is called. Prices are in USD a token, None where unknown, 0 for local models.

    `max_output_tokens` is the longest reply where a call sets no `max_tokens`; None where that is not known.
    `cuts_data`: a reply in JSON ends at `max_tokens` as well as one in plain text.
    `caveats` are what the prices and counts leave out, each a clause for a person.
    """

    input_usd: float | None = None
    output_usd: float | None = None
    max_output_tokens: int | None = None
    caveats: tuple[str, ...] = ()
    cuts_data: bool = True


@runtime_checkable
class Measuring(Protocol):
    """What a provider may say of its models before they are called: prices and counts. None of it uses the network."""

    def facts(self, model: str) -> ModelFacts:
        """The prices and limits of `model`. Raises ModelError where it is known that there is no such model."""
        ...

    def count_tokens(self, model: str, text: str) -> int:
        """How many tokens `text` has for `model`, as its calls are charged, or the nearest count that can be had."""
        ...

    def overhead_tokens(self, request: ModelRequest) -> int:
        """How many tokens a request has beside those of its messages' texts: their frames, the schema of the reply."""
        ...
