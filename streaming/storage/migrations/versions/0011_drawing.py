"""What the drawing of a run's text gave and cost."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; of the runs that are stored already it is not known."""
    op.add_column("runs", sa.Column("drawing", sa.JSON(none_as_null=True)))
