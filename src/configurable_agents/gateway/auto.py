"""What `model: auto` stands for on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from configurable_agents.plugins.ollama import ollama_address

VARIABLE = "CONFIGURABLE_AGENTS_MODEL"

# Environment variable of a provider's key -> the model to begin with: small, cheap, takes a JSON schema and a
# temperature. In the order they are tried.
DEFAULT_MODELS: Mapping[str, str] = {
    "OPENAI_API_KEY": "openai/gpt-5.4-mini",
    "ANTHROPIC_API_KEY": "anthropic/claude-haiku-4-5",
    "GEMINI_API_KEY": "gemini/gemini-2.5-flash",
    "MISTRAL_API_KEY": "mistral/mistral-small-latest",
    "GROQ_API_KEY": "groq/openai/gpt-oss-120b",
    "DEEPSEEK_API_KEY": "deepseek/deepseek-v4-flash",
    "XAI_API_KEY": "xai/grok-4.3",
    "CEREBRAS_API_KEY": "cerebras/gpt-oss-120b",
    "TOGETHERAI_API_KEY": "together_ai/openai/gpt-oss-120b",
    "OPENROUTER_API_KEY": "openrouter/openai/gpt-5.4-mini",
}

# Answering takes a running Ollama a few milliseconds; where none listens, the refusal comes at once.
_OLLAMA_TIMEOUT_S = 0.3

_EMBEDS = re.compile(r"embed|minilm|rerank|paraphrase|(^|/)bge-", re.IGNORECASE)


async def resolve_auto(environment: Mapping[str, str] | None = None) -> tuple[str, str]:
    """The model that `auto` stands for, and why, as a short clause.

    CONFIGURABLE_AGENTS_MODEL if it is set, else the first model of a local Ollama, else a model of the first provider
    whose key is in the environment, else `demo`.
    """
    env = os.environ if environment is None else environment
    chosen = env.get(VARIABLE, "").strip()
    if chosen and chosen != "auto":
        return chosen, f"{VARIABLE} says so"
    address = ollama_address(env)
    name = await _first_ollama_model(address)
    if name:
        return f"ollama_chat/{name}", f"the first model of Ollama at {address}"
    for variable, model in DEFAULT_MODELS.items():
        if env.get(variable, "").strip():
            return model, f"the first key found: {variable}"
    return "demo", "no Ollama with a model and no API key found"


async def _first_ollama_model(address: str) -> str | None:
    import httpx

    try:
        # A proxy that the environment names is for the internet, not for this machine.
        async with httpx.AsyncClient(timeout=_OLLAMA_TIMEOUT_S, trust_env=False) as client:
            response = await client.get(f"{address}/api/tags")
            listed = response.raise_for_status().json()["models"]
            return next((entry["name"] for entry in listed if _chats_here(entry)), None)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError, AttributeError):
        return None  # nothing listens there, or it is no Ollama


def _chats_here(entry: Mapping[str, Any]) -> bool:
    """Whether a model of Ollama's list can answer a prompt, on this machine."""
    if entry.get("remote_host") or entry["name"].endswith("-cloud"):
        return False
    capabilities = entry.get("capabilities")
    if capabilities is not None:
        return "completion" in capabilities
    family = str((entry.get("details") or {}).get("family") or "")
    return "bert" not in family and not _EMBEDS.search(entry["name"])
