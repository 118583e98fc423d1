"""Publishing: the same bytes however the entries come, and a crash anywhere is mended."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.errors import LedgerError
from comity.ledger.note import NoteSigner
from comity.ledger.publish import SCRATCH, Ledger
from comity.ledger.tiles import tiles_of
from comity.ledger.verify import verify

ORIGIN = "log.example/x"


class Crash(BaseException):
    """The machine stops here."""


def needed(found: dict[str, bytes], size: int) -> dict[str, bytes]:
    """The checkpoint and the tiles that a log of this size consists of."""
    return {path: found[path] for path in ["checkpoint", *(t.path for t in tiles_of(size))]}


@pytest.mark.parametrize("sizes", [(600,), (1, 2, 600), (255, 256, 257, 600), (0, 512, 600)])
def test_in_increments_or_at_once_the_bytes_are_the_same(
    sizes: tuple[int, ...], publish: Any, files: Any, signer: NoteSigner
) -> None:
    made, once = publish("made", *sizes), publish("once", 600)
    assert needed(files(made), 600) == files(once)
    assert verify(made, signer.verifier).checkpoint.size == 600
    assert set(files(once)) == {"checkpoint", *(t.path for t in tiles_of(600))}


def test_growth_over_the_boundary_of_the_second_level(
    publish: Any, signer: NoteSigner, files: Any
) -> None:
    made = publish("made", 65_530, 65_536, 65_537)
    found = verify(made, signer.verifier)
    assert found.checkpoint.size == 65_537
    assert found.beyond == 0
    held = files(made)
    assert len(held["tile/1/000"]) == 8_192
    assert len(held["tile/2/000.p/1"]) == 32
    assert held["tile/1/000.p/255"] == held["tile/1/000"][: 255 * 32]
    (made / "tile/1/000.p/255").unlink()
    (made / "tile/1/000").write_bytes(bytes(8_192))
    with pytest.raises(LedgerError, match="entries 0 to 65535"):
        verify(made, signer.verifier)


def test_an_empty_log(publish: Any, signer: NoteSigner, files: Any) -> None:
    made = publish("made", 0)
    assert set(files(made)) == {"checkpoint"}
    found = verify(made, signer.verifier)
    assert found.checkpoint.size == 0
    assert found.checkpoint.root.hex().startswith("e3b0c442")
    assert found.types == {}


def crash_at(patch: pytest.MonkeyPatch, target: str, name: str, call: int) -> None:
    """Let the `call`-th call (from 0) of a function crash instead."""
    real: Callable[..., Any] = getattr(os, name)
    seen = iter(range(1_000_000))

    def crashing(*args: Any, **options: Any) -> Any:
        if next(seen) == call:
            raise Crash
        return real(*args, **options)

    patch.setattr(f"{target}.{name}", crashing)


def step(log: Path, entries: Any, size: int, signer: NoteSigner) -> None:
    one = Ledger(log, ORIGIN)
    one.publish(entries(one.size(), size), first=one.size(), signer=signer)


def test_a_crash_at_any_write_is_mended_by_publishing_again(
    publish: Any, entries: Any, files: Any, signer: NoteSigner
) -> None:
    """Stopped before every single call that makes bytes or names durable."""
    once = files(publish("once", 250, 520))
    crashes = 0
    for call in range(1_000):
        log = publish(f"log{call}", 250)
        before = verify(log, signer.verifier).checkpoint
        with pytest.MonkeyPatch.context() as patch:
            crash_at(patch, "comity.ledger.files.os", "fsync", call)
            try:
                step(log, entries, 520, signer)
            except Crash:
                crashes += 1
            else:
                break
        standing = verify(log, signer.verifier).checkpoint
        assert standing.size in (250, 520)
        assert standing.size == 520 or standing == before
        in_place = {path: data for path, data in files(log).items() if path.startswith("tile/")}
        assert in_place == {path: once[path] for path in in_place}
        step(log, entries, 520, signer)
        assert files(log) == once
    assert crashes > 15


def test_a_crash_and_more_entries_before_publishing_again(
    publish: Any, entries: Any, files: Any, signer: NoteSigner
) -> None:
    once = files(publish("once", 300))
    for call in range(0, 12, 2):
        log = publish(f"log{call}", 250)
        with pytest.MonkeyPatch.context() as patch:
            crash_at(patch, "comity.ledger.files.os", "fsync", call)
            with pytest.raises(Crash):
                step(log, entries, 270, signer)
        step(log, entries, 300, signer)
        assert needed(files(log), 300) == once
        assert verify(log, signer.verifier).beyond == 0


def test_nothing_is_in_place_before_it_is_durable(
    publish: Any, entries: Any, signer: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiles, then the names of tiles, then the checkpoint, then its name; in bulk too."""
    log = publish("log", 250)
    done: list[tuple[str, str]] = []
    durable: set[str] = set()
    flush, replace = os.fsync, Path.replace

    def flushing(handle: int) -> None:
        flush(handle)
        done.append(("flushed", str(Path(f"/proc/self/fd/{handle}").readlink())))
        durable.add(done[-1][1])

    def replacing(path: Path, target: Path) -> Path:
        assert str(path) in durable
        durable.remove(str(path))
        assert target.name != "checkpoint" or not waiting()
        done.append(("placed", str(target)))
        return replace(path, target)

    def waiting() -> set[str]:
        """The folders with a name in them that is not durable."""
        folders: set[str] = set()
        for event, path in done:
            if event == "placed":
                folders.add(str(Path(path).parent))
            folders.discard(path if event == "flushed" else "")
        return folders

    monkeypatch.setattr("comity.ledger.files.os.fsync", flushing)
    monkeypatch.setattr(Path, "replace", replacing)
    for size in (400, 40_000):
        step(log, entries, size, signer)
        assert not waiting()
        assert done[-2] == ("placed", str(log / "checkpoint"))
    placed = {path for event, path in done if event == "placed"}
    assert {str(log / tile.path) for tile in tiles_of(40_000)} <= placed


