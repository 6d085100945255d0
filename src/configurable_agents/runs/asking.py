"""What `ctx.model` comes to in a run: the gateway, with every call recorded, and recorded replies taken from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from configurable_agents.errors import ModelError
from configurable_agents.events import ModelCalled, from_json, to_json
from configurable_agents.gateway.calls import CallRecord
from configurable_agents.gateway.gateway import Gateway
from configurable_agents.graph.execution import ModelAsk
from configurable_agents.graph.past import Key, Past
from configurable_agents.plugins.models import ModelRequest, ModelResponse, Usage
from configurable_agents.runs.journal import Journal
from configurable_agents.runs.models import Models


class Asking:
    """Asks models for one run. `payloads` are those of its past, by hash."""

    def __init__(
        self, gateway: Gateway, models: Models, journal: Journal, past: Past, payloads: Mapping[str, str]
    ) -> None:
        self.gateway, self.models, self.journal = gateway, models, journal
        self.past, self.payloads = past, payloads
        self.calls: Counter[tuple[Key, int]] = Counter()

    async def ask(self, ask: ModelAsk) -> Any:
        """The value that is asked for. Raises ModelError."""
        replay = self.past.use == "replay"

        def recall(request: ModelRequest) -> ModelResponse | None:
            if not ask.recall:
                return None
            call = self.past.calls.get(ask.key, {}).get(self.calls[ask.key, ask.attempt] + 1)
            return _recalled(call, request, self.payloads, ask.key, replay=replay)

        async def record(call: CallRecord) -> None:
            self.calls[ask.key, ask.attempt] += 1
            if call.recalled and not replay:
                return  # it is on record
            payloads: dict[str, str] = {}
            request = reply = ""
            if self.journal.store is not None and call.request is not None:
                request, payloads = payloads_of(call.request)
                if call.text is not None:
                    reply = digest_of(call.text)
                    payloads[reply] = to_json(call.text)
            await self.journal.emit(
                ModelCalled,
                payloads=payloads,
                node=ask.key.node,
                visit=ask.key.visit,
                item=ask.key.item,
                attempt=ask.attempt,
                call=self.calls[ask.key, ask.attempt],
                model=call.model,
                input_tokens=call.usage.input_tokens,
                output_tokens=call.usage.output_tokens,
                cost_usd=0.0 if replay else call.cost_usd,
                latency_s=call.latency_s,
                stop_reason=call.stop_reason,
                error=call.error,
                request=request,
                reply=reply,
                replayed=replay,
            )

        target = self.models.target(ask.workflow, ask.model, ask.temperature, ask.max_tokens)
        return await self.gateway.ask(ask.messages, ask.output, target, record, name=ask.name, recall=recall)


def _recalled(
    call: ModelCalled | None, request: ModelRequest, payloads: Mapping[str, str], key: Key, *, replay: bool
) -> ModelResponse | None:
    """The recorded reply to a request; None where there is none, or it is one to another request.

    Raises:
        ModelError: in a replay, what the call failed with, or that there is none.
    """
    if call is not None and call.reply in payloads and call.request == payloads_of(request)[0]:
        usage = Usage(call.input_tokens, call.output_tokens)
        return ModelResponse(from_json(payloads[call.reply]), usage, 0.0, call.stop_reason)
    if not replay:
        return None
    if call is not None and call.error and not call.reply:
        raise ModelError(call.error, f"The call of {call.model} failed in the run that is replayed.", status=0)
    message = f"'{key}' asks what it did not ask in the run that is replayed, so there is no reply on record."
    raise ModelError(
        "replay_diverged", message, "Its functions or the environment have changed; run it anew.", status=0
    )


def payloads_of(request: ModelRequest) -> tuple[str, dict[str, str]]:
    """The hash of a request, and the texts to keep by theirs: each message once, however often it is sent."""
    messages = [to_json({"role": message.role, "content": message.content}) for message in request.messages]
    parts = {digest_of(text): text for text in messages}
    schema = to_json(dict(request.output.json_schema)) if request.output is not None else None
    if schema is not None:
        parts[digest_of(schema)] = schema
    settings = request.settings
    whole = to_json(
        {
            "messages": [digest_of(text) for text in messages],
            "output": digest_of(schema) if schema is not None else None,
            "mode": request.mode,
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
        }
    )
    name = digest_of(whole)
    return name, {**parts, name: whole}


def digest_of(text: str) -> str:
    """What names a payload: half of its SHA-256, in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()[:32]
