"""What is sent to each provider, to the byte, and what is read from its answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from configurable_agents.errors import ModelError
from configurable_agents.spec.types import ANY, INT, STR, DictOf, Field, ObjectOf, Scalar, Type
from tests.wire.conftest import KEY, Asking
from tests.wire.protocols import CLOUD, EVERY
from tests.wire.scripted import Scripted

CITY = ObjectOf("City", (Field("name", Scalar("str", (("maxLength", 40),))), Field("people", INT)))
CITY_REPLY = '{"name": "Bergen", "people": 291940}'
REPLIES: dict[Type, str] = {CITY: CITY_REPLY, DictOf(INT): '{"value": {"a": 1}}', ANY: '{"value": [1, null]}'}


async def sent(scripted: Scripted, ask: Asking, provider: str, output: Type = STR, **settings: Any) -> Any:
    scripted.says(REPLIES.get(output, "ok"))
    await ask(scripted, provider, output, **settings)
    return scripted.requests[-1].body


async def test_the_path_of_each_provider(scripted: Scripted, ask: Asking) -> None:
    for provider in EVERY:
        await sent(scripted, ask, provider)
    assert [request.path for request in scripted.requests] == [
        "/v1/chat/completions",
        "/v1/messages",
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "/api/chat",
    ]


async def test_a_slash_at_the_end_of_api_base_is_not_doubled(scripted: Scripted, ask: Asking) -> None:
    await sent(scripted, ask, "ollama", api_base=f"{scripted.url}/")
    assert scripted.requests[-1].path == "/api/chat"


@pytest.mark.parametrize(
    ("provider", "header", "value"),
    [
        ("openai", "authorization", f"Bearer {KEY}"),
        ("anthropic", "x-api-key", KEY),
        ("gemini", "x-goog-api-key", KEY),
    ],
)
async def test_the_key_and_the_headers(scripted: Scripted, ask: Asking, provider: str, header: str, value: str) -> None:
    await sent(scripted, ask, provider, headers={"X-Team": "blue"})
    headers = {name.lower(): value for name, value in scripted.requests[-1].headers.items()}
    assert headers[header] == value
    assert headers["x-team"] == "blue"


async def test_temperature_and_max_tokens(scripted: Scripted, ask: Asking) -> None:
    settings: dict[str, Any] = {"temperature": 0.2, "max_tokens": 77}
    openai = await sent(scripted, ask, "openai", **settings)
    assert (openai["temperature"], openai["max_completion_tokens"]) == (0.2, 77)
    anthropic = await sent(scripted, ask, "anthropic", **settings)
    assert (anthropic["temperature"], anthropic["max_tokens"]) == (0.2, 77)
    gemini = (await sent(scripted, ask, "gemini", **settings))["generationConfig"]
    assert (gemini["temperature"], gemini["max_output_tokens"]) == (0.2, 77)
    ollama = (await sent(scripted, ask, "ollama", **settings))["options"]
    assert (ollama["temperature"], ollama["num_predict"]) == (0.2, 77)


async def test_what_is_not_set_is_not_sent(scripted: Scripted, ask: Asking) -> None:
    openai = await sent(scripted, ask, "openai")
    assert set(openai) == {"model", "messages"}
    assert (await sent(scripted, ask, "ollama"))["options"] == {}
    assert "generationConfig" not in await sent(scripted, ask, "gemini")


async def test_anthropic_is_told_a_limit_that_no_runaway_reply_makes_dear(scripted: Scripted, ask: Asking) -> None:
    assert (await sent(scripted, ask, "anthropic"))["max_tokens"] == 8192


async def test_the_native_schema_of_each_provider(scripted: Scripted, ask: Asking) -> None:
    openai = (await sent(scripted, ask, "openai", CITY))["response_format"]["json_schema"]
    assert (openai["name"], openai["strict"]) == ("City", True)
    # OpenAI's strict mode refuses maxLength.
    assert openai["schema"]["properties"]["name"] == {"type": "string", "description": "at most 40 characters"}
    anthropic = (await sent(scripted, ask, "anthropic", CITY))["output_format"]
    assert list(anthropic["schema"]["properties"]) == ["name", "people"]
    gemini = (await sent(scripted, ask, "gemini", CITY))["generationConfig"]
    assert list(gemini["response_json_schema"]["properties"]) == ["name", "people"]
    ollama = await sent(scripted, ask, "ollama", CITY)
    assert ollama["format"]["properties"]["name"] == {"type": "string", "maxLength": 40}


@pytest.mark.parametrize("output", [DictOf(INT), ANY], ids=str)
async def test_what_openai_can_not_be_strict_about_is_not_strict(scripted: Scripted, ask: Asking, output: Type) -> None:
    body = await sent(scripted, ask, "openai", output)
    assert body["response_format"]["json_schema"]["strict"] is False


async def test_a_model_without_schemas_but_with_tools_is_made_to_call_one(scripted: Scripted, ask: Asking) -> None:
    scripted.calls_tool("City", CITY_REPLY)
    value = await ask(scripted, "openai", CITY, model="openai/gpt-4")
    assert value == {"name": "Bergen", "people": 291940}
    body = scripted.requests[-1].body
    assert body["tool_choice"] == {"type": "function", "function": {"name": "City"}}
    assert body["tools"][0]["function"]["parameters"]["required"] == ["name", "people"]


@pytest.mark.parametrize("model", ["ollama/llama3.2", "litellm/ollama_chat/llama3.2"])
async def test_other_names_of_ollama_go_the_same_way(scripted: Scripted, ask: Asking, model: str) -> None:
    await sent(scripted, ask, "ollama", model=model)
    assert [request.path for request in scripted.requests] == ["/api/chat"]


async def test_ollama_costs_nothing_and_counts(scripted: Scripted, ask: Asking) -> None:
    scripted.says(CITY_REPLY, tokens=(120, 30))
    await ask(scripted, "ollama", CITY)
    [call] = ask.calls
    assert (call.usage.input_tokens, call.usage.output_tokens, call.cost_usd) == (120, 30, 0.0)
    # No look-up of prices or abilities at the server.
    assert [request.path for request in scripted.requests] == ["/api/chat"]


@pytest.mark.parametrize(
    "model", ["ollama_chat/gpt-oss:120b-cloud", "openai/a-model-of-ones-own", "gemini/gemma-4-31b-it"]
)
async def test_an_unknown_price_is_unknown(scripted: Scripted, ask: Asking, model: str) -> None:
    provider = {"ollama_chat": "ollama"}.get(model.partition("/")[0], model.partition("/")[0])
    await sent(scripted, ask, provider, model=model)
    assert [call.cost_usd for call in ask.calls] == [None]


async def test_missing_usage_has_no_cost(scripted: Scripted, ask: Asking) -> None:
    message = {"role": "assistant", "content": "Hello."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    scripted.sends({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
    await ask(scripted, "openai", STR)
    assert [(call.usage.output_tokens, call.cost_usd) for call in ask.calls] == [(0, None)]


async def test_a_server_of_ones_own_needs_no_key(scripted: Scripted, ask: Asking) -> None:
    await sent(scripted, ask, "openai", api_key=None)
    assert KEY not in str(scripted.requests[-1].headers)


@pytest.mark.parametrize("provider", CLOUD)
async def test_keys_come_from_the_environment(
    scripted: Scripted, ask: Asking, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "of-the-environment")
    await sent(scripted, ask, provider, api_key=None)
    assert "of-the-environment" in str(scripted.requests[-1].headers)


async def test_ollama_is_called_where_its_host_variable_says(
    scripted: Scripted, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", scripted.url.removeprefix("http://").replace("127.0.0.1", "0.0.0.0"))  # noqa: S104
    await sent(scripted, ask, "ollama", api_base=None)
    assert scripted.requests[-1].path == "/api/chat"


async def test_cancelling_ends_the_call(scripted: Scripted, ask: Asking) -> None:
    scripted.hangs()
    call = asyncio.create_task(ask(scripted, "openai", STR))
    assert await asyncio.to_thread(scripted.called.wait, 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_many_calls_at_once(scripted: Scripted, ask: Asking) -> None:
    for _ in range(40):
        scripted.says("ok")
    assert await asyncio.gather(*(ask(scripted, "openai", STR) for _ in range(40))) == ["ok"] * 40


async def test_what_models_can_do_is_found_without_stopping_the_loop(ask: Asking, scripted: Scripted) -> None:
    with pytest.raises(ModelError, match="unknown_model"):
        await ask(scripted, "openai", CITY, model="nobody/knows")
