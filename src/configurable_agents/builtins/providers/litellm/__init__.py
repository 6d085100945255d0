"""Every model that LiteLLM knows. LiteLLM only speaks the providers' protocols: asking again is the gateway's."""

from __future__ import annotations

from configurable_agents.builtins.providers.litellm.provider import LiteLLMProvider

__all__ = ["LiteLLMProvider"]
