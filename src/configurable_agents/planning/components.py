"""The strongly connected components of a directed graph: Tarjan's algorithm, without recursion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

# A node, and where its branch ends.
Place = tuple[str, str]


def components(following: Mapping[Place, Sequence[Place]]) -> list[list[Place]]:
    """The components of a graph, each after those that it leads to; within one, what is found last comes first."""
    number: dict[Place, int] = {}
    low: dict[Place, int] = {}
    open_ones: list[Place] = []
    is_open: set[Place] = set()
    found: list[list[Place]] = []
    for start in following:
        if start in number:
            continue
        stack: list[tuple[Place, Iterator[Place]]] = []
        entering: Place | None = start
        while entering is not None or stack:
            if entering is not None:
                number[entering] = low[entering] = len(number)
                open_ones.append(entering)
                is_open.add(entering)
                stack.append((entering, iter(following[entering])))
                entering = None
            place, rest = stack[-1]
            for to in rest:
                if to not in number:
                    entering = to
                    break
                if to in is_open:
                    low[place] = min(low[place], number[to])
            if entering is not None:
                continue
            stack.pop()
            if stack:
                above = stack[-1][0]
                low[above] = min(low[above], low[place])
            if low[place] == number[place]:
                members: list[Place] = []
                while not members or members[-1] != place:
                    members.append(open_ones.pop())
                is_open.difference_update(members)
                found.append(members)
    return found
