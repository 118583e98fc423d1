"""The schema that migrations make is the one that the code means; a newer one is not touched."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from comity.core.errors import ConflictError
from comity.store.database import NEWEST, Database, DatabaseFailure
from comity.store.migrations import revisions
from comity.store.tables import data_keys, metadata


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'comity.db'}")
    made.migrate()
    return made


def test_migrations_lead_to_the_tables(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_revision_is_the_one_that_the_code_names() -> None:
    assert revisions()[0] == NEWEST


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()


def test_a_newer_database_is_left_alone(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConflictError, match="newer version"):
        database.migrate()


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    row = {"name": "a", "wrapped": b"x"}

    def twice() -> None:
        with database.transaction() as connection:
            connection.execute(sa.insert(data_keys), [row])
            connection.execute(sa.insert(data_keys), [row])

    with pytest.raises(ConflictError, match="already recorded"):
        twice()
    with database.reading() as connection:
        assert connection.execute(sa.select(data_keys)).all() == []


def test_a_damaged_file_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "comity.db"
    path.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DatabaseFailure) as caught:
        database.migrate()
    assert "SELECT" not in caught.value.message
