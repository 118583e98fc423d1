"""Another implementation of the C2SP formats reads our log: aics-tlog, from PyPI.

It shares no code with ours. It wants Python 3.12 or newer; with an older one these tests are
skipped, and say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.ledger.conftest import SIGNER, make_entries, publish_log

from comity.exchange.log_proofs import LogProofs

theirs: Any = pytest.importorskip(
    "aics_tlog", reason="aics-tlog needs Python 3.12; see tests/conformance for the other client"
)

SIZES = (1, 255, 256, 257, 600, 65_793)
KEY = str(SIGNER.verifier)


@pytest.fixture(scope="module", params=SIZES)
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_log(tmp_path_factory.mktemp("log") / "log", request.param)


def head(log: Path) -> Any:
    """The checkpoint, as they verify it with our published key."""
    note = theirs.parse_note((log / "checkpoint").read_bytes().decode())
    found = theirs.verify_checkpoint(note, theirs.parse_vkey(KEY), [], quorum=0)
    assert found.ok, found
    return theirs.parse_checkpoint(note.text)


def test_they_verify_every_tile_and_entry(log: Path) -> None:
    point = head(log)
    reader = theirs.FileSystemTileReader(log)
    theirs.audit_tiles(reader, point.size, point.root)
    assert theirs.tree_root_from_tiles(reader, point.size) == point.root


def test_proofs_are_the_same_and_verify_on_both_sides(log: Path) -> None:
    point, proofs = head(log), LogProofs(log, KEY)
    reader = theirs.VerifiedTileReader(theirs.FileSystemTileReader(log), point.size, point.root)
    for number in sorted({0, point.size // 3, point.size - 1}):
        ours = proofs.of_entry(number)
        made = theirs.inclusion_proof_from_tiles(reader, number, point.size)
        assert made == list(ours.hashes)
        assert theirs.read_entry(reader, number, point.size) == ours.extra
        (entry,) = make_entries(number, number + 1)
        assert theirs.verify_leaf_inclusion(entry, number, point.size, made, point.root)


def test_they_find_a_turned_bit(log: Path, tmp_path: Path) -> None:
    point = head(log)
    tile = next(path for path in (log / "tile/0").rglob("*") if path.is_file())
    whole = tile.read_bytes()
    tile.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(ValueError, match=r"."):
        theirs.audit_tiles(theirs.FileSystemTileReader(log), point.size, point.root)
    tile.write_bytes(whole)
