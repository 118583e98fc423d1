"""Answers to notices: the recipient opens a notice and answers it, with nothing but files and keys;
the holder takes the answer in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from comity.core.canonical import Json, digest
from comity.core.clock import Clock, SystemClock, parse_moment, stamp
from comity.core.errors import AuthorizationError, ConflictError, KeyMaterialError, UsageError
from comity.core.statement import Statement, decode_public_key
from comity.disclosure import notice as notice_file
from comity.disclosure.notice import OpenedNotice
from comity.disclosure.notice_answer import (
    KIND,
    MAX_BYTES,
    Account,
    NoticeAnswer,
    answer_from,
    checked,
    sign_answer,
)
from comity.exchange.handed import read_handed
from comity.exchange.noticing import incident_of, make_onward_notice
from comity.exchange.officers import Credentials, current_roster, logged_refusal, permit
from comity.exchange.opening import Exchange
from comity.exchange.record import Recorder
from comity.oversight.incident import Kind
from comity.request.result_file import write_whole
from comity.review.authority import Actor, Target
from comity.store import cases, notices
from comity.store.notices import Answered, Notice
from comity.store.tables import notice_answers

SKEW = timedelta(minutes=10)
"""How far the clocks of the two agencies may be apart."""


@dataclass(frozen=True)
class Taken:
    """An answer that was taken in; `already` where it was recorded before. `further` are notices
    that it made necessary, to whom answers were passed on."""

    notice: str
    packages: tuple[str, ...]
    further: tuple[str, ...]
    already: bool = False


def open_notice_file(path: Path, key: EllipticCurvePrivateKey, holder_key: str) -> OpenedNotice:
    """Verify and decrypt a notice; needs no exchange. Raises UsageError if the file cannot be read,
    KeyMaterialError if it does not open or verify."""
    content = read_handed(path, "notice", notice_file.MAX_BYTES)
    return notice_file.open_notice(content, key, decode_public_key(holder_key))


def write_text(opened: OpenedNotice, out: Path) -> int:
    """Keep what a notice says as plain text, for the owner's eyes alone: its own, or each letter on
    a page of its own (behind a form feed), what the mailing officer must mind before it. Returns
    how many letters there are."""
    letters = opened.inside.get("letters")
    pages = letters if isinstance(letters, list) else [opened.inside]
    texts = [_page(page) for page in pages]
    write_whole(out, "\f".join(texts).encode(), private=True)
    return len(pages) if pages is letters else 0


def _page(page: Json) -> str:
    if not isinstance(page, Mapping) or not isinstance(page.get("text"), list):
        raise KeyMaterialError("This notice has no text.")
    text, flags = page["text"], page.get("flags")
    minded = []
    if page.get("addressed") is False:
        minded.append("[No address on file: not to be mailed as it is.]")
    if isinstance(flags, list) and flags:
        words = ", ".join(map(str, flags))
        minded.append(f"[The record bears: {words}. Mind it before mailing.]")
    lines = [*minded, *(str(line) for line in text)] if isinstance(text, list) else minded
    return "".join(f"{line}\n" for line in lines)


def respond(
    opened: OpenedNotice,
    account: Account,
    credentials: Credentials,
    out: Path,
    *,
    packages: Sequence[str] = (),
    clock: Clock | None = None,
) -> list[str]:
    """Sign an answer about these packages of a notice (all, unless named) and write it to a file;
    returns them. Raises UsageError for packages that the notice does not name."""
    named = opened.cover.get("packages")
    listed = [str(one) for one in named] if isinstance(named, list) else []
    if not listed:
        raise UsageError("This notice asks for no answer.")
    if unknown := sorted(set(packages) - set(listed)):
        raise UsageError(
            f"The notice does not name {', '.join(unknown)}.",
            cure=f"It names {', '.join(listed)}.",
        )
    chosen = [one for one in listed if not packages or one in packages]
    at = (clock or SystemClock()).now()
    signed = sign_answer(opened, chosen, checked(account), credentials.officer, credentials.key, at)
    write_whole(out, json.dumps(signed.to_json(), indent=1).encode() + b"\n")
    return chosen


def take_answer(exchange: Exchange, path: Path) -> Taken:
    """Record a recipient's signed answer. The same answer again changes nothing.

    Raises KeyMaterialError for a file that is no answer or a signature that does not verify,
    UsageError for a notice that was not made here, AuthorizationError (recorded) for anybody but
    its recipient, ConflictError for an answer to another notice or another content of it, about
    packages that it does not name, older than one that is recorded, or from the future."""
    statement = _statement(path)
    answer = answer_from(statement)
    with exchange.database.reading() as connection:
        notice = notices.notice(connection, answer.notice)
        before = notices.answers_to(connection, answer.notice)
        packages = notices.packages_of_notice(connection, answer.notice)
    if notice is None or not Kind(notice.kind).answered:
        raise UsageError("No notice of this id was made here.", where=str(path))
    _check_signer(exchange, statement, answer, notice)
    mark = digest(statement.to_json())
    if any(mark == one.statement for one in before):
        return Taken(notice.id, tuple(sorted(answer.packages)), (), already=True)
    _check_fits(exchange, answer, notice, packages, before)
    with exchange.recording() as recorder:
        made = {one.id for one in notices.notices_of(recorder.connection, notice.incident)}
        body: dict[str, Json] = {"incident": notice.incident, "notice": notice.id}
        body |= {"recipient": notice.recipient, "packages": len(answer.packages)}
        done = recorder.record("notice.answered", body, payload=statement.to_json())
        rows = [
            {"entry": done.number, "package": name, "notice": notice.id, "statement": mark}
            | _row(account)
            | {"said": stamp(answer.at), "at": done.at}
            for name, account in answer.packages.items()
        ]
        cases.insert(recorder.connection, notice_answers, rows)
        _tell_further(exchange, recorder, notice, answer)
        after = {one.id for one in notices.notices_of(recorder.connection, notice.incident)}
    return Taken(notice.id, tuple(sorted(answer.packages)), tuple(sorted(after - made)))


def _row(account: Account) -> dict[str, object]:
    return {
        "copies": account.copies.value,
        "opened": account.opened,
        "used": bool(account.used_in),
        "passed_on": len(account.passed_on),
    }


def _check_signer(
    exchange: Exchange, statement: Statement, answer: NoticeAnswer, notice: Notice
) -> None:
    """That the notice's recipient signed it, with the key on the requester's roster."""
    requester = exchange.settings.requester
    roster = current_roster(exchange, requester)
    officer = None if roster is None else roster.officer(answer.officer)
    if officer is None:
        with logged_refusal(exchange, "answer", answer.officer, notice.id):
            raise AuthorizationError("The answer is signed by nobody on the requester's roster.")
    statement.verify(decode_public_key(officer.signing_key))
    actor = Actor(officer, requester, exchange.clock.now())
    attributes = {"requester": requester, "recipient": notice.recipient}
    permit(exchange, actor, "answer", Target("Notice", notice.id, attributes))


def _check_fits(
    exchange: Exchange,
    answer: NoticeAnswer,
    notice: Notice,
    packages: Sequence[str],
    before: Sequence[Answered],
) -> None:
    """That the answer is to this notice, about its packages, and newer than what was said."""
    if (answer.incident, answer.digest) != (notice.incident, notice.digest):
        raise ConflictError(
            f"The answer is to another content than that of notice {notice.id}.",
            cure="Have it made again from the notice as it was sent.",
        )
    if not answer.packages.keys() <= set(packages):
        raise ConflictError(f"The answer is about packages that notice {notice.id} does not name.")
    now = exchange.clock.now()
    if not parse_moment(notice.made) - SKEW <= answer.at <= now + SKEW:
        raise ConflictError(
            "The answer was signed before the notice was made, or is from the future.",
            cure="Set the clock of the machine that signs, and have it made again.",
        )
    if any(one.package in answer.packages and stamp(answer.at) <= one.said for one in before):
        raise ConflictError(
            "A newer answer about the same package is recorded.",
            cure="What has changed since needs an answer that is signed now.",
        )


def _tell_further(
    exchange: Exchange, recorder: Recorder, notice: Notice, answer: NoticeAnswer
) -> None:
    """A notice to each party to whom an answer was passed on."""
    incident = incident_of(recorder.connection, notice.incident)
    passed: dict[str, list[str]] = {}
    for package, account in answer.packages.items():
        for party in account.passed_on:
            passed.setdefault(party, []).append(package)
    for party, packages in sorted(passed.items()):
        make_onward_notice(exchange, recorder, incident, notice.recipient, party, packages)


def _statement(path: Path) -> Statement:
    try:
        read = json.loads(read_handed(path, "answer", MAX_BYTES))
        return Statement.from_json(read, kind=KIND)
    except (ValueError, RecursionError):
        raise KeyMaterialError("This is not an answer to a notice.", where=str(path)) from None
