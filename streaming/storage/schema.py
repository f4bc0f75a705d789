"""The tables, and how a database gets them."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

metadata = sa.MetaData()

_alembic = threading.Lock()
"""Alembic keeps the migration at work in a global of its own."""

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, default=""),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("beat_at", sa.Float, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("error", sa.String(64), nullable=False, default=""),
    sa.Column("graph", sa.String(64), nullable=False),
    sa.Column("provider", sa.String(32), nullable=False),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("modes", sa.String(200), nullable=False),
    sa.Column("api", sa.String(32), nullable=False),
    sa.Column("flush", sa.String(32), nullable=False, default=""),
    sa.Column("temperature", sa.Float),
    sa.Column("max_tokens", sa.Integer),
    sa.Column("header", sa.JSON, nullable=False),
    *(
        sa.Column(name, sa.Float)
        for name in ("ttft_s", "e2e_s", "itl_p50_s", "itl_p95_s", "itl_p99_s", "tpot_s", "tokens_per_s")
    ),
    sa.Column("chunks", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("events", sa.Integer),
    sa.Column("bytes", sa.Integer),
    sa.Column("bytes_by_mode", sa.JSON),
    sa.Column("log_bytes", sa.Integer, nullable=False, default=0),
)
"""One row a run; times in seconds, `created_at` and `beat_at` since the epoch, sizes in bytes."""

event_chunks = sa.Table(
    "logs",
    metadata,
    sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("lines", sa.LargeBinary, nullable=False),
)
"""A run's events as compressed JSON Lines, in parts as they were saved."""

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("faster_run", sa.String(64), nullable=False),
    sa.Column("slower_run", sa.String(64), nullable=False),
    sa.Column("faster", sa.String(200), nullable=False),
    sa.Column("slower", sa.String(200), nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
)
"""What felt faster in a blind test: `faster` and `slower` name the configurations, `figures` are the true ones."""


def upgrade(connection: sa.Connection, *, revision: str = "head") -> None:
    """Bring this database's tables to the newest (or a named) revision."""
    with _alembic:
        _upgrade(connection, revision)


def _upgrade(connection: sa.Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def upgrade_patiently(engine: sa.Engine) -> None:
    """Upgrade, also when another server does the same at the same time: the second one finds the work done."""
    for attempt in range(3):
        with suppress(sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
            with engine.begin() as connection:
                upgrade(connection)
            return
        time.sleep(0.2 * (attempt + 1))
    with engine.begin() as connection:
        upgrade(connection)


def configure_sqlite(engine: sa.Engine) -> None:
    """Settings that SQLite wants on every connection."""
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
