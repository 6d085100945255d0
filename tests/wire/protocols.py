"""The providers that are spoken to: what their models are called here, and where their APIs begin on a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """`path` is what api_base ends in, `key` the variable that LiteLLM reads the provider's key from."""

    name: str
    model: str
    path: str
    key: str


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol("openai", "openai/gpt-5.4-mini", "/v1", "OPENAI_API_KEY"),
        Protocol("anthropic", "anthropic/claude-haiku-4-5", "", "ANTHROPIC_API_KEY"),
        Protocol("gemini", "gemini/gemini-2.5-flash", "/v1beta", "GEMINI_API_KEY"),
        Protocol("ollama", "ollama_chat/llama3.2", "", ""),
    )
}

EVERY = tuple(PROTOCOLS)
CLOUD = tuple(name for name, protocol in PROTOCOLS.items() if protocol.key)


class Server:
    """A server that speaks all of `PROTOCOLS` at `url`."""

    url: str

    def api_base(self, provider: str) -> str:
        """What a model of `provider` has to have as its api_base to be called here."""
        return self.url + PROTOCOLS[provider].path

    def model(self, provider: str) -> str:
        """A model of `provider`, as a workflow names it; its price is known."""
        return PROTOCOLS[provider].model
