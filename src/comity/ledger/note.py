"""Signed notes (C2SP signed-note v1): a text with Ed25519 signatures of named keys.

<text, ending in a newline>
<empty line>
— <key name> <base64 of 4 bytes key id and the signature>
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.core.errors import LedgerError
from comity.ledger.encoding import decode_base64, encode_base64

MAX_BYTES = 1_000_000
"""Bytes a note; the format asks room for 16 signatures, of which each may have nearly 5 kB."""

MAX_SIGNATURES = 100
_ED25519 = b"\x01"
_DASH = "\u2014 "


@dataclass(frozen=True)
class Signature:
    """One signature line: the key's name, its 4-byte id, and the signature's bytes."""

    name: str
    keyid: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line, as it stands in a note."""
        return f"{_DASH}{self.name} {encode_base64(self.keyid + self.value)}\n"


@dataclass(frozen=True)
class Note:
    """A parsed note. `text` ends in a newline; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The note's bytes."""
        return f"{self.text}\n{''.join(one.line for one in self.signatures)}".encode()


class NoteSigner:
    """Signs notes under a key name."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.verifier = NoteVerifier(name, key.public_key())
        self._key = key

    def sign(self, text: str) -> bytes:
        """The note with this one signature."""
        _check_text(text)
        value = self._key.sign(text.encode())
        return Note(text, (Signature(self.verifier.name, self.verifier.keyid, value),)).encode()


class NoteVerifier:
    """Verifies notes of one named key; `str()` is its verifier key, `name+hash+key`."""

    def __init__(self, name: str, key: Ed25519PublicKey) -> None:
        self.name = name
        self._key = key
        self.raw = key.public_bytes_raw()
        self.keyid = key_id(name, _ED25519 + self.raw)

    @classmethod
    def parse(cls, text: str) -> NoteVerifier:
        """Read a verifier key. Raises LedgerError for anything that is not one."""
        name, encoded = read_key(text)
        try:
            if encoded[:1] != _ED25519:
                raise ValueError
            return cls(name, Ed25519PublicKey.from_public_bytes(encoded[1:]))
        except ValueError:
            raise not_a_key() from None

    def __str__(self) -> str:
        return write_key(self.name, _ED25519 + self.raw)

    def own(self, note: Note) -> list[Signature]:
        """The signatures that claim to be of this key; nothing is verified."""
        return [s for s in note.signatures if (s.name, s.keyid) == (self.name, self.keyid)]

    def verify(self, note: Note) -> None:
        """Raise LedgerError unless the note bears a valid signature of this key.

        Signatures of other keys are ignored; every one that claims to be ours must be valid."""
        ours = self.own(note)
        if not ours:
            raise LedgerError(
                f"The note bears no signature of the key {self.name}.",
                cure="It is of another log, or the verifier key is another one.",
            )
        for signature in ours:
            try:
                self._key.verify(signature.value, note.text.encode())
            except InvalidSignature:
                raise LedgerError(
                    f"The signature of {self.name} on the note does not verify.",
                    cure="The note was altered; keep it as evidence.",
                ) from None


def key_id(name: str, encoded: bytes) -> bytes:
    """The 4 bytes that stand for a key in a note; `encoded` is the byte of its signature type and
    the public key. Raises LedgerError for a name that none can have."""
    if not _is_name(name):
        raise LedgerError("A key name has neither spaces nor a plus sign, and is not empty.")
    return sha256(f"{name}\n".encode() + encoded).digest()[:4]


def write_key(name: str, encoded: bytes) -> str:
    """A verifier key, `NAME+HASH+KEY`."""
    return f"{name}+{key_id(name, encoded).hex()}+{encode_base64(encoded)}"


def read_key(text: str) -> tuple[str, bytes]:
    """The name in a verifier key, and the byte of its signature type with the public key. Raises
    LedgerError for anything that is not one."""
    name, _, rest = text.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    try:
        key = decode_base64(encoded)
        if len(key) > 1 and key_id(name, key).hex() == stated:
            return name, key
    except (ValueError, LedgerError):
        pass
    raise not_a_key()


def not_a_key() -> LedgerError:
    """What is raised for a text that is no verifier key."""
    return LedgerError(
        "This is not a verifier key.", cure="Expected NAME+HASH+KEY, as `init` printed it."
    )


def parse_note(data: bytes) -> Note:
    """Take a note apart. Raises LedgerError for anything that is not one."""
    if len(data) > MAX_BYTES:
        raise _malformed(f"it is larger than {MAX_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    body, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise _malformed("it has no signatures after an empty line")
    text = body + "\n"
    _check_text(whole)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"it has more than {MAX_SIGNATURES} signatures")
    return Note(text, tuple(_signature(line) for line in lines))


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        value = decode_base64(encoded)
    except ValueError:
        value = b""
    if not line.startswith(_DASH) or not space or not _is_name(name) or len(value) < 5:
        raise _malformed("a signature line is malformed")
    return Signature(name, value[:4], value[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(c) < 0x20 and c != "\n" for c in text):
        raise _malformed("its text has control characters, or does not end in a newline")


def _malformed(why: str) -> LedgerError:
    return LedgerError(f"This is not a signed note: {why}.")
