"""Incidents: what is called back, the notices about it, and the answers to them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("suspected", sa.String(length=27), nullable=False),
        sa.Column("due", sa.String(length=27), nullable=False),
        sa.Column("answer_by", sa.String(length=27), nullable=False),
        sa.Column("opened", sa.String(length=27), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("stays", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.String(length=27), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_table(
        "recalled",
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_recalled_incident")),
        sa.ForeignKeyConstraint(
            ["batch", "row"],
            ["disclosures.batch", "disclosures.row"],
            name=op.f("fk_recalled_batch_row"),
        ),
        sa.PrimaryKeyConstraint("incident", "batch", "row", name=op.f("pk_recalled")),
    )
    op.create_index("ix_recalled_batch", "recalled", ["batch", "row"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("made", sa.String(length=27), nullable=False),
        sa.Column("due", sa.String(length=27), nullable=True),
        sa.Column("sent", sa.String(length=27), nullable=True),
        sa.Column("recorded", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_notices_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_incident"), "notices", ["incident"], unique=False)
    op.create_table(
        "notice_packages",
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("package", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notices.id"], name=op.f("fk_notice_packages_notice")),
        sa.PrimaryKeyConstraint("notice", "package", name=op.f("pk_notice_packages")),
    )
    op.create_table(
        "notice_answers",
        sa.Column("entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("package", sa.String(length=40), nullable=False),
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("statement", sa.String(length=71), nullable=False),
        sa.Column("copies", sa.String(length=16), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("passed_on", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(length=27), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notices.id"], name=op.f("fk_notice_answers_notice")),
        sa.PrimaryKeyConstraint("entry", "package", name=op.f("pk_notice_answers")),
    )
    op.create_index(op.f("ix_notice_answers_notice"), "notice_answers", ["notice"], unique=False)
