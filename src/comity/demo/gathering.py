"""What the run left in the exchange, gathered for the report."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from comity.core.outcome import Outcome, Status
from comity.demo.folder import Folder
from comity.demo.office import Reviewed
from comity.demo.officers import PASSPHRASE
from comity.demo.report import Course, Note, Reason, Report
from comity.examination.engine import compile_agreement
from comity.examination.reference import LATER
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.submitting import Submitted
from comity.store import acts, cases

FOLDER = (
    Note("index.html", "This page."),
    Note("README.txt", "The same list, and the commands below."),
    Note("world/batch.csv", "The batch as the requester sent it, and its signed manifest."),
    Note("world/registry.csv", "The holder's persons and addresses, all made up."),
    Note("world/truth.parquet", "Who is meant by each row, and what is wrong with it."),
    Note("world/keys/", f"The officers' keys. Passphrase of every one: {PASSPHRASE}"),
    Note("agreement.yaml", "The agreement with both parties' signatures."),
    Note("answers.csv", "The requester's copy: an outcome a row, with reasons and cures."),
    Note("exchange/", "The exchange: database, sealed payloads, encrypted index, packages, log."),
    Note("opened/", "One officer's answers as opened, and everybody's signed receipts."),
    Note("log.vkey", "The log's public key, as the holder published it."),
    Note("log-tampered/", "The log with one byte changed."),
)
COMMANDS = (
    Note(
        f"export COMITY_EXCHANGE=exchange COMITY_PASSPHRASE={PASSPHRASE}",
        "Once, for all that follow.",
    ),
    Note(
        'comity ledger verify exchange/log --log-key "$(cat log.vkey)"',
        "Recompute the whole log from its files.",
    ),
    Note(
        'comity ledger verify log-tampered --log-key "$(cat log.vkey)"',
        "The same with one byte changed: it ends with 1 and names the file.",
    ),
    Note(
        "comity ledger prove exchange --batch b000001 --out proofs",
        "A file for each disclosure, that anybody checks offline (comity ledger check).",
    ),
    Note(
        "comity audit replay --as irs-inspector --key world/keys/irs-inspector.sign.pem",
        "Every determination again from what was sealed of it, bit for bit.",
    ),
    Note("comity status", "What the requester may learn."),
    Note(
        "comity examine world/batch.csv --agreement agreement.yaml "
        "--roster world/requester-roster.yaml --out findings.csv",
        "What a requester runs before sending: no exchange, no registry.",
    ),
    Note("comity agreement show agreement.yaml", "The agreement in plain English."),
    Note(
        "comity submit world/batch.csv --agreement us-irs-ice-2025 --as ice-preparer "
        "--key world/keys/ice-preparer.sign.pem",
        "The same batch again: it is recognised, and nothing is judged twice.",
    ),
    Note(
        "comity disclose --as irs-disclosure-2 --key world/keys/irs-disclosure-2.sign.pem",
        "A second disclosure of the same answers: there is none.",
    ),
    Note(
        "comity stay add --scope exchange --order 'hold of the inspector, 1 of today' "
        "--as irs-inspector --key world/keys/irs-inspector.sign.pem",
        "Stop every further disclosure.",
    ),
)


def course_of(submitted: Submitted, reviewed: Reviewed, disclosed: int) -> Course:
    """Where the rows went."""
    looked_up = submitted.counts[Status.PENDING]
    return Course(
        received=submitted.rows,
        malformed=submitted.malformed,
        returned=submitted.counts[Status.RETURNED],
        refused=submitted.counts[Status.REFUSED],
        not_certain=looked_up - reviewed.ready - reviewed.held,
        held=reviewed.held,
        held_approved=reviewed.held_approved,
        ready=reviewed.ready,
        disclosed=disclosed,
    )


def reasons_of(
    exchange: Exchange, agreement: str, answers: Path, reviewed: Reviewed
) -> tuple[Reason, ...]:
    """The rules that were unmet, by the requester's copy, and those that held cases; the
    commonest first."""
    with answers.open(encoding="utf-8", newline="") as file:
        found = Counter(
            rule
            for row in csv.DictReader(file)
            for rule in filter(None, row["rule_ids"].split(";"))
        )
    found.update(reviewed.held_by)
    known = _rules(exchange, agreement)
    return tuple(
        Reason(rule, question, citation, outcome.value, count)
        for rule, count in found.most_common()
        for question, citation, outcome in [known[rule]]
    )


def disclosed_persons(exchange: Exchange, batch: str) -> Mapping[int, str | None]:
    """Whom the answers of a batch were about, by row.

    No use case tells this, for nobody needs it: the demonstration alone, which knows the truth,
    looks under the seal."""
    keys = exchange.keys
    persons: dict[int, str | None] = {}
    with exchange.database.reading() as connection:
        for case in cases.cases(connection, batch, [Outcome.DISCLOSED]):
            match = acts.payload(connection, keys, case.entry)["match"]
            assert isinstance(match, Mapping)
            persons[case.row] = str(match["person_id"])
    return persons


def write_readme(folder: Folder, report: Report) -> None:
    """What is in the folder and what to try, as plain text."""
    lines = [
        "Made by `comity demo`. Every person, number, address, case and officer in it is invented.",
        "Open index.html for what happened.",
        "",
        "WHAT IS HERE",
        "",
    ]
    for note in report.folder:
        lines += [f"  {note.what}", f"      {note.why}"]
    lines += ["", "WHAT TO TRY NEXT, from inside this folder", ""]
    for note in report.commands:
        lines += [f"  # {note.why}", f"  {note.what}", ""]
    folder.readme.write_text("\n".join(lines), "utf-8")


def _rules(exchange: Exchange, agreement: str) -> dict[str, tuple[str, str, Outcome]]:
    """Question, citation and outcome of every rule of the agreement."""
    adopted = adopted_agreement(exchange, agreement).agreement
    cited = {element.rule: element.citation.source for element in adopted.elements}
    rules = {
        step.rule.id: (step.rule.question, step.citation.source, step.rule.outcome)
        for step in compile_agreement(adopted).steps
    }
    return rules | {
        rule.id: (rule.question, cited.get(rule.id, rule.source), rule.outcome) for rule in LATER
    }
