"""`runs events`: all that happened in a run, in order."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from configurable_agents.events import Event
    from configurable_agents.plugins.stores import RunStore

_PAUSE_S = 0.2
_ENDED = ("succeeded", "failed", "cancelled", "interrupted")

Wanted = Callable[["Event"], bool]


def events(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its id, a part of it, or `last`.")],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what happens, until the run ends; Ctrl-C ends it.")
    ] = False,
    node: Annotated[str | None, typer.Option("--node", metavar="N", help="Of this node, and of what is in it.")] = None,
    kind: Annotated[str | None, typer.Option("--type", metavar="T", help="Of this type, as in model_called.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print what happened in a run: its events.

    With --json, each as it is kept, with dates as text (ISO 8601).
    """
    from configurable_agents.cli.runs.opened import find, history

    kind = _checked_type(kind)
    with history() as store:
        found = find(store, run)
        wanted = _wanted(node, kind)
        chosen = [event for event in found.events if wanted(event)]
        if node is not None and not follow and not any(_wanted(node, None)(event) for event in found.events):
            raise _unknown_node(node, found.events)
        _print(chosen, as_json=as_json)
        if follow:
            try:
                _follow(store, found.run.id, len(found.events), wanted, as_json=as_json)
            except KeyboardInterrupt:
                raise typer.Exit(130) from None


def _follow(store: RunStore, run_id: str, seen: int, wanted: Wanted, *, as_json: bool) -> None:
    while True:
        # Asked before the events are: what was written until the run ended is read after that.
        status = store.find(run_id).status
        new = store.events(run_id, after=seen)
        _print([event for event in new if wanted(event)], as_json=as_json)
        seen += len(new)
        if status in _ENDED:
            if status == "interrupted":
                print(f"The run was interrupted: its process ended. It has id {run_id}.", file=sys.stderr)
            return
        time.sleep(_PAUSE_S)


def _print(chosen: Sequence[Event], *, as_json: bool) -> None:
    from configurable_agents.cli.jsontext import json_line
    from configurable_agents.cli.runs.eventlines import event_line

    for event in chosen:
        print(json_line(event.model_dump()) if as_json else event_line(event))
    sys.stdout.flush()


def _wanted(node: str | None, kind: str | None) -> Wanted:
    from configurable_agents.history.way import in_file

    def wanted(event: Event) -> bool:
        if kind is not None and event.type != kind:
            return False
        if node is None:
            return True
        path = getattr(event, "node", None)
        if path is None:
            return False
        return any(written == node or written.startswith(f"{node}/") for written in (path, in_file(path)))

    return wanted


def _checked_type(kind: str | None) -> str | None:
    """The type, if there is one of this name."""
    from configurable_agents.errors import UsageError
    from configurable_agents.events import EVENT_TYPES
    from configurable_agents.spec.suggest import did_you_mean

    if kind is None or kind in EVENT_TYPES:
        return kind
    hint = did_you_mean(kind, EVENT_TYPES, f"These there are: {', '.join(EVENT_TYPES)}.")
    raise UsageError("unknown_event_type", f"There is no type of event '{kind}'.", hint)


def _unknown_node(node: str, recorded: Sequence[Event]) -> Exception:
    from configurable_agents.errors import UsageError
    from configurable_agents.history.way import in_file
    from configurable_agents.spec.suggest import did_you_mean

    known = sorted({in_file(event.node) for event in recorded if hasattr(event, "node")})
    fallback = f"These were: {', '.join(known)}." if known else "No node was."
    return UsageError("unknown_execution", f"No node '{node}' was executed.", did_you_mean(node, known, fallback))
