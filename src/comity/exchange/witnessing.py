"""What a witness does of its own accord: follow a published log, and compare what others saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from comity.core.errors import ConflictError, LedgerError, UsageError
from comity.exchange.handed import read_handed
from comity.exchange.http_log import HttpLog, is_url
from comity.exchange.witness_folder import WitnessFolder, origin_hash
from comity.ledger.checkpoint import Checkpoint, open_checkpoint
from comity.ledger.fork import Fork, between, of_one_size
from comity.ledger.note import MAX_BYTES, NoteVerifier, parse_note
from comity.ledger.proof import consistency_proof, root_at
from comity.ledger.proof_file import ConsistencyProof
from comity.ledger.reading import Place, read_plain

_MOST = 2 * MAX_BYTES
"""Bytes of a checkpoint as a witness serves it: the log's note, and its own lines."""


class ForkError(LedgerError):
    """The log was forked; the evidence is kept in the file that is named."""


@dataclass(frozen=True)
class Followed:
    """A published log was looked at: its checkpoint, the size that was cosigned before, and the
    cosigned checkpoint, a signed note."""

    tree: Checkpoint
    before: int
    note: bytes


@dataclass(frozen=True)
class View:
    """What somebody saw of a log: a name for it, the signed note, and its tree."""

    name: str
    note: bytes
    tree: Checkpoint


@dataclass(frozen=True)
class Compared:
    """Views of one log, the forks that they show, and the names of those of which nothing can be
    said yet, because the log at hand does not reach that far."""

    views: tuple[View, ...]
    forks: tuple[Fork, ...]
    open: tuple[str, ...]


def follow(folder: WitnessFolder, place: Place) -> Followed:
    """Look at a published log, and cosign its checkpoint if it continues what was cosigned last.

    Raises UsageError for a log that is not watched, ForkError after keeping the evidence,
    LedgerError for one that does not verify or has become shorter."""
    note = read_plain(place, "checkpoint", MAX_BYTES)
    tree, key = _watched(folder, note, place)
    latest = folder.latest(tree.origin)
    before = 0
    if latest is None:
        if root_at(place, tree.size, tree.size) != tree.root:
            raise LedgerError(
                "The published tiles do not lead to the published checkpoint.",
                where=str(place),
                cure="It may be just being published: look again.",
            )
    else:
        before = Checkpoint.from_text(parse_note(latest).text).size
        # Where the log has changed its key since, no one key shows a fork: the witness decides.
        fork = between(latest, note, key, place) if key.own(parse_note(latest)) else None
        if fork is not None:
            path = folder.evidence(tree.origin, "fork", fork.encode(), ".fork.json")
            raise ForkError(
                f"The log {tree.origin} was forked: it signed another history before.",
                where=str(path),
                cure="This file is evidence; anybody checks it with `comity ledger check`. Nothing "
                "was cosigned. Hand it to the inspector.",
            )
    if before > tree.size:
        raise LedgerError(
            f"The published log has {tree.size:,} entries, and had {before:,} before.",
            where=str(place),
            cure="It may be an old copy: look again later.",
        )
    hashes = tuple(consistency_proof(place, before, tree.size))
    answer = folder.witness().add_checkpoint(ConsistencyProof(before, hashes, note).encode())
    if answer.status != 200:
        raise ConflictError(
            f"The checkpoint was not cosigned: {answer.body.strip()}",
            where=str(place),
            cure="Another process of this witness may have been quicker: try again.",
        )
    cosigned = folder.latest(tree.origin)
    assert cosigned is not None
    return Followed(tree, before, cosigned)


def view(source: str, verifier: NoteVerifier) -> View:
    """What somebody saw: a checkpoint file, a witness's folder, or a witness's address.

    Raises LedgerError unless it is a checkpoint of the verifier's log."""
    below = f"{origin_hash(verifier.name)}/checkpoint"
    if is_url(source):
        note = HttpLog(source).read(below, _MOST)
    else:
        path = Path(source)
        note = read_handed(path / "logs" / below if path.is_dir() else path, "checkpoint", _MOST)
    try:
        return View(source, note, open_checkpoint(note, verifier))
    except LedgerError as error:
        raise LedgerError(error.what, where=source, cure=error.cure) from None


def compare(views: Sequence[View], verifier: NoteVerifier, place: Place | None) -> Compared:
    """Whether all views are of one history of the log. Views of different sizes are compared by the
    published log at `place`.

    Raises UsageError where it would be needed and is not given."""
    forks: list[Fork] = []
    for one, another in combinations(views, 2):
        fork = of_one_size(one.note, another.note, [verifier])
        if fork is not None:
            forks.append(fork)
    undecided: list[str] = []
    if place is not None:
        published = read_plain(place, "checkpoint", MAX_BYTES)
        reached = open_checkpoint(published, verifier).size
        for one in views:
            if one.tree.size > reached:
                undecided.append(one.name)
                continue
            fork = between(one.note, published, verifier, place)
            if fork is not None:
                forks.append(fork)
    elif not forks and len({one.tree.size for one in views}) > 1:
        raise UsageError(
            "The views are of different sizes, so whether they are of one history follows only "
            "from the log itself.",
            cure="Give the published log with --log.",
        )
    return Compared(tuple(views), tuple(forks), tuple(undecided))


def _watched(folder: WitnessFolder, note: bytes, place: Place) -> tuple[Checkpoint, NoteVerifier]:
    """The tree of a signed note of a log that is watched, and the key that signed it."""
    parsed = parse_note(note)
    origin = Checkpoint.from_text(parsed.text).origin
    keys = folder.keys(origin)
    if not keys:
        raise UsageError(
            "This witness does not watch this log.",
            where=str(place),
            cure="Name its key once with `comity witness trust DIR LOG_KEY`; take it from where "
            "the holder published it.",
        )
    signing = [key for key in keys if key.own(parsed)]
    key = (signing or keys)[0]
    return open_checkpoint(note, key), key
