"""Killed anywhere, a run goes on as if nothing had been; on both databases.

In `make test` a choice of places is tried, in `make chaos` every one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from configurable_agents.events import EVENT_TYPES
from tests.chaos.checks import check, counted
from tests.chaos.life import LONG, When
from tests.chaos.trials import Ground, Kill, Trial

STRIDE = 1 if LONG else 25
FIRST = {"after": 1, "before": 9, "inside": 17}  # with a stride, so that the three are not at the same places
RANDOM = 200 if LONG else 15
SEED = 20261124


@pytest.fixture
def unharmed(ground: Ground) -> Trial:
    """The run that nobody kills."""
    return ground.trial()


class Tried:
    """Runs that are killed; what was wrong with any of them is told at the end, so that each is tried."""

    def __init__(self, ground: Ground, unharmed: Trial) -> None:
        self.ground, self.unharmed = ground, unharmed
        self.chance = random.Random(SEED)  # noqa: S311  # the same places in each run of the tests
        self.deaths = 0
        self.wrong: list[str] = []

    def kill(self, first: Kill) -> Trial:
        trial = self.ground.trial(first, *self._again())
        self.deaths += len(trial.deaths)
        try:
            check(trial, self.unharmed)
        except AssertionError as error:
            self.wrong.append(str(error))
        return trial

    def at_any_time(self) -> Kill:
        return Kill(after_s=self.chance.uniform(0, self.unharmed.seconds))

    def _again(self) -> Iterator[Kill]:
        """Kills of the lives after the first: every third is killed as well."""
        while self.chance.random() < 1 / 3:
            yield self.at_any_time()


def test_the_run_has_something_of_everything(unharmed: Trial) -> None:
    types = {event.type for event in unharmed.events}
    others = {"run_forked", "run_resumed", "run_waiting", "run_failed", "run_cancelled"}
    assert types == {*EVENT_TYPES} - others - {"node_asked", "node_answered", "node_cancelled"}
    assert max(counted(unharmed).values()) == 3  # what failed twice
    check(unharmed, unharmed)


@pytest.mark.parametrize("when", ["after", "before", "inside"])
def test_killed_at_any_event(when: When, ground: Ground, unharmed: Trial) -> None:
    tried = Tried(ground, unharmed)
    for n in range(1 if LONG else FIRST[when], len(unharmed.events) + 1, STRIDE):
        trial = tried.kill(Kill(when, n))
        if not trial.deaths:
            break  # there are fewer transactions than events
    assert not tried.wrong
    assert tried.deaths > 2


def test_killed_at_any_time(ground: Ground, unharmed: Trial) -> None:
    tried = Tried(ground, unharmed)
    for _ in range(RANDOM):
        tried.kill(tried.at_any_time())
    assert not tried.wrong
    assert tried.deaths > RANDOM // 3
