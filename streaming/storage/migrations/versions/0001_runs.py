"""Runs and their logs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_FIGURES = ("ttft_s", "e2e_s", "itl_p50_s", "itl_p95_s", "itl_p99_s", "tpot_s", "tokens_per_s")


def upgrade() -> None:
    """Create the tables of runs and of their logs."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("beat_at", sa.Float, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("graph", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("modes", sa.String(200), nullable=False),
        sa.Column("api", sa.String(32), nullable=False),
        sa.Column("flush", sa.String(32), nullable=False),
        sa.Column("temperature", sa.Float),
        sa.Column("max_tokens", sa.Integer),
        sa.Column("header", sa.JSON, nullable=False),
        *(sa.Column(name, sa.Float) for name in _FIGURES),
        sa.Column("chunks", sa.Integer),
        sa.Column("output_tokens", sa.Integer),
        sa.Column("events", sa.Integer),
        sa.Column("bytes", sa.Integer),
        sa.Column("bytes_by_mode", sa.JSON),
        sa.Column("log_bytes", sa.Integer, nullable=False),
    )
    op.create_index("runs_created_at", "runs", ["created_at"])
    op.create_table(
        "logs",
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("lines", sa.LargeBinary, nullable=False),
    )
