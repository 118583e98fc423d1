"""The keys under which candidates are found.

The same SQL makes the keys of the registry and of a batch: both stand in tables of one form
(`person`, `number`, `name`, `address`), in the schema `{s}`. A key is 64 bits of MD5 over its text:
the same on every machine and version; two texts under one key only bring a candidate too many.
"""

from __future__ import annotations

CAP = 400
"""Persons under one key beyond which the key brings no candidates and the request is marked."""

KEYS: dict[str, str] = {
    "number": "SELECT pid, number AS text FROM {s}.number",
    "address": (
        "SELECT pid, concat_ws('|', house, core, postal) FROM {s}.address "
        "WHERE core <> '' AND postal <> ''"
    ),
    "address_city": (
        "SELECT pid, concat_ws('|', house, core, city, state) FROM {s}.address "
        "WHERE core <> '' AND city <> ''"
    ),
    "family_sound": (
        "SELECT n.pid, concat_ws('|', n.sound, left(n.given, 1), a.postal) FROM "
        "(SELECT pid, given, unnest(sounds) AS sound FROM {s}.name) n "
        "JOIN {s}.address a USING (pid) "
        "WHERE n.given <> '' AND a.postal <> ''"
    ),
    "house_given": (
        "SELECT n.pid, concat_ws('|', a.house, split_part(n.given, ' ', 1), a.postal) FROM "
        "{s}.name n JOIN {s}.address a USING (pid) "
        "WHERE n.given <> '' AND a.house <> '' AND a.postal <> ''"
    ),
    "family_dob": (
        "SELECT n.pid, concat_ws('|', n.sound, p.dob) FROM "
        "(SELECT pid, unnest(sounds) AS sound FROM {s}.name) n JOIN {s}.person p USING (pid) "
        "WHERE p.dob IS NOT NULL"
    ),
    "given_dob": (
        "SELECT n.pid, concat_ws('|', split_part(n.given, ' ', 1), p.dob) FROM "
        "{s}.name n JOIN {s}.person p USING (pid) WHERE n.given <> '' AND p.dob IS NOT NULL"
    ),
}
"""By kind: the SQL that gives (pid, text) for every person of a schema."""

HOUSEHOLD = (
    "SELECT n.pid, concat_ws('|', a.bid, 'S', n.sound) AS text FROM "
    "(SELECT pid, unnest(sounds) AS sound FROM {s}.name) n JOIN {s}.address a USING (pid) "
    "UNION SELECT n.pid, concat_ws('|', a.bid, 'G', split_part(n.given, ' ', 1)) FROM "
    "{s}.name n JOIN {s}.address a USING (pid) WHERE n.given <> '' "
    "UNION SELECT p.pid, concat_ws('|', a.bid, 'D', p.dob) FROM "
    "{s}.person p JOIN {s}.address a USING (pid) WHERE p.dob IS NOT NULL"
)
"""Who else lives in a candidate's building (`bid`), by family name's sound, given name or birth
date: so that a rival is found even where the request's own address has typing errors."""


def hashed(select: str) -> str:
    """The SQL of a key's texts as distinct (key, pid), sorted by key."""
    return (
        f"SELECT DISTINCT md5_number_lower(text) AS key, pid FROM ({select}) AS t(pid, text) "
        "ORDER BY key, pid"
    )
