"""`comity agreement`: read, check, sign and amend agreements. Only `adopt` needs an exchange."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from comity.agreement.editing import with_amendment, with_signature
from comity.agreement.loading import (
    LoadedAgreement,
    agreement_schema,
    load_agreement,
    parse_agreement,
    read_text,
)
from comity.agreement.rendering import render
from comity.agreement.roster import Roster
from comity.agreement.rosters import load_roster, roster_schema
from comity.agreement.signing import SignatureReport, sign_agreement, verify_signatures
from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    credentials,
    emit,
    opened,
)
from comity.core.clock import SystemClock
from comity.core.errors import EXIT_DONE, EXIT_FOUND_WRONG, AgreementError, UsageError
from comity.examination.engine import compile_agreement
from comity.examination.reference import rules_in_words

app = typer.Typer(help="Read, check, sign and amend agreements.", no_args_is_help=True)

AgreementFile = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement (YAML).")]
Rosters = Annotated[
    list[Path] | None,
    typer.Option("--roster", metavar="FILE", help="A party's roster; once for each party."),
]


@app.callback()
def _agreements() -> None:
    """Read, check, sign and amend agreements."""


@app.command()
def check(file: AgreementFile, roster: Rosters = None, as_json: AsJson = False) -> None:
    """Say whether a file is an agreement that can be applied, and, with --roster, whether both
    parties' signatures stand. Ends with 1 if anything is wrong."""
    text = read_text(file)
    rosters = _rosters(roster)
    problems: list[str] = []
    loaded: LoadedAgreement | None = None
    try:
        loaded = parse_agreement(text, str(file))
        compile_agreement(loaded.agreement, loaded.positions, loaded.name)
    except AgreementError as error:
        problems += error.message.splitlines()
    report = None
    if loaded is not None and rosters:
        _belong(loaded, rosters)
        report = verify_signatures(loaded.agreement, rosters, SystemClock().now())
        problems += report.problems
    emit(
        as_json,
        {
            "file": str(file),
            "sound": not problems,
            "digest": loaded.digest if loaded else None,
            "signatures": None if report is None else sorted(report.signed),
            "problems": list(problems),
        },
        lambda c: _say_check(c, loaded, report, problems),
    )
    raise typer.Exit(EXIT_FOUND_WRONG if problems else EXIT_DONE)


def _say_check(
    screen: Console,
    loaded: LoadedAgreement | None,
    report: SignatureReport | None,
    problems: list[str],
) -> None:
    for problem in problems:
        screen.print(problem, markup=False)
    if loaded is None or problems:
        screen.print(f"{len(problems)} to mend.", markup=False)
        return
    one = loaded.agreement
    screen.print(
        f"{one.id}, version {one.version}: {len(one.elements)} elements, every rule known.\n"
        f"{loaded.digest}",
        markup=False,
    )
    if report is None:
        screen.print("Signatures not checked: name both parties' rosters with --roster FILE.")
    else:
        screen.print("Both parties' signatures stand.")


