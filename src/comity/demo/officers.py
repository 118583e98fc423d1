"""The demonstration's officers: two rosters, and key files for everybody.

All persons are invented; the offices that sign have the names that the reference agreement gives
them. The passphrase is public on purpose: nothing in a demonstration is worth protecting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ruamel.yaml import YAML

from comity.core.keys import new_encryption_key, public_jwk, save_encryption_key, save_signing_key
from comity.core.statement import encode_public_key
from comity.demo.defects import DEPARTED, LAPSED, OFFICIAL
from comity.demo.requests import INVESTIGATORS
from comity.demo.words import names

PASSPHRASE = "comity-demo"  # noqa: S105 - public on purpose
HOLDER, REQUESTER = "us-irs", "us-ice"
"""The parties of the reference agreement, by the ids that it gives them."""


@dataclass(frozen=True)
class Cast:
    """Who acts in the demonstration, by officer id, and where rosters and keys are.

    `keys` holds `<officer>.sign.pem` for everybody and `<officer>.enc.pem` for whoever may
    receive a package, all under PASSPHRASE."""

    holder_roster: Path
    requester_roster: Path
    keys: Path
    holder_head: str = "treasury-secretary"
    operator: str = "irs-operator"
    disclosure_officers: tuple[str, str] = ("irs-disclosure-1", "irs-disclosure-2")
    counsel: str = "irs-counsel"
    inspector: str = "irs-inspector"
    requester_head: str = "dhs-secretary"
    preparer: str = "ice-preparer"
    investigators: tuple[str, ...] = INVESTIGATORS

    def signing_key(self, officer: str) -> Path:
        """The file of an officer's signing key."""
        return self.keys / f"{officer}.sign.pem"

    def encryption_key(self, officer: str) -> Path:
        """The file of a recipient's encryption key."""
        return self.keys / f"{officer}.enc.pem"


@dataclass(frozen=True)
class _Post:
    """An officer, an office and what it carries."""

    officer: str
    office: str
    authorities: tuple[str, ...] = ()
    receives: bool = False
    since_days: int = 400
    until_days: int | None = None
    training_days: int = 200


def make_rosters(directory: Path, *, today: date) -> Cast:
    """Write `holder-roster.yaml`, `requester-roster.yaml` and `keys/` into a folder, with fresh
    keys. Appointments and training are in force as of `today`, but for the officer whose training
    has lapsed and the one who has left. Raises KeyMaterialError if keys stand there already."""
    cast = Cast(
        directory / "holder-roster.yaml", directory / "requester-roster.yaml", directory / "keys"
    )
    directory.mkdir(parents=True, exist_ok=True)
    people = _people()
    _write(cast, cast.holder_roster, HOLDER, _holder(cast), people, today)
    _write(cast, cast.requester_roster, REQUESTER, _requester(cast), people, today)
    return cast


def _holder(cast: Cast) -> Iterator[_Post]:
    yield _Post(cast.holder_head, "Secretary of the Treasury", ("sign-agreement", "roster"))
    yield _Post(cast.operator, "Exchange Operations", ("operate",))
    for officer in cast.disclosure_officers:
        authorities = ("approve", "disclose", "account", "dispose", "incident")
        yield _Post(officer, "Office of Disclosure", authorities)
    yield _Post(cast.counsel, "Office of Chief Counsel", ("stay", "incident"))
    office = "Inspector General for Tax Administration"
    yield _Post(cast.inspector, office, ("stay", "account", "incident"))


def _requester(cast: Cast) -> Iterator[_Post]:
    yield _Post(
        cast.requester_head,
        "Secretary of Homeland Security",
        ("sign-agreement", "sign-request", "roster"),
    )
    yield _Post(cast.preparer, "Office of Investigations, Records", ("prepare", "submit"))
    office = "Office of Investigations"
    for officer in cast.investigators:
        yield _Post(officer, office, receives=True)
    yield _Post(OFFICIAL, "Assistant Director", receives=True)
    yield _Post(LAPSED, office, receives=True, training_days=-30)
    yield _Post(DEPARTED, office, receives=True, until_days=-60)


def _people() -> Iterator[str]:
    """Invented names, each given once."""
    rng = Random(0)  # noqa: S311 - nothing here is secret
    lists, given = names(), set()
    while True:
        (first,) = lists["anglo", rng.choice(("female", "male"))].draw(rng, 1)
        (last,) = lists[rng.choice(("anglo", "hispanic", "slavic")), "family"].draw(rng, 1)
        if (name := f"{first} {last}") not in given:
            given.add(name)
            yield name


def _write(
    cast: Cast, path: Path, party: str, posts: Iterable[_Post], people: Iterator[str], today: date
) -> None:
    officers = [_officer(cast, post, next(people), today) for post in posts]
    yaml = YAML()
    yaml.default_flow_style = False
    with path.open("w", encoding="utf-8") as file:
        yaml.dump({"party": party, "version": 1, "officers": officers}, file)


def _officer(cast: Cast, post: _Post, name: str, today: date) -> dict[str, object]:
    """An officer as a roster writes it, with new keys."""
    signing = Ed25519PrivateKey.generate()
    save_signing_key(cast.signing_key(post.officer), signing, PASSPHRASE)
    period = {"start": today - timedelta(days=post.since_days)}
    if post.until_days is not None:
        period["end"] = today + timedelta(days=post.until_days)
    entry: dict[str, object] = {
        "id": post.officer,
        "name": name,
        "signing_key": encode_public_key(signing.public_key()),
        "training_expires": today + timedelta(days=post.training_days),
        "appointments": [
            {"office": post.office, "period": period, "authorities": list(post.authorities)}
        ],
    }
    if post.receives:
        encryption = new_encryption_key()
        save_encryption_key(cast.encryption_key(post.officer), encryption, PASSPHRASE)
        entry["encryption_key"] = public_jwk(encryption.public_key())
    return entry
