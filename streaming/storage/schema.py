"""The tables of the run store, and their migrations."""

import threading
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import tenacity
from alembic import command
from alembic.config import Config

metadata = sa.MetaData()

_alembic_lock = threading.Lock()
"""Alembic keeps the running migration in a global variable."""

_ADVISORY_LOCK = 5_780_113
"""Any number, the same in every server: PostgreSQL lets one of them migrate at a time."""

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, default=""),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("heartbeat_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
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
        for name in ("wait_s", "ttft_s", "e2e_s", "itl_p50_s", "itl_p95_s", "itl_p99_s", "tpot_s", "tokens_per_s")
    ),
    sa.Column("gap_histogram", sa.JSON(none_as_null=True)),
    sa.Column("chunks", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("events", sa.Integer),
    sa.Column("bytes", sa.Integer),
    sa.Column("bytes_by_mode", sa.JSON),
    sa.Column("log_bytes", sa.Integer, nullable=False, default=0),
    sa.Column("answers", sa.String(200)),
    sa.Column("request", sa.JSON(none_as_null=True)),
    sa.Column("prompt", sa.String(300), nullable=False, default=""),
    sa.Column("asked", sa.String(16), nullable=False, default=""),
    sa.Column("followed_at", sa.Float),
    sa.Column("part_of", sa.String(16), nullable=False, default=""),
    sa.Column("continues", sa.String(64), nullable=False, default=""),
    sa.Column("first_text_s", sa.Float),
    sa.Column("drawing", sa.JSON(none_as_null=True)),
)
"""One row per run. Names with `_at` are seconds since the epoch, with `_s` durations in seconds; sizes are in bytes.

Runs that were stored before `wait_s` existed have `NULL` there, and their `ttft_s` and `e2e_s` count from the graph's
input instead of from submission. `gap_histogram` counts the gaps between text chunks (see
`streaming.analysis.gap_histogram`); it is `NULL` for runs that have not ended, and for runs that were stored before
this column existed. `answers` names the ways in which answers of the run ended (see
`streaming.projections.answer_ends`); it is `NULL` in the same cases. `request` is what `header` does not hold of the
run's request (see `streaming.storage.stored_request`); it is `NULL` for runs that were stored before it existed.
`prompt` is a short line for lists; `header` holds the whole prompt. `asked` and `followed_at` are for the server that
executes the run: another server asks it to stop (`cancel`, or `drain` after the superstep), or has a follower.
`part_of` is what the run is one of (see `streaming.core.request.PartOf`), `continues` the run or the thread that a
resumed or forked run goes on with; both are empty for a run of its own. `first_text_s` is when its first text was
drawn, or when an answer that came whole was there, `drawing` what drawing all of it gave and cost (see
`streaming.core.text_drawing`); both are `NULL` where that was not measured.
"""

event_chunks = sa.Table(
    "event_chunks",
    metadata,
    sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)
"""The event log of a run, cut into consecutive parts; each payload holds JSON Lines, compressed by zlib."""

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
    sa.Column("owner", sa.String(64), nullable=False, default=""),
)
"""Votes of the blind test: which configuration felt `faster` and which `slower`, and the measured `figures`."""

ended_logins = sa.Table(
    "ended_logins",
    metadata,
    sa.Column("login", sa.String(64), primary_key=True),
    sa.Column("ended_at", sa.Float, nullable=False, index=True),
)
"""Logins that a logout has ended: a hash of what the server has signed, which tells neither the user nor the cookie."""


def upgrade(connection: sa.Connection, *, revision: str = "head") -> None:
    """Bring the tables of this database to the newest, or to the named, revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    with _alembic_lock:
        command.upgrade(config, revision)


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(sa.exc.OperationalError),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_fixed(0.2),
    reraise=True,
)
def migrate(engine: sa.Engine) -> None:
    """Bring the tables up to date in one transaction. One server migrates at a time, and the others wait for it."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Without it, Python's driver commits every statement that changes a table by itself.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        upgrade(connection)


def configure_sqlite(engine: sa.Engine) -> None:
    """Set the pragmas that every SQLite connection needs; other databases are left as they are."""
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _: Any) -> None:
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
