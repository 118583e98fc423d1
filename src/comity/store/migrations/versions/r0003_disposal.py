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
