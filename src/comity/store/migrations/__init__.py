"""Alembic migrations, run in code by `comity.store.database`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from comity.core.errors import ConflictError


def upgrade(connection: sa.Connection, present: str | None) -> None:
    """Bring a database at revision `present` (None = empty) to the newest one.

    Raises ConflictError for a revision that this version does not know."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    if present is not None and present not in revisions():
        raise ConflictError(
            "This exchange was made by a newer version of Comity.",
            cure="Install that version or a later one.",
        )
    command.upgrade(config, "head")


def revisions() -> list[str]:
    """Every revision that this version knows, newest first."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
