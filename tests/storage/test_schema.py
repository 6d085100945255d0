"""The tables: made from nothing on both databases, by any number of processes; told where they do not fit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from configurable_agents.errors import SettingsError, UsageError
from configurable_agents.settings import DATABASE_SYNC, DATABASE_URL, Settings
from configurable_agents.storage import migrations, schema
from configurable_agents.storage.store import open_store
from configurable_agents.storage.tables import metadata
from tests.storage.child import begin, result, start
from tests.storage.histories import ended, sql

COMMAND = Path(sys.executable).with_name("configurable-agents")


def command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, on this database."""
    url = settings.url or f"sqlite:///{settings.file}"
    return subprocess.run(
        [str(COMMAND), *arguments],
        env={**os.environ, DATABASE_URL: url, DATABASE_SYNC: settings.sync, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(params=["sqlite", "postgres"])
def bare(request: pytest.FixtureRequest) -> Settings:
    """A database of each kind, without tables."""
    found: Settings = request.getfixturevalue(request.param)
    return found


def test_a_database_is_upgraded_from_nothing_and_then_left_as_it_is(bare: Settings) -> None:
    first = command(bare, "db", "status")
    assert first.returncode == (0 if bare.file else 2)
    assert ("not there yet" if bare.file else "no tables yet") in first.stdout
    done = command(bare, "db", "upgrade")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{bare.shown}: was upgraded to {schema.REVISIONS[-1]}\n"
    again = command(bare, "db", "upgrade")
    assert again.stdout == f"{bare.shown}: is at {schema.REVISIONS[-1]} already\n"
    told = json.loads(command(bare, "db", "status", "--json").stdout)
    assert told == {
        "database": bare.shown,
        "kind": "sqlite" if bare.file else "postgresql",
        "state": "current",
        "revision": schema.REVISIONS[-1],
        "newest": schema.REVISIONS[-1],
        "sync": "full",
    }


def test_the_steps_make_the_tables_as_they_are_now(settings: Settings) -> None:
    url = (
        f"sqlite:///{settings.file}"
        if settings.file
        else str(settings.url).replace("postgresql:", "postgresql+psycopg:")
    )
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    engine.dispose()


def test_the_revisions_are_those_of_the_steps() -> None:
    steps = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert tuple(step.revision for step in reversed(list(steps.walk_revisions()))) == schema.REVISIONS


def test_processes_that_make_a_database_at_once_make_one(bare: Settings) -> None:
    processes = [begin(bare, "make") for _ in range(4)]
    start(processes)
    for process in processes:
        result(process)
    assert schema.status(bare).state == "current"
    assert sql(bare, "SELECT version_num FROM alembic_version") == [(schema.REVISIONS[-1],)]


async def test_a_file_is_made_by_the_first_run_and_a_half_made_one_is_made_whole(sqlite: Settings) -> None:
    assert sqlite.file is not None
    sqlite.file.touch()  # its maker was killed
    store = open_store(sqlite)
    await ended(store)
    store.close()
    assert sql(sqlite, "PRAGMA journal_mode") == [("wal",)]


def test_looking_makes_no_file(sqlite: Settings) -> None:
    with pytest.raises(UsageError, match="no history of runs yet") as missing:
        open_store(sqlite, create=False)
    assert missing.value.code == "no_history"
    assert sqlite.file is not None
    assert list(sqlite.file.parent.iterdir()) == []


def test_a_server_without_tables_is_told_with_the_command_that_makes_them(postgres: Settings) -> None:
    with pytest.raises(SettingsError, match="has no tables yet") as outdated:
        open_store(postgres)
    assert outdated.value.code == "database_outdated"
    assert "configurable-agents db upgrade" in outdated.value.hint


def test_a_database_of_a_newer_version_is_left_alone(bare: Settings) -> None:
    schema.upgrade(bare)
    sql(bare, "UPDATE alembic_version SET version_num = '9999'")
    for call in (open_store, schema.upgrade):
        with pytest.raises(SettingsError, match="newer version than this program") as newer:
            call(bare)
        assert newer.value.code == "database_newer"
    told = command(bare, "db", "upgrade")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("error[database_newer]: ")
    assert command(bare, "db", "status").returncode == 2
    assert sql(bare, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_database_that_can_t_be_read_is_told_in_one_message(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    file.write_bytes(b"a text of some length that is no database" * 100)
    told = command(Settings(file), "db", "status")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 2
    assert "file is not a database" in told.stderr
