"""A process of its own that runs a run, as slowly as its test wants: `python -m tests.history.runner FILE`.

It keeps the first half of the run's events and says `running`; at a line on stdin it keeps the rest. It stops when it
is asked to cancel, unless a second argument says that it is deaf.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from configurable_agents.events import RunCancelled
from configurable_agents.plugins.stores import Entry, RunChange
from configurable_agents.projection import project
from configurable_agents.settings import read_settings
from configurable_agents.storage.store import open_store
from tests.history.kept import change, ran, write


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(path: Path, *, deaf: bool) -> None:
    events = (await asyncio.to_thread(ran, path, {"topic": "tides"})).events
    half, view = len(events) // 2, project(events)
    store, cancelled = open_store(read_settings()), asyncio.Event()
    await write(store, path, events[:half], {}, (lambda: None) if deaf else cancelled.set)
    say("running")
    line = asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))
    stop = asyncio.ensure_future(cancelled.wait())
    await asyncio.wait([line, stop], return_when=asyncio.FIRST_COMPLETED)
    if stop.done():
        end = RunCancelled(run_id=view.run_id, seq=half + 1, time=datetime.now(UTC))
        await store.append(Entry(end, change=RunChange("cancelled")))
        say("cancelled")
        await line
    else:
        for event in events[half:]:
            await store.append(Entry(event, change=change(event, view)))
    store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), deaf=len(sys.argv) > 2))
