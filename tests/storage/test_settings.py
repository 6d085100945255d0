"""Where the history is kept, and how the environment says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from configurable_agents.errors import SettingsError
from configurable_agents.settings import Settings, read_settings
from configurable_agents.storage.database import Database
from configurable_agents.storage.store import open_store
from tests.storage.histories import sql

URL = "CONFIGURABLE_AGENTS_DATABASE_URL"
SYNC = "CONFIGURABLE_AGENTS_DATABASE_SYNC"


def test_a_project_s_history_is_found_from_anywhere_within_it(tmp_path: Path) -> None:
    inside = tmp_path / "project" / "deep" / "inside"
    inside.mkdir(parents=True)
    assert read_settings({}, inside).file == inside / ".configurable-agents" / "data.db"
    (tmp_path / "project" / ".configurable-agents").mkdir()
    assert read_settings({}, inside).file == tmp_path / "project" / ".configurable-agents" / "data.db"


def test_the_folder_is_made_and_git_is_told_to_ignore_it(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    open_store(settings).close()
    folder = tmp_path / ".configurable-agents"
    assert (folder / ".gitignore").read_text() == "*\n"
    (folder / ".gitignore").write_text("mine\n")
    open_store(settings).close()
    assert (folder / ".gitignore").read_text() == "mine\n"


def test_a_folder_that_a_url_names_is_not_ours_to_ignore(tmp_path: Path) -> None:
    settings = read_settings({URL: "sqlite:///kept/runs.db"}, tmp_path)
    assert settings.file == tmp_path / "kept" / "runs.db"
    open_store(settings).close()
    assert not (tmp_path / "kept" / ".gitignore").exists()
    assert read_settings({URL: f"sqlite:///{tmp_path}/runs.db"}, Path("/")).file == tmp_path / "runs.db"


def test_a_file_s_name_may_hold_what_urls_give_a_meaning(tmp_path: Path) -> None:
    folder = tmp_path / "50 % of ä+b"
    open_store(Settings(folder / "data.db")).close()
    assert (folder / "data.db").exists()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_named_in_any_of_its_ways(scheme: str) -> None:
    settings = read_settings(
        {URL: f"{scheme}://me:sesame@host:5433/runs?sslmode=require&password=hidden&sslpassword=hidden"}
    )
    assert settings.file is None
    assert settings.shown == f"{scheme}://me@host:5433/runs?sslmode=require"
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (URL, "mysql://me:sesame@host/runs", "begins with mysql:"),
        (URL, "sqlite://", "names no file"),
        (URL, "sqlite:///", "names no file"),
        (URL, "sqlite:///a.db?mode=ro", "names no file"),
        (URL, "data.db", "has no scheme"),
        (URL, "postgresql://me:sesame@host:port/runs", "its port"),
        (URL, "postgresql://me:sesame@[host/runs", "its host"),
        (SYNC, "off", "neither full nor normal"),
    ],
)
def test_a_wrong_value_is_told_without_a_password(variable: str, value: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=said) as wrong:
        read_settings({variable: value}, tmp_path)
    assert wrong.value.code == "wrong_setting"
    assert wrong.value.hint
    assert "sesame" not in str(wrong.value)


@pytest.mark.parametrize(("sync", "kept"), [("full", "on"), ("normal", "off")])
def test_how_safely_a_server_commits_is_a_setting(postgres: Settings, sync: str, kept: str) -> None:
    assert postgres.url is not None
    sql(postgres, f"ALTER DATABASE {postgres.url.rpartition('/')[2]} SET synchronous_commit = off")
    database = Database(read_settings({URL: postgres.url, SYNC: sync}))
    with database.writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == kept
    database.disconnect()


@pytest.mark.parametrize(("sync", "kept"), [("full", 2), ("normal", 1)])
def test_how_safely_a_file_is_written_is_a_setting(tmp_path: Path, sync: str, kept: int) -> None:
    settings = read_settings({SYNC: sync}, tmp_path)
    open_store(settings).close()
    database = Database(settings)
    with database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == kept
    database.disconnect()


def test_a_package_that_is_missing_is_told_with_the_line_that_installs_it() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from configurable_agents.settings import Settings\n"
        "from configurable_agents.storage.store import open_store\n"
        "from configurable_agents.errors import SettingsError\n"
        "try:\n    open_store(Settings(None, 'postgresql://host/name'))\n"
        "except SettingsError as error:\n    print(error.code, error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "missing_extra pip install 'configurable-agents[postgres]'\n"
