"""Loading LiteLLM: slow, so in a thread; silent; and with its connections closed when their event loop ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, NoReturn, Protocol, cast

from configurable_agents.plugins.threads import in_daemon_thread

# Read while it is imported. Prices come from the wheel, not from the net; no .env file is loaded.
_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",
}


class Library(Protocol):
    """What is used of LiteLLM."""

    acompletion: Callable[..., Awaitable[Any]]
    get_llm_provider: Callable[..., tuple[str, str, str | None, str | None]]
    supports_response_schema: Callable[[str], bool]
    supports_function_calling: Callable[[str], bool]
    register_model: Callable[[Mapping[str, Mapping[str, Any]]], Any]
    token_counter: Callable[..., int]
    model_cost: Mapping[str, Mapping[str, Any]]
    provider_list: list[str]


_lock = threading.Lock()
_loaded: Library | None = None
_closing: dict[asyncio.AbstractEventLoop, AsyncGenerator[None]] = {}


def load() -> Library:
    """LiteLLM, imported and silenced; takes seconds the first time."""
    global _loaded  # noqa: PLW0603  # a module is loaded once a process
    with _lock:
        if _loaded is None:
            os.environ.update(_ENVIRONMENT)
            import litellm

            litellm.suppress_debug_info = True
            litellm.telemetry = False
            # For some models it would fetch their tokenizer from the net; the one in its wheel has to do.
            litellm.disable_hf_tokenizer_download = True
            # Its aiohttp transport complains at exit of what it left open; httpx's doesn't.
            litellm.disable_aiohttp_transport = True
            for name in ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router"):
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
            _forbid_second_requests()
            # Its models are built when first used; here that stops no loop, and its own filters hold back the
            # warnings that come of it.
            litellm.ModelResponse()
            _loaded = cast("Library", litellm)
        return _loaded


def _forbid_second_requests() -> None:
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    async def fail(*_: object, **__: object) -> NoReturn:
        raise  # noqa: PLE0704  # it is called in the handler of the error that broke the connection

    # When a connection breaks, LiteLLM sends the request again, though the provider may have worked on the first and
    # charge for it. Whether to try again is the gateway's to decide, and to record.
    AsyncHTTPHandler.single_connection_post_request = fail  # type: ignore[method-assign]  # on purpose


async def load_for_this_loop() -> Library:
    """LiteLLM, loaded without stopping the loop, whose connections are closed when the loop shuts down."""
    library = _loaded if _loaded is not None else await in_daemon_thread(load)
    loop = asyncio.get_running_loop()
    if loop not in _closing:
        # Loops close asynchronous generators at their end: the one hook they have.
        _closing[loop] = closing = _close_at_the_end(loop)
        await anext(closing)
    return library


async def _close_at_the_end(loop: asyncio.AbstractEventLoop) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        del _closing[loop]
        await _close_connections(loop)


async def _close_connections(loop: asyncio.AbstractEventLoop) -> None:
    import litellm

    cache = litellm.in_memory_llm_clients_cache
    # LiteLLM puts the loop's id into the key. What stays would be taken up by the next loop that gets this id.
    for key in [key for key in cache.cache_dict if key.endswith(f"-{id(loop)}")]:
        client = cache.cache_dict.pop(key)
        cache.ttl_dict.pop(key, None)
        close = getattr(client, "close", None) or getattr(client, "aclose", None)
        if close is not None:
            with contextlib.suppress(OSError, RuntimeError):
                await close()
