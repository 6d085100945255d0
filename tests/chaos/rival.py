"""A process that goes on with a run when it is told to: `python -m tests.chaos.rival RUN`."""

from __future__ import annotations

import asyncio
import sys

from configurable_agents import RunResult, open_store
from configurable_agents.app import resuming
from configurable_agents.errors import ConfigurableAgentsError


def main() -> None:
    store = open_store(create=False)
    rerun = resuming(store, sys.argv[1])
    say("ready")
    sys.stdin.readline()

    async def go_on() -> RunResult:
        return await rerun.begin(await rerun.models(), ())

    try:
        say(asyncio.run(go_on()).status)
    except ConfigurableAgentsError as error:
        say(error.code)
    store.close()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
