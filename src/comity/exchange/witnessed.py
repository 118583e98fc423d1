"""Which witnesses the exchange needs before its checkpoints count, and the one that waits for them.

The policy is adopted by an officer, recorded in the log with its whole text, and stands in
`witnesses.policy`. A checkpoint that is signed but lacks the quorum stands in `checkpoint.pending`,
so that what witnesses may have seen is never contradicted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from comity.core.canonical import digest
from comity.core.errors import ConflictError, LedgerError, UsageError
from comity.exchange.handed import read_handed
from comity.exchange.http_log import connect
from comity.exchange.verifying import ADOPTED
from comity.exchange.witness_client import Gathered, Prove, gather
from comity.ledger.checkpoint import Checkpoint, open_checkpoint
from comity.ledger.files import write_durably
from comity.ledger.note import MAX_BYTES as MAX_NOTE
from comity.ledger.note import NoteVerifier
from comity.ledger.policy import Policy, Standing
from comity.ledger.reading import read_plain
from comity.store import acts

POLICY = "witnesses.policy"
MAX_POLICY = 50_000
"""Bytes: the text goes into an entry of the log."""

_COMING, _PENDING, _SCRATCH = f"{POLICY}.coming", "checkpoint.pending", ".partial"
_HEAD = re.compile(r"# Adopted as entry ([0-9]{1,18}) of this exchange's log\.\n")


@dataclass(frozen=True)
class Waiting:
    """A checkpoint that is not published because too few witnesses have cosigned it: how it stands,
    and for each that has not, what was wrong."""

    standing: Standing
    problems: Mapping[str, str]

    @property
    def message(self) -> str:
        """The same in words, with what to do."""
        told = [f"{name}: {why.rstrip('.')}" for name, why in self.problems.items()]
        seen = len(self.standing.witnesses)
        return (
            f"The checkpoint of {self.standing.checkpoint.size:,} entries is not published: too "
            f"few witnesses cosigned it ({seen} of {seen + len(told)}; {'; '.join(told)}). What "
            "was done is recorded; packages wait until it is published. When the witnesses are "
            "back: comity ledger checkpoint"
        )


def alarm(witnesses: Sequence[str]) -> str:
    """What is said where witnesses have seen another history of the log than this exchange's."""
    return (
        f"{', '.join(witnesses)} HAS SEEN ANOTHER HISTORY OF THIS LOG: an older database was put "
        "back, or somebody else signs with the log's key, or the witness is at fault. Stop, keep "
        "everything as it is, and tell the inspector; `comity witness compare` finds the evidence."
    )


