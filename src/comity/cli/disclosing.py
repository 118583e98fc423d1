"""`comity disclose` and `comity package`: answers go out, arrive, and are acknowledged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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
    table,
)
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.core.keys import load_encryption_key
from comity.exchange import disclosing, receiving, status
from comity.exchange.disclosing import Disclosed
from comity.exchange.opening import PACKAGE_KEY

package_app = typer.Typer(help="Packages of answers.", no_args_is_help=True)


def disclose(
    batch: Annotated[str | None, typer.Argument(help="One batch; else every one.")] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Close a batch: what is approved goes out to the named officers, the rest is told.

    Nothing goes out before every case that can be decided is decided; ends with 1 where a batch
    has to wait."""
    with opened(exchange) as one, one.writing():
        made = disclosing.disclose(one, credentials(officer, key), batch)
    emit(as_json, [_data(d) for d in made], lambda c: _show(c, made))
    if any(not d.released for d in made):
        raise typer.Exit(1)


@package_app.command("list")
def list_packages(
    batch: Annotated[str | None, typer.Argument(help="One batch; else all.")] = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Every package that was made, and whether its receipt is in."""
    with opened(exchange) as one:
        found = status.packages(one, batch)
    heads = ("package", "batch", "recipient", "answers", "made", "received")
    rows = [(p.id, p.batch, p.recipient, p.answers, p.made, p.received or "") for p in found]
    emit(
        as_json,
        [dict(zip(heads, row, strict=True)) for row in rows],
        lambda c: c.print(table(heads, rows) if rows else "No packages."),
    )


@package_app.command("open")
def open_package(
    package: Annotated[Path, typer.Argument(help="The package file.")],
    decryption_key: Annotated[
        Path, typer.Option(help="The recipient's private encryption key (*.enc.pem).")
    ],
    out: Annotated[Path, typer.Option(help="Where the answers go (JSON Lines).")],
    holder_key: Annotated[
        str | None, typer.Option(help="The holder's public key; else that of --exchange.")
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="Also sign a receipt into this file (--as, --key).")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Verify and decrypt a package, as its recipient; needs no exchange but the holder's key."""
    trusted = trusted_holder_key(holder_key, exchange)
    opened_package = receiving.open_file(
        package, load_encryption_key(decryption_key, passphrase), trusted
    )
    if receipt is not None:
        receiving.write_receipt(opened_package, credentials(officer, key), receipt)
    receiving.write_answers(opened_package, out)
    emit(
        as_json,
        {"manifest": dict(opened_package.manifest), "out": str(out)},
        lambda c: c.print(
            f"{number(len(opened_package.answers), 'answer')}, signed by the holder, in {out}\n"
            + "\n".join(str(label) for label in _labels(opened_package.manifest.get("label"))),
            markup=False,
        ),
    )


@package_app.command("receive")
def receive(
    receipt: Annotated[Path, typer.Argument(help="The recipient's signed receipt.")],
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Take in a recipient's receipt, on the holder's side."""
    with opened(exchange) as one, one.writing():
        name = receiving.take_receipt(one, receipt)
    emit(as_json, {"package": name}, lambda c: c.print(f"Receipt of {name} recorded."))


def _labels(label: Json) -> list[Json]:
    return list(label) if isinstance(label, list | tuple) else []


def trusted_holder_key(given: str | None, exchange: Path | None) -> str:
    """The holder's public key: as given, else that of an exchange. Raises UsageError."""
    if given is not None:
        return given
    if exchange is None:
        raise UsageError(
            "The holder's public key is not named.",
            cure="Give --holder-key KEY as the holder published it, or --exchange DIR.",
        )
    try:
        return (exchange / PACKAGE_KEY).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            "The holder's public key is not there.",
            where=str(exchange / PACKAGE_KEY),
            cure="Give it with --holder-key.",
        ) from None


def _data(made: Disclosed) -> Json:
    return {
        "batch": made.batch,
        "answers": made.answers,
        "packages": list(made.packages),
        "halted": dict(made.halted),
        "undecided": made.undecided,
        "released": made.released,
    }


def _show(console: Console, made: list[Disclosed]) -> None:
    if not made:
        console.print("No batch waits to be closed.")
    for one in made:
        answers, packages = number(one.answers, "answer"), number(len(one.packages), "package")
        lines = [f"Batch {one.batch}: {answers} in {packages}."]
        lines += [f"  {count:,} not yet: {reason}" for reason, count in one.halted.items()]
        if one.undecided:
            lines.append(
                f"  Nothing went out. Still to be decided: {number(one.undecided, 'case')} "
                f"(comity review list {one.batch})."
            )
        elif one.released:
            lines.append("  All other answers are out.")
        else:
            lines.append("  The other answers stay pending.")
        console.print("\n".join(lines), markup=False)
