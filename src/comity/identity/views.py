"""Base and delta as one index: the schema `idx` of views over the databases `base` and `delta`.

Persons of the base that an update changed or removed are `gone` and no view shows them; a word, a
street or a common key is the delta's wherever it has it; a key that became common is left out."""

from __future__ import annotations

from comity.identity.keying import sorted_columns
from comity.identity.keys import KEYS

PERSON_TABLES = ("person", "number", "name", "address", "coded")
DICTIONARIES = ("word", "head", "street_form", "area")
"""Tables of which the delta has what the base lacks, with ids that count on from the base's."""


def views() -> str:
    """The SQL that makes them."""
    made = ["CREATE SCHEMA idx"]
    for table in PERSON_TABLES:
        made.append(
            f"CREATE VIEW idx.{table} AS SELECT * FROM base.{table} "
            f"ANTI JOIN delta.gone USING (pid) UNION ALL SELECT * FROM delta.{table}"
        )
    for table in DICTIONARIES:
        made.append(f"CREATE VIEW idx.{table} AS FROM base.{table} UNION ALL FROM delta.{table}")
    for kind in (*KEYS, "household"):
        columns = sorted_columns(kind)
        made.append(
            f"CREATE VIEW idx.key_{kind} AS SELECT {columns} FROM base.key_{kind} "
            "ANTI JOIN delta.gone USING (pid) "
            f"ANTI JOIN (SELECT key FROM delta.common WHERE kind = '{kind}') USING (key) "
            f"UNION ALL SELECT {columns} FROM delta.key_{kind}"
        )
    for table, keys, where in (
        ("common", "kind, key", ""),
        ("vocabulary", "kind, word", "WHERE bearers > 0"),
        ("street", "postal, line", "WHERE houses > 1"),
    ):
        made.append(
            f"CREATE VIEW idx.{table} AS SELECT * FROM base.{table} "
            f"ANTI JOIN delta.{table} USING ({keys}) "
            f"UNION ALL SELECT * FROM delta.{table} {where}"
        )
    return ";\n".join(made)
