"""What `model: auto` stands for, with an Ollama that is a real HTTP server."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Any

import pytest

from configurable_agents.builtins.providers.litellm import LiteLLMProvider
from configurable_agents.builtins.providers.litellm.library import load
from configurable_agents.builtins.providers.litellm.routes import KEY_VARIABLES
from configurable_agents.gateway.auto import DEFAULT_MODELS, resolve_auto
from configurable_agents.plugins.ollama import ollama_address
from tests.wire.scripted import Scripted


def tags(*names: str, **more: Any) -> dict[str, Any]:
    """What Ollama answers to GET /api/tags."""
    return {"models": [{"name": name, "model": name, "details": {"family": "llama"}, **more} for name in names]}


@pytest.fixture
def nowhere() -> Any:
    """An address where nothing listens, for as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


async def test_what_the_variable_says_goes_first(scripted: Scripted) -> None:
    environment = {
        "CONFIGURABLE_AGENTS_MODEL": "groq/x",
        "OLLAMA_HOST": scripted.url,
        "OPENAI_API_KEY": "k",
    }
    assert await resolve_auto(environment) == ("groq/x", "CONFIGURABLE_AGENTS_MODEL says so")
    assert not scripted.requests


@pytest.mark.parametrize("variable", ["OLLAMA_HOST", "OLLAMA_API_BASE"])
async def test_a_local_ollama_goes_before_keys(scripted: Scripted, variable: str) -> None:
    scripted.sends(tags("llama3.2:latest", "qwen3:8b"))
    environment = {variable: scripted.url, "OPENAI_API_KEY": "k", "CONFIGURABLE_AGENTS_MODEL": "auto"}
    model, why = await resolve_auto(environment)
    assert model == "ollama_chat/llama3.2:latest"
    assert why == f"the first model of Ollama at {scripted.url}"
    assert [(request.method, request.path) for request in scripted.requests] == [("GET", "/api/tags")]


async def test_the_environment_of_the_process_is_the_default(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", scripted.url.replace("127.0.0.1", "0.0.0.0"))  # noqa: S104
    scripted.sends(tags("llama3.2"))
    assert (await resolve_auto())[0] == "ollama_chat/llama3.2"


@pytest.mark.parametrize(
    "unfit",
    [
        tags("nomic-embed-text:latest"),
        tags("all-minilm"),
        tags("bge-m3"),
        tags("paraphrase-multilingual"),
        tags("something", details={"family": "nomic-bert"}),
        tags("something", capabilities=["embedding"]),
        tags("gpt-oss:120b-cloud"),
        tags("big", remote_host="https://ollama.com"),
    ],
    ids=lambda unfit: str(unfit["models"][0]["name"]),
)
async def test_a_model_that_can_not_chat_here_is_passed_over(scripted: Scripted, unfit: dict[str, Any]) -> None:
    both = {"models": [*unfit["models"], *tags("llama3.2")["models"]]}
    scripted.sends(both)
    assert (await resolve_auto({"OLLAMA_HOST": scripted.url}))[0] == "ollama_chat/llama3.2"
    scripted.sends(unfit)
    assert (await resolve_auto({"OLLAMA_HOST": scripted.url}))[0] == "demo"


@pytest.mark.parametrize("variable", DEFAULT_MODELS)
async def test_the_first_key_found(nowhere: str, variable: str) -> None:
    model, why = await resolve_auto({"OLLAMA_HOST": nowhere, variable: "k"})
    assert (model, why) == (DEFAULT_MODELS[variable], f"the first key found: {variable}")


async def test_an_empty_key_is_none(nowhere: str) -> None:
    environment = {"OLLAMA_HOST": nowhere, "OPENAI_API_KEY": " ", "MISTRAL_API_KEY": "k"}
    assert (await resolve_auto(environment))[0] == DEFAULT_MODELS["MISTRAL_API_KEY"]


async def test_with_nothing_it_is_the_demo(nowhere: str) -> None:
    model, why = await resolve_auto({"OLLAMA_HOST": nowhere})
    assert (model, why) == ("demo", "no Ollama with a model and no API key found")


@pytest.mark.parametrize(
    "body", [{"models": []}, {"models": None}, {}, [], b"<html>", {"models": ["a"]}, {"models": [{}]}]
)
async def test_what_is_no_ollama_is_none(scripted: Scripted, body: Any) -> None:
    scripted.sends(body)
    assert (await resolve_auto({"OLLAMA_HOST": scripted.url}))[0] == "demo"


async def test_an_ollama_that_hangs_is_not_waited_for(scripted: Scripted) -> None:
    scripted.hangs()
    started = time.monotonic()
    assert (await resolve_auto({"OLLAMA_HOST": scripted.url}))[0] == "demo"
    assert time.monotonic() - started < 2


async def test_a_proxy_of_the_environment_is_not_for_this_machine(
    scripted: Scripted, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{nowhere}")
    scripted.sends(tags("llama3.2"))
    assert (await resolve_auto({"OLLAMA_HOST": scripted.url}))[0] == "ollama_chat/llama3.2"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104
        ("0.0.0.0:11434", "http://127.0.0.1:11434"),
        (":5000", "http://127.0.0.1:5000"),
        ("ollama", "http://ollama:11434"),
        (" 'box:8080' ", "http://box:8080"),
        ("http://box", "http://box"),
        ("https://box/ollama/", "https://box/ollama"),
        ("[::]:11434", "http://[::1]:11434"),
        ("[fe80::2]", "http://[fe80::2]:11434"),
        ("box:port", "http://box:11434"),
    ],
)
def test_the_address_of_ollama(host: str, address: str) -> None:
    assert ollama_address({"OLLAMA_HOST": host}) == address


def test_every_default_model_has_a_price_and_takes_schemas() -> None:
    """The bundled price map is LiteLLM's: when a model leaves it or is given an end, the table has to follow."""
    model_cost: Mapping[str, Any] = load().model_cost
    provider = LiteLLMProvider()
    for model in DEFAULT_MODELS.values():
        name = model.removeprefix("openrouter/")  # OpenRouter's prices are not in the map
        known = model_cost.get(name) or model_cost[name.partition("/")[2]]
        assert known["output_cost_per_token"] > 0
        assert known["supports_response_schema"]
        assert not known.get("deprecation_date")
        assert provider.structured(model) == "native" or name != model


def test_every_key_that_is_looked_for_is_one_that_its_model_is_called_with() -> None:
    for variable, model in DEFAULT_MODELS.items():
        assert variable in KEY_VARIABLES[model.partition("/")[0]]
