"""The office's day, act by act, each through the exchange as its officers would do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import as_file, files

from comity.agreement.editing import with_signature
from comity.agreement.loading import parse_agreement
from comity.agreement.model import Safeguards
from comity.agreement.signing import sign_agreement
from comity.core.canonical import Json
from comity.core.clock import Clock
from comity.core.errors import AuthorizationError
from comity.core.keys import load_signing_key
from comity.core.outcome import Outcome
from comity.demo.folder import Folder
from comity.demo.officers import HOLDER, PASSPHRASE, REQUESTER, Cast
from comity.demo.report import StayScene
from comity.determination.stay import Scope
from comity.exchange import disclosing, parties, reviewing, staying
from comity.exchange.officers import Credentials
from comity.exchange.opening import Exchange, Settings, create
from comity.review.decision import Verdict

AGREEMENT = "us-irs-ice-2025"
ORIGIN = f"comity-demo.example/{AGREEMENT}"
_ORDER = "preliminary order of a court, docket 26-cv-00001, served today"


@dataclass(frozen=True)
class Reviewed:
    """How many cases were ready and held, by the rules that held them, and how many of the held
    ones were approved. `refused` is what somebody who may not approve was told."""

    ready: int
    held: int
    held_approved: int
    held_by: Mapping[str, int]
    refused: str


def credentials(cast: Cast, officer: str) -> Credentials:
    """An officer of the cast with the key."""
    return Credentials(officer, load_signing_key(cast.signing_key(officer), lambda: PASSPHRASE))


def sign_reference_agreement(folder: Folder, cast: Cast, clock: Clock) -> None:
    """Put the reference agreement into the folder, signed by the heads of both parties."""
    with as_file(files("comity.demo") / "data" / f"{AGREEMENT}.yaml") as path:
        text = path.read_text("utf-8")
    for party, head in ((HOLDER, cast.holder_head), (REQUESTER, cast.requester_head)):
        agreement = parse_agreement(text, folder.agreement.name).agreement
        key = credentials(cast, head).key
        signature = sign_agreement(agreement, party, head, key, clock.now())
        text = with_signature(text, folder.agreement.name, signature)
    folder.agreement.write_text(text, "utf-8")


def open_exchange(folder: Folder, cast: Cast, clock: Clock) -> Exchange:
    """A new exchange: both rosters, the signed agreement, the requester's safeguard standing."""
    exchange = create(folder.exchange, Settings(HOLDER, REQUESTER, ORIGIN), clock)
    operator, today = credentials(cast, cast.operator), clock.now().date()
    with exchange.writing():
        parties.add_roster(exchange, cast.holder_roster, None)
        parties.add_roster(exchange, cast.requester_roster, None)
        parties.adopt_agreement(exchange, folder.agreement, operator)
        parties.record_safeguards(exchange, _safeguards(today), operator)
    folder.log_key.write_text(exchange.log_verifier_key + "\n")
    return exchange


def review(
    exchange: Exchange, cast: Cast, batch: str, step: Callable[[int, int], None]
) -> Reviewed:
    """Decide on everything that waits.

    One officer approves what is lawful and certain, and looks at each held case: a record that is
    held for identity theft alone is approved, by two, where the birth date agrees as well; every
    other is denied, for its flag protects the person, or nobody is certain. First the requester's
    own preparer tries to approve one, which is refused and recorded."""
    first, second = (credentials(cast, officer) for officer in cast.disclosure_officers)
    waiting = [one.case for one in reviewing.waiting(exchange, batch)]
    ready = {
        case.request: f"{case.request}: lawful, and one person by name and address."
        for case in waiting
        if case.outcome is Outcome.READY
    }
    held = [case for case in waiting if case.outcome is Outcome.HELD]
    certain: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    with exchange.writing():
        refused = _preparer_tries(exchange, cast, waiting[0].request) if waiting else ""
        _decide(exchange, Verdict.APPROVE, ready, first)
        for done, case in enumerate(held, len(ready) + 1):
            if _is_certain(reviewing.show(exchange, case.request, first)):
                certain[case.request] = "Checked: the birth date agrees; the theft is another's."
            else:
                doubtful[case.request] = "Checked: protected, or no person is certain."
            step(done, len(waiting))
        _decide(exchange, Verdict.DENY, doubtful, first)
        _decide(exchange, Verdict.APPROVE, certain, first)
        for request in certain:
            reviewing.show(exchange, request, second)
        _decide(exchange, Verdict.APPROVE, certain, second)
    by_rule = Counter(rule for case in held for rule in case.rules)
    return Reviewed(len(ready), len(held), len(certain), by_rule, refused)


def stay_scene(exchange: Exchange, cast: Cast, batch: str) -> StayScene:
    """With everything approved, a stay: a disclosure lets nothing out until another officer lifts
    it."""
    officer = credentials(cast, cast.disclosure_officers[1])
    with exchange.writing():
        stay = staying.add_stay(
            exchange, Scope.AGREEMENT, AGREEMENT, _ORDER, credentials(cast, cast.counsel)
        )
        (done,) = disclosing.disclose(exchange, officer, batch)
        staying.lift_stay(
            exchange, stay.id, "The order was vacated on appeal.", credentials(cast, cast.inspector)
        )
    halted = sum(done.halted.values())
    return StayScene(_ORDER, cast.counsel, cast.inspector, halted, done.answers)


def _safeguards(today: date) -> Safeguards:
    year = timedelta(days=365)
    return Safeguards(today - year / 2, today + year / 2, ())


def _decide(
    exchange: Exchange, verdict: Verdict, reasons: Mapping[str, str], officer: Credentials
) -> None:
    if reasons:
        reviewing.decide(exchange, verdict, reasons, officer)


def _preparer_tries(exchange: Exchange, cast: Cast, request: str) -> str:
    try:
        reviewing.decide(
            exchange,
            Verdict.APPROVE,
            {request: "We are sure of this one."},
            credentials(cast, cast.preparer),
        )
    except AuthorizationError as error:
        return error.what
    raise AssertionError("the requester's preparer approved a request")


def _is_certain(opened: Mapping[str, Json]) -> bool:
    match = opened["match"]
    assert isinstance(match, Mapping)
    flags = match["flags"]
    assert isinstance(flags, list)
    theft_alone = set(flags) == {"identity_theft"}
    return theft_alone and match["conflict"] is False and match["dob_agrees"] is True
