"""Tiles: the paths and counts of the C2SP text, and bundles that hold exactly what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import LedgerError
from comity.ledger.merkle import leaf_hashes, root_of
from comity.ledger.tiles import (
    ENTRIES,
    MAX_ENTRY,
    WIDTH,
    Tile,
    Tower,
    decode_entries,
    decode_hashes,
    encode_entries,
    tiles_of,
)

GOLDEN = [
    (Tile(0, 0), "tile/0/000"),
    (Tile(0, 999), "tile/0/999"),
    (Tile(0, 1000), "tile/0/x001/000"),
    (Tile(0, 1234067), "tile/0/x001/x234/067"),
    (Tile(1, 0, 1), "tile/1/000.p/1"),
    (Tile(63, 5, 255), "tile/63/005.p/255"),
    (Tile(ENTRIES, 0), "tile/entries/000"),
    (Tile(ENTRIES, 1234067, 8), "tile/entries/x001/x234/067.p/8"),
]


@pytest.mark.parametrize(("tile", "path"), GOLDEN)
def test_the_paths_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(ENTRIES, 63), st.integers(0, 2**63 - 1), st.integers(1, WIDTH))
def test_a_path_leads_back_to_its_tile(level: int, index: int, width: int) -> None:
    assert Tile.parse(Tile(level, index, width).path) == Tile(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/x001/x000",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/300",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/.000.partial",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/../0/000",
        "tile/Entries/000",
        "tile/8/entries/000",
        "/tile/0/000",
        "checkpoint",
        "",
        "tile/0/" + "x123/" * 3000 + "000",
    ],
)
def test_anything_else_is_no_tile(path: str) -> None:
    with pytest.raises(LedgerError, match="no tile"):
        Tile.parse(path)


def counted(size: int) -> dict[int, tuple[int, int]]:
    """By level: how many full tiles, and the width of the partial one (0 where there is none)."""
    found: dict[int, tuple[int, int]] = {}
    for tile in tiles_of(size):
        full, width = found.get(tile.level, (0, 0))
        found[tile.level] = (full + 1, width) if tile.width == WIDTH else (full, tile.width)
    return found


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, {}),
        (1, {ENTRIES: (0, 1), 0: (0, 1)}),
        (255, {ENTRIES: (0, 255), 0: (0, 255)}),
        (256, {ENTRIES: (1, 0), 0: (1, 0), 1: (0, 1)}),
        (70_000, {ENTRIES: (273, 112), 0: (273, 112), 1: (1, 17), 2: (0, 1)}),
        (65_536, {ENTRIES: (256, 0), 0: (256, 0), 1: (1, 0), 2: (0, 1)}),
    ],
)
def test_the_tiles_of_a_size(size: int, expected: dict[int, tuple[int, int]]) -> None:
    assert counted(size) == expected


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_793])
@pytest.mark.parametrize("step", [1, 7, 256, 300, 70_000])
def test_a_tower_makes_exactly_those_tiles_and_the_root(size: int, step: int) -> None:
    """However many leaves are added at a time."""
    leaves = leaf_hashes(b"%d" % number for number in range(size))
    tower = Tower()
    grown = [tower.extend(leaves[at : at + step]) for at in range(0, size, step)]
    made = [tile for done in grown for tile, _ in done]
    made += [tile for tile, _ in tower.partial()]
    assert set(made) == {tile for tile in tiles_of(size) if tile.level != ENTRIES}
    assert len(made) == len(set(made))
    assert tower.root() == root_of(leaves)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=WIDTH))
def test_a_bundle_leads_back_to_its_entries(entries: list[bytes]) -> None:
    tile = Tile(ENTRIES, 0, len(entries))
    bundle = encode_entries(entries)
    assert bundle == b"".join(len(e).to_bytes(2, "big") + e for e in entries)
    assert decode_entries(bundle, tile) == entries
    for wrong in (bundle[:-1], bundle + b"\0", bundle + b"\0\0", b""):
        with pytest.raises(LedgerError, match="does not hold exactly"):
            decode_entries(wrong, tile)


def test_the_largest_entry_and_one_byte_more() -> None:
    largest = b"x" * MAX_ENTRY
    assert decode_entries(encode_entries([largest]), Tile(ENTRIES, 0, 1)) == [largest]
    with pytest.raises(LedgerError, match="65,536 bytes"):
        encode_entries([largest + b"x"])


def test_a_tile_of_hashes_has_its_length() -> None:
    assert decode_hashes(bytes(64), Tile(0, 0, 2)) == [bytes(32), bytes(32)]
    for length in (0, 63, 65, 96):
        with pytest.raises(LedgerError, match="instead of 64"):
            decode_hashes(bytes(length), Tile(0, 0, 2))
