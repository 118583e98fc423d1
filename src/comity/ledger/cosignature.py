"""Cosignatures (C2SP tlog-cosignature): a witness states that it saw this tree, when, and that it
continues every tree of the log that it saw before.

Two kinds: Ed25519 over the checkpoint's text and a time, and ML-DSA-44 (FIPS 204) over the tree.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.note import Note, Signature, key_id, not_a_key, read_key, write_key

TOLERANCE = 300
"""Seconds by which a witness's clock may be ahead of ours."""

_TIME_BYTES = 8
_LAST_TIME = 2**63 - 1
_KINDS: dict[int, Callable[[bytes], Ed25519PublicKey | MLDSA44PublicKey]] = {
    4: Ed25519PublicKey.from_public_bytes,
    6: MLDSA44PublicKey.from_public_bytes,
}
_SUBTREE = b"subtree/v1\n\0"


class FromTheFutureError(LedgerError):
    """A cosignature bears a time that has not come yet."""


class CosignatureVerifier:
    """Verifies the cosignatures of one named key; `str()` is its verifier key, `NAME+HASH+KEY`."""

    def __init__(self, name: str, key: Ed25519PublicKey | MLDSA44PublicKey) -> None:
        self.name = name
        self._key = key
        kind = 4 if isinstance(key, Ed25519PublicKey) else 6
        self.raw = key.public_bytes_raw()
        self._encoded = bytes([kind]) + self.raw
        self.keyid = key_id(name, self._encoded)

    @classmethod
    def parse(cls, text: str) -> CosignatureVerifier:
        """Read a verifier key. Raises LedgerError for anything that is not one of a cosigner."""
        name, encoded = read_key(text)
        read = _KINDS.get(encoded[0])
        if read is None:
            raise LedgerError(
                "This is a verifier key, but not that of a witness.",
                cure="Witnesses have keys of their own (signature type 4 or 6): take the one that "
                "`comity witness init` printed.",
            )
        try:
            return cls(name, read(encoded[1:]))
        except ValueError:
            raise not_a_key() from None

    def __str__(self) -> str:
        return write_key(self.name, self._encoded)

    def message(self, text: str, at: int) -> bytes:
        """What is signed: of a checkpoint's text, at a time in seconds since 1970."""
        if isinstance(self._key, Ed25519PublicKey):
            return f"cosignature/v1\ntime {at}\n{text}".encode()
        tree = Checkpoint.from_text(text)
        return b"".join(
            (
                _SUBTREE,
                _opaque(self.name),
                struct.pack(">Q", at),
                _opaque(tree.origin),
                struct.pack(">QQ", 0, tree.size),
                tree.root,
            )
        )

    def verify(self, note: Note, now: int) -> int | None:
        """The time of this key's newest cosignature on a checkpoint, in seconds since 1970, or None
        where it bears none.

        Raises LedgerError if one that claims to be of this key is not, FromTheFutureError if its
        time is more than TOLERANCE after `now`."""
        times: list[int] = []
        for signature in note.signatures:
            if (signature.name, signature.keyid) != (self.name, self.keyid):
                continue
            times.append(self._time(signature, note.text))
            if times[-1] > now + TOLERANCE:
                raise FromTheFutureError(
                    f"The cosignature of {self.name} is {times[-1] - now:,} seconds ahead of this "
                    "machine's clock.",
                    cure="One of the two clocks is wrong: set it, or ask the witness.",
                )
        return max(times, default=None)

    def _time(self, signature: Signature, text: str) -> int:
        at = int.from_bytes(signature.value[:_TIME_BYTES], "big")
        try:
            if at > _LAST_TIME:
                raise ValueError
            self._key.verify(signature.value[_TIME_BYTES:], self.message(text, at))
        except (InvalidSignature, ValueError):
            raise LedgerError(
                f"The cosignature of {self.name} on the checkpoint does not verify.",
                cure="The checkpoint was altered, or somebody uses the witness's name; keep it as "
                "evidence.",
            ) from None
        return at


class CosignatureSigner:
    """Cosigns checkpoints under a key name."""

    def __init__(self, name: str, key: Ed25519PrivateKey | MLDSA44PrivateKey) -> None:
        self.verifier = CosignatureVerifier(name, key.public_key())
        self._key = key

    def cosign(self, text: str, at: int) -> Signature:
        """The cosignature of a checkpoint's text, at a time in seconds since 1970.

        Whoever calls this has made sure that the tree continues all that were cosigned before, and
        that this is on record."""
        signed = self._key.sign(self.verifier.message(text, at))
        value = struct.pack(">Q", at) + signed
        return Signature(self.verifier.name, self.verifier.keyid, value)


def _opaque(text: str) -> bytes:
    data = text.encode()
    if not 0 < len(data) < 256:
        raise LedgerError(
            "The name of a log or witness has more than 255 bytes.",
            cure="Cosign it with an Ed25519 key, or give it a shorter name.",
        )
    return bytes([len(data)]) + data
