"""PostgreSQL, by psycopg: a server that many machines share."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from configurable_agents.errors import SettingsError
from configurable_agents.settings import DATABASE_URL, Settings
from configurable_agents.storage.tables import metadata

# Of libpq, where the URL does not say otherwise. A server that is gone without a word is noticed after some 20 seconds.
_CONNECTION = {
    "application_name": "configurable-agents",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "tcp_user_timeout": "20000",
}


def engine(settings: Settings, url: str) -> Engine:
    """An engine that makes connections when they are needed.

    Raises:
        SettingsError: psycopg is not installed, or the URL can't be read.
    """
    try:
        import psycopg  # SQLAlchemy imports it, and would say so in its own words
    except ImportError:
        message = "A history in PostgreSQL takes psycopg, which is not installed."
        raise SettingsError("missing_extra", message, "pip install 'configurable-agents[postgres]'") from None
    try:
        address = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):  # the message has the URL in it
        message = f"{DATABASE_URL} can't be read as a URL of PostgreSQL."
        raise SettingsError("wrong_setting", message, "Write it as postgresql://user@host/name") from None
    missing = {key: value for key, value in _CONNECTION.items() if key not in address.query}
    made = create_engine(
        address.update_query_dict(missing), isolation_level="READ COMMITTED", pool_pre_ping=True, max_overflow=-1
    )

    def connect(connection: psycopg.Connection, _: object) -> None:
        connection.autocommit = True
        if settings.sync == "normal":
            connection.execute("SET synchronous_commit TO off")
        else:  # what is stricter than `on`, because the server is set so, stays
            weak = "current_setting('synchronous_commit') = 'off'"
            connection.execute(f"SELECT set_config('synchronous_commit', 'on', false) WHERE {weak}")
        connection.autocommit = False

    event.listen(made, "connect", connect)
    return made


def vacuum(engine: Engine) -> int:
    """Make the room of deleted rows free for new ones; the bytes at the ends of tables that the disk got back."""
    sizes = text("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname = ANY(:tables) AND relkind = 'r'")
    with engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        before = outside.scalar(sizes, {"tables": list(metadata.tables)})
        # Not FULL, which would lock out all who use them.
        for table in metadata.tables:
            outside.exec_driver_sql(f"VACUUM {table}")
        return max(int(before or 0) - int(outside.scalar(sizes, {"tables": list(metadata.tables)}) or 0), 0)
