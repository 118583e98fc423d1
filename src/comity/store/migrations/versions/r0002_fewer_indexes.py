"""Drop the indexes over pseudonyms and handles that no query uses, or none that cannot scan.

A pseudonym is as good as random, so each row of a batch changed other pages of each such index: at
1,280,000 rows they took three times as long as everything else that is written about a request
(132 core-seconds of inserting with all indexes, 29 with none; those that stay grow at their end,
and cost next to nothing)."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_index("ix_requests_subject", table_name="requests")
    op.drop_index("ix_requests_matter", table_name="requests")
    op.drop_index("ix_requests_handle", table_name="requests")
    op.drop_index("ix_payloads_key_name", table_name="payloads")
