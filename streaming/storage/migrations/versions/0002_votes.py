"""Votes of the blind test."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of votes, and an index by size for dropping old logs."""
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("faster_run", sa.String(64), nullable=False),
        sa.Column("slower_run", sa.String(64), nullable=False),
        sa.Column("faster", sa.String(200), nullable=False),
        sa.Column("slower", sa.String(200), nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
    )
    op.create_index("runs_log_bytes", "runs", ["log_bytes"])
