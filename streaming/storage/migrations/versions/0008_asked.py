"""What other servers ask of the server that executes a run."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; nothing is asked of the runs that are stored already."""
    op.add_column("runs", sa.Column("asked", sa.String(16), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("followed_at", sa.Float))
