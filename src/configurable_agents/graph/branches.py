"""Where every branch of a run is: forks, joins and counts, outside LangGraph's own edges.

LangGraph runs a join twice when branches differ in length, and never when a branch was not taken. Here a fork opens a
barrier with as many places as it has branches; the branch that comes last at the join, or ends, opens it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from configurable_agents.spec.edges import END
from configurable_agents.spec.topology import Fork


@dataclass(slots=True)
class Barrier:
    """A fork that is under way: where it joins, how many of its branches are on their way, and what it is inside of."""

    join: str
    open: int
    outer: Barrier | None


class Branches:
    """The barriers of one run. At any time at most one branch is at a node, for branches share none."""

    def __init__(self, forks: Sequence[Fork]) -> None:
        self._joins = {(fork.source, fork.heads): fork.join for fork in forks}
        self._inside: dict[str, Barrier | None] = {}
        self._superstep: dict[str, int] = {}

    def leave(self, node: str, targets: tuple[str, ...]) -> list[str]:
        """The nodes to run next when `node` goes to `targets`; none where a join still waits for others."""
        barrier = self._inside.pop(node, None)
        if len(targets) > 1:
            barrier = Barrier(self._joins[node, targets], len(targets), barrier)
        following = [target for head in targets for target in self._arrive(head, barrier)]
        step = self._superstep.get(node, 0) + 1
        for target in following:
            self._superstep[target] = step
        return following

    def superstep(self, node: str) -> int:
        """The step of the graph that `node` is run in, from 1: one more than that of the node that led to it.

        LangGraph counts the same: it runs a node one step after the last that leads to it. Asking it costs as much
        as all else that is done round a node.
        """
        return self._superstep.get(node, 0)

    def _arrive(self, target: str, barrier: Barrier | None) -> list[str]:
        while barrier is not None and target == barrier.join:
            barrier.open -= 1
            if barrier.open:
                return []
            barrier = barrier.outer
        if target == END:
            return []
        self._inside[target] = barrier
        return [target]
