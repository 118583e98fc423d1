"""Batches have key-encryption keys of their own; holds, disposals, and what is left of a request
whose payload was disposed of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "data_keys", sa.Column("kek", sa.String(length=64), nullable=False, server_default="")
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("imposed", sa.String(length=27), nullable=False),
        sa.Column("imposed_by", sa.String(length=64), nullable=False),
        sa.Column("imposing", sa.Text(), nullable=False),
        sa.Column("lifted", sa.String(length=27), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifting", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_table(
        "disposals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ordered", sa.String(length=27), nullable=False),
        sa.Column("ordered_by", sa.String(length=64), nullable=False),
        sa.Column("ordering", sa.Text(), nullable=False),
        sa.Column("kek", sa.String(length=64), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.Column("disposed", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_disposals_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposals")),
    )
    op.create_index(op.f("ix_disposals_batch"), "disposals", ["batch"], unique=False)
    op.create_table(
        "remains",
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("statute", sa.String(length=64), nullable=False),
        sa.Column("items", sa.String(length=64), nullable=False),
        sa.Column("disposal", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["disposal"], ["disposals.id"], name=op.f("fk_remains_disposal")),
        sa.PrimaryKeyConstraint("batch", "row", name=op.f("pk_remains")),
    )
    op.create_table(
        "counted",
        sa.Column("agreement", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agreement", "year", name=op.f("pk_counted")),
    )