class Witnesses:
    """The policy and the waiting checkpoint of the exchange in this folder."""

    def __init__(self, directory: Path, log: NoteVerifier) -> None:
        self._directory = directory
        self._log = log

    def policy(self, connection: sa.Connection) -> Policy | None:
        """The policy in force, or None where none was adopted.

        Raises LedgerError if the file is not what was recorded when it was adopted."""
        coming = _read(self._directory / _COMING, connection)
        if coming is not None:
            (self._directory / _COMING).replace(self._directory / POLICY)
        path = self._directory / POLICY
        if not path.exists():
            return None
        found = coming or _read(path, connection)
        if found is None:
            raise LedgerError(
                "The policy for witnesses is not the one that was adopted.",
                where=str(path),
                cure="It is not changed by hand: put it back as it was (the log has its text), and "
                "adopt another with `comity ledger policy FILE`.",
            )
        return found

    def adopt(self, policy: Policy, entry: int) -> None:
        """Make ready what is in force as soon as the entry of its adoption is recorded; called in
        the transaction that records it."""
        text = f"# Adopted as entry {entry} of this exchange's log.\n{policy.text}"
        scratch = self._directory / _SCRATCH
        write_durably(self._directory / _COMING, text.encode(), scratch=scratch)

    def pending(self) -> bytes | None:
        """The signed checkpoint that waits for witnesses, with those that it has."""
        if not (self._directory / _PENDING).exists():
            return None
        return read_plain(self._directory, _PENDING, MAX_NOTE)

    def pending_tree(self, published: int) -> Checkpoint | None:
        """Its tree, or None where nothing longer than the published log waits. Raises LedgerError
        for a file that the log's key did not sign."""
        note = self.pending()
        tree = None if note is None else open_checkpoint(note, self._log)
        return tree if tree is not None and tree.size > published else None

    def put_pending(self, note: bytes) -> None:
        """Remember a signed checkpoint, durably, before anybody sees it."""
        write_durably(self._directory / _PENDING, note, scratch=self._directory / _SCRATCH)

    def drop_pending(self) -> None:
        """Nothing waits any more: the checkpoint was published."""
        (self._directory / _PENDING).unlink(missing_ok=True)

    def ask(
        self, policy: Policy, note: bytes, published: bytes | None, prove: Prove, now: int
    ) -> tuple[Gathered, Waiting | None]:
        """The checkpoint with every cosignature that is to be had, and what it still waits for."""
        gathered = gather(policy, note, self._guesses(policy, published, now), prove, now)
        standing = policy.assess(gathered.note, now, self._log)
        return gathered, None if standing.met else Waiting(standing, gathered.problems)

    def _guesses(self, policy: Policy, published: bytes | None, now: int) -> dict[str, int]:
        """Which size each witness has probably cosigned last."""
        found: dict[str, int] = {}
        for note in (published, self.pending()):
            if note is not None:
                standing = policy.assess(note, now, self._log)
                found |= dict.fromkeys(standing.witnesses, standing.checkpoint.size)
        return found


def check_policy(path: Path, log: NoteVerifier) -> Policy:
    """Read a policy that is to be adopted. Raises UsageError or LedgerError where it cannot be: the
    quorum must be reachable by the witnesses that have an address."""
    data = read_handed(path, "policy", MAX_POLICY)
    if len(data) > MAX_POLICY:
        raise UsageError(f"The policy has more than {MAX_POLICY:,} bytes.", where=str(path))
    try:
        data.decode("utf-8")
        policy = Policy.parse(data)
    except UnicodeDecodeError:
        raise UsageError("The policy is not UTF-8.", where=str(path)) from None
    except LedgerError as error:
        where = f"{path}, {error.where}" if error.where else str(path)
        raise UsageError(error.what, where=where, cure=error.cure) from None
    if policy.logs and str(log) not in map(str, policy.logs):
        raise UsageError(
            "The policy lists other logs, not this one.",
            where=str(path),
            cure=f"Add the line: log {log}",
        )
    for url in filter(None, policy.urls.values()):
        connect(url, 1)
    reached = {name: 0 for name, url in policy.urls.items() if url}
    if not policy.holds(reached):
        raise UsageError(
            "The quorum cannot be met by witnesses whose address is known.",
            where=str(path),
            cure="Write each witness's submission address behind its key.",
        )
    return policy


def policy_digest(policy: Policy) -> str:
    """By what a policy is known."""
    return digest({"policy": policy.text})


def unchanged(present: Policy | None, policy: Policy) -> None:
    """Raise ConflictError if this very policy is in force."""
    if present is not None and present.text == policy.text:
        raise ConflictError("This policy is in force already.", where=POLICY)


def _read(path: Path, connection: sa.Connection) -> Policy | None:
    """The policy in a file, or None unless the entry that it names adopted this very text."""
    if not path.exists():
        return None
    data = read_plain(path.parent, path.name, 2 * MAX_POLICY)
    head = _HEAD.match(data.decode("utf-8", "replace"))
    if head is None:
        return None
    stated = acts.entry(connection, int(head[1]))
    told = {} if stated is None else json.loads(stated)
    text = data[head.end() :]
    if told.get("type") != ADOPTED or told["body"]["policy"].encode() != text:
        return None
    return Policy.parse(text)
