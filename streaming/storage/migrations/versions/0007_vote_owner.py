"""The owner of a vote: on a server that others can reach, each browser has its own votes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; earlier votes belong to nobody."""
    op.add_column("votes", sa.Column("owner", sa.String(64), nullable=False, server_default=""))
