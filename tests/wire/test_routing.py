"""Which provider is asked, and what becomes of one that misbehaves."""

from __future__ import annotations

import asyncio
import threading

import pytest

from configurable_agents.builtins.providers.litellm import LiteLLMProvider
from configurable_agents.errors import ModelError, SettingsError
from configurable_agents.gateway.calls import CallRecord, Target
from configurable_agents.gateway.gateway import Gateway
from configurable_agents.plugins.models import (
    Message,
    ModelRequest,
    ModelResponse,
    ModelSettings,
    StructuredMode,
    Usage,
)
from configurable_agents.plugins.threads import in_daemon_thread
from configurable_agents.spec.types import INT, STR, Type
from tests.wire.conftest import Asking
from tests.wire.scripted import Scripted


class Acme:
    """A provider as anyone may write one: it says the model's name, in JSON when asked to."""

    def check(self, model: str, settings: ModelSettings) -> None:
        if model == "acme/none":
            raise SettingsError("unknown_model", "Acme has no model 'none'.")

    def structured(self, model: str) -> StructuredMode:
        if model == "acme/odd":
            raise ZeroDivisionError("no such thing")
        return "native"

    async def complete(self, request: ModelRequest) -> ModelResponse:
        if request.model == "acme/broken":
            raise KeyError("choices")
        if request.model == "acme/bare":
            raise SettingsError("missing_extra", "Acme is not installed.", "pip install acme")
        return ModelResponse(request.model if request.output is None else '{"value": 7}', Usage(1, 1), 0.5)


async def say(gateway: Gateway, model: str, calls: list[CallRecord], output: Type = STR) -> object:
    async def on_call(record: CallRecord) -> None:
        calls.append(record)

    return await gateway.ask([Message("user", "hi")], output, Target(model), on_call)


@pytest.mark.parametrize("model", ["acme/large-1", "acme"])
async def test_a_registered_provider_is_asked_by_its_prefix_or_name(model: str) -> None:
    calls: list[CallRecord] = []
    assert await say(Gateway({"litellm": LiteLLMProvider, "acme": Acme}), model, calls) == model
    assert [(call.model, call.cost_usd) for call in calls] == [(model, 0.5)]


async def test_anything_else_goes_to_litellm(scripted: Scripted) -> None:
    ask = Asking(Gateway({"litellm": LiteLLMProvider, "acme": Acme}))
    scripted.says("from the net")
    assert await ask(scripted, "openai", STR) == "from the net"


async def test_a_provider_is_made_once_and_not_before_it_is_asked() -> None:
    made: list[Acme] = []

    def make() -> Acme:
        made.append(Acme())
        return made[-1]

    gateway = Gateway({"acme": make})
    assert not made
    for _ in range(3):
        await say(gateway, "acme/x", [])
    assert len(made) == 1


async def test_without_a_provider_for_it_a_model_is_unknown() -> None:
    with pytest.raises(ModelError, match="unknown_model: No provider is installed for the model 'openai/x'"):
        await say(Gateway({"acme": Acme}), "openai/x", [])


@pytest.mark.parametrize(("model", "said"), [("acme/broken", "KeyError: 'choices'"), ("acme/odd", "ZeroDivisionError")])
async def test_whatever_a_provider_raises_becomes_a_typed_error(model: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        await say(Gateway({"acme": Acme}), model, [], INT)
    assert caught.value.code == "provider_failed"
    assert said in caught.value.message
    assert "'acme'" in caught.value.hint


async def test_a_typed_error_of_a_provider_stays_what_it_is() -> None:
    calls: list[CallRecord] = []
    with pytest.raises(SettingsError, match="pip install acme"):
        await say(Gateway({"acme": Acme}), "acme/bare", calls)
    assert [call.error for call in calls] == ["missing_extra"]


async def test_a_provider_may_refuse_a_model_before_anything_runs() -> None:
    gateway = Gateway({"acme": Acme})
    gateway.check(Target("acme/large-1"))
    with pytest.raises(SettingsError, match="Acme has no model 'none'"):
        gateway.check(Target("acme/none"))


async def test_what_runs_in_a_thread_returns_and_raises_where_it_is_waited_for() -> None:
    assert await in_daemon_thread(lambda: threading.current_thread().daemon) is True
    with pytest.raises(ZeroDivisionError):
        await in_daemon_thread(lambda: 1 // 0)


async def test_a_thread_that_nobody_waits_for_any_more_is_let_go() -> None:
    goes_on = threading.Event()
    waiting = asyncio.create_task(in_daemon_thread(lambda: goes_on.wait(10)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    goes_on.set()
    await asyncio.sleep(0.05)
