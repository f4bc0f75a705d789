"""How the answers of a run ended."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; it stays `NULL` for runs that are stored already."""
    op.add_column("runs", sa.Column("answers", sa.String(200)))
