"""LiteLLM in a process of its own: loaded late, silent, and gone without a word."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

from tests.wire.protocols import EVERY
from tests.wire.scripted import Scripted

# asyncio's remarks on slow callbacks are not LiteLLM's.
ASK = """
    import asyncio
    import logging
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    from configurable_agents.builtins.providers.litellm import LiteLLMProvider
    from configurable_agents.errors import ModelError
    from configurable_agents.gateway.calls import Target
    from configurable_agents.gateway.gateway import Gateway
    from configurable_agents.plugins.models import Message, ModelSettings
    from configurable_agents.spec.types import STR

    async def quiet(record):
        pass

    def target(model, api_base):
        return Target(model, ModelSettings(api_key="sk-0123456789", api_base=api_base, timeout=20))

    async def ask(model, api_base):
        gateway = Gateway({"litellm": LiteLLMProvider})
        return await gateway.ask([Message("user", "hi")], STR, target(model, api_base), quiet)
"""


def run(*parts: str) -> subprocess.CompletedProcess[str]:
    program = "\n".join(dedent(part) for part in parts)
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_calls_say_nothing_and_leave_nothing_open(scripted: Scripted) -> None:
    servers = [(scripted.model(provider), scripted.api_base(provider)) for provider in EVERY]
    for _ in EVERY:
        scripted.says("hello")
        scripted.fails(500, "Boom", "api_error")
    calls = f"""
        async def all():
            for model, api_base in {servers}:
                print(await ask(model, api_base))
                try:
                    await ask(model, api_base)
                except ModelError as error:
                    print(error.code)
        asyncio.run(all())
    """
    done = run(ASK, calls)
    assert (done.stdout, done.stderr, done.returncode) == ("hello\nserver_error\n" * len(EVERY), "", 0)


def test_one_loop_after_the_other(scripted: Scripted) -> None:
    for _ in range(3):
        scripted.says("hello")
    calls = f"""
        for _ in range(3):
            print(asyncio.run(ask({scripted.model("openai")!r}, {scripted.api_base("openai")!r})))
    """
    done = run(ASK, calls)
    assert (done.stdout, done.stderr, done.returncode) == ("hello\n" * 3, "", 0)


def test_it_is_loaded_when_it_is_called_and_not_before() -> None:
    done = run(ASK, "import sys; print('litellm' in sys.modules, 'httpx' in sys.modules)")
    assert done.stdout == "False False\n"


def test_the_loop_goes_on_while_it_loads(scripted: Scripted) -> None:
    scripted.says("hello")
    call = f"""
        import time
        async def both():
            asking = asyncio.create_task(ask({scripted.model("openai")!r}, {scripted.api_base("openai")!r}))
            ticks, longest = 0, 0.0
            while not asking.done():
                before = time.monotonic()
                await asyncio.sleep(0.01)
                ticks, longest = ticks + 1, max(longest, time.monotonic() - before)
            return await asking, ticks > 20
        print(asyncio.run(both()))
    """
    assert run(ASK, call).stdout == "('hello', True)\n"


def test_leaving_while_it_loads_is_not_held_up() -> None:
    call = """
        async def leave():
            asking = asyncio.create_task(ask("openai/gpt-5.4-mini", "http://127.0.0.1:9"))
            await asyncio.sleep(0.2)
            asking.cancel()
        import time
        started = time.monotonic()
        asyncio.run(leave())
        import sys
        print(time.monotonic() - started < 1.5, "litellm.main" in sys.modules)
    """
    done = run(ASK, call)
    assert (done.stdout, done.returncode) == ("True False\n", 0)
