"""The one way to a model: messages and a type in, a checked value out, every call reported."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from configurable_agents.errors import ConfigurableAgentsError, ModelError
from configurable_agents.gateway.calls import CallRecord, OnCall, Recall, Target
from configurable_agents.gateway.replies import ReplyProblem, asked_again, read_reply, reply_invalid
from configurable_agents.gateway.routing import provider_of
from configurable_agents.gateway.structured import Wanted, instructed, schema_instruction, wanted
from configurable_agents.plugins.models import (
    Message,
    ModelProvider,
    ModelRequest,
    ModelResponse,
    OutputSchema,
    StructuredMode,
    Usage,
)
from configurable_agents.plugins.threads import in_daemon_thread
from configurable_agents.spec.types import Type

_NEVER_REACHED = frozenset({"auth", "bad_request", "connection", "unknown_model"})


class Gateway:
    """Asks models for values of a type.

    `providers` are factories by name, called when a model of theirs is first asked; `litellm` takes every model whose
    name does not begin with another's. One gateway may serve any number of concurrent runs.
    """

    def __init__(self, providers: Mapping[str, Callable[[], ModelProvider]]) -> None:
        self._factories = dict(providers)
        self._providers: dict[str, ModelProvider] = {}
        self._modes: dict[str, StructuredMode] = {}
        self._refused: set[tuple[str, str | None, Type]] = set()

    def check(self, target: Target) -> None:
        """Refuse a target that can't be called as things stand.

        Raises:
            SettingsError: what is missing, and how to get it.
        """
        self._provider(target.model).check(target.model, target.settings)

    async def ask(
        self,
        messages: Sequence[Message],
        output: Type,
        target: Target,
        on_call: OnCall,
        *,
        name: str = "value",
        recall: Recall = lambda request: None,
    ) -> Any:
        """What the model answers, as a value of type `output`.

        A `str` is asked for as plain text, any other type in JSON. A reply that does not fit the type is returned to
        the model once, with what is wrong with it. `name` is what a value that is no object is called in the JSON;
        `on_call` is awaited after each call of the provider, failed ones included; a request that `recall` knows the
        reply to is not sent.

        Raises:
            ModelError: the call failed (classified by the provider), or the reply did not fit: `reply_invalid`,
                `reply_truncated`, `content_filter`.
        """
        want, asking = wanted(output, name), _Asking(target, on_call, recall)
        if want.rules:
            messages = instructed(messages, want.rules)
        try:
            return await self._attempt(messages, want, asking)
        except ReplyProblem as problem:
            conversation = asked_again(messages, problem, want)
        try:
            return await self._attempt(conversation, want, asking)
        except ReplyProblem as problem:
            raise reply_invalid(target.model, problem, want) from None

    async def _attempt(self, messages: Sequence[Message], want: Wanted, asking: _Asking) -> Any:
        reply, target = await self._reply(messages, want, asking), asking.target
        error = ""
        try:
            return read_reply(reply.response, want, target.model, target.settings)
        except ReplyProblem:
            error = "reply_invalid"
            raise
        except ModelError as found:
            error = found.code
            raise
        finally:
            await asking.on_call(reply.record(error))

    async def _reply(self, messages: Sequence[Message], want: Wanted, asking: _Asking) -> _Reply:
        """A reply; not yet read, nor reported."""
        schema, target = want.schema, asking.target
        if schema is None:
            return await self._call(messages, None, "native", asking)
        mode = await self._mode(target, want.type)
        try:
            return await self._call(messages, schema, mode, asking)
        except ModelError as error:
            if error.code != "schema_refused" or mode == "prompt":
                raise
        # The map of what models can do is wrong about this one, or its provider knows only a part of JSON Schema.
        self._refused.add((target.model, target.settings.api_base, want.type))
        return await self._call(messages, schema, "prompt", asking)

    async def _mode(self, target: Target, output: Type) -> StructuredMode:
        if (target.model, target.settings.api_base, output) in self._refused:
            return "prompt"
        if target.model not in self._modes:
            provider = self._provider(target.model)
            try:
                # To answer, a provider may have to load a library that takes seconds.
                self._modes[target.model] = await in_daemon_thread(lambda: provider.structured(target.model))
            except Exception as error:  # noqa: BLE001  # as in _call
                raise _typed(target, error) from None
        return self._modes[target.model]

    async def _call(
        self,
        messages: Sequence[Message],
        schema: OutputSchema | None,
        mode: StructuredMode,
        asking: _Asking,
    ) -> _Reply:
        target = asking.target
        provider = self._provider(target.model)
        if schema is not None and mode == "prompt":
            messages = instructed(messages, schema_instruction(schema))
        request = ModelRequest(target.model, tuple(messages), target.settings, schema, mode)
        started = time.perf_counter()
        try:
            recalled = asking.recall(request)
            response = recalled or await provider.complete(request)
        except Exception as error:  # noqa: BLE001  # a provider is a plugin: whatever it raises becomes a ModelError
            failure = _typed(target, error)
            await asking.on_call(_failed(request, failure, time.perf_counter() - started))
            raise failure from None
        return _Reply(request, response, time.perf_counter() - started, recalled is not None)

    def _provider(self, model: str) -> ModelProvider:
        name = provider_of(model, self._factories)
        if name not in self._providers:
            if name not in self._factories:
                message = f"No provider is installed for the model '{model}'."
                known = ", ".join(sorted(self._factories)) or "none"
                raise ModelError("unknown_model", message, f"Providers are: {known}.")
            self._providers[name] = self._factories[name]()
        return self._providers[name]


@dataclass(frozen=True, slots=True)
class _Asking:
    """What stays the same in all the calls that one question may take."""

    target: Target
    on_call: OnCall
    recall: Recall


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply, and the seconds it took."""

    request: ModelRequest
    response: ModelResponse
    latency_s: float
    recalled: bool

    def record(self, error: str) -> CallRecord:
        response = self.response
        return CallRecord(
            self.request.model,
            response.usage,
            response.cost_usd,
            self.latency_s,
            response.stop_reason,
            error,
            self.request,
            response.text,
            self.recalled,
        )


def _failed(request: ModelRequest, error: ConfigurableAgentsError, latency_s: float) -> CallRecord:
    # A provider that answered with an error charges nothing, nor does one that was never reached; else it may have.
    answered = isinstance(error, ModelError) and error.status is not None
    free = answered or error.code in _NEVER_REACHED
    return CallRecord(request.model, Usage(), 0.0 if free else None, latency_s, error=error.code, request=request)


def _typed(target: Target, error: Exception) -> ConfigurableAgentsError:
    if isinstance(error, ConfigurableAgentsError):
        return error
    name = target.model.partition("/")[0]
    message = f"The provider of {target.model} failed: {type(error).__name__}: {error}"
    return ModelError("provider_failed", message, f"This is a mistake in the provider '{name}', not in the workflow.")
