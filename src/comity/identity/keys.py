"""The keys under which candidates are found.

The same SQL makes the keys of the registry and of a batch: both stand in tables of one form
(`person`, `number`, `name`, `address`), in the schema `{s}`. A key is 64 bits of MD5 over its text:
the same on every machine and version; two texts under one key only bring a candidate too many.
"""

from __future__ import annotations

CAP = 400
"""Persons under one key beyond which the key brings no candidates and the request is marked."""

BUILDING = (
    "CASE WHEN postal <> '' THEN concat_ws('|', house, core, postal) "
    "ELSE concat_ws('|', house, core, city, state) END"
)
"""The text that names a building; its key is the `bid` of an address."""

KEYS: dict[str, str] = {
    "number": "SELECT pid, number AS text FROM {s}.number",
    "address": f"SELECT pid, {BUILDING} AS text FROM {{s}}.address WHERE core <> ''",
    "address_city": (
        "SELECT pid, concat_ws('|', house, core, city, state) AS text FROM {s}.address "
        "WHERE core <> '' AND city <> ''"
    ),
    "family_sound": (
        "SELECT n.pid, concat_ws('|', n.sound, left(n.given, 1), a.postal) AS text FROM "
        "(SELECT pid, given, unnest(sounds) AS sound FROM {s}.name) n "
        "JOIN {s}.address a USING (pid) "
        "WHERE n.given <> '' AND a.postal <> ''"
    ),
    "house_given": (
        "SELECT n.pid, concat_ws('|', a.house, split_part(n.given, ' ', 1), a.postal) AS text FROM "
        "{s}.name n JOIN {s}.address a USING (pid) "
        "WHERE n.given <> '' AND a.house <> '' AND a.postal <> ''"
    ),
    "family_dob": (
        "SELECT n.pid, concat_ws('|', n.sound, p.dob) AS text FROM "
        "(SELECT pid, unnest(sounds) AS sound FROM {s}.name) n JOIN {s}.person p USING (pid) "
        "WHERE p.dob IS NOT NULL"
    ),
    "given_dob": (
        "SELECT n.pid, concat_ws('|', split_part(n.given, ' ', 1), p.dob) AS text FROM "
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
"""Who lives in a building (`bid`), by family name's sound, given name or birth date: where so many
live there that its own key is cut. Takes the addresses of such buildings alone."""

SIEVED: dict[str, tuple[str, ...]] = {
    "address": ("letters", "born"),
    "address_city": ("letters", "born", "code"),
}
"""Kinds whose keys carry, beside each person, what drops a neighbour of quite another name in the
join that would have brought him: `letters` (see there) and the birth date, `born`. A `code` that is
the request's drops whoever stands under the address with the postal code as well."""
_TYPES = {"letters": "UBIGINT", "born": "DATE", "code": "UINTEGER"}

NO_LETTERS = 1 << 62
"""The `letters` of a person without a name: nothing can be said (see there)."""


def hashed(select: str) -> str:
    """The SQL of a key's texts as distinct (key, pid), sorted by key."""
    return (
        f"SELECT DISTINCT md5_number_lower(text) AS key, pid FROM ({select}) AS t(pid, text) "
        "ORDER BY key, pid"
    )


def key_columns(kind: str) -> str:
    """The columns of a key's table."""
    sieve = [f"{column} {_TYPES[column]}" for column in SIEVED.get(kind, ())]
    return ", ".join(["key UBIGINT", "pid UINTEGER", *sieve])


def postal_number(postal: str) -> str:
    """A postal code of five digits as a whole number, 0 for any other, in SQL."""
    digits = f"length({postal}) = 5 AND regexp_full_match({postal}, '[0-9]+')"
    return f"(CASE WHEN {digits} THEN {postal}::UINTEGER ELSE 0 END)"


def keyed(kind: str, schema: str) -> str:
    """The SQL of one kind's rows (`key_columns`) for the persons of a schema that is in the form of
    the index, unsorted, and whose names have their `letters`; a row may come twice where a person
    has several names or addresses."""
    if kind not in SIEVED:
        select = KEYS[kind].format(s=schema)
        return f"SELECT md5_number_lower(text) AS key, pid FROM ({select})"
    key = "a.bid" if kind == "address" else "md5_number_lower(text)"
    text = "concat_ws('|', a.house, a.core, a.city, a.state)"
    code = f", {postal_number('a.postal')} AS code" if "code" in SIEVED[kind] else ""
    where = "a.core <> ''" if kind == "address" else "a.core <> '' AND a.city <> ''"
    return (
        f"SELECT {key.replace('text', text)} AS key, a.pid, "
        f"coalesce(n.letters, {NO_LETTERS}) AS letters, p.dob AS born{code} "
        f"FROM {schema}.address a JOIN {schema}.person p USING (pid) "
        f"LEFT JOIN {schema}.name n USING (pid) WHERE {where}"
    )
