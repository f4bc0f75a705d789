"""Standard names for heartbeats and event chunks; wait, end and gaps of a run; an index for the runs of one owner."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Rename columns and a table; add the columns and the index."""
    op.execute("ALTER TABLE runs RENAME COLUMN beat_at TO heartbeat_at")
    op.execute("ALTER TABLE logs RENAME TO event_chunks")
    op.execute("ALTER TABLE event_chunks RENAME COLUMN lines TO payload")
    op.add_column("runs", sa.Column("wait_s", sa.Float))
    op.add_column("runs", sa.Column("ended_at", sa.Float))
    op.add_column("runs", sa.Column("gap_histogram", sa.JSON))
    # The last heartbeat of a run was written together with its end.
    op.execute("UPDATE runs SET ended_at = heartbeat_at WHERE status <> 'Running'")
    op.create_index("runs_owner_created_at", "runs", ["owner", "created_at"])
