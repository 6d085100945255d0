"""Every model that LiteLLM knows. LiteLLM is the codec: retries, limits, fallbacks and cache are the gateway's."""

from __future__ import annotations

from configurable_agents.builtins.providers.litellm.provider import LiteLLMProvider

__all__ = ["LiteLLMProvider"]
