"""Asking witnesses over HTTP to cosign a checkpoint (C2SP tlog-witness), all of them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import urllib3

from comity.core.errors import ComityError, LedgerError
from comity.exchange.http_log import connect, exchange_words, read_limited
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.cosignature import CosignatureVerifier
from comity.ledger.note import Note, Signature, parse_note
from comity.ledger.policy import Policy
from comity.ledger.proof_file import ConsistencyProof

PATIENCE = urllib3.Timeout(connect=3, read=5)
LONGEST = 8.0
"""Seconds that an answer may take."""

_MOST = 65_536
_AT_ONCE = 16
_SIZE = re.compile("0|[1-9][0-9]{0,18}")

Prove = Callable[[int], Sequence[bytes]]
"""The hashes that show that the tree at hand continues its first entries, so many of them."""


class ContradictionError(LedgerError):
    """A witness has seen another history of the log than this one."""


@dataclass(frozen=True)
class Gathered:
    """A checkpoint with the cosignatures that were to be had, and for each witness that gave none,
    what was wrong. `alarming` are those that have seen another history."""

    note: bytes
    problems: Mapping[str, str]
    alarming: tuple[str, ...] = ()


def gather(
    policy: Policy, note: bytes, guesses: Mapping[str, int], prove: Prove, now: int
) -> Gathered:
    """Ask each witness of a policy that has not cosigned the note yet.

    `guesses` are the sizes that witnesses are believed to have cosigned last."""
    parsed = parse_note(note)
    tree = Checkpoint.from_text(parsed.text)
    missing = {
        name: key for name, key in policy.witnesses.items() if key.verify(parsed, now) is None
    }
    problems = {name: "no address is known" for name in missing if not policy.urls[name]}
    cosigners = {(key.name, key.keyid) for key in policy.witnesses.values()}
    signed = tuple(s for s in parsed.signatures if (s.name, s.keyid) not in cosigners)
    bare = Note(parsed.text, signed)

    def ask(name: str) -> Signature | ComityError:
        try:
            asked = _Asked(bare, tree, prove, now)
            return asked.of(policy.urls[name], missing[name], guesses.get(name, 0))
        except ComityError as error:
            return error

    asked = [name for name in missing if name not in problems]
    lines: list[Signature] = list(parsed.signatures)
    alarming: list[str] = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for name, answer in zip(asked, threads.map(ask, asked), strict=True):
            if isinstance(answer, Signature):
                lines.append(answer)
                continue
            problems[name] = answer.what
            if isinstance(answer, ContradictionError):
                alarming.append(name)
    return Gathered(Note(parsed.text, tuple(lines)).encode(), problems, tuple(alarming))


@dataclass(frozen=True)
class _Asked:
    """A checkpoint that is to be cosigned."""

    note: Note
    tree: Checkpoint
    prove: Prove
    now: int

    def of(self, url: str, witness: CosignatureVerifier, guess: int) -> Signature:
        """One witness's cosignature. A witness that tells which size it cosigned last is asked once
        more, with a proof from there. Raises ComityError."""
        status, data = self._call(url, guess)
        if status == 409:
            status, data = self._call(url, self._size(data))
        if status == 200:
            return self._cosignature(data, witness)
        if status == 422:
            raise ContradictionError(
                "It says that this log does not continue what it saw of it before."
            )
        known = {403: "it does not accept the log's key", 404: "it does not watch this log"}
        raise LedgerError(
            f"It answers {status}{': ' if status in known else ''}{known.get(status, '')}."
        )

    def _call(self, url: str, old: int) -> tuple[int, bytes]:
        proof = ConsistencyProof(old, tuple(self.prove(old)) if old else (), self.note.encode())
        pool, prefix = connect(url, 1)
        with (
            pool,
            exchange_words(
                pool, "POST", f"{prefix}/add-checkpoint", PATIENCE, proof.encode()
            ) as answer,
        ):
            return answer.status, read_limited(answer, _MOST, LONGEST)

    def _size(self, data: bytes) -> int:
        text = data.decode("ascii", "replace").removesuffix("\n")
        if not _SIZE.fullmatch(text):
            raise LedgerError("It answers 409 without a size.")
        if int(text) > self.tree.size:
            raise ContradictionError(
                f"It has cosigned {int(text):,} entries of this log, which has "
                f"{self.tree.size:,}: an older database was put back, or somebody else signs with "
                "the log's key."
            )
        return int(text)

    def _cosignature(self, data: bytes, witness: CosignatureVerifier) -> Signature:
        note = parse_note(f"{self.note.text}\n".encode() + data)
        if witness.verify(note, self.now) is None:
            raise LedgerError("It answered without a cosignature of the key in the policy.")
        return next(
            s for s in note.signatures if (s.name, s.keyid) == (witness.name, witness.keyid)
        )
