"""What `comity recall` says of what it found and opened."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from rich.console import Console

from comity.cli.output import emit, number, table
from comity.core.canonical import Json
from comity.exchange.recalling import Opened
from comity.exchange.touched import Found
from comity.request.result_file import write_rows

_SHOWN = 20
_LISTED = pa.schema(
    [(name, pa.string()) for name in ("request", "certain", "why", "recipients", "packages")]
)


def _rows(found: Found) -> list[dict[str, str]]:
    packages: dict[tuple[str, int], list[str]] = {}
    recipients: dict[tuple[str, int], list[str]] = {}
    for one in found.carried:
        packages.setdefault((one.batch, one.row), []).append(one.package)
        recipients.setdefault((one.batch, one.row), []).append(one.recipient)
    return [
        {
            "request": one.request,
            "certain": "yes" if one.certain else "no",
            "why": "; ".join(one.why),
            "recipients": ";".join(recipients.get((one.batch, one.row), [])),
            "packages": ";".join(packages.get((one.batch, one.row), [])),
        }
        for one in found.touched
    ]


def tell_found(found: Found, out: Path | None, as_json: bool) -> None:
    """List what was found, or write the whole list to a file."""
    rows = _rows(found)
    if out is not None:
        write_rows(rows, _LISTED, out)
    data: dict[str, Json] = {"disclosures": found.looked_at, "touched": len(rows)}
    data |= {"certain": found.certain, "packages": len({one.package for one in found.carried})}
    data["listed"] = [dict(row) for row in rows] if out is None else str(out)
    emit(as_json, data, lambda c: _show_found(c, found, rows, out))


def _show_found(
    screen: Console, found: Found, rows: list[dict[str, str]], out: Path | None
) -> None:
    doubtful = len(rows) - found.certain
    if rows and out is None:
        shown = [list(row.values()) for row in rows[:_SHOWN]]
        screen.print(table(_LISTED.names, shown))
        if len(rows) > _SHOWN:
            screen.print(f"… and {len(rows) - _SHOWN:,} more; --out FILE lists all.")
    words = f"Touched: {len(rows):,} of {number(found.looked_at, 'disclosure')}"
    if doubtful:
        words += f", of which {doubtful:,} cannot be told any more"
    screen.print(f"{words}.")
    if rows:
        carried = number(len({one.package for one in found.carried}), "package")
        read_by = number(len({one.recipient for one in found.carried}), "officer")
        screen.print(f"They are in {carried} for {read_by}." + (f" List: {out}" if out else ""))


def show_opened(screen: Console, made: Opened) -> None:
    """The incident, its clock, and what comes next."""
    found = made.found
    lines = [
        f"Incident {made.incident} is open"
        + (" already." if made.already else f": {number(len(found.touched), 'disclosure')}.")
    ]
    if made.stays:
        lines.append(f"Stays in force: {', '.join(made.stays)}.")
    lines += [
        f"Inspector and safeguards office must know by {made.due:%Y-%m-%d %H:%M} UTC.",
        f"Next: comity recall notices {made.incident} --out DIR",
    ]
    screen.print("\n".join(lines), markup=False)
