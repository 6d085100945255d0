"""Servers that speak the providers' protocols, and the gateway in front of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from configurable_agents.builtins.providers.litellm import LiteLLMProvider
from configurable_agents.gateway.calls import CallRecord, Target
from configurable_agents.gateway.gateway import Gateway
from configurable_agents.plugins.models import Message, ModelSettings
from configurable_agents.spec.types import Type
from tests.wire import aimock
from tests.wire.aimock import Aimock
from tests.wire.protocols import Server
from tests.wire.scripted import Scripted

KEY = "sk-wire-0123456789abcdef"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys, addresses or proxies of whoever runs the tests."""
    for name in os.environ:
        if name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL", "_AUTH_TOKEN")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    for name in ("OLLAMA_HOST", "CONFIGURABLE_AGENTS_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def aimock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    if not (aimock.PROGRAM.exists() and aimock.node()) and not os.environ.get("CI"):
        pytest.skip("aimock is not installed: `make wire` installs it")
    with aimock.running(tmp_path_factory.mktemp("aimock")) as server:
        yield server


@pytest.fixture
def providers_server(aimock_server: Aimock) -> Aimock:
    """A server that speaks the protocols of all providers; the test says what it replies."""
    aimock_server.reset()
    return aimock_server


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A server of ours, for what the other can't do; every reply that was queued has to have been asked for."""
    server = Scripted()
    yield server
    server.close()
    assert not server.queue, "replies that nobody asked for"


@dataclass
class Asking:
    """The gateway, and the calls that it reported."""

    gateway: Gateway = field(default_factory=lambda: Gateway({"litellm": LiteLLMProvider}))
    calls: list[CallRecord] = field(default_factory=list)

    async def __call__(
        self,
        server: Server,
        provider: str,
        output: Type,
        prompt: str = "Say hello",
        *,
        model: str | None = None,
        name: str = "value",
        **settings: Any,
    ) -> Any:
        settings = {"api_key": KEY, "api_base": server.api_base(provider), "timeout": 20.0, **settings}
        target = Target(model or server.model(provider), ModelSettings(**settings))
        messages = [Message("system", "Be brief"), Message("user", prompt)]

        async def on_call(record: CallRecord) -> None:
            self.calls.append(record)

        return await self.gateway.ask(messages, output, target, on_call, name=name)


@pytest.fixture
def ask() -> Asking:
    return Asking()
