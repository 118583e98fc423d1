"""What the commands of `comity ledger` print for people, and what they tell machines beside."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from rich.console import Console

from comity.cli.output import number, table
from comity.core.canonical import Json
from comity.exchange.log_proofs import Proven
from comity.exchange.verifying import StatedPolicy, Verified
from comity.ledger.policy import Policy
from comity.ledger.reading import Place


def show_written(screen: Console, written: list[Path]) -> None:
    """Which proofs were written."""
    for path in written:
        screen.print(str(path), markup=False)
    screen.print(
        f"{number(len(written), 'proof')}. Whoever gets one checks it with: "
        "comity ledger check FILE --log-key VKEY"
        if written
        else "The log has no such entry."
    )


def show_proven(screen: Console, found: Proven) -> None:
    """What a file proves."""
    point = found.checkpoint
    if found.forked is not None:
        screen.print(
            f"THE LOG {point.origin} WAS FORKED. Its key signed a checkpoint of "
            f"{found.forked.size:,} entries and one of {point.size:,} that no one history has. "
            "Whoever was shown one of them was not shown what the other was.",
            markup=False,
        )
        return
    if found.witnesses is not None:
        screen.print(f"Cosigned by: {', '.join(found.witnesses) or 'nobody'}.", markup=False)
    if found.earlier is not None:
        screen.print(
            f"The log {point.origin} of {point.size:,} entries continues what it was at "
            f"{found.earlier.size:,}: nothing was changed or taken out.",
            markup=False,
        )
        return
    assert found.entry is not None
    assert found.number is not None
    screen.print(
        f"Entry {found.number:,} stands in the log {point.origin} of {point.size:,} entries:",
        markup=False,
    )
    rows = [(name, _plain(value)) for name, value in found.entry.to_json().items()]
    screen.print(table(("field", "value"), rows))


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def show_verified(screen: Console, log: Place, found: Verified, beside: Path | None) -> None:
    """What was found about a whole log."""
    point = found.checkpoint
    screen.print(f"The log in {log} verifies.", markup=False)
    screen.print(f"Origin: {point.origin}", markup=False)
    screen.print(f"Root over {point.size:,} entries: {base64.b64encode(point.root).decode()}")
    if beside is None:
        screen.print("Key: given with the call.")
    else:
        screen.print(
            f"Key: taken from {beside}, so from the same hand as the log (trust on first use). "
            "Compare it with the one that the holder published, or give that with --log-key.",
            markup=False,
        )
    if found.policy is not None:
        standing = found.policy.standing
        screen.print(
            f"Witnesses: {len(standing.witnesses)} of "
            f"{len(standing.witnesses) + len(standing.absent)} cosigned, which is "
            f"{'' if standing.met else 'NOT '}the quorum of entry {found.policy.entry:,}.",
            markup=False,
        )
    if found.beyond:
        screen.print(
            f"Note: {found.beyond} tiles reach past the checkpoint. Publishing is under way or was "
            "interrupted, or an older checkpoint was put back."
        )
    totals = {name.replace("_", " "): number for name, number in found.totals.items()}
    screen.print(table(("requests", "number"), list(totals.items()), "Requests add up:"))
    screen.print(table(("type", "entries"), sorted(found.types.items()), "Entries:"))


def policy_words(found: Policy | None, *, adopted: bool) -> str:
    """A policy for witnesses, or that there is none."""
    if found is None:
        return "No witnesses are needed: no policy was adopted."
    return f"{'Adopted' if adopted else 'In force'}:\n{found.text}".rstrip("\n")


def stated_policy(found: StatedPolicy | None) -> Json:
    """How a checkpoint stands under the policy that its log states."""
    if found is None:
        return None
    return {
        "entry": found.entry,
        "met": found.standing.met,
        "witnesses": dict(found.standing.witnesses),
        "absent": list(found.standing.absent),
    }
