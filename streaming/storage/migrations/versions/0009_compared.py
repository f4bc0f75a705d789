"""What a run is part of and what it continues, and when its first text was drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; of the runs that are stored already none of it is known."""
    op.add_column("runs", sa.Column("part_of", sa.String(16), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("continues", sa.String(64), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("first_text_s", sa.Float))
