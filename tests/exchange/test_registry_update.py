"""An update of the exchange's registry is recorded like a build, and read wherever a build is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.exchange.office import PERSON, REQUEST, Office, Row, write_csv
from tests.exchange.test_whole_way import encryption_key

from comity.core.errors import AuthorizationError, RegistryError
from comity.exchange import receiving, registry
from comity.identity.manifest import RegistryManifest
from comity.identity.source import COLUMNS as PERSON_COLUMNS
from comity.review.decision import Verdict

MOVED: Row = dict(PERSON, street="9 Harrow Lane", address_from="2010-02-20")
"""To an address older than the one of the build: only who drops that one gives it."""


def update(
    office: Office, *persons: Row, removed: str = "", by: str | None = None
) -> RegistryManifest:
    source = write_csv(office.folder / "changed.csv", PERSON_COLUMNS, persons)
    listed = office.folder / "removed.txt"
    listed.write_text(removed)
    who = office.credentials(by or office.cast.operator)
    with office.exchange.writing():
        return registry.update_registry(
            office.exchange, source if persons else None, listed if removed else None, who
        )


def given_street(office: Office) -> object:
    (made,) = office.disclose()
    (name,) = made.packages
    opened = receiving.open_file(
        office.exchange.package_path / f"{name}.comity",
        encryption_key(office, "inv-01"),
        office.exchange.package_verifier_key,
    )
    items = opened.answers[0]["items"]
    assert isinstance(items, dict)
    return items["last_known_address"]["street"]


def test_the_address_given_is_the_updated_one(office: Office) -> None:
    update(office, MOVED)
    office.submit(dict(REQUEST, street=MOVED["street"]))
    office.decide(Verdict.APPROVE, "b000001/1")
    assert given_street(office) == MOVED["street"]


def test_an_untouched_person_keeps_the_address_of_the_build(office: Office) -> None:
    update(office, dict(MOVED, person_id="P2", tin="850-12-3457", first_name="Ivo"))
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    assert given_street(office) == PERSON["street"]


def test_a_flag_that_an_update_brings_holds_an_approved_case(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    update(office, dict(PERSON, flags="protected_address"))
    office.disclose()
    assert office.outcomes() == ["held"]


def test_a_removed_person_is_not_verified(office: Office) -> None:
    update(office, removed="P1\n")
    office.submit(REQUEST)
    assert office.outcomes() == ["not_verified"]


def test_an_update_is_an_entry_of_the_log(office: Office) -> None:
    manifest = update(office, MOVED)
    with office.exchange.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT body FROM entries ORDER BY number").fetchall()
    entries = [json.loads(body) for (body,) in rows]
    (entry,) = [one for one in entries if one["type"] == "registry.updated"]
    assert entry["body"] == {
        "digest": manifest.digest,
        "items_digest": manifest.items_digest,
        "officer": office.cast.operator,
    }


def test_who_may_not_build_may_not_update(office: Office) -> None:
    with pytest.raises(AuthorizationError):
        update(office, MOVED, by=office.cast.preparer)


def test_an_update_cut_off_before_its_record_is_as_if_it_had_not_been(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registry, "_record", stopped)
        with pytest.raises(KeyboardInterrupt):
            update(office, dict(PERSON, flags="protected_address"))
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    assert given_street(office) == PERSON["street"]
    update(office, MOVED)
    with registry.open_registry(office.exchange) as opened:
        assert opened.flags(["P1"]) == {"P1": frozenset()}


def test_another_delta_in_the_place_of_the_recorded_one(office: Office) -> None:
    path = office.exchange.registry_path
    update(office, MOVED)
    kept = office.folder / "kept"
    shutil.copytree(path, kept)
    update(office, dict(PERSON, flags="identity_theft"))
    update(office, dict(PERSON, flags="identity_theft"))
    shutil.rmtree(path)
    shutil.copytree(kept, path)
    with pytest.raises(RegistryError, match="built last"):
        office.submit(REQUEST)
    with pytest.raises(RegistryError, match="built last"):
        update(office, MOVED)


@pytest.mark.parametrize("folder", [".", "delta-000001"])
def test_other_items_beside_an_updated_index(office: Office, folder: str) -> None:
    update(office, MOVED)
    office.submit(dict(REQUEST, street=MOVED["street"]))
    office.decide(Verdict.APPROVE, "b000001/1")
    items: Path = office.exchange.registry_path / folder / "items.duckdb"
    content = bytearray(items.read_bytes())
    content[len(content) // 2] ^= 1
    items.write_bytes(content)
    with pytest.raises(RegistryError, match="not those that were built"):
        office.disclose()
