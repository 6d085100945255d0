"""Calls that fail: each is told apart by the provider's own answer, says how to mend it, and keeps keys to itself."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from configurable_agents.errors import ModelError
from configurable_agents.spec.types import INT, STR
from tests.wire.conftest import KEY, Asking
from tests.wire.protocols import CLOUD, EVERY, PROTOCOLS
from tests.wire.scripted import Scripted

NOISE = ("litellm", "Exception", "Error:", "Traceback", "Give Feedback", "{", "http://docs")


async def failure(ask: Asking, scripted: Scripted, provider: str, **settings: object) -> ModelError:
    """The error of a call, after looking that it reads well."""
    with pytest.raises(ModelError) as caught:
        await ask(scripted, provider, STR, **settings)  # type: ignore[arg-type]
    error = caught.value
    assert not [noise for noise in NOISE if noise in str(error).replace("litellm/", "")], str(error)
    assert KEY not in str(error)
    assert "\n" not in error.message
    assert error.message.endswith((".", "!", "?", "…"))
    assert [call.error for call in ask.calls] == [error.code]
    return error


@pytest.mark.parametrize("provider", EVERY)
@pytest.mark.parametrize(
    ("status", "message", "kind", "code", "retryable"),
    [
        (400, "temperature has to be below 2", "invalid_request_error", "bad_request", False),
        (400, "prompt is too long: 300000 tokens > 200000 maximum", "invalid_request_error", "context_length", False),
        (400, "This model's maximum context length is 8192 tokens", "context_length_exceeded", "context_length", False),
        (400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", "auth", False),
        (400, "Your credit balance is too low to access the API", "invalid_request_error", "quota", False),
        (400, "The response was filtered by the content management policy", "content_filter", "content_filter", False),
        (402, "Insufficient Balance", "unknown_error", "quota", False),
        (408, "Request timed out", "timeout", "timeout", True),
        (409, "Conflict", "conflict", "server_error", True),
        (413, "Request too large", "request_too_large", "context_length", False),
        (429, "Rate limit reached", "rate_limit_error", "rate_limit", True),
        (429, "You exceeded your current quota, check your billing", "insufficient_quota", "quota", False),
        (502, "Bad gateway", "api_error", "server_error", True),
        (504, "Gateway timeout", "api_error", "server_error", True),
        (529, "Overloaded", "overloaded_error", "server_error", True),
    ],
)
async def test_by_status_and_body(
    scripted: Scripted, ask: Asking, provider: str, status: int, message: str, kind: str, code: str, retryable: bool
) -> None:
    scripted.fails(status, message, kind)
    error = await failure(ask, scripted, provider)
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
    assert error.hint
    assert error.code == "auth" or message in error.message
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("provider", CLOUD)
async def test_a_refused_key_names_the_variable_and_not_the_key(
    scripted: Scripted, ask: Asking, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    variable = PROTOCOLS[provider].key
    monkeypatch.setenv(variable, KEY)
    scripted.fails(401, f"Incorrect API key provided: {KEY}", "authentication_error")
    error = await failure(ask, scripted, provider, api_key=None)
    assert error.code == "auth"
    assert variable in error.hint


@pytest.mark.parametrize("provider", CLOUD)
async def test_a_key_in_the_provider_s_words_is_masked(scripted: Scripted, ask: Asking, provider: str) -> None:
    scripted.fails(403, f"{KEY} may not do that, nor may sk-another-0123456789", "permission_error")
    error = await failure(ask, scripted, provider)
    assert "*** may not do that, nor may ***" in error.message


@pytest.mark.parametrize("provider", CLOUD)
async def test_a_missing_key_is_found_before_the_call(scripted: Scripted, ask: Asking, provider: str) -> None:
    error = await failure(ask, scripted, provider, api_key=None, api_base=None)
    assert error.code == "auth"
    assert f"Set {PROTOCOLS[provider].key} in the environment" in error.hint
    assert error.status is None


async def test_an_empty_key_is_a_missing_one(scripted: Scripted, ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    error = await failure(ask, scripted, "openai", api_key=None, api_base=None)
    assert "OPENAI_API_KEY is not set" in error.message


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("opnai/gpt-5.4-mini", "Did you mean 'openai/gpt-5.4-mini'?"),
        ("zzzzzz/x", "The part before the / names the provider"),
        ("some-model", "Write it as provider/model"),
        ("openai/", "Write it as provider/model"),
    ],
)
async def test_a_model_of_no_provider(scripted: Scripted, ask: Asking, model: str, hint: str) -> None:
    error = await failure(ask, scripted, "openai", model=model)
    assert error.code == "unknown_model"
    assert model in error.message
    assert hint in error.hint


async def test_a_model_that_ollama_does_not_have(scripted: Scripted, ask: Asking) -> None:
    scripted.fails(404, "model 'llama3.2' not found", "not_found")
    error = await failure(ask, scripted, "ollama")
    assert error.code == "unknown_model"
    assert "ollama pull llama3.2" in error.hint


async def test_a_setting_that_a_model_does_not_take_is_refused(scripted: Scripted, ask: Asking) -> None:
    error = await failure(ask, scripted, "openai", model="openai/gpt-5-mini", temperature=0.2)
    assert error.code == "bad_request"
    assert "temperature=0.2" in error.message
    assert not error.retryable
    assert not scripted.requests


@pytest.mark.parametrize("provider", EVERY)
async def test_a_server_that_is_not_there(scripted: Scripted, ask: Asking, provider: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        error = await failure(ask, scripted, provider, api_base=address)
    assert (error.code, error.retryable) == ("connection", True)
    assert error.message == f"{address} can't be reached for {scripted.model(provider)}: connection refused."
    assert ("ollama serve" in error.hint) == (provider == "ollama")


@pytest.mark.parametrize("provider", EVERY)
async def test_an_address_that_is_none(scripted: Scripted, ask: Asking, provider: str) -> None:
    error = await failure(ask, scripted, provider, api_base="localhost/v1")
    assert (error.code, error.retryable) == ("bad_request", False)
    assert "http://" in error.hint


@pytest.mark.parametrize("provider", EVERY)
async def test_a_connection_that_breaks(scripted: Scripted, ask: Asking, provider: str) -> None:
    scripted.sends(b"{", content_length="1000", connection="close")
    error = await failure(ask, scripted, provider, timeout=5.0)
    assert (error.code, error.retryable) == ("connection_lost", True)
    assert "broke before" in error.message
    assert len(scripted.requests) == 1, "the provider may charge for each"
    assert ask.calls[0].cost_usd is None


@pytest.mark.parametrize("provider", EVERY)
async def test_a_server_that_does_not_answer(scripted: Scripted, ask: Asking, provider: str) -> None:
    scripted.hangs()
    started = time.monotonic()
    error = await failure(ask, scripted, provider, timeout=0.3)
    assert time.monotonic() - started < 5
    assert (error.code, error.retryable) == ("timeout", True)
    assert "did not answer within 0.3 s" in error.message
    assert ask.calls[0].cost_usd is None, "the provider may charge for it"


@pytest.mark.parametrize("provider", EVERY)
@pytest.mark.parametrize("body", [b"this is no JSON", {"unexpected": 1}, b""], ids=["text", "object", "nothing"])
async def test_an_answer_that_can_not_be_read(scripted: Scripted, ask: Asking, provider: str, body: object) -> None:
    scripted.sends(body)
    error = await failure(ask, scripted, provider)
    assert (error.code, error.retryable) == ("server_error", True)
    assert ask.calls[0].cost_usd is None


@pytest.mark.parametrize("provider", EVERY)
async def test_a_page_of_a_proxy(scripted: Scripted, ask: Asking, provider: str) -> None:
    scripted.sends(b"<html><h1>502 Bad Gateway</h1></html>", 502, content_type="text/html")
    error = await failure(ask, scripted, provider)
    assert (error.code, error.status, error.retryable) == ("server_error", 502, True)
    assert "<" not in error.message


@pytest.mark.parametrize("provider", EVERY)
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry_after": "7"}, 7.0), ({"retry_after": "0.25"}, 0.25), ({"retry_after_ms": "1500"}, 1.5), ({}, None)],
)
async def test_when_to_try_again(
    scripted: Scripted, ask: Asking, provider: str, headers: dict[str, str], seconds: float | None
) -> None:
    scripted.fails(429, "Slow down", "rate_limit_error", **headers)
    error = await failure(ask, scripted, provider)
    assert error.retry_after == seconds


async def test_when_to_try_again_as_a_date(scripted: Scripted, ask: Asking) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    scripted.fails(503, "Overloaded", "overloaded", retry_after=date)
    error = await failure(ask, scripted, "openai")
    assert error.retry_after == pytest.approx(30, abs=3)


async def test_gemini_s_quota_with_a_delay_is_a_rate(scripted: Scripted, ask: Asking) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"}]
    message = "You exceeded your current quota, please check your plan and billing details."
    body = {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}}
    scripted.sends(body, 429)
    error = await failure(ask, scripted, "gemini")
    assert (error.code, error.retryable, error.retry_after) == ("rate_limit", True, 36.0)


async def test_a_failure_is_no_repair(scripted: Scripted, ask: Asking) -> None:
    scripted.says('{"value": "x"}')
    scripted.fails(500, "Boom", "api_error")
    with pytest.raises(ModelError, match="server_error"):
        await ask(scripted, "openai", INT)
    assert [call.error for call in ask.calls] == ["reply_invalid", "server_error"]
