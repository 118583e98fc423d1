"""A package opens for its recipient alone, and any alteration is noticed."""

import json
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import ECKey

from comity.core.canonical import Json, canonical
from comity.core.errors import KeyMaterialError
from comity.disclosure.package import Package, make_package, open_package, read_manifest

HOLDER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OFFICER = ec.generate_private_key(ec.SECP256R1())
ANSWER: Mapping[str, Json] = {
    "request_id": "R-1",
    "items": {"last_known_address": {"street": "12 MADE UP ST"}},
}


def jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    public = ECKey.import_key(key).as_dict(private=False)
    return {name: str(value) for name, value in public.items()}


def make() -> Package:
    return make_package(
        manifest={"package": "b0001-p0001", "recipient": "ice-1", "label": ["mailing address"]},
        answers=[ANSWER],
        recipient_key=jwk(OFFICER),
        holder_key=HOLDER,
    )


def test_the_recipient_opens_it() -> None:
    opened = open_package(make().content, OFFICER, HOLDER.public_key())
    assert opened.answers == (ANSWER,)
    assert opened.manifest["answers"] == 1


def test_the_file_shows_nothing_of_the_answers() -> None:
    content = make().content
    assert b"MADE UP" not in content
    manifest = canonical(dict(read_manifest(content, HOLDER.public_key())))
    assert b"R-1" not in manifest
    assert b"street" not in manifest


def test_another_officer_does_not_open_it() -> None:
    with pytest.raises(KeyMaterialError, match="ice-1"):
        open_package(make().content, ec.generate_private_key(ec.SECP256R1()), HOLDER.public_key())


def test_another_holder_s_signature_is_refused() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(KeyMaterialError, match="does not verify"):
        open_package(make().content, OFFICER, other)


def test_every_change_to_manifest_or_answers_is_noticed() -> None:
    document = json.loads(make().content)
    for part in ("manifest", "answers"):
        text = document[part]
        for position in range(0, len(text), 7):
            if text[position] == ".":
                continue
            flipped = "A" if text[position] != "A" else "Q"
            changed = {**document, part: text[:position] + flipped + text[position + 1 :]}
            with pytest.raises(KeyMaterialError):
                open_package(json.dumps(changed).encode(), OFFICER, HOLDER.public_key())


def test_answers_of_one_package_do_not_travel_under_another_manifest() -> None:
    first, second = json.loads(make().content), json.loads(make().content)
    mixed = {**first, "answers": second["answers"]}
    with pytest.raises(KeyMaterialError, match="not the one its manifest"):
        open_package(json.dumps(mixed).encode(), OFFICER, HOLDER.public_key())


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"format":"x"}', b"[" * 5000])
def test_what_is_not_a_package_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(KeyMaterialError, match="not a Comity package"):
        read_manifest(content, HOLDER.public_key())


def test_a_key_that_is_not_p256_is_refused() -> None:
    with pytest.raises(KeyMaterialError, match="P-256"):
        make_package(
            manifest={"package": "p", "recipient": "ice-1"},
            answers=[],
            recipient_key={"kty": "OKP", "crv": "X25519", "x": "AA", "y": ""},
            holder_key=HOLDER,
        )