@app.command()
def show(
    file: AgreementFile,
    roster: Rosters = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As Markdown, for a file or a web page.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show an agreement as a page of plain English."""
    loaded = load_agreement(file)
    rosters = _rosters(roster)
    _belong(loaded, rosters)
    report = verify_signatures(loaded.agreement, rosters, SystemClock().now()) if rosters else None
    page = render(loaded.agreement, rules_in_words(), report)
    if markdown:
        typer.echo(page, nl=False)
    else:
        emit(
            as_json,
            {"digest": loaded.digest, "page": page},
            # wrapped also in a pipe: a Markdown list would be cut off at the right, not folded
            lambda c: c.print(Markdown(page, hyperlinks=False), soft_wrap=False),
        )


@app.command()
def schema(
    roster: Annotated[
        bool, typer.Option("--roster", help="Of a roster instead of an agreement.")
    ] = False,
) -> None:
    """Print the JSON Schema of an agreement, for editors and other programs."""
    made = roster_schema() if roster else agreement_schema()
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


@app.command()
def digest(file: AgreementFile, as_json: AsJson = False) -> None:
    """Print the digest that both parties sign and that an amendment names."""
    loaded = load_agreement(file)
    emit(as_json, {"digest": loaded.digest}, lambda c: c.print(loaded.digest, markup=False))


@app.command()
def sign(
    file: AgreementFile,
    party: Annotated[str, typer.Option(metavar="ID", help="The party signed for.")],
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Sign an agreement for a party: adds the signature to the file and changes nothing else."""
    text = read_text(file)
    loaded = parse_agreement(text, str(file))
    compile_agreement(loaded.agreement, loaded.positions, loaded.name)
    who = credentials(officer, key)
    signature = sign_agreement(loaded.agreement, party, who.officer, who.key, SystemClock().now())
    _replace(file, with_signature(text, str(file), signature))
    emit(
        as_json,
        {"signed": party, "officer": who.officer, "digest": loaded.digest},
        lambda c: c.print(f"Signed for {party} by {who.officer}:\n{loaded.digest}", markup=False),
    )


@app.command()
def amend(
    file: AgreementFile,
    out: Annotated[Path, typer.Option("--out", metavar="NEWFILE", help="A new file.")],
    author: Annotated[str, typer.Option(help="Who writes the amendment.")],
    approver: Annotated[str, typer.Option(help="Who approves it; somebody else.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    as_json: AsJson = False,
) -> None:
    """Begin the next version in a new file: it names this one's digest, and has no signatures.

    Change there what is to change; then both parties sign it."""
    made = with_amendment(read_text(file), str(file), author, approver, reason)
    try:
        with out.open("x", encoding="utf-8", newline="") as target:
            target.write(made)
    except FileExistsError:
        raise UsageError(
            "The file exists already.", where=str(out), cure="Name a new one with --out."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The file cannot be written ({error.strerror}).", where=str(out)
        ) from None
    version = parse_agreement(made, str(out)).agreement.version
    emit(
        as_json,
        {"version": version, "file": str(out)},
        lambda c: c.print(
            f"Version {version} begun in {out}. Change what is to change; then both parties sign "
            "it: comity agreement sign",
            markup=False,
        ),
    )


@app.command()
def adopt(
    file: Annotated[Path, typer.Argument(help="The agreement, signed by both parties.")],
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a signed agreement, or its next version, into force on an exchange."""
    from comity.exchange.parties import adopt_agreement  # the other commands need no exchange

    with opened(exchange) as one, one.writing():
        adopted = adopt_agreement(one, file, credentials(officer, key))
    name, version = adopted.agreement.id, adopted.agreement.version
    emit(
        as_json,
        {"agreement": name, "version": version, "digest": adopted.digest},
        lambda c: c.print(f"Agreement {name}, version {version}, adopted.", markup=False),
    )


def _rosters(files: list[Path] | None) -> dict[str, Roster]:
    """Rosters by party. Raises UsageError for two of one party."""
    found: dict[str, Roster] = {}
    for file in files or []:
        roster = load_roster(file)
        if roster.party in found:
            raise UsageError(
                f"Two rosters of {roster.party} are named.",
                where=str(file),
                cure="Name one for each party.",
            )
        found[roster.party] = roster
    return found


def _belong(loaded: LoadedAgreement, rosters: Mapping[str, Roster]) -> None:
    parties = (loaded.agreement.parties.holder.id, loaded.agreement.parties.requester.id)
    for party in rosters:
        if party not in parties:
            raise UsageError(
                f"The roster of {party} does not belong to this agreement.",
                cure=f"Its parties are {parties[0]} and {parties[1]}.",
            )


def _replace(file: Path, text: str) -> None:
    """Write a file whole or not at all, keeping its permissions. Raises UsageError."""
    target = file.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            temporary.chmod(target.stat().st_mode & 0o777)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            f"The file cannot be written ({error.strerror}).",
            where=str(file),
            cure="Check that you may write it and its folder; it is as it was.",
        ) from None
