"""Alembic's entry: the store hands in the connection."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="alembic_version", render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
