"""Finding the candidates of one request: a handful of look-ups, some milliseconds.

The same keys, sieve and households as for a batch (`candidates`), with the request's keys made here
instead of in SQL. What comes out are the persons as records, for `matching` to compare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from comity.identity.compare import compare_areas, compare_houses, compare_streets
from comity.identity.doubts import AREA, HOUSE, STREET
from comity.identity.evidence import Circumstances
from comity.identity.keys import SIEVED
from comity.identity.letters import letters_of_names, may_be_alike
from comity.identity.names import Name, sounds
from comity.identity.place import Place
from comity.identity.record import Standard
from comity.identity.request_keys import (
    building,
    key_number,
    key_text,
    key_texts,
    names_asked,
    postal_number,
)


@dataclass(frozen=True)
class Record:
    """A person of the registry as compared: every recorded name and address."""

    person_id: str
    dob: date | None
    numbers: tuple[str, ...]
    flags: tuple[str, ...]
    inconsistent: bool
    names: tuple[Name, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Found:
    """What a look-up brings: the persons in the order of their ids, the circumstances, how many
    persons bear each name, and those of the streets (postal code, line) that several addresses
    are in."""

    records: Sequence[Record]
    around: Circumstances
    bearers: Mapping[tuple[str, str], int]
    streets: frozenset[tuple[str, str]]


def look_up(database: duckdb.DuckDBPyConnection, asked: Standard) -> Found:
    """Find the candidates of a request in the index that is attached as `idx`."""
    texts = key_texts(asked)
    keys = {kind: [key_number(text) for text in of_kind] for kind, of_kind in texts.items()}
    common = _common(database, keys)
    pids = _under(database, keys, asked)
    people = _people(database, pids)
    near = _near_buildings(database, people, asked)
    own = {building(asked.place)} if asked.place else set()
    households = _households(database, asked, near - own, own, common)
    common |= households.common
    more = households.pids - pids
    people |= _people(database, more)
    cut = tuple(sorted({kind for kind, _ in common}))
    records = [
        people[pid].record for pid in sorted(people, key=lambda pid: people[pid].record.person_id)
    ]
    return Found(
        records,
        _circumstances(asked, records, cut, common, keys),
        _bearers(database, asked, records),
        _streets(database, asked, records),
    )


# --- persons under keys --------------------------------------------------------------------------

Common = dict[tuple[str, int], tuple[int, tuple[str, ...]]]
"""By kind and key: the persons under it and the flags of all of them."""


def _common(database: duckdb.DuckDBPyConnection, keys: Mapping[str, Iterable[int]]) -> Common:
    """Those of some keys that are too common to bring anybody."""
    wanted = {(kind, key) for kind, of_kind in keys.items() for key in of_kind}
    if not wanted:
        return {}
    rows = database.execute(
        "SELECT kind, key, persons, flags FROM idx.common "
        f"WHERE key IN ({_list(key for _, key in wanted)})"
    ).fetchall()
    return {
        (kind, key): (persons, tuple(flags))
        for kind, key, persons, flags in rows
        if (kind, key) in wanted
    }


def _under(
    database: duckdb.DuckDBPyConnection, keys: Mapping[str, list[int]], asked: Standard
) -> set[int]:
    """The persons under some keys; of an address, those of a maybe like name or the same day."""
    selects = []
    for kind, of_kind in keys.items():
        if of_kind:
            sieve = [
                column if column in SIEVED.get(kind, ()) else "NULL"
                for column in ("letters", "born", "code")
            ]
            selects.append(
                f"SELECT pid, {kind in SIEVED}, {', '.join(sieve)} FROM idx.key_{kind} "
                f"WHERE key IN ({_list(of_kind)})"
            )
    if not selects:
        return set()
    passes = _sieve(asked)
    return {
        pid
        for pid, sieved, *theirs in database.execute(" UNION ALL ".join(selects)).fetchall()
        if not sieved or passes(*theirs)
    }


def _sieve(asked: Standard) -> Callable[[int, date | None, int | None], bool]:
    """Who under an address may be meant, from what stands beside the key; see keys.SIEVED."""
    letters = letters_of_names(asked.name.given, asked.name.family)
    here, day = postal_number(asked.place.postal), asked.dob

    def passes(theirs: int, born: date | None, code: int | None) -> bool:
        if here and code == here:
            return False
        return may_be_alike(letters, theirs) or (day is not None and day == born)

    return passes


def _list(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


@dataclass(frozen=True)
class _Person:
    record: Record
    buildings: tuple[tuple[Place, str], ...]


_NAME = "pid, given, middle, family, suffix"
_PLACE = "pid, house, line, core, pre, street_suffix, post, unit, city, state, postal"


def _people(database: duckdb.DuckDBPyConnection, pids: set[int]) -> dict[int, _Person]:
    """The persons as recorded. Three look-ups cost half of what one join of the tables does."""
    if not pids:
        return {}
    some = f"WHERE pid IN ({_list(sorted(pids))})"
    persons: dict[int, tuple[Any, ...]] = {}
    for pid, *parts in database.execute(
        f"SELECT pid, person_id, dob, number, flags, inconsistent FROM idx.person {some}"
    ).fetchall():
        persons[pid] = tuple(parts)
    names: dict[int, set[Name]] = defaultdict(set)
    for pid, *parts in database.execute(f"SELECT {_NAME} FROM idx.name {some}").fetchall():
        names[pid].add(Name(*parts))
    places: dict[int, set[Place]] = defaultdict(set)
    for pid, *parts in database.execute(f"SELECT {_PLACE} FROM idx.address {some}").fetchall():
        places[pid].add(Place(*parts))
    # whoever has several numbers is inconsistent
    numbers: dict[int, list[str]] = defaultdict(list)
    if odd := [pid for pid, row in persons.items() if row[4] or not row[2]]:
        for pid, number in database.execute(
            f"SELECT pid, number FROM idx.number WHERE pid IN ({_list(odd)})"
        ).fetchall():
            numbers[pid].append(number)
    found = {}
    for pid, (person_id, dob, number, flags, inconsistent) in persons.items():
        listed = sorted(numbers[pid]) or ([number] if number else [])
        ordered = sorted(places[pid], key=_in_order)
        found[pid] = _Person(
            Record(
                person_id,
                dob,
                tuple(listed),
                tuple(flags),
                inconsistent,
                tuple(sorted(names[pid], key=lambda n: (n.given, n.middle, n.family, n.suffix))),
                tuple(ordered),
            ),
            tuple((place, building(place)) for place in ordered),
        )
    return found


def _in_order(place: Place) -> tuple[str, ...]:
    return (
        *(place.house, place.line, place.core, place.pre, place.suffix, place.post),
        *(place.unit, place.city, place.state, place.postal),
    )


# --- households ----------------------------------------------------------------------------------


def _near_buildings(
    database: duckdb.DuckDBPyConnection, people: Mapping[int, _Person], asked: Standard
) -> set[str]:
    """The buildings on record that the request's address may mean (`doubts.near_place`)."""
    place = asked.place
    found: set[str] = set()
    if not place:
        return found
    maybe = [
        (other, name)
        for person in people.values()
        for other, name in person.buildings
        if compare_houses(place.house, other.house) in HOUSE and compare_areas(place, other) in AREA
    ]
    streets = _known(database, [place, *(other for other, _ in maybe)])
    for other, name in maybe:
        in_use = tuple((one.postal, one.line) in streets for one in (place, other))
        if compare_streets(place, other, (in_use[0], in_use[1])) in STREET:
            found.add(name)
    return found


