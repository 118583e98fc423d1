"""Verification: one byte anywhere, a file more or less, another key: all of it is found."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.errors import LedgerError
from comity.ledger import hashing
from comity.ledger.checkpoint import sign_checkpoint
from comity.ledger.entry import Entry
from comity.ledger.merkle import leaf_hash, root_of
from comity.ledger.note import NoteSigner
from comity.ledger.publish import SCRATCH, Ledger
from comity.ledger.tiles import encode_entries
from comity.ledger.verify import verify

ORIGIN = "log.example/x"
SMALL = [
    "checkpoint",
    "tile/0/000.p/2",
    "tile/0/000.p/3",
    "tile/entries/000.p/2",
    "tile/entries/000.p/3",
]
LARGE = [
    "checkpoint",
    "tile/0/000",
    "tile/0/000.p/250",
    "tile/0/001.p/44",
    "tile/1/000.p/1",
    "tile/entries/000",
    "tile/entries/000.p/250",
    "tile/entries/001.p/44",
]


@pytest.fixture
def small(publish: Any) -> Path:
    made: Path = publish("small", 2, 3)
    return made


@pytest.fixture
def large(publish: Any) -> Path:
    made: Path = publish("large", 250, 300)
    return made


def test_a_sound_log_verifies_and_gives_every_entry(
    large: Path, entries: Any, files: Any, signer: NoteSigner
) -> None:
    taken: list[tuple[int, Entry]] = []
    found = verify(large, signer.verifier, lambda number, entry: taken.append((number, entry)))
    assert sorted(files(large)) == sorted(LARGE)
    assert [number for number, _ in taken] == list(range(300))
    assert [entry.encode() for _, entry in taken] == list(entries(0, 300))
    assert found.types == {"batch.received": 1, "request.determined": 299}
    assert found.checkpoint.root == root_of([leaf_hash(data) for data in entries(0, 300)])
    assert found.beyond == 0


@pytest.mark.parametrize("path", SMALL)
def test_every_flipped_byte_is_found(path: str, small: Path, signer: NoteSigner) -> None:
    whole = (small / path).read_bytes()
    for place in range(len(whole)):
        for bit in (0x01, 0x20, 0x80):
            turned = bytearray(whole)
            turned[place] ^= bit
            (small / path).write_bytes(turned)
            with pytest.raises(LedgerError):
                verify(small, signer.verifier)
    (small / path).write_bytes(whole)
    verify(small, signer.verifier)


Change = Callable[[bytes], bytes]
CHANGES: dict[str, Change] = {
    "first byte": lambda d: bytes([d[0] ^ 1]) + d[1:],
    "middle byte": lambda d: d[: len(d) // 2] + bytes([d[len(d) // 2] ^ 1]) + d[len(d) // 2 + 1 :],
    "last byte": lambda d: d[:-1] + bytes([d[-1] ^ 1]),
    "cut by one": lambda d: d[:-1],
    "cut by 32": lambda d: d[:-32],
    "emptied": lambda d: b"",
    "one byte more": lambda d: d + b"\0",
    "twice": lambda d: d + d,
    "a huge file": lambda d: d + bytes(20_000_000),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("path", LARGE)
def test_every_change_of_a_file_is_found_and_the_file_named(
    path: str, change: str, large: Path, signer: NoteSigner
) -> None:
    target = large / path
    target.write_bytes(CHANGES[change](target.read_bytes()))
    with pytest.raises(LedgerError) as caught:
        verify(large, signer.verifier)
    # Entries and their hashes are compared with each other: either may be the one that is named.
    named = caught.value.where.replace("entries", "0")
    assert path == "checkpoint" or named.split(".")[0] == path.replace("entries", "0").split(".")[0]


@pytest.mark.parametrize("path", [p for p in LARGE if p != "checkpoint"])
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("middle byte", "hashes of the tile are not|differs from the tile|not hold exactly"),
        ("cut by 32", "instead of|not hold exactly"),
        ("a huge file", "too large"),
    ],
)
def test_altered_cut_and_oversized_have_their_own_words(
    path: str, change: str, why: str, large: Path, signer: NoteSigner
) -> None:
    target = large / path
    target.write_bytes(CHANGES[change](target.read_bytes()))
    with pytest.raises(LedgerError, match=why):
        verify(large, signer.verifier)


@pytest.mark.parametrize("path", [p for p in LARGE if not p.endswith("/250")])
def test_a_missing_file_is_found(path: str, large: Path, signer: NoteSigner) -> None:
    (large / path).unlink()
    with pytest.raises(LedgerError, match="missing") as caught:
        verify(large, signer.verifier)
    assert caught.value.where == path


@pytest.mark.parametrize("path", ["tile/0/000.p/250", "tile/entries/000.p/250"])
def test_a_partial_tile_may_go_once_it_is_full(path: str, large: Path, signer: NoteSigner) -> None:
    """tlog-tiles: logs may delete any partial tile once the full one is there."""
    (large / path).unlink()
    assert verify(large, signer.verifier).checkpoint.size == 300


def test_an_earlier_bundle_cut_at_an_entry_is_found(large: Path, signer: NoteSigner) -> None:
    """It still begins as the full one does, but holds fewer entries than its name says."""
    target = large / "tile/entries/000.p/250"
    whole = target.read_bytes()
    last = len(encode_entries([list(_entries_of(whole))[-1]]))
    target.write_bytes(whole[:-last])
    with pytest.raises(LedgerError, match="exactly 250"):
        verify(large, signer.verifier)


def _entries_of(bundle: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(bundle):
        size = int.from_bytes(bundle[at : at + 2], "big")
        found.append(bundle[at + 2 : at + 2 + size])
        at += 2 + size
    return found


@pytest.mark.parametrize(
    "stranger",
    [
        "tile/stranger",
        "tile/0/000.p/stranger",
        "tile/0/stranger.partial",
        "tile/0/.000.partial",
        "tile/0/0000",
        "tile/0/000.p/256",
        "tile/0/x000/000",
        "tile/entries/000.bak",
        "tile/a/b/c",
        "tile/0/name with\nnewline",
        "tile/" + "d/" * 60 + "f",
    ],
)
def test_a_stranger_among_the_tiles_is_found(
    stranger: str, small: Path, signer: NoteSigner
) -> None:
    (small / stranger).parent.mkdir(parents=True, exist_ok=True)
    (small / stranger).write_bytes(b"smuggled")
    with pytest.raises(LedgerError, match="no tile") as caught:
        verify(small, signer.verifier)
    assert "\n" not in caught.value.message


def test_what_stands_beside_the_tiles_is_no_part_of_the_log(
    small: Path, signer: NoteSigner
) -> None:
    for name in (SCRATCH, "log.vkey", "index.html"):
        (small / name).write_bytes(b"x")
    verify(small, signer.verifier)


@pytest.mark.parametrize("path", SMALL)
def test_links_are_not_followed(path: str, small: Path, signer: NoteSigner) -> None:
    aside = small.parent / "aside"
    (small / path).rename(aside)
    (small / path).symlink_to(aside)
    with pytest.raises(LedgerError, match="no plain f"):
        verify(small, signer.verifier)


@pytest.mark.parametrize("folder", ["tile", "tile/0", "tile/entries/000.p"])
def test_linked_folders_are_not_followed(folder: str, small: Path, signer: NoteSigner) -> None:
    aside = small.parent / "aside"
    (small / folder).rename(aside)
    (small / folder).symlink_to(aside, target_is_directory=True)
    with pytest.raises(LedgerError, match="no plain folder") as caught:
        verify(small, signer.verifier)
    assert caught.value.where == folder


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000.p/3", "tile/0/001"])
def test_pipes_are_not_waited_for(path: str, small: Path, signer: NoteSigner) -> None:
    (small / path).unlink(missing_ok=True)
    os.mkfifo(small / path)
    with pytest.raises(LedgerError, match="no plain f"):
        verify(small, signer.verifier)


def test_a_folder_in_a_file_s_place_is_found(small: Path, signer: NoteSigner) -> None:
    (small / "checkpoint").unlink()
    (small / "checkpoint").mkdir()
    with pytest.raises(LedgerError, match="no plain file"):
        verify(small, signer.verifier)


def test_another_key_or_another_log(small: Path, signer: NoteSigner) -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
    for other in (NoteSigner(ORIGIN, key), NoteSigner("log.example/y", key)):
        with pytest.raises(LedgerError, match="no signature of the key"):
            verify(small, other.verifier)


def resign(log: Path, signer: NoteSigner, **fields: Any) -> None:
    """What only the holder of the key can do: sign another checkpoint."""
    found = Ledger(log, ORIGIN).checkpoint()
    assert found is not None
    (log / "checkpoint").write_bytes(sign_checkpoint(replace(found, **fields), signer))


def test_a_signed_checkpoint_with_another_root(large: Path, signer: NoteSigner) -> None:
    resign(large, signer, root=bytes(32))
    with pytest.raises(LedgerError, match="another root") as caught:
        verify(large, signer.verifier)
    assert caught.value.where == "checkpoint"


@pytest.mark.parametrize("size", [301, 299, 250, 44, 1, 0, 2**62])
def test_a_signed_checkpoint_with_another_size(size: int, large: Path, signer: NoteSigner) -> None:
    resign(large, signer, size=size)
    with pytest.raises(LedgerError):
        verify(large, signer.verifier)


def test_an_older_checkpoint_verifies_but_tiles_reach_past_it(
    publish: Any, signer: NoteSigner
) -> None:
    older = (publish("log", 250) / "checkpoint").read_bytes()
    log = publish("log", 300)
    (log / "checkpoint").write_bytes(older)
    found = verify(log, signer.verifier)
    assert found.checkpoint.size == 250
    # tile/entries/000, tile/0/000, their successors of width 44, and tile/1/000.p/1
    assert found.beyond == 5


def test_a_checkpoint_of_the_same_key_s_other_history(
    small: Path, publish: Any, signer: NoteSigner
) -> None:
    """A split view: each half verifies, the halves do not mix."""
    forked = small.parent / "forked"
    Ledger(forked, ORIGIN).publish(
        [Entry("a.b", "2026-11-24T01:56:54.000000Z", None, None, None, {}).encode()] * 3,
        first=0,
        signer=signer,
    )
    verify(forked, signer.verifier)
    shutil.copy(forked / "checkpoint", small / "checkpoint")
    with pytest.raises(LedgerError, match="another root"):
        verify(small, signer.verifier)


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"not json",
        b'{"v": 1}',
        b'{"agreement":null,"at":"2026-11-24T01:56:54.000000Z","body":{},"commitment":null,'
        b'"request":null,"type":"a.b","v":1} ',
    ],
)
def test_an_entry_that_is_not_canonical_is_found_though_it_is_signed(
    entry: bytes, tmp_path: Path, signer: NoteSigner
) -> None:
    Ledger(tmp_path / "log", ORIGIN).publish([entry], first=0, signer=signer)
    with pytest.raises(LedgerError, match=r"Entry 0: .*not an entry") as caught:
        verify(tmp_path / "log", signer.verifier)
    assert caught.value.where == "tile/entries/000.p/1"


def test_entries_that_change_places_are_found(publish: Any, signer: NoteSigner) -> None:
    log = publish("log", 3)
    target = log / "tile/entries/000.p/3"
    first, *rest = _entries_of(target.read_bytes())
    target.write_bytes(encode_entries([*rest, first]))
    with pytest.raises(LedgerError, match="entries 0 to 2"):
        verify(log, signer.verifier)


@pytest.mark.parametrize(
    ("kinds", "why", "where"),
    [
        (("entries",), "not those of entries 0 to 255", "tile/0/000"),
        (("0",), "not those of entries 0 to 255", "tile/0/000"),
        (("entries", "0"), "not those of entries 0 to 65535|hashes of the tile", "tile/1/000.p/2"),
        (("entries", "0", "1"), "another root", "checkpoint"),
    ],
)
def test_full_tiles_that_change_places_are_found(
    kinds: tuple[str, ...], why: str, where: str, publish: Any, signer: NoteSigner
) -> None:
    """Bundles, their hashes, both, and both with the level above made to fit."""
    log = publish("log", 512)
    for kind in kinds:
        if kind == "1":
            above = log / "tile/1/000.p/2"
            data = above.read_bytes()
            above.write_bytes(data[32:] + data[:32])
            continue
        first, second = (log / f"tile/{kind}/{name}" for name in ("000", "001"))
        aside = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(aside)
    with pytest.raises(LedgerError, match=why) as caught:
        verify(log, signer.verifier)
    assert caught.value.where == where


def test_there_is_no_log_in_an_empty_folder(tmp_path: Path, signer: NoteSigner) -> None:
    with pytest.raises(LedgerError, match="missing") as caught:
        verify(tmp_path, signer.verifier)
    assert caught.value.where == "checkpoint"


@pytest.mark.parametrize("path", [p for p in LARGE if p != "checkpoint"])
@pytest.mark.parametrize("change", [*CHANGES, "gone", "not canonical"])
def test_two_processes_say_what_one_says(
    path: str, change: str, large: Path, signer: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where several things are wrong: the first in the order of one process is told."""
    target = large / path
    if change == "gone":
        target.unlink()
    elif change == "not canonical":
        shutil.rmtree(large)
        wrong = [b"{}" if n in (100, 270) else data for n, data in enumerate(_sound(300))]
        Ledger(large, ORIGIN).publish(wrong, first=0, signer=signer)
        other = large / path
        other.exists() and other.write_bytes(bytes(other.stat().st_size))
    else:
        target.write_bytes(CHANGES[change](target.read_bytes()))
    (large / "tile/1/000.p/1").write_bytes(bytes(32))
    said = []
    for least in (1_000_000, 1):
        monkeypatch.setattr(hashing, "LARGE", least)
        try:
            verify(large, signer.verifier)
        except LedgerError as error:
            said.append(error.message)
    assert len(said) == 2
    assert said[0] == said[1]


def test_two_processes_verify_a_sound_log(
    large: Path, signer: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = verify(large, signer.verifier)
    monkeypatch.setattr(hashing, "LARGE", 1)
    assert verify(large, signer.verifier) == once
    monkeypatch.setattr(hashing, "_PROGRAM", "import os; os.kill(os.getpid(), 9)")
    assert verify(large, signer.verifier) == once


def _sound(count: int) -> list[bytes]:
    return [
        Entry("a.b", "2026-11-24T01:56:54.000000Z", None, f"b/{n}", None, {}).encode()
        for n in range(count)
    ]
