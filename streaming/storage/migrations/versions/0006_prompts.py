"""The prompt of a run, for lists."""

import orjson
import sqlalchemy as sa
from alembic import op

from streaming.storage.prompt_line import one_line

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column, and fill it from the header of each stored run."""
    op.add_column("runs", sa.Column("prompt", sa.String(300), nullable=False, server_default=""))
    runs = sa.table("runs", sa.column("id"), sa.column("header", sa.Text), sa.column("prompt"))
    connection = op.get_bind()
    # In Python, because SQLite and PostgreSQL read JSON by different functions, and PostgreSQL refuses a NUL in it.
    headers = connection.execute(sa.select(runs.c.id, sa.cast(runs.c.header, sa.Text))).all()
    lines = [{"run": run, "line": one_line(orjson.loads(header).get("prompt", ""))} for run, header in headers]
    if lines:
        statement = sa.update(runs).where(runs.c.id == sa.bindparam("run")).values(prompt=sa.bindparam("line"))
        connection.execute(statement, lines)