@dataclass(frozen=True)
class _Households:
    pids: set[int]
    common: Common


def _households(
    database: duckdb.DuckDBPyConnection,
    asked: Standard,
    others: set[str],
    own: set[str],
    known: Common,
) -> _Households:
    """Whoever else lives in the near buildings: see `candidates.find_households`."""
    pids = (
        _under(database, {"address": [key_number(text) for text in others]}, asked)
        if others
        else set()
    )
    crowded = {key for key in map(key_number, own) if ("address", key) in known}
    if others:
        crowded |= {key for _, key in _common(database, {"address": map(key_number, others)})}
    if not crowded:
        return _Households(pids, {})
    born = asked.dob.isoformat() if asked.dob else ""
    texts = []
    for bid in crowded:
        for name in names_asked(asked):
            texts += [key_text(str(bid), "S", sound) for sound in sounds(name.family)]
            if name.given:
                texts.append(key_text(str(bid), "G", name.given.partition(" ")[0]))
        if born:
            texts.append(key_text(str(bid), "D", born))
    household = {"household": [key_number(text) for text in dict.fromkeys(texts)]}
    return _Households(pids | _under(database, household, asked), _common(database, household))


# --- what surrounds them -------------------------------------------------------------------------


def _circumstances(
    asked: Standard,
    records: Sequence[Record],
    cut: tuple[str, ...],
    common: Common,
    keys: Mapping[str, Sequence[int]],
) -> Circumstances:
    for key in keys.get("number", ()):
        if ("number", key) in common:
            persons, flags = common["number", key]
            return Circumstances(cut, persons, tuple(sorted(flags)))
    holders = [record for record in records if asked.number and asked.number in record.numbers]
    borne = {flag for record in holders for flag in record.flags}
    return Circumstances(cut, len(holders), tuple(sorted(borne)))


def _bearers(
    database: duckdb.DuckDBPyConnection, asked: Standard, records: Sequence[Record]
) -> dict[tuple[str, str], int]:
    names = [asked.name, *(name for record in records for name in record.names)]
    given, family = ({getattr(name, field) for name in names} for field in ("given", "family"))
    rows = database.execute(
        " UNION ALL ".join(
            "SELECT kind, word, bearers FROM idx.vocabulary "
            f"WHERE kind = '{kind}' AND word IN ({', '.join('?' * len(words))})"
            for kind, words in (("given", given), ("family", family))
        ),
        [*given, *family],
    ).fetchall()
    return {(kind, word): bearers for kind, word, bearers in rows}


def _streets(
    database: duckdb.DuckDBPyConnection, asked: Standard, records: Sequence[Record]
) -> frozenset[tuple[str, str]]:
    return _known(
        database, [asked.place, *(place for record in records for place in record.places)]
    )


def _known(
    database: duckdb.DuckDBPyConnection, places: Sequence[Place]
) -> frozenset[tuple[str, str]]:
    """Those of the places' streets that several addresses are in; needed only where they differ."""
    named = {(place.postal, place.line) for place in places}
    if len(named) < 2:
        return frozenset()
    postals, lines = ({key[part] for key in named} for part in (0, 1))
    rows = database.execute(
        f"SELECT postal, line FROM idx.street WHERE postal IN ({', '.join('?' * len(postals))}) "
        f"AND line IN ({', '.join('?' * len(lines))})",
        [*postals, *lines],
    ).fetchall()
    return frozenset(named.intersection(rows))
