"""A lawful request about a certain person: from the file to the opened package."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path

import pytest
from tests.exchange.office import REQUEST, Office

from comity.core.errors import ConflictError, KeyMaterialError
from comity.core.keys import load_encryption_key
from comity.demo.officers import PASSPHRASE
from comity.disclosure.package import read_manifest
from comity.exchange import receiving, status
from comity.review.decision import Verdict


def send_one(office: Office) -> Path:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    (made,) = office.disclose()
    (name,) = made.packages
    return office.exchange.package_path / f"{name}.comity"


def encryption_key(office: Office, officer: str):  # type: ignore[no-untyped-def]
    return load_encryption_key(office.cast.encryption_key(officer), lambda: PASSPHRASE)


def test_the_named_officer_opens_the_address_and_nothing_else(office: Office) -> None:
    package = send_one(office)
    opened = receiving.open_file(
        package, encryption_key(office, "inv-01"), office.exchange.package_verifier_key
    )
    (answer,) = opened.answers
    assert answer["request_id"] == "R1"
    items = answer["items"]
    assert isinstance(items, dict)
    assert items.keys() == {"last_known_address"}
    address = items["last_known_address"]
    assert address["street"] == "418 Juniper Hollow Rd"
    assert address["from"] == "2019-02-01"
    assert "not proof of residence" in address["label"]
    assert {"tin", "date_of_birth", "person_id", "first_name"}.isdisjoint(address)


def test_nobody_else_opens_it(office: Office) -> None:
    package = send_one(office)
    with pytest.raises(KeyMaterialError, match="does not open"):
        receiving.open_file(
            package, encryption_key(office, "inv-02"), office.exchange.package_verifier_key
        )


def test_the_manifest_beside_it_names_no_person(office: Office) -> None:
    content = send_one(office).read_bytes()
    manifest = read_manifest(content, office.exchange.keys.package_signer().public_key())
    assert manifest["recipient"] == "inv-01"
    for word in ("Rosalind", "Quartermain", "Juniper", "P1", "R1", "FD-2025"):
        assert word not in json.dumps(dict(manifest))
    for name in (b"Rosalind", b"Quartermain", b"Juniper"):
        assert name not in content


def test_the_file_is_counted_where_every_row_went(office: Office) -> None:
    made = office.submit(REQUEST, dict(REQUEST, request_id="R2", street="Failed to Provide"))
    assert made.rows == 2
    assert {s.value: n for s, n in made.counts.items() if n} == {"pending": 1, "returned": 1}


def test_an_answer_goes_out_once(office: Office) -> None:
    send_one(office)
    assert office.disclose() == []
    with pytest.raises(ConflictError, match="none goes out twice"):
        office.disclose("b000001")
    assert len(list(office.exchange.package_path.iterdir())) == 1


def test_a_recipient_s_receipt_is_taken_once(office: Office) -> None:
    package = send_one(office)
    opened = receiving.open_file(
        package, encryption_key(office, "inv-01"), office.exchange.package_verifier_key
    )
    receipt = office.folder / "receipt.json"
    receiving.write_receipt(opened, office.credentials("inv-01"), receipt, office.clock)
    before = office.exchange.log.size()
    with office.exchange.writing():
        assert receiving.take_receipt(office.exchange, receipt) == package.stem
        receiving.take_receipt(office.exchange, receipt)
    assert office.exchange.log.size() == before + 1
    assert status.packages(office.exchange)[0].received is not None


def test_a_receipt_for_another_content_is_refused(office: Office) -> None:
    package = send_one(office)
    opened = receiving.open_file(
        package, encryption_key(office, "inv-01"), office.exchange.package_verifier_key
    )
    receipt = office.folder / "receipt.json"
    other = dataclasses.replace(opened, digest="sha256:" + "0" * 64)
    receiving.write_receipt(other, office.credentials("inv-01"), receipt, office.clock)
    with office.exchange.writing(), pytest.raises(ConflictError, match="another content"):
        receiving.take_receipt(office.exchange, receipt)


def test_a_receipt_by_another_officer_is_refused(office: Office) -> None:
    package = send_one(office)
    opened = receiving.open_file(
        package, encryption_key(office, "inv-01"), office.exchange.package_verifier_key
    )
    receipt = office.folder / "receipt.json"
    receiving.write_receipt(opened, office.credentials("inv-02"), receipt, office.clock)
    with office.exchange.writing(), pytest.raises(Exception, match="may not receive"):
        receiving.take_receipt(office.exchange, receipt)


def test_a_receipt_whose_officer_was_changed_does_not_verify(office: Office) -> None:
    package = send_one(office)
    opened = receiving.open_file(
        package, encryption_key(office, "inv-01"), office.exchange.package_verifier_key
    )
    receipt = office.folder / "receipt.json"
    receiving.write_receipt(opened, office.credentials("inv-02"), receipt, office.clock)
    text = json.loads(receipt.read_text())
    body = json.loads(base64.b64decode(text["payload"]))
    body["officer"] = "inv-01"
    changed = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
    receipt.write_text(json.dumps(text | {"payload": base64.b64encode(changed).decode()}))
    with office.exchange.writing(), pytest.raises(KeyMaterialError, match="does not verify"):
        receiving.take_receipt(office.exchange, receipt)
