"""From the name of a model to the provider it is at, its key, and what LiteLLM knows of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from configurable_agents.builtins.providers.litellm.library import Library
from configurable_agents.errors import ModelError
from configurable_agents.plugins.models import ModelSettings, StructuredMode
from configurable_agents.plugins.ollama import ollama_address
from configurable_agents.spec.suggest import nearest

# The variables that LiteLLM takes a provider's key from, for those that can't be reached without one.
KEY_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "cerebras": ("CEREBRAS_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "groq": ("GROQ_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY", "OR_API_KEY"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_AI_TOKEN", "TOGETHER_API_KEY"),
    "xai": ("XAI_API_KEY",),
}

# What their people call them; the others are called as LiteLLM has them.
_TITLES: Mapping[str, str] = {
    "anthropic": "Anthropic", "azure": "Azure", "bedrock": "Bedrock", "cerebras": "Cerebras", "deepseek": "DeepSeek",
    "gemini": "Gemini", "groq": "Groq", "mistral": "Mistral", "ollama_chat": "Ollama", "openai": "OpenAI",
    "openrouter": "OpenRouter", "together_ai": "Together AI", "vertex_ai": "Vertex AI", "xai": "xAI",
}  # fmt: skip

# Where a call costs electricity only. A model that Ollama runs in its cloud is not local.
_LOCAL = frozenset({"docker_model_runner", "llamafile", "lm_studio", "ollama_chat"})


@dataclass(frozen=True, slots=True)
class Route:
    """Where a model is: `model` is its full name as LiteLLM takes it, `name` what its provider calls it."""

    model: str
    provider: str
    name: str

    @property
    def is_local(self) -> bool:
        return self.provider in _LOCAL and not self.name.endswith("-cloud")

    @property
    def title(self) -> str:
        """The provider as an error names it."""
        return _TITLES.get(self.provider, self.provider)

    @property
    def key_variable(self) -> str:
        """The environment variable that its key is expected in."""
        guess = f"{self.provider.removesuffix('_chat').upper()}_API_KEY"
        return KEY_VARIABLES.get(self.provider, (guess,))[0]

    def keys(self, settings: ModelSettings) -> list[str]:
        """The keys that a call may be made with, as far as they are known of."""
        variables = KEY_VARIABLES.get(self.provider, (self.key_variable,))
        return [key for key in (settings.api_key, *map(os.environ.get, variables)) if key]

    def api_base(self, settings: ModelSettings) -> str | None:
        """The URL to call, None for the provider's own; without a slash at its end, which would be doubled."""
        if settings.api_base:
            return settings.api_base.rstrip("/")
        return ollama_address(os.environ) if self.provider == "ollama_chat" else None

    def structured(self, library: Library) -> StructuredMode:
        """How the model is best made to answer in a schema."""
        # LiteLLM's map knows nothing of Ollama's models; Ollama constrains all of them by itself.
        if self.provider == "ollama_chat" or library.supports_response_schema(self.model):
            return "native"
        return "tool" if library.supports_function_calling(self.model) else "prompt"

    def known(self, library: Library) -> Mapping[str, object]:
        """What LiteLLM's map has on the model: limits, prices; empty where it does not have it."""
        return library.model_cost.get(self.model) or library.model_cost.get(self.name) or {}


def route_of(model: str, library: Library) -> Route:
    """Where `model` is.

    Raises:
        ModelError: `unknown_model`, no provider is known for it.
    """
    full = model.removeprefix("litellm/")
    if full.startswith("ollama/"):
        # Ollama's older interface has neither roles nor a schema.
        full = f"ollama_chat/{full.removeprefix('ollama/')}"
    try:
        name, provider, _, _ = library.get_llm_provider(full)
    except Exception:  # noqa: BLE001  # what it raises is not documented; whatever it is, it knows no provider
        raise _unknown(model, library) from None
    if not name:
        raise ModelError("unknown_model", f"'{model}' names a provider, but no model.", "Write it as provider/model.")
    return Route(full, provider, name)


def missing_key(route: Route, settings: ModelSettings) -> tuple[str, str] | None:
    """What is wrong and how to mend it where a call can only fail for want of a key; else None."""
    own_server = settings.api_base or any(
        os.environ.get(f"{route.provider.upper()}_{end}") for end in ("API_BASE", "BASE_URL")
    )
    sends_its_own = any(name.lower() in {"authorization", "x-api-key"} for name in settings.headers)
    if route.provider in KEY_VARIABLES and not (own_server or sends_its_own or route.keys(settings)):
        message = f"There is no API key for {route.model}: {route.key_variable} is not set."
        return message, f"Set {route.key_variable} in the environment, or use another model."
    return None


def _unknown(model: str, library: Library) -> ModelError:
    prefix, slash, name = model.partition("/")
    if not slash:
        hint = "Write it as provider/model, like openai/gpt-5.4-mini, ollama_chat/llama3.2, or demo."
        return ModelError("unknown_model", f"It is not known who provides the model '{model}'.", hint)
    near = nearest(prefix, [str(getattr(known, "value", known)) for known in library.provider_list])
    if near and near != prefix:
        hint = f"Did you mean '{near}/{name}'?"
    else:
        hint = "The part before the / names the provider, as in openai/gpt-5.4-mini or ollama_chat/llama3.2."
    return ModelError("unknown_model", f"There is no model provider '{prefix}' (for '{model}').", hint)
