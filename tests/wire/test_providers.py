"""Every provider's protocol, spoken to a server that others wrote: text, structured output, usage, cost, errors."""

from __future__ import annotations

from typing import Any

import pytest

from configurable_agents.errors import ModelError
from configurable_agents.spec.types import BOOL, INT, STR, EnumOf, Field, ListOf, ObjectOf, OptionalOf, Type
from tests.wire.aimock import Aimock
from tests.wire.conftest import Asking
from tests.wire.protocols import CLOUD, EVERY

pytestmark = pytest.mark.wire

ARTICLE = ObjectOf(
    "Article", (Field("title", STR), Field("words", INT), Field("tags", ListOf(STR)), Field("note", OptionalOf(STR)))
)


@pytest.mark.parametrize("provider", EVERY)
async def test_text_is_asked_for_and_returned_as_text(providers_server: Aimock, ask: Asking, provider: str) -> None:
    providers_server.says("Hello there.", userMessage="Say hello")
    assert await ask(providers_server, provider, STR) == "Hello there."
    [request] = providers_server.requests()
    assert "response_format" not in request["body"]
    assert not request["body"].get("tools")


@pytest.mark.parametrize("provider", EVERY)
async def test_an_object_is_returned_as_its_type_says(providers_server: Aimock, ask: Asking, provider: str) -> None:
    providers_server.says('{"title": "Tides", "words": 300, "tags": ["sea"], "note": null}')
    value = await ask(providers_server, provider, ARTICLE)
    assert value == {"title": "Tides", "words": 300, "tags": ["sea"], "note": None}


@pytest.mark.parametrize("provider", EVERY)
@pytest.mark.parametrize(
    ("output", "reply", "value"),
    [
        (EnumOf(("billing", "other")), '{"topic": "billing"}', "billing"),
        (ListOf(STR), '{"topic": ["a", "b"]}', ["a", "b"]),
        (INT, '{"topic": 7}', 7),
        (BOOL, '{"topic": true}', True),
        (OptionalOf(STR), '{"topic": null}', None),
    ],
    ids=["enum", "list", "int", "bool", "optional"],
)
async def test_what_is_no_object_is_wrapped_and_unwrapped(
    providers_server: Aimock, ask: Asking, provider: str, output: Type, reply: str, value: Any
) -> None:
    providers_server.says(reply)
    assert await ask(providers_server, provider, output, name="topic") == value


@pytest.mark.parametrize(
    ("provider", "cost_usd"),
    [
        ("openai", 1000 * 7.5e-07 + 100 * 4.5e-06),
        ("anthropic", 1000 * 1e-06 + 100 * 5e-06),
        ("gemini", 1000 * 3e-07 + 100 * 2.5e-06),
    ],
)
async def test_usage_and_cost_are_reported(
    providers_server: Aimock, ask: Asking, provider: str, cost_usd: float
) -> None:
    providers_server.says("Hello.", tokens=(1000, 100))
    await ask(providers_server, provider, STR)
    [call] = ask.calls
    assert (call.model, call.stop_reason, call.error) == (providers_server.model(provider), "stop", "")
    assert (call.usage.input_tokens, call.usage.output_tokens) == (1000, 100)
    assert call.cost_usd == pytest.approx(cost_usd)
    assert 0 < call.latency_s < 20


@pytest.mark.parametrize("provider", EVERY)
@pytest.mark.parametrize(
    ("status", "kind", "code", "retryable"),
    [
        (400, "invalid_request_error", "bad_request", False),
        (401, "authentication_error", "auth", False),
        (403, "permission_error", "auth", False),
        (404, "not_found_error", "unknown_model", False),
        (429, "rate_limit_error", "rate_limit", True),
        (500, "api_error", "server_error", True),
        (503, "overloaded_error", "server_error", True),
        (529, "overloaded_error", "server_error", True),
    ],
)
async def test_errors_are_classified(
    providers_server: Aimock, ask: Asking, provider: str, status: int, kind: str, code: str, retryable: bool
) -> None:
    providers_server.fails(status, "That went wrong", kind)
    with pytest.raises(ModelError) as caught:
        await ask(providers_server, provider, STR)
    error = caught.value
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
    assert len(providers_server.requests()) == 1, "the gateway decides on retries, not LiteLLM"
    assert [call.error for call in ask.calls] == [code]


@pytest.mark.parametrize("provider", CLOUD)
async def test_when_to_try_again_is_told(providers_server: Aimock, ask: Asking, provider: str) -> None:
    providers_server.fails(429, "Slow down", "rate_limit_error", retry_after=7)
    with pytest.raises(ModelError) as caught:
        await ask(providers_server, provider, STR)
    assert caught.value.retry_after == 7
    assert "7 s" in caught.value.hint
