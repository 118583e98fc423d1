"""The notices of an incident: made in the transaction of the act that calls for them, kept, and
written out as files as often as somebody asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from comity.core.canonical import Json, digest_bytes
from comity.core.clock import parse_moment
from comity.core.errors import ConflictError, UsageError
from comity.core.statement import Statement, sign
from comity.disclosure.notice import make_notice
from comity.exchange.officers import current_roster
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import Recorder
from comity.oversight.incident import Cause, Kind
from comity.oversight.notice_text import Facts, onward_text, recall_text, report_text
from comity.request.result_file import make_folder, write_whole
from comity.store import cases, incidents, notices
from comity.store.incidents import Carried, Incident
from comity.store.tables import notice_packages
from comity.store.tables import notices as notice_table

REPORT = "incident-report"
"""The kind of the holder's signed statement to inspector and safeguards office."""

Requests = Mapping[str, Sequence[Mapping[str, Json]]]
"""Requests by package: handle, and where it is still there the requester's own ids."""


def incident_of(connection: sa.Connection, name: str) -> Incident:
    """The incident of this id. Raises UsageError."""
    found = incidents.all_incidents(connection, name)
    if not found:
        raise UsageError("There is no incident of this id.", cure="See `comity recall status`.")
    return found[0]


def carried_of(connection: sa.Connection, incident: str) -> list[Carried]:
    """Which packages carried what an incident calls back."""
    rows = {(batch, row) for batch, row, _ in incidents.recalled_rows(connection, incident)}
    found: list[Carried] = []
    for batch in sorted({batch for batch, _ in rows}):
        carried = incidents.carried(connection, batch)
        found += (one for one in carried if (one.batch, one.row) in rows)
    return found


def facts_of(exchange: Exchange, connection: sa.Connection, incident: Incident) -> Facts:
    """What is told of an incident."""
    rows = incidents.recalled_rows(connection, incident.id)
    carried = carried_of(connection, incident.id)
    under = incidents.agreements_of(connection, sorted({batch for batch, _, _ in rows}))
    agreements = [
        adopted_agreement(exchange, agreement, digest).agreement
        for agreement, digest in sorted(set(under.values()))
    ]
    days = incidents.disclosed_between(connection, incident.id)
    return Facts(
        incident=incident.id,
        cause=Cause(incident.cause),
        rules=tuple(filter(None, incident.rules.split(";"))),
        holder=agreements[0].parties.holder.name,
        requester=agreements[0].parties.requester.name,
        agreements=tuple(f"{one.title} ({one.id}, version {one.version})" for one in agreements),
        suspected=parse_moment(incident.suspected),
        opened=parse_moment(incident.opened),
        due=parse_moment(incident.due),
        answer_by=parse_moment(incident.answer_by),
        disclosures=len(rows),
        doubtful=sum(not certain for _, _, certain in rows),
        first=parse_moment(days[0]),
        last=parse_moment(days[1]),
        packages=len({one.package for one in carried}),
        recipients=len({one.recipient for one in carried}),
        stays=tuple(filter(None, incident.stays.split(";"))),
        contact=incident.contact,
    )


def make_first_notices(exchange: Exchange, recorder: Recorder, incident: Incident) -> None:
    """The reports to inspector and safeguards office, and a notice to every recipient."""
    connection = recorder.connection
    facts = facts_of(exchange, connection, incident)
    for kind in (Kind.INSPECTOR, Kind.SAFEGUARDS):
        name = next_name(connection, incident.id)
        body: dict[str, Json] = {"notice": name, "to": kind.value, **facts.to_json()}
        body["text"] = list(report_text(facts, kind))
        content = sign(REPORT, body, exchange.keys.package_signer()).to_json()
        keep(recorder, incident, name, kind, (json.dumps(content, indent=1) + "\n").encode())
    carried = carried_of(connection, incident.id)
    asked = _asked(exchange, connection, incident.id)
    for recipient in sorted({one.recipient for one in carried}):
        own = [one for one in carried if one.recipient == recipient]
        name = next_name(connection, incident.id)
        requests = _by_package(own, asked)
        text = recall_text(facts, name, recipient, requests)
        made = max(one.made for one in own)
        content_of = encrypted(exchange, incident, name, recipient, text, requests, made)
        keep(recorder, incident, name, Kind.RECIPIENT, content_of, recipient, packages=requests)


def make_onward_notice(
    exchange: Exchange,
    recorder: Recorder,
    incident: Incident,
    recipient: str,
    party: str,
    packages: Sequence[str],
) -> None:
    """A notice to somebody to whom a recipient passed answers on, by that officer's hand; nothing
    where there is one already."""
    connection = recorder.connection
    mark = exchange.pseudonym("party", f"{recipient}\x00{party.casefold()}")
    if any(mark == one.party for one in notices.notices_of(connection, incident.id)):
        return
    facts = facts_of(exchange, connection, incident)
    carried = [
        one
        for one in carried_of(connection, incident.id)
        if one.recipient == recipient and one.package in packages
    ]
    requests = _by_package(carried, {})
    name = next_name(connection, incident.id)
    text = onward_text(facts, name, recipient, party, requests)
    made = max(one.made for one in carried)
    content = encrypted(exchange, incident, name, recipient, text, requests, made)
    keep(recorder, incident, name, Kind.ONWARD, content, recipient, party=mark, packages=requests)


