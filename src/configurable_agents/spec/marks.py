"""What a run adds to the picture of its workflow: how each node went, and which ways were taken how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

How = Literal["failed", "waiting", "running", "cancelled", "succeeded", "skipped"]

# Of several executions of a node, the first of these that there is gives it its colour.
_WORST: tuple[How, ...] = ("failed", "waiting", "running", "cancelled", "succeeded", "skipped")


@dataclass(frozen=True, slots=True)
class Mark:
    """How the executions of a node went, and how many of each there were; none says that it was not reached."""

    times: Mapping[How, int] = field(default_factory=dict)

    @property
    def how(self) -> How | None:
        """What counts for the whole; None where the node was not reached."""
        return next((how for how in _WORST if self.times.get(how)), None)

    @property
    def text(self) -> str:
        """`run`, `run 3×`, `failed, run 2×`, `skipped`, `not reached`."""
        counted = [(how, self.times[how]) for how in _WORST if self.times.get(how)]
        words = [("run" if how == "succeeded" else how) + (f" {times}×" if times > 1 else "") for how, times in counted]
        return ", ".join(words) or "not reached"


NOT_REACHED = Mark()


@dataclass(frozen=True, slots=True)
class Marks:
    """`nodes` by their path in the file (`review/score`); `ways` by the path of a node and the number of its rule.

    The number of an edge is 0, that of a switch its case's. `ways` out of START are those of `review/START`.
    """

    nodes: Mapping[str, Mark] = field(default_factory=dict)
    ways: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def node(self, path: str) -> Mark:
        return self.nodes.get(path, NOT_REACHED)

    def way(self, path: str, number: int) -> int:
        """How often it was taken."""
        return self.ways.get((path, number), 0)
