#!/usr/bin/env python3
"""Check one proof file of a Comity log, offline and on its own.

    python check_tlog_proof.py FILE 'NAME+HASH+KEY' ['WITNESS+HASH+KEY' …]

FILE is a proof (C2SP tlog-proof, https://c2sp.org/tlog-proof) as `comity ledger prove` writes it.
The second argument is the log's verifier key as its holder published it; take it from where the
holder published it, not from whoever gave you the file. Needed: Python 3.9 or newer, and the
package `cryptography` for one function, the Ed25519 signature. Nothing of Comity itself.

Every further argument is the verifier key (Ed25519) of a witness that must have cosigned, too.

It prints the entry and ends with 0 if all of this holds, else it says what does not and ends with
1:

1. The file ends in a checkpoint: the log's name, how many entries it has, and a root hash.
2. The checkpoint is signed by the log's key (Ed25519, RFC 8032).
3. Each witness named has cosigned it (https://c2sp.org/tlog-cosignature): it states that the log it
   was shown had this root, and only grew.
4. The hash of the entry, joined with the hashes in the file as RFC 6962 says, gives that root hash.

SHA-256 makes it infeasible to find another entry for which 4 holds. So whoever holds the key has
stated that this very entry stands in the log at this place. That what the entry says is true, this
file cannot show; that others are shown the same log, only as far as the witnesses are believed.
"""

import base64
import hashlib
import re
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_BYTES = 1_147_454
"""Of a proof file: a checkpoint of 1,000,000, the largest entry in base64, and the hashes."""

NUMBER = re.compile("0|[1-9][0-9]{0,18}")
"""A number as it is written in proof and checkpoint."""

LOG, WITNESS = 1, 4
"""The kinds of keys, as they stand in front of a verifier key's base64."""


class NotProvenError(Exception):
    """The proof does not hold, or is none."""


def main() -> int:
    """Check the file; 0: proven, 1: not, 2: the call was wrong."""
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    try:
        with Path(sys.argv[1]).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        print(f"The file cannot be read: {error.strerror}.")
        return 2
    try:
        index, entry, hashes, checkpoint = read_proof(data)
        name, text, _ = check_signature(checkpoint, sys.argv[2], LOG)
        origin, size, root = read_checkpoint(text)
        if origin != name:
            raise NotProvenError(f"The checkpoint is of the log {origin!r}, the key of {name!r}.")
        witnesses = [check_signature(checkpoint, one, WITNESS) for one in sys.argv[3:]]
        if root_over(entry, index, size, hashes) != root:
            raise NotProvenError("The hashes do not lead from the entry to the signed root.")
    except NotProvenError as wrong:
        print(f"NOT PROVEN. {shown(str(wrong))}")
        return 1
    print(f"PROVEN. Entry {index} of the {size} entries of the log {shown(origin)} is:")
    print(shown(entry.decode("utf-8", "backslashreplace")))
    for witness, _, seconds in witnesses:
        print(f"Cosigned by {shown(witness)}, {seconds} seconds after 1 January 1970 (UTC).")
    return 0


def read_proof(data: bytes) -> tuple[int, bytes, list[bytes], bytes]:
    """Take the file apart: the entry's number, the entry, the hashes, the signed checkpoint."""
    if len(data) > MOST_BYTES:
        raise NotProvenError("The file is too large for a tlog-proof.")
    head, gap, checkpoint = data.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not gap or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 3:
        raise NotProvenError("The file is not a tlog-proof.")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise NotProvenError("The file lacks the entry or its number.")
    number = lines[2][len("index ") :]
    if not NUMBER.fullmatch(number):
        raise NotProvenError("The entry's number is not one.")
    entry = from_base64(lines[1][len("extra ") :])
    return int(number), entry, [from_base64(line) for line in lines[3:]], checkpoint


