"""Maps: a node executed once for each item of a list, so many at once, with the results in the order of the items."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from configurable_agents.errors import NodeError, RunError
from configurable_agents.events import ItemFailed, ItemSucceeded
from configurable_agents.graph.attempts import Work, error_info, recorded_error
from configurable_agents.graph.context import Context
from configurable_agents.graph.execution import Instance, Suspended
from configurable_agents.graph.merging import accept
from configurable_agents.graph.past import Key
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.nodeshapes import CollectShape
from configurable_agents.spec.validation import show
from configurable_agents.spec.workflow import Loop

if TYPE_CHECKING:
    from configurable_agents.graph.nodes import CompiledNode

_CONCURRENCY = 10


class Map:
    """One execution of a map. `left_behind` counts threads of its items that could not be stopped."""

    def __init__(
        self, instance: Instance, node: CompiledNode, visit: int, names: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> None:
        self.instance = instance
        self.node = node
        self.key = Key(instance.prefix + node.spec.name, visit)
        self.names = names
        self.fields = fields
        self.left_behind = 0
        self.suspended = False
        self.results: dict[int, Any] = {}
        self.errors: dict[int, dict[str, Any]] = {}
        self.mode = node.spec.config.on_item_error or "fail"

    async def values(self) -> dict[str, Any]:
        """The values that the map writes.

        Raises:
            RunError: an item failed and was not to be left out, or all of them failed.
        """
        # Items are made when a worker has time for them, so that a long list costs no more than its results.
        waiting = enumerate(items(self.node.spec.loops, self.names))

        async def work(first: tuple[int, dict[str, Any]]) -> None:
            await self._item(*first)
            for index, bound in waiting:
                await self._item(index, bound)

        concurrency = self.node.spec.config.concurrency or _CONCURRENCY
        await together(work(first) for _, first in zip(range(concurrency), waiting, strict=False))
        if self.suspended:
            raise Suspended
        if self.errors and not self.results:
            raise self._all_failed()
        node, said_by = self.key.node, self.instance.said_by(self.key)
        values = self.node.writer.of_items(in_order(self.results), self.names, node, said_by)
        if isinstance(self.mode, CollectShape):
            field = self.node.writer.fields[self.mode.collect]
            values[field.name] = accept(node, field, in_order(self.errors), said_by)
        return values

    async def _item(self, index: int, bound: Mapping[str, Any]) -> None:
        names = {**self.names, **bound, "item": {"index": index}}
        key = Key(self.key.node, self.key.visit, index)
        work = Work(self.instance, self.node, key, names, {**self.fields, **bound})
        about: dict[str, Any] = {"node": key.node, "visit": key.visit, "item": index}
        started = time.perf_counter()

        def settle(result: Any, context: Context) -> Any:
            return self.node.writer.of_item(result, key.node, self.instance.said_by(key))

        try:
            if self.node.when is not None and not self.node.when.holds(names):
                return
            if self._known(work, bound):
                return
            value = await work.done(settle)
        except Suspended:  # the others may go on, and ask their own questions
            self.suspended = True
        except (RunError, RenderError) as error:
            failed = error if isinstance(error, RunError) else _rendering(error, key)
            handled = self.mode != "fail"
            self.errors[index] = _item_error(index, failed, bound)
            await self.instance.run.emit(
                ItemFailed,
                **about,
                attempt=max(work.attempt, 1),
                error=error_info(failed),
                duration_s=time.perf_counter() - started,
                handled=handled,
                left_behind=work.left_behind > 0,
            )
            if not handled:
                raise failed from error
        else:
            self.results[index] = value
            spent = time.perf_counter() - started
            emit = self.instance.run.emit
            about |= {"attempt": max(work.attempt, 1), "fingerprint": work.fingerprint}
            await emit(ItemSucceeded, **about, value=value, duration_s=spent)
        finally:
            self.left_behind += work.left_behind

    def _known(self, work: Work, bound: Mapping[str, Any]) -> bool:
        """Whether the item's result is on record, which is taken then."""
        past, key, index = self.instance.run.past, work.key, work.key.item or 0
        success = past.items.get(key)
        if success is not None and (past.use == "same" or (past.use == "alike" and work.now() == success.fingerprint)):
            self.instance.run.kept.add(key)
            self.results[index] = success.value
            return True
        failure = past.failed_items.get(key)
        if past.use != "same" or failure is None:
            return False
        self.errors[index] = _item_error(index, recorded_error(failure.error), bound)
        return True

    def _all_failed(self) -> NodeError:
        first = self.errors[min(self.errors)]
        message = f"All {len(self.errors)} items of '{self.key.node}' failed; the first: {first['message']}"
        return NodeError("items_failed", message, "Mend what they have in common.", self.key.node)


async def together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of this at once. When one fails the others are stopped, and what it raised is raised.

    asyncio's own TaskGroup leaves the task that waits marked as cancelled (before Python 3.13), and says nothing of a
    task that was cancelled from within.
    """
    tasks: list[asyncio.Task[None]] = []
    try:
        tasks.extend(asyncio.create_task(work) for work in works)
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        going = [task for task in tasks if not task.done()]
        for task in going:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # of all, so that no failure is left unseen
    for task in tasks:
        if task not in going:
            task.result()


def items(loops: Sequence[Loop], names: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The variables of the loops with their values, item by item; the last loop turns fastest.

    Raises:
        RenderError: a loop goes over what is no list, or can't be computed.
    """
    loop, rest = loops[0], loops[1:]
    over = loop.over.evaluate(names)
    if over is not None and not isinstance(over, list):
        message = f"'{loop.name} in {loop.over.text}' goes over {show(over)}, which is no list."
        raise RenderError("not_a_list", message, "Name a list.")
    for value in over or ():
        bound = {loop.name: value}
        if not rest:
            yield bound
        else:
            for inner in items(rest, {**names, **bound}):
                yield {**bound, **inner}


def in_order(by_index: Mapping[int, Any]) -> list[Any]:
    """The values of a mapping in the order of its keys."""
    return [by_index[index] for index in sorted(by_index)]


def _item_error(index: int, error: RunError, bound: Mapping[str, Any]) -> dict[str, Any]:
    item = next(iter(bound.values())) if len(bound) == 1 else dict(bound)
    return {"index": index, "code": error.code, "message": error.message, "item": item}


def _rendering(error: RenderError, key: Key) -> NodeError:
    return NodeError(error.code, error.message, error.hint, f"{key.node}[{key.item}]")
