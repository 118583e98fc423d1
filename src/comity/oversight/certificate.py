"""A certificate of disposal: what was destroyed, when, by which authority and by whom.

It opens the log's entry of the disposal: the two officers' signed statements, order and act, with
the salt that the entry's commitment covers, and the inclusion proof of the entry. So whoever has
the log's published key can check that it was said then and not since; nothing in it is personal.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from comity.core.canonical import Json, canonical
from comity.core.errors import ComityError, LedgerError
from comity.core.statement import Statement
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.entry import SALT_BYTES, Entry, commitment
from comity.ledger.note import NoteVerifier
from comity.ledger.proof_file import MAX_PROOF, InclusionProof

FORMAT = "comity-disposal-1"
MAX_BYTES = 2 * MAX_PROOF
ENTRY = "batch.disposed"
_EVIDENCE = "It was altered; keep it as evidence."


@dataclass(frozen=True)
class Certificate:
    """`payload` is what the entry commits to with `salt`; `proof` the proof file of the entry."""

    salt: bytes
    payload: Mapping[str, Json]
    proof: bytes

    def encode(self) -> bytes:
        """The file: JSON, with what it says of the disposal in clear words first."""
        told = {
            "format": FORMAT,
            "disposal": self.statements()[1].body,
            "salt": base64.b64encode(self.salt).decode(),
            "payload": dict(self.payload),
            "proof": self.proof.decode(),
        }
        return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Certificate:
        """Read a file. Raises LedgerError for anything that is not one."""
        try:
            if len(data) > MAX_BYTES:
                raise ValueError
            found = json.loads(data)
            salt = base64.b64decode(found["salt"], validate=True)
            payload, proof = found["payload"], found["proof"].encode()
            if found["format"] != FORMAT or len(salt) != SALT_BYTES:
                raise ValueError
            made = cls(salt, payload, proof)
            told = made.statements()[1].body
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ComityError):
            raise LedgerError(
                "This is not a certificate of disposal.",
                cure=f"Expected a file of the format {FORMAT}.",
            ) from None
        if found.get("disposal") != told:
            raise LedgerError(
                "What the certificate says is not what the officer signed.", cure=_EVIDENCE
            )
        return made

    def statements(self) -> tuple[Statement, Statement]:
        """The signed order and the signed act. Raises KeyMaterialError where they are none."""
        return (
            Statement.from_json(self.payload["order"], kind="disposal-order"),
            Statement.from_json(self.payload["disposal"], kind="disposal"),
        )

    def check(self, verifier: NoteVerifier) -> tuple[Entry, Checkpoint]:
        """The entry and the checkpoint that names it. Raises LedgerError unless the log has the
        entry, commits in it to these very statements, and they belong together."""
        entry, checkpoint = InclusionProof.parse(self.proof).check(verifier)
        if entry.type != ENTRY or entry.commitment != commitment(
            self.salt, canonical(self.payload)
        ):
            raise LedgerError("The entry commits to something else.", cure=_EVIDENCE)
        order, act = (one.body for one in self.statements())
        named = {(one.get("disposal"), one.get("batch")) for one in (order, act, entry.body)}
        if len(named) != 1 or order.get("officer") in (None, act.get("officer")):
            raise LedgerError(
                "Order and act are not of one disposal by two officers.", cure=_EVIDENCE
            )
        return entry, checkpoint
