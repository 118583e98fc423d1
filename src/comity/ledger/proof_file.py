"""Proofs as files that are checked offline, with nothing but the log's published key.

An inclusion proof is a C2SP tlog-proof (v1); its `extra` line holds the entry itself, so that the
file needs nothing beside it. A consistency proof has the form in which a C2SP tlog-witness is asked
to cosign: what it was before, the hashes, the checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, check_growth, open_checkpoint
from comity.ledger.encoding import decode_base64, encode_base64
from comity.ledger.entry import Entry
from comity.ledger.merkle import HASH_BYTES, leaf_hash, root_from_inclusion, verify_consistency
from comity.ledger.note import MAX_BYTES, NoteVerifier, parse_note
from comity.ledger.tiles import MAX_ENTRY

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
MAX_PROOF = MAX_BYTES + 2 * MAX_ENTRY + 16_384
"""Bytes of a proof file: the checkpoint, the entry in base64, the hashes."""

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")
_MOST_HASHES = 128
_ALTERED = "It was altered, or belongs to another log; keep it as evidence."


@dataclass(frozen=True)
class InclusionProof:
    """That entry `index` of a log is what `extra` holds. `checkpoint` is a signed note, verbatim;
    nothing is verified before `check`."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The file."""
        head = [HEADER]
        if self.extra is not None:
            head.append(f"extra {encode_base64(self.extra)}")
        return _file([*head, f"index {self.index}"], self.hashes, self.checkpoint)

    @classmethod
    def parse(cls, data: bytes) -> InclusionProof:
        """Read a file. Raises LedgerError for anything that is not exactly one."""
        lines, checkpoint = _parts(data)
        if not lines or lines.pop(0) != HEADER:
            raise _malformed(f"its first line is not {HEADER}")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = _bytes(lines.pop(0).removeprefix("extra "), "its extra data is not base64")
        index = _number(lines.pop(0) if lines else "", "index")
        return cls(index, _hashes(lines), checkpoint, extra)

    def check(self, verifier: NoteVerifier) -> tuple[Entry, Checkpoint]:
        """The entry, and the checkpoint that names it.

        Raises LedgerError unless the checkpoint is of the verifier's log and bears its signature,
        and the entry stands in that log at that place."""
        if self.extra is None:
            raise LedgerError(
                "The proof does not hold the entry that it is about.",
                cure="Make it with `comity ledger prove`, which puts the entry in.",
            )
        found = open_checkpoint(self.checkpoint, verifier)
        try:
            root = root_from_inclusion(leaf_hash(self.extra), self.index, found.size, self.hashes)
        except ValueError:
            root = None
        if root != found.root:
            raise LedgerError(
                f"The entry does not stand in the log at place {self.index}.", cure=_ALTERED
            )
        return Entry.parse(self.extra), found


@dataclass(frozen=True)
class ConsistencyProof:
    """That a log of `checkpoint` continues what it was at `old` entries."""

    old: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes

    @property
    def size(self) -> int:
        """How many entries the checkpoint names; nothing is verified here."""
        return Checkpoint.from_text(parse_note(self.checkpoint).text).size

    def encode(self) -> bytes:
        """The file."""
        return _file([f"old {self.old}"], self.hashes, self.checkpoint)

    @classmethod
    def parse(cls, data: bytes) -> ConsistencyProof:
        """Read a file. Raises LedgerError for anything that is not exactly one."""
        lines, checkpoint = _parts(data)
        old = _number(lines.pop(0) if lines else "", "old")
        return cls(old, _hashes(lines), checkpoint)

    def check(self, earlier: bytes, verifier: NoteVerifier) -> tuple[Checkpoint, Checkpoint]:
        """The `earlier` checkpoint (a signed note) and the later one.

        Raises LedgerError unless both are of the verifier's log and bear its signature, and the
        later log only appends to the earlier."""
        before, after = (
            open_checkpoint(earlier, verifier),
            open_checkpoint(self.checkpoint, verifier),
        )
        if before.size != self.old:
            raise LedgerError(
                f"The proof continues a log of {self.old} entries, not one of {before.size}.",
                cure="Give the checkpoint that it was made for.",
            )
        check_growth(before, after)
        if not verify_consistency(before.size, before.root, after.size, after.root, self.hashes):
            raise LedgerError(
                f"The log of {after.size} entries does not continue the one of {before.size}.",
                cure="Keep both checkpoints: signed by one key they show that history was changed, "
                "unless the proof itself was.",
            )
        return before, after


def _file(head: Iterable[str], hashes: Iterable[bytes], checkpoint: bytes) -> bytes:
    lines = [*head, *map(encode_base64, hashes), "", ""]
    return "\n".join(lines).encode() + checkpoint


def _parts(data: bytes) -> tuple[list[str], bytes]:
    """The lines before the first empty one, and what stands behind it."""
    if len(data) > MAX_PROOF:
        raise _malformed(f"it is larger than {MAX_PROOF:,} bytes")
    head, gap, checkpoint = data.partition(b"\n\n")
    try:
        text = head.decode("ascii")
    except UnicodeDecodeError:
        raise _malformed("its lines are not ASCII") from None
    if not gap:
        raise _malformed("no checkpoint follows an empty line")
    return text.split("\n"), checkpoint


def _number(line: str, name: str) -> int:
    value = line.removeprefix(f"{name} ")
    if value == line or not _NUMBER.fullmatch(value):
        raise _malformed(f"a line `{name} NUMBER` is missing")
    return int(value)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > _MOST_HASHES:
        raise _malformed(f"it has more than {_MOST_HASHES} hashes")
    hashes = tuple(_bytes(line, "a hash is not base64") for line in lines)
    if any(len(one) != HASH_BYTES for one in hashes):
        raise _malformed(f"a hash has not {HASH_BYTES} bytes")
    return hashes


def _bytes(text: str, why: str) -> bytes:
    try:
        return decode_base64(text)
    except ValueError:
        raise _malformed(why) from None


def _malformed(why: str) -> LedgerError:
    return LedgerError(f"This is not a proof: {why}.", cure="Ask for the file again.")
