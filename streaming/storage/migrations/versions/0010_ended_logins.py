"""Logins that a logout has ended, whose cookies would be valid for a month."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "ended_logins",
        sa.Column("login", sa.String(64), primary_key=True),
        sa.Column("ended_at", sa.Float, nullable=False),
    )
    op.create_index("ended_logins_ended_at", "ended_logins", ["ended_at"])
