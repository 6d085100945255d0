"""Where crashes are tried: a nursery of processes to be killed, and a database of each kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from configurable_agents.plugins.registry import PROVIDERS
from configurable_agents.settings import Settings
from configurable_agents.storage.store import Store
from tests.chaos.commands import Commands
from tests.chaos.life import HERE
from tests.chaos.nursery import ROOT, Nursery
from tests.chaos.trials import TALLY, Ground


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """For other processes: they find the model of these tests as any provider's plugin is found, by an entry point."""
    packages = tmp_path_factory.mktemp("packages")
    information = packages / "chaos_provider-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: chaos-provider\nVersion: 1\n", "utf-8")
    entry = f"[{PROVIDERS}]\nchaos = tests.chaos.echo:EchoProvider\n"
    (information / "entry_points.txt").write_text(entry, "utf-8")
    path = os.pathsep.join(filter(None, [str(packages), str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path}


@pytest.fixture(scope="session")
def nursery(environment: dict[str, str]) -> Iterator[Nursery]:
    found = Nursery(HERE / "crash.yaml", environment)
    yield found
    found.close()


@pytest.fixture
def ground(nursery: Nursery, settings: Settings, store: Store, tmp_path: Path) -> Ground:  # a fixture
    return Ground(nursery, settings, store, tmp_path)


@pytest.fixture
def commands(settings: Settings, environment: dict[str, str], tmp_path: Path) -> Commands:  # a fixture
    return Commands(settings, environment, tmp_path)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many runs were killed, and how often."""
    if TALLY:
        terminalreporter.section("runs that were killed")
        for (database, how), deaths in TALLY.items():
            terminalreporter.line(f"{database}, {how}: {len(deaths)} runs, killed {sum(deaths)} times")
