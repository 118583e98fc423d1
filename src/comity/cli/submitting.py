"""`comity batch sign`, `submit` and `status`: the requester's side of a batch."""

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
    counts,
    credentials,
    emit,
    opened,
    stages,
    table,
)
from comity.core.canonical import Json
from comity.core.outcome import Status
from comity.exchange import status as statuses
from comity.exchange import submitting
from comity.exchange.signing import sign_batch
from comity.exchange.submitting import Submitted
from comity.request.manifest import manifest_path

batch_app = typer.Typer(help="Prepare a batch.", no_args_is_help=True)


@batch_app.callback()
def _batches() -> None:
    """Prepare a batch."""


@batch_app.command()
def sign(
    batch: Annotated[Path, typer.Argument(metavar="BATCH")],
    agreement: Annotated[Path, typer.Option(help="The agreement (YAML).")],
    prepared_by: Annotated[str, typer.Option(help="The officer who prepared the batch.")],
    officer: AsOfficer = None,
    key: KeyFile = None,
    out: Annotated[Path | None, typer.Option(help="Else beside the batch.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sign a batch: who asks, which file, and the attestation of sole use."""
    made = sign_batch(batch, agreement, prepared_by, credentials(officer, key), out=out)
    emit(as_json, {"manifest": str(made)}, lambda c: c.print(f"Signed: {made}", markup=False))


def submit(
    batch: Annotated[Path, typer.Argument(metavar="BATCH", help="CSV, JSON Lines or Parquet.")],
    agreement: Annotated[str, typer.Option(help="The id of an adopted agreement.")],
    manifest: Annotated[
        Path | None,
        typer.Option(help="The signed manifest; else the one beside the batch, if any."),
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Hand in a batch: every row is examined, looked up where sound, determined and recorded.

    Stopped anywhere, the same command goes on where it was."""
    beside = manifest_path(batch)
    signed = manifest or (beside if beside.exists() else None)
    with opened(exchange) as one, one.writing(), stages() as report:
        who = credentials(officer, key)
        made = submitting.submit(one, batch, agreement, who, manifest_path=signed, progress=report)
    emit(as_json, _data(made), lambda c: _show(c, made))


def status(
    batch: Annotated[str | None, typer.Argument(help="One batch; else all.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the requester's copy: request_id, outcome, rule_ids, reasons."),
    ] = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """What the requester may learn: how many requests are in each of the five statuses."""
    with opened(exchange) as one:
        found = statuses.batch_statuses(one, batch)
        if out is not None:
            statuses.write_requester_answers(one, statuses.only(found).batch, out)
    heads = ("batch", "agreement", "received", *(s.value for s in Status), "days")
    rows: list[tuple[str | int, ...]] = [
        (f.batch, f.agreement, f.rows, *(f.counts[s] for s in Status), f.age_days) for f in found
    ]
    emit(
        as_json,
        [dict(zip(heads, row, strict=True)) for row in rows],
        lambda c: c.print(table(heads, rows) if rows else "No batch was received."),
    )


def _data(made: Submitted) -> Json:
    return {
        "batch": made.batch,
        "rows": made.rows,
        "malformed": made.malformed,
        "unsigned": made.unsigned,
        "already": made.already,
        **{status.value: made.counts[status] for status in Status},
    }


def _show(console: Console, made: Submitted) -> None:
    told = {status.value: count for status, count in made.counts.items() if count}
    console.print(table(("status", "requests"), counts(told)))
    lines = [f"\nBatch {made.batch}: {made.rows:,} rows read."]
    if made.malformed:
        lines.append(f"{made.malformed:,} of the returned ones could not be read as rows.")
    if made.unsigned:
        lines.append(
            "No signature of an official who may ask stands for this file: see the reasons."
        )
    if made.already:
        lines.append("The batch had been taken in before; nothing was judged again.")
        lines.append("To have what was returned or refused judged anew, sign the batch anew.")
    lines.append(f"Reasons: comity status {made.batch} --out FILE")
    console.print("\n".join(lines), markup=False)