def next_name(connection: sa.Connection, incident: str) -> str:
    """`i000001-n0001`, …"""
    return f"{incident}-n{len(notices.notices_of(connection, incident)) + 1:04d}"


def keep(
    recorder: Recorder,
    incident: Incident,
    name: str,
    kind: Kind,
    content: bytes,
    recipient: str = "",
    *,
    party: str = "",
    packages: Sequence[str] | Requests = (),
    payload: Json = None,
) -> None:
    """Record a notice that was made, and keep its file."""
    digest = digest_bytes(content)
    body: dict[str, Json] = {"incident": incident.id, "notice": name, "to": kind.value}
    body |= {"recipient": recipient or None, "digest": digest}
    done = recorder.record("notice.made", body, payload=payload)
    due = incident.due if kind.oversees else incident.answer_by if kind.answered else None
    row: dict[str, object] = {"id": name, "incident": incident.id, "kind": kind.value}
    row |= {"recipient": recipient, "party": party, "digest": digest, "content": content}
    cases.insert(recorder.connection, notice_table, [row | {"made": done.at, "due": due}])
    cases.insert(
        recorder.connection,
        notice_packages,
        [{"notice": name, "package": package} for package in sorted(packages)],
    )


def encrypted(
    exchange: Exchange,
    incident: Incident,
    name: str,
    recipient: str,
    text: Sequence[str],
    requests: Requests,
    made: str,
) -> bytes:
    """A notice for one officer of the requester; `made` is when that officer's newest package was,
    since one who has left the roster is written to under the key of that time."""
    cover: dict[str, Json] = {
        "incident": incident.id,
        "notice": name,
        "holder": exchange.settings.holder,
        "reader": recipient,
        "packages": sorted(requests),
        "answer_by": incident.answer_by,
    }
    inside: dict[str, Json] = {
        "text": list(text),
        "requests": {package: list(map(dict, listed)) for package, listed in requests.items()},
    }
    key = _key_of(exchange, recipient, made)
    return make_notice(cover, inside, key, exchange.keys.package_signer())


def write_notices(exchange: Exchange, incident: str, out: Path) -> list[Path]:
    """Write the files of an incident's notices into a folder, the same bytes each time; returns
    where they are.

    Raises UsageError for an unknown incident, ConflictError where all of them are gone."""
    written: list[Path] = []
    with exchange.database.reading() as connection:
        incident_of(connection, incident)
        made = notices.notices_of(connection, incident)
        contents = {one.id: notices.notice_content(connection, one.id) for one in made}
    make_folder(out)
    for one in made:
        content = contents[one.id]
        if content is None:
            continue
        stem = f"{one.id}-{one.kind}"
        if Kind(one.kind).oversees:
            written.append(out / f"{stem}.json")
            write_whole(out / f"{stem}.txt", _text_of(content))
        else:
            written.append(out / f"{stem}.comity")
        write_whole(written[-1], content)
    if not written:
        raise ConflictError("The files of this incident's notices are gone.")
    return written


def _text_of(content: bytes) -> bytes:
    """The plain text of a report, as it was signed."""
    lines = Statement.from_json(json.loads(content), kind=REPORT).body["text"]
    assert isinstance(lines, list)
    return "".join(f"{line}\n" for line in lines).encode()


def _by_package(
    carried: Sequence[Carried], asked: Mapping[tuple[str, int], Mapping[str, Json]]
) -> dict[str, list[Mapping[str, Json]]]:
    found: dict[str, list[Mapping[str, Json]]] = {}
    for one in sorted(carried, key=lambda c: (c.package, c.row)):
        handle: dict[str, Json] = {"request": f"{one.batch}/{one.row}"}
        found.setdefault(one.package, []).append(handle | dict(asked.get((one.batch, one.row), {})))
    return found


def _asked(
    exchange: Exchange, connection: sa.Connection, incident: str
) -> dict[tuple[str, int], Mapping[str, Json]]:
    """The requester's own ids of what is called back, where they are still there."""
    rows = {(batch, row) for batch, row, _ in incidents.recalled_rows(connection, incident)}
    found: dict[tuple[str, int], Mapping[str, Json]] = {}
    for batch in sorted({batch for batch, _ in rows}):
        for one in incidents.given(connection, exchange.keys, batch):
            if (one.batch, one.row) in rows and one.dossier is not None:
                request = one.dossier["request"]
                found[one.batch, one.row] = {
                    name: request.get(name) for name in ("request_id", "case_number")
                }
    return found


def _key_of(exchange: Exchange, recipient: str, made: str) -> Mapping[str, str]:
    for moment in (None, made):
        roster = current_roster(exchange, exchange.settings.requester, moment)
        officer = None if roster is None else roster.officer(recipient)
        if officer is not None and officer.encryption_key is not None:
            return officer.encryption_key
    raise ConflictError(
        f"No roster has an encryption key of officer {recipient}.",
        cure="Have the requester add a roster that has one.",
    )
