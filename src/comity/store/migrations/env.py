"""Alembic's entry: the connection is handed in by `comity.store.database.migrate`."""

from alembic import context

from comity.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
