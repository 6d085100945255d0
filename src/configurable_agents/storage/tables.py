"""The tables, as they are now. `migrations` makes them; a test compares the two.

Times are whole microseconds since 1970. What a user or a model may have written is kept as bytes of UTF-8 (`rows`),
because PostgreSQL's text takes neither the character 0 nor half of a pair.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite numbers rows by itself where the key is an INTEGER, and by no other word.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

workflows = Table(
    "workflows",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("workflow_hash", Text, ForeignKey("workflows.hash"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("started_at", BigInteger, nullable=False, index=True),
    Column("ended_at", BigInteger),
    Column("parent", Text, index=True),
    Column("relation", Text),
    Column("session", Text, index=True),
    Column("model", Text),
    Column("error_code", Text),
    Column("model_calls", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Column("unpriced", Text, nullable=False),
    Column("owner", Text),
    Column("lease_until", BigInteger),
    Column("cancel_requested", Boolean, nullable=False),
    Index("ix_runs_workflow", "workflow", "started_at"),
)

events = Table(
    "events",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("type", Text, nullable=False),
    Column("node", Text),
    Column("visit", BigInteger),
    Column("item", BigInteger),
    Column("attempt", BigInteger),
    Column("time", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)

payloads = Table(
    "payloads",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("text", LargeBinary, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("position", _NUMBER, Identity(), primary_key=True),
    Column("session", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("session", "workflow", "field", "message_id", name="uq_sessions_message"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("amount", Float, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_reservations_name", "name", "time"),
)

cache = Table(
    "cache",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, index=True),
)
