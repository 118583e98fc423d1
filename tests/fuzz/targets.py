"""What is fuzzed: every parser that reads what an attacker may have written.

A target takes any bytes and raises nothing; what it asserts must hold for all of them. `SEEDS` are
valid things to begin with. `resigned` puts a valid signature under a changed checkpoint, so that
what stands behind the signature is reached, too: as if the holder of the key were the attacker.
"""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from comity.ledger.entry import Entry
from comity.ledger.merkle import consistency_path, inclusion_path, leaf_hash, root_of
from comity.ledger.note import NoteSigner, NoteVerifier, parse_note
from comity.ledger.proof_file import ConsistencyProof, InclusionProof
from comity.ledger.tiles import (
    ENTRIES,
    Tile,
    decode_entries,
    decode_hashes,
    encode_entries,
)

ORIGIN = "log.example/x"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
OTHER = NoteSigner("log.example/y", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
KEY = str(SIGNER.verifier)
MADE = [
    Entry("act.made", "2026-11-24T01:56:54.000000Z", "us-x", f"b1/{n}", None, {"n": "ä"}).encode()
    for n in range(7)
]
LEAVES = [leaf_hash(entry) for entry in MADE]

Target = Callable[[bytes], None]


def _checkpoint(size: int) -> bytes:
    return sign_checkpoint(Checkpoint(ORIGIN, size, root_of(LEAVES[:size])), SIGNER)


def _inclusion(index: int, size: int) -> bytes:
    hashes = tuple(root_of(LEAVES[low:high]) for low, high in inclusion_path(index, size))
    return InclusionProof(index, hashes, _checkpoint(size), MADE[index]).encode()


def _consistency(old: int, new: int) -> bytes:
    hashes = tuple(root_of(LEAVES[low:high]) for low, high in consistency_path(old, new))
    return ConsistencyProof(old, hashes, _checkpoint(new)).encode()


def _load_tool() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "check_tlog_proof.py"
    spec = importlib.util.spec_from_file_location("check_tlog_proof", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _load_tool()


def resigned(data: bytes, gap: bytes = b"\n\n") -> bytes:
    """The data with a new signature under the note at its end (whatever stands behind `gap`)."""
    head, found, note = data.partition(gap) if gap else (b"", b"", data)
    body, _, _ = note.rpartition(b"\n\n")
    try:
        return head + found + SIGNER.sign(body.decode() + "\n")
    except (UnicodeDecodeError, LedgerError):
        return data


def note(data: bytes) -> None:
    """A signed note is read or refused, and nothing is verified that was not signed."""
    with suppress(LedgerError):
        found = parse_note(data)
        assert data.decode().startswith(found.text + "\n")
        SIGNER.verifier.verify(found)


def checkpoint(data: bytes) -> None:
    """A checkpoint that is accepted has one form."""
    for one in (data, resigned(data, b"")):
        with suppress(LedgerError):
            found = open_checkpoint(one, SIGNER.verifier)
            assert one.startswith(found.to_text().encode() + b"\n")


def verifier_key(data: bytes) -> None:
    """A verifier key that is accepted has one form."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(LedgerError):
        assert str(NoteVerifier.parse(text)) == text.strip()


def tile_path(data: bytes) -> None:
    """A path that is accepted has one form, and leads nowhere else."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(LedgerError):
        tile = Tile.parse(text)
        assert tile.path == text
        assert ".." not in text.split("/")


def bundle(data: bytes) -> None:
    """A bundle that is accepted has one form; the first byte says how many entries it has."""
    tile = Tile(ENTRIES, 0, (data[0] if data else 0) + 1)
    with suppress(LedgerError):
        entries = decode_entries(data[1:], tile)
        assert encode_entries(entries) == data[1:]
        assert len(entries) == tile.width
    with suppress(LedgerError):
        assert b"".join(decode_hashes(data[1:], tile)) == data[1:]


def entry(data: bytes) -> None:
    """An entry that is accepted has one form."""
    with suppress(LedgerError):
        assert Entry.parse(data).encode() == data


def proof(data: bytes) -> None:
    """A proof that holds is about an entry that stands in the log, and the checker that stands
    alone says the same, whatever it is given."""
    for one in (data, resigned(data)):
        alone = _alone(one, KEY)
        assert alone == _ours(one, KEY), (alone, one)
        with suppress(LedgerError):
            found = InclusionProof.parse(one)
            assert found.encode() == one


def proof_key(data: bytes) -> None:
    """Both checkers say the same of any key."""
    text = data.decode("utf-8", "surrogateescape")
    assert _alone(_inclusion(2, 5), text) == _ours(_inclusion(2, 5), text), text


def consistency(data: bytes) -> None:
    """A consistency proof holds or is refused."""
    for one in (data, resigned(data)):
        with suppress(LedgerError):
            found = ConsistencyProof.parse(one)
            assert found.encode() == one
            for earlier in (_checkpoint(3), data):
                with suppress(LedgerError):
                    before, after = found.check(earlier, SIGNER.verifier)
                    assert before.size <= after.size


def _ours(data: bytes, key: str) -> bool:
    try:
        InclusionProof.parse(data).check(NoteVerifier.parse(key))
    except LedgerError as error:
        # The other checker proves that these bytes stand in the log, not that they are an entry.
        return "not an entry of the log" in error.what
    return True


def _alone(data: bytes, key: str) -> bool:
    try:
        index, found, hashes, signed = TOOL.read_proof(data)
        name, text, _ = TOOL.check_signature(signed, key, TOOL.LOG)
        origin, size, root = TOOL.read_checkpoint(text)
        TOOL.shown(origin + found.decode("utf-8", "backslashreplace"))
        return bool(origin == name and TOOL.root_over(found, index, size, hashes) == root)
    except TOOL.NotProvenError:
        return False


TARGETS: dict[str, Target] = {
    one.__name__: one
    for one in (
        *(note, checkpoint, verifier_key, tile_path, bundle),
        *(entry, proof, proof_key, consistency),
    )
}

_NOTE = _checkpoint(5) + OTHER.sign("x\n").split(b"\n\n")[1]
_LARGE = base64.b64encode(bytes(200)).decode()
SEEDS: dict[str, list[bytes]] = {
    "note": [_NOTE, SIGNER.sign("a\n\nb\n") + f"\u2014 w {_LARGE}\n".encode()],
    "checkpoint": [_NOTE, SIGNER.sign(f"{ORIGIN}\n1\n{'A' * 43}=\nextension\n")],
    "verifier_key": [KEY.encode(), str(OTHER.verifier).encode()],
    "tile_path": [
        *(b"tile/0/000", b"tile/entries/x001/x234/067.p/8", b"tile/63/999.p/255"),
    ],
    "bundle": [b"\x06" + encode_entries(MADE), b"\x01" + bytes(64), b"\x00\x00\x00"],
    "entry": [MADE[0], MADE[3].replace(b"act", b"batch")],
    "proof": [_inclusion(0, 1), _inclusion(2, 5), _inclusion(6, 7)],
    "proof_key": [KEY.encode()],
    "consistency": [_consistency(3, 7), _consistency(0, 5), _consistency(5, 5)],
}
