"""The part of a run's request that is in no recording: its position in the conversation, and its model's name."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; it stays `NULL` for runs that are stored already."""
    op.add_column("runs", sa.Column("request", sa.JSON))
