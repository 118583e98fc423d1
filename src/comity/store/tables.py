"""The tables. No column holds a person's data in the clear: what is derived from a person is an
HMAC under the exchange's key, everything else about a person is sealed (see sealing.py).

`entries` is the log itself, in order; tiles and checkpoints are published from it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Moment = String(27)
"""UTC with microseconds, `2026-11-24T01:56:54.000000Z`; sorts as text."""

entries = Table(
    "entries",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("office", Boolean, nullable=False),
)
"""Entry `number` (from 0, without gaps) of the log, as canonical JSON; `office` is whether it is an
act of the holder's officers on single cases, which does not show by itself (see record.py)."""

data_keys = Table(
    "data_keys",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek", String(64), nullable=False, server_default=""),
)
"""Wrapped data keys; `name` is a request's handle (`batch/row`) or that of another act, `kek` the
name of the key-encryption key that wraps it (see sealing.OWN)."""

payloads = Table(
    "payloads",
    metadata,
    Column("entry", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("key_name", String(80), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("commitment", String(71), nullable=False),
)
"""The sealed salts and payloads behind the commitment of entry `entry`: one, or where an act
concerns several requests, one for each of them under its own key, and the list of their
`commitment`s, which the entry's own commitment covers."""

rosters = Table(
    "rosters",
    metadata,
    Column("party", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(71), nullable=False),
    Column("text", Text, nullable=False),
    Column("added", Moment, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(71), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("adopted", Moment, nullable=False),
)

safeguards = Table(
    "safeguards",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("party", String(64), nullable=False, index=True),
    Column("standing", Text, nullable=False),
    Column("recorded", Moment, nullable=False),
)

registries = Table(
    "registries",
    metadata,
    Column("entry", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("digest", String(71), nullable=False),
    Column("items_digest", String(71), nullable=False),
    Column("built", Moment, nullable=False),
)
"""Every registry that was built here, by the digests of its two files; the newest one serves."""

batches = Table(
    "batches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("agreement", String(64), nullable=False),
    Column("agreement_digest", String(71), nullable=False),
    Column("content", String(64), nullable=False),
    Column("file", String(64), nullable=False, index=True),
    Column("entry", BigInteger, nullable=False),
    Column("received", Moment, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("submitted_by", String(64), nullable=False),
    Column("prepared_by", String(64), nullable=False),
    Column("signed_by", String(64), nullable=False),
    Column("released", Moment),
    UniqueConstraint("agreement", "content"),
)
"""`content` is an HMAC of the digests of file and manifest, `file` of the file's alone; `entry` the
log entry of the receipt; `state` is `judging`, `judged` or `released`."""

requests = Table(
    "requests",
    metadata,
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("handle", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("matter", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("rules", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    ForeignKeyConstraint(["batch"], ["batches.id"]),
    Index("ix_requests_outcome", "batch", "outcome"),
)
"""One row a request. `handle`, `subject` and `matter` are HMACs of request id, person asked about
and case number, empty once they were disposed of; `rules` the ids unmet or for review; `status`
what the requester may learn now; `entry` the log entry of the determination.

No index over an HMAC: as good as random, it would change a page a row, and take longer than all
else that a batch writes (migration 0002). A handle is looked for among the rows of its batch."""

askings = Table(
    "askings",
    metadata,
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("subject", String(64), primary_key=True),
)
"""The ways (HMAC) in which a request that was looked up names its subject, so that one who is asked
about twice under one case is noticed."""

engagements = Table(
    "engagements",
    metadata,
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("officer", String(64), primary_key=True),
    Index("ix_engagements_officer", "officer"),
)
"""Which officers of the requester a request names as recipients."""

decisions = Table(
    "decisions",
    metadata,
    Column("entry", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("officer", String(64), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("batch", "row", "officer"),
    ForeignKeyConstraint(["batch", "row"], ["requests.batch", "requests.row"]),
)
"""Approvals and denials; the signed statement with its reason is sealed with entry `entry`, under
the request's key."""

packages = Table(
    "packages",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("batch", String(32), nullable=False, index=True),
    Column("recipient", String(64), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("made", Moment, nullable=False),
)
"""`content` is the file, encrypted to its recipient; empty once it was disposed of."""

disclosures = Table(
    "disclosures",
    metadata,
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("entry", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    ForeignKeyConstraint(["batch", "row"], ["requests.batch", "requests.row"]),
)
"""One row an answered request: the primary key forbids a second disclosure of the same answer.
`person` is an HMAC, empty once it was disposed of."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("package", String(40), primary_key=True),
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
)
"""Which package carries the answer to which request."""

receipts = Table(
    "receipts",
    metadata,
    Column("package", String(40), primary_key=True),
    Column("officer", String(64), nullable=False),
    Column("statement", Text, nullable=False),
    Column("at", Moment, nullable=False),
)


def _orders(name: str) -> Table:
    """Orders that one officer imposes and another lifts."""
    return Table(
        name,
        metadata,
        Column("id", String(32), primary_key=True),
        Column("scope", String(16), nullable=False),
        Column("value", String(128), nullable=False),
        Column("order", Text, nullable=False),
        Column("imposed", Moment, nullable=False),
        Column("imposed_by", String(64), nullable=False),
        Column("imposing", Text, nullable=False),
        Column("lifted", Moment),
        Column("lifted_by", String(64)),
        Column("lifting", Text),
    )


stays = _orders("stays")
"""`order` is the authority for the stay in words; `imposing` and `lifting` signed statements."""

holds = _orders("holds")
"""The same for holds, which stop disposal."""

disposals = Table(
    "disposals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("batch", String(32), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("ordered", Moment, nullable=False),
    Column("ordered_by", String(64), nullable=False),
    Column("ordering", Text, nullable=False),
    Column("kek", String(64)),
    Column("requests", Integer),
    Column("entry", BigInteger),
    Column("disposed", Moment),
    ForeignKeyConstraint(["batch"], ["batches.id"]),
)
"""What was ordered to be disposed of (`ordering` is the signed statement), and became of it:
`state` is `ordered`, `recorded` (entry `entry` of the log says so, and the data keys of so many
`requests` are deleted) or `done` (the key `kek` that wrapped them is destroyed, and all that they
sealed is deleted)."""

remains = Table(
    "remains",
    metadata,
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("statute", String(64), nullable=False),
    Column("items", String(64), nullable=False),
    Column("disposal", String(32), nullable=False),
    ForeignKeyConstraint(["disposal"], ["disposals.id"]),
)
"""What is left for the accounting of a request whose payload was disposed of: which of the
agreement's statutes it named, and what kinds of items were disclosed (`;`-separated)."""

counted = Table(
    "counted",
    metadata,
    Column("agreement", String(64), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("persons", Integer, nullable=False),
)
"""How many persons were counted out of `disclosures` when their pseudonyms were disposed of: of
answers to requests that were received in that year under that agreement."""

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("cause", String(16), nullable=False),
    Column("rules", Text, nullable=False),
    Column("content", String(64), nullable=False),
    Column("suspected", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("answer_by", Moment, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("contact", Text, nullable=False),
    Column("stays", Text, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("closed", Moment),
    Column("closed_by", String(64)),
    Column("closing", BigInteger),
)
"""Incidents: `cause` and `rules` say what was wrong, `content` is an HMAC over cause, suspicion and
the disclosures touched, `due` until when inspector and safeguards office must know, `stays` the
stays imposed with it. `entry` and `closing` are the log entries whose sealed payloads hold the
signed statements, the reasons in them, and the list."""

recalled = Table(
    "recalled",
    metadata,
    Column("incident", String(32), primary_key=True),
    Column("batch", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("certain", Boolean, nullable=False),
    ForeignKeyConstraint(["incident"], ["incidents.id"]),
    ForeignKeyConstraint(["batch", "row"], ["disclosures.batch", "disclosures.row"]),
    Index("ix_recalled_batch", "batch", "row"),
)
"""The disclosures that an incident calls back; `certain` is false where it could not be told."""

notices = Table(
    "notices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("incident", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("party", String(64), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("content", LargeBinary),
    Column("made", Moment, nullable=False),
    Column("due", Moment),
    Column("sent", Moment),
    Column("recorded", Moment),
    ForeignKeyConstraint(["incident"], ["incidents.id"]),
)
"""What an incident has to tell, and to whom. `content` is the file: encrypted to its reader, or
free of personal data; what is encrypted goes when the incident is closed. `party` is an HMAC of
whom a recipient passed an answer on to. `sent` is when it went out as an officer says, `recorded`
when that was said."""

notice_packages = Table(
    "notice_packages",
    metadata,
    Column("notice", String(40), primary_key=True),
    Column("package", String(40), primary_key=True),
    ForeignKeyConstraint(["notice"], ["notices.id"]),
)
"""Which packages a notice calls back answers of."""

notice_answers = Table(
    "notice_answers",
    metadata,
    Column("entry", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("package", String(40), primary_key=True),
    Column("notice", String(40), nullable=False, index=True),
    Column("statement", String(71), nullable=False),
    Column("copies", String(16), nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("used", Boolean, nullable=False),
    Column("passed_on", Integer, nullable=False),
    Column("said", Moment, nullable=False),
    Column("at", Moment, nullable=False),
    ForeignKeyConstraint(["notice"], ["notices.id"]),
)
"""What recipients answered, a row a package; the newest by `said` (the recipient's clock) counts.
The signed statement is sealed with entry `entry`; `statement` is its digest."""
