"""Killed anywhere, a run goes on as if nothing had been; on both databases.

In `make test` a choice of places is tried, in `make chaos` every one.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from configurable_agents.events import EVENT_TYPES
from tests.chaos.checks import check, counted
from tests.chaos.life import When
from tests.chaos.trials import Ground, Kill, Trial

LONG = os.environ.get("CONFIGURABLE_AGENTS_CHAOS") == "long"

STRIDE = 1 if LONG else 17
RANDOM = 200 if LONG else 15
SEED = 20261124


@pytest.fixture
def unharmed(ground: Ground) -> Trial:
    """The run that nobody kills."""
    return ground.trial()


def test_the_run_has_something_of_everything(unharmed: Trial) -> None:
    types = {event.type for event in unharmed.events}
    others = {"run_forked", "run_resumed", "run_waiting", "run_failed", "run_cancelled"}
    assert types == {*EVENT_TYPES} - others - {"node_asked", "node_answered", "node_cancelled"}
    assert max(counted(unharmed).values()) == 3  # what failed twice
    check(unharmed, unharmed)


@pytest.mark.parametrize("when", ["after", "before", "inside"])
def test_killed_at_any_event(when: When, ground: Ground, unharmed: Trial) -> None:
    chance = random.Random(SEED)
    deaths = 0
    for n in range({"after": 1, "before": 2, "inside": 3}[when] if STRIDE > 1 else 1, len(unharmed.events) + 1, STRIDE):
        trial = ground.trial(Kill(when, n), *again(chance, unharmed.seconds))
        check(trial, unharmed)
        if not trial.deaths and when == "inside":
            break  # there are fewer transactions than events
        deaths += len(trial.deaths)
    assert deaths > 2


def test_killed_at_any_time(ground: Ground, unharmed: Trial) -> None:
    chance = random.Random(SEED)
    deaths = 0
    for _ in range(RANDOM):
        kills = [Kill(after_s=chance.uniform(0, unharmed.seconds)), *again(chance, unharmed.seconds)]
        trial = ground.trial(*kills)
        check(trial, unharmed)
        deaths += len(trial.deaths)
    assert deaths > RANDOM // 3


def again(chance: random.Random, seconds: float) -> Iterator[Kill]:
    """Kills of the lives after the first: every third is killed as well, at any time."""
    while chance.random() < 1 / 3:
        yield Kill(after_s=chance.uniform(0, seconds))
