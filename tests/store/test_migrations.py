"""The schema that migrations make is the one that the code means; a newer one is not touched."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from comity.core.errors import ConflictError
from comity.store import migrations
from comity.store.database import NEWEST, Database, DatabaseFailure, insert_rows
from comity.store.migrations import revisions
from comity.store.tables import data_keys, metadata, stays


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


def test_an_exchange_of_the_first_schema_is_brought_up_with_what_it_holds(tmp_path: Path) -> None:
    old = Database(f"sqlite:///{tmp_path / 'comity.db'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with old.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(sa.insert(data_keys), [{"name": "b000001/1", "wrapped": b"x"}])
    old.close()
    opened = Database(f"sqlite:///{tmp_path / 'comity.db'}")
    opened.migrate()
    test_migrations_lead_to_the_tables(opened)
    with opened.reading() as connection:
        assert connection.execute(sa.select(data_keys.c.wrapped)).scalars().all() == [b"x"]


def test_what_is_committed_is_durable(database: Database) -> None:
    """Write-ahead log, flushed at every commit; deleted content is overwritten."""
    with database.reading() as connection:

        def setting(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        assert setting("journal_mode") == "wal"
        assert setting("synchronous") == 2
        assert setting("secure_delete") == 1
        assert setting("foreign_keys") == 1


def test_rows_in_bulk_are_the_rows_that_were_given(database: Database) -> None:
    rows = [(f"b000001/{n}", bytes([n])) for n in range(200)]
    columns = (data_keys.c.name, data_keys.c.wrapped)
    with database.transaction() as connection:
        insert_rows(connection, columns, iter(rows))
        insert_rows(connection, columns, [])
    with database.reading() as connection:
        assert sorted(map(tuple, connection.execute(sa.select(*columns)))) == sorted(rows)
    with (
        pytest.raises(ConflictError, match="already recorded"),
        database.transaction() as connection,
    ):
        insert_rows(connection, columns, [("new", b""), rows[0]])
    with database.reading() as connection:
        assert len(connection.execute(sa.select(data_keys)).all()) == 200


def test_a_bulk_insert_is_written_for_the_driver_that_gets_it() -> None:
    """PostgreSQL's driver marks values otherwise, and `row` needs quotes there or not."""
    sent: list[tuple[str, list[tuple[object, ...]]]] = []

    class Recording:
        def __init__(self, dialect: sa.Dialect) -> None:
            self.dialect = dialect

        def exec_driver_sql(self, statement: str, rows: list[tuple[object, ...]]) -> None:
            sent.append((statement, rows))

    columns = [stays.c.id, stays.c.order]
    for url in ("postgresql+psycopg://", "sqlite://"):
        dialect = sa.make_url(url).get_dialect()()
        insert_rows(cast("sa.Connection", Recording(dialect)), columns, [("s1", "o")])
    assert [statement for statement, _ in sent] == [
        'INSERT INTO stays (id, "order") VALUES (%s, %s)',
        'INSERT INTO stays (id, "order") VALUES (?, ?)',
    ]
