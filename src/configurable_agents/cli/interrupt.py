"""Running under a person's eyes: Ctrl-C cancels the run and says so, whatever a node is doing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from configurable_agents.app import RunResult, Workflow
    from configurable_agents.cli.progress import Progress
    from configurable_agents.runs.models import Models

# A function that blocks the event loop can't be cancelled; after this the process ends all the same.
_PATIENCE_S = 3.0

Show = Callable[["RunResult"], None]
Resolve = Callable[[], Awaitable["Models"]]
Execute = Callable[["Models"], Coroutine[Any, Any, "RunResult"]]


def run_interruptibly(
    workflow: Workflow, resolve: Resolve, execute: Execute, progress: Progress, show: Show
) -> RunResult:
    """Run to the end: resolve the models and `execute`. Ctrl-C cancels the run, whose result then says so.

    A second Ctrl-C, or a node that does not let itself be stopped, ends the process with status 130, after `show` has
    been given what there is of the result.
    """
    return asyncio.run(_run(workflow, resolve, execute, progress, show))


async def _run(workflow: Workflow, resolve: Resolve, execute: Execute, progress: Progress, show: Show) -> RunResult:
    models = await resolve()
    progress.models(models.choices)
    task = asyncio.ensure_future(execute(models))
    loop = asyncio.get_running_loop()
    interrupts = 0

    def leave(why: str) -> None:
        progress.close()
        print(f"{why} It ends with this process.", file=sys.stderr, flush=True)
        show(_interrupted(workflow, progress))
        sys.stdout.flush()
        os._exit(130)

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts > 1:
            leave("A node was still being stopped.")
        loop.call_soon_threadsafe(task.cancel)
        timer = threading.Timer(_PATIENCE_S, leave, ("A node did not let itself be stopped.",))
        timer.daemon = True
        timer.start()
        task.add_done_callback(lambda _: timer.cancel())

    before = signal.signal(signal.SIGINT, handle)
    try:
        return await task
    except asyncio.CancelledError:
        return _interrupted(workflow, progress)
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(workflow: Workflow, progress: Progress) -> RunResult:
    """The result of a run as far as it came."""
    from configurable_agents.app import RunResult
    from configurable_agents.runs.state import final_state

    progress.view.status = "cancelled"
    progress.view.ended_at = datetime.now(UTC)
    return RunResult(progress.view, final_state(workflow.spec, progress.events), progress.events)