def test_what_a_stopped_writer_left_is_thrown_away(
    publish: Any, entries: Any, files: Any, signer: NoteSigner
) -> None:
    """In the folder in which files grow, or in the file that stood there in an earlier version."""
    once = files(publish("once", 250, 300))
    for name in (SCRATCH, f"{SCRATCH}/0", f"{SCRATCH}/77"):
        log = publish(name.replace("/", "-"), 250)
        (log / name).parent.mkdir(exist_ok=True)
        (log / name).write_bytes(b"half")
        step(log, entries, 300, signer)
        assert files(log) == once
        assert not (log / SCRATCH).exists()


def test_a_full_disk_leaves_the_log_whole(
    publish: Any, entries: Any, signer: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = publish("log", 10)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("comity.ledger.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        step(log, entries, 20, signer)
    assert verify(log, signer.verifier).checkpoint.size == 10


def test_entries_must_follow_the_published_ones(
    publish: Any, entries: Any, signer: NoteSigner
) -> None:
    log = Ledger(publish("log", 10), ORIGIN)
    for first in (0, 9, 11):
        with pytest.raises(LedgerError, match="10 entries"):
            log.publish(entries(first, 12), first=first, signer=signer)


def test_an_exchanged_folder_is_not_continued(
    publish: Any, entries: Any, files: Any, signer: NoteSigner
) -> None:
    """Somebody put another history, with a checkpoint of their own key, in the log's place."""
    other = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
    log = publish("log", 10)
    forged = Ledger(log.parent / "forged", ORIGIN)
    forged.publish([b"forged"] * 10, first=0, signer=other)
    (log.parent / "forged").rename(log.parent / "log2")
    before = files(log.parent / "log2")
    with pytest.raises(LedgerError, match="no signature of the key"):
        step(log.parent / "log2", entries, 12, signer)
    assert files(log.parent / "log2") == before


@pytest.mark.parametrize("path", ["tile/0/000.p/10", "tile/entries/000.p/10"])
def test_a_damaged_tile_is_not_continued(
    path: str, publish: Any, entries: Any, files: Any, signer: NoteSigner
) -> None:
    log = publish("log", 10)
    data = bytearray((log / path).read_bytes())
    (log / path).write_bytes(data[:-1])
    with pytest.raises(LedgerError):
        step(log, entries, 12, signer)
    (log / path).unlink()
    with pytest.raises(LedgerError, match="missing"):
        step(log, entries, 12, signer)
    assert Ledger(log, ORIGIN).size() == 10


def test_a_tile_that_leads_to_another_root_is_not_continued(
    publish: Any, entries: Any, signer: NoteSigner
) -> None:
    log = publish("log", 10)
    (log / "tile/0/000.p/10").write_bytes(bytes(320))
    with pytest.raises(LedgerError, match="do not lead to the root"):
        step(log, entries, 12, signer)


def test_a_key_signs_for_its_own_log_alone(tmp_path: Path, entries: Any) -> None:
    other = NoteSigner("log.example/y", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
    with pytest.raises(LedgerError, match="does not sign for"):
        Ledger(tmp_path / "log", ORIGIN).publish(entries(0, 1), first=0, signer=other)


def test_the_folder_of_another_log_is_refused(publish: Any) -> None:
    log = publish("log", 3)
    with pytest.raises(LedgerError, match="another log"):
        Ledger(log, "log.example/y").size()
