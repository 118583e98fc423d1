"""`comity recall read`, `respond` and `answer`: a notice is read and answered, and the answer is
taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.disclosing import trusted_holder_key
from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    credentials,
    emit,
    number,
    opened,
    passphrase,
)
from comity.core.keys import load_encryption_key
from comity.disclosure.notice_answer import Account, Copies
from comity.exchange import notice_answers

Notice = Annotated[Path, typer.Argument(help="The notice's file.")]
Decryption = Annotated[Path, typer.Option(help="The reader's private encryption key (*.enc.pem).")]
HolderKey = Annotated[
    str | None, typer.Option(help="The holder's public key; else that of --exchange.")
]


def read(
    notice: Notice,
    decryption_key: Decryption,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the text goes.")],
    holder_key: HolderKey = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Verify and decrypt a notice, as its recipient, or the letters, as the mailing officer.

    Needs no exchange but the holder's key. Each letter begins on a page of its own."""
    trusted = trusted_holder_key(holder_key, exchange)
    secret = load_encryption_key(decryption_key, passphrase)
    found = notice_answers.open_notice_file(notice, secret, trusted)
    letters = notice_answers.write_text(found, out)
    name = str(found.cover["notice"])
    what = number(letters, "letter") if letters else f"Notice {name}"
    emit(
        as_json,
        {"notice": name, "letters": letters, "out": str(out)},
        lambda c: c.print(f"{what}, signed by the holder, in {out}", markup=False),
    )


def respond(
    notice: Notice,
    decryption_key: Decryption,
    copies: Annotated[Copies, typer.Option(help="What became of every copy.")],
    how: Annotated[str, typer.Option(help="By which method; or why a copy is kept.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the signed answer goes.")],
    unopened: Annotated[bool, typer.Option("--unopened", help="It was never opened.")] = False,
    used_in: Annotated[
        list[str] | None, typer.Option(help="A proceeding in which it was used; again for each.")
    ] = None,
    passed_on: Annotated[
        list[str] | None, typer.Option(help="Somebody it was passed on to; again for each.")
    ] = None,
    package: Annotated[
        list[str] | None, typer.Option(help="Only about this package; again for each.")
    ] = None,
    holder_key: HolderKey = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Answer a notice, as its recipient: what became of the copies, signed with your own key.

    Needs no exchange but the holder's key. Where packages differ, answer each with --package."""
    trusted = trusted_holder_key(holder_key, exchange)
    account = Account(copies, how, not unopened, tuple(used_in or ()), tuple(passed_on or ()))
    secret = load_encryption_key(decryption_key, passphrase)
    found = notice_answers.open_notice_file(notice, secret, trusted)
    chosen = notice_answers.respond(
        found, account, credentials(officer, key), out, packages=package or ()
    )
    emit(
        as_json,
        {"notice": str(found.cover["notice"]), "packages": list(chosen), "out": str(out)},
        lambda c: c.print(
            f"Answer about {number(len(chosen), 'package')} in {out}; send it to the holder.",
            markup=False,
        ),
    )


def take(
    answer: Annotated[Path, typer.Argument(help="The recipient's signed answer.")],
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Take in a recipient's answer, on the holder's side. The same answer again changes nothing.

    Where something was passed on, a notice to that party is made, by the recipient's hand."""
    with opened(exchange) as one, one.writing():
        made = notice_answers.take_answer(one, answer)
    lines = [
        f"Answer to {made.notice} about {number(len(made.packages), 'package')} "
        + ("is recorded already." if made.already else "recorded.")
    ]
    if made.further:
        lines.append(f"It was passed on; further notices: {', '.join(made.further)}.")
    emit(
        as_json,
        {
            "notice": made.notice,
            "packages": list(made.packages),
            "further": list(made.further),
            "already": made.already,
        },
        lambda c: c.print("\n".join(lines), markup=False),
    )
