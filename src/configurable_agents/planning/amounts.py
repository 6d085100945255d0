"""Vectors of figures that are worked out side by side, each for itself: calls, tokens, money."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

INF = math.inf

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the likely and the most of the same figures."""

    least: Vector
    likely: Vector
    most: Vector

    def __add__(self, other: Spread) -> Spread:
        return Spread(
            total((self.least, other.least)), total((self.likely, other.likely)), total((self.most, other.most))
        )

    @classmethod
    def zero(cls, size: int) -> Spread:
        """Nothing, of so many figures."""
        nothing = (0.0,) * size
        return cls(nothing, nothing, nothing)


def total(vectors: Iterable[Vector]) -> Vector:
    """The sum, figure by figure, of at least one vector."""
    return tuple(map(sum, zip(*vectors, strict=True)))


def scaled(times: float, vector: Vector) -> Vector:
    """So many times the vector; nothing, however often, stays nothing."""
    return tuple(times * figure if times and figure else 0.0 for figure in vector)


def lower(one: Vector, other: Vector) -> Vector:
    """The lesser of each figure."""
    return tuple(map(min, one, other))


def upper(one: Vector, other: Vector) -> Vector:
    """The greater of each figure."""
    return tuple(map(max, one, other))