def read_key(text: str, kind: int) -> tuple[str, bytes, bytes]:
    """A verifier key is NAME+ID+KEY: the id in hex, the key in base64 behind a byte for its kind.
    The id is the first four bytes of SHA-256 over the name, a newline, and those 33 bytes."""
    name, _, rest = text.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    key = from_base64(encoded)
    key_id = hashlib.sha256(name.encode("utf-8", "replace") + b"\n" + key).digest()[:4]
    if not is_name(name) or len(key) != 33 or key[0] != kind or key_id.hex() != stated:
        raise NotProvenError(f"{text[:80]!r} is no verifier key of kind {kind} (NAME+HASH+KEY).")
    return name, key_id, key[1:]


def is_name(text: str) -> bool:
    """Whether a key can have this name."""
    return text != "" and "+" not in text and not any(c.isspace() or c < " " for c in text)


def check_signature(note: bytes, vkey: str, kind: int) -> tuple[str, str, int]:
    """The key's name and the text of a signed note, if this key signed it; of a witness, also when.

    A note is the text, an empty line, and a line for each signature: a dash, the key's name, and in
    base64 the key's id and signature. A witness's begins with the time, which it signs, too.
    Lines of other keys show nothing, but must have this form."""
    name, key_id, key = read_key(vkey, kind)
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise NotProvenError("The checkpoint is not UTF-8.") from None
    body, gap, tail = whole.rpartition("\n\n")
    lines = tail[:-1].split("\n")
    if not gap or not tail.endswith("\n") or any(c < " " and c != "\n" for c in whole):
        raise NotProvenError("The checkpoint is not a text with signatures.")
    if len(note) > 1_000_000 or len(lines) > 100:
        raise NotProvenError("The checkpoint is too large.")
    text = body + "\n"
    signed = None
    for line in lines:
        signer, space, encoded = line[2:].partition(" ")
        value = from_base64(encoded)
        if line[:2] != "\u2014 " or not space or not is_name(signer) or len(value) < 5:
            raise NotProvenError("A signature on the checkpoint is not one.")
        if (signer, value[:4]) != (name, key_id):
            continue  # of another key
        value, message, seconds = value[4:], text, 0
        if kind == WITNESS:
            seconds, value = int.from_bytes(value[:8], "big"), value[8:]
            message = f"cosignature/v1\ntime {seconds}\n{text}"
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(value, message.encode())
        except InvalidSignature:
            raise NotProvenError(
                f"The signature of {name} on the checkpoint is not that of the key."
            ) from None
        signed = seconds
    if signed is None:
        raise NotProvenError(f"The checkpoint bears no signature of the key of {name}.")
    return name, text, signed


def read_checkpoint(text: str) -> tuple[str, int, bytes]:
    """The log's name, how many entries it has, and the root hash over them: a line each."""
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or "" in lines or not NUMBER.fullmatch(lines[1]):
        raise NotProvenError("The checkpoint lacks name, size or root.")
    return lines[0], int(lines[1]), from_base64(lines[2])


def root_over(entry: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """The root hash that an entry and its proof lead to (RFC 9162, 2.1.3.2).

    A leaf is SHA-256 over 0x00 and the entry; a node is SHA-256 over 0x01, the left and the right
    hash. On the way up, `place` is where the node stands in its row, and `last` the row's end."""
    if index >= size or any(len(one) != 32 for one in hashes):
        raise NotProvenError("The proof does not fit the log's size.")
    node = hashlib.sha256(b"\x00" + entry).digest()
    place, last = index, size - 1
    for sibling in hashes:
        if last == 0:
            raise NotProvenError("The proof has too many hashes.")
        if place % 2 == 1 or place == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while place % 2 == 0 and place != 0:  # a last node without a right neighbour moves up
                place, last = place // 2, last // 2
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        place, last = place // 2, last // 2
    if last != 0:
        raise NotProvenError("The proof has too few hashes.")
    return node


def from_base64(text: str) -> bytes:
    """Base64 in its one canonical form."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        raise NotProvenError("Something in the file or key is not base64.") from None
    if base64.b64encode(value).decode() != text:
        raise NotProvenError("Something in the file or key is not canonical base64.")
    return value


def shown(text: str) -> str:
    """The text as any terminal can show it, and none obeys it."""
    safe = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return safe.encode("ascii", "backslashreplace").decode()


if __name__ == "__main__":
    sys.exit(main())
