"""Running under a person's eyes: Ctrl-C cancels the run and says so, whatever a node is doing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from configurable_agents.app import RunResult, Workflow
    from configurable_agents.cli.progress import Progress

# A node of its own event loop's thread that blocks it can't be cancelled; after this the process ends all the same.
_PATIENCE_S = 3.0


def run_interruptibly(workflow: Workflow, values: dict[str, Any], model: str | None, progress: Progress) -> RunResult:
    """Run to the end. A first Ctrl-C cancels the run, whose result says so; a second ends the process."""
    return asyncio.run(_run(workflow, values, model, progress))


async def _run(workflow: Workflow, values: dict[str, Any], model: str | None, progress: Progress) -> RunResult:
    from configurable_agents.app import RunResult
    from configurable_agents.projection import project
    from configurable_agents.runs.runner import final_state

    models = await workflow.models(model)
    progress.models(models.choices)
    task = asyncio.ensure_future(workflow.execute(values, models, (progress.take,)))
    restore = _on_interrupt(task, progress)
    try:
        return await task
    except asyncio.CancelledError:
        events = progress.events
        return RunResult(project(events), final_state(workflow.spec, events), events)
    finally:
        restore()


def _on_interrupt(task: asyncio.Future[RunResult], progress: Progress) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def handle(number: int, frame: FrameType | None) -> None:
        if task.cancelling() if isinstance(task, asyncio.Task) else False:
            _leave(progress, "Stopped at once.")
        loop.call_soon_threadsafe(task.cancel)
        timer = threading.Timer(
            _PATIENCE_S, _leave, (progress, "A node did not let itself be stopped; it was left behind.")
        )
        timer.daemon = True
        timer.start()

    before = signal.signal(signal.SIGINT, handle)
    return lambda: _restore(before)


def _restore(before: Any) -> None:
    signal.signal(signal.SIGINT, before)


def _leave(progress: Progress, message: str) -> None:
    progress.close()
    print(f"interrupted: {message}", file=sys.stderr, flush=True)
    os._exit(130)


__all__ = ["run_interruptibly"]
