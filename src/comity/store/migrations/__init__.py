"""Alembic migrations, run in code by `comity.store.database`."""
