"""Inclusion proofs from tiles are those of RFC 6962, and lead to the checkpoint's root."""

from pathlib import Path
from typing import Any

import pytest
from tests.ledger.conftest import ORIGIN, make_entries, publish_log

from comity.core.errors import LedgerError
from comity.ledger.merkle import inclusion_path, leaf_hash, root_from_inclusion, root_of
from comity.ledger.proof import inclusion_proof
from comity.ledger.publish import Ledger

SIZES = (1, 2, 255, 256, 257, 600, 1_023)


@pytest.mark.parametrize("size", SIZES)
def test_every_proof_is_the_definition_s_and_leads_to_the_root(size: int, publish: Any) -> None:
    log = Ledger(publish("log", size), ORIGIN)
    checkpoint = log.checkpoint()
    assert checkpoint is not None
    leaves = [leaf_hash(entry) for entry in make_entries(0, size)]
    for index in range(size):
        proof = log.inclusion_proof(index)
        assert proof == [root_of(leaves[low:high]) for low, high in inclusion_path(index, size)]
        assert root_from_inclusion(leaves[index], index, size, proof) == checkpoint.root


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three levels of tiles, the third and the first one partial."""
    return publish_log(tmp_path_factory.mktemp("large") / "log", 65_793)


@pytest.mark.parametrize("index", [0, 1, 255, 256, 32_767, 65_535, 65_536, 65_791, 65_792])
def test_proofs_over_three_levels(index: int, large: Path) -> None:
    log = Ledger(large, ORIGIN)
    checkpoint = log.checkpoint()
    assert checkpoint is not None
    (entry,) = make_entries(index, index + 1)
    proof = log.inclusion_proof(index)
    assert root_from_inclusion(leaf_hash(entry), index, 65_793, proof) == checkpoint.root


def test_a_proof_reads_a_few_tiles_alone(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    plain = Path.read_bytes

    def reading(path: Path) -> bytes:
        read.append(path)
        return plain(path)

    monkeypatch.setattr(Path, "read_bytes", reading)
    inclusion_proof(large, 40_000, 65_793)
    assert len(read) <= 5


def test_a_proof_for_an_earlier_size(publish: Any) -> None:
    """Where its partial tiles are still there."""
    folder = publish("log", 300, 600)
    leaves = [leaf_hash(entry) for entry in make_entries(0, 300)]
    proof = inclusion_proof(folder, 299, 300)
    assert root_from_inclusion(leaves[299], 299, 300, proof) == root_of(leaves)


def test_what_is_not_there_is_not_proven(publish: Any) -> None:
    folder = publish("log", 300)
    log = Ledger(folder, ORIGIN)
    for index in (-1, 300):
        with pytest.raises(ValueError, match="no leaf"):
            log.inclusion_proof(index)
    (folder / "tile/0/001.p/44").write_bytes(bytes(31))
    with pytest.raises(LedgerError, match="instead of"):
        log.inclusion_proof(0)
    (folder / "tile/0/001.p/44").unlink()
    with pytest.raises(LedgerError, match="missing"):
        log.inclusion_proof(0)
