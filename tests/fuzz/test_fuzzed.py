"""Valid things, changed in many ways: every parser says so in words, and two checkers agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzz.targets import KEY, SEEDS, SIGNER, TARGETS
from tests.fuzz.with_atheris import NAMES

TOOL = Path(__file__).parents[2] / "tools" / "check_tlog_proof.py"
TOKENS = [
    *(b"\n", b"\n\n", b"", b"\x00", b" ", b"=", b"/", b"..", b"%", b"\xff", b"\\u0000", b'"'),
    *(b"-1", b"0", b"00", b"9" * 19, b"9" * 5_000, b"18446744073709551616", b"1e3", b"1.0"),
    *(f"{char}".encode() for char in "\u2014\u2028\u0661\u00a0\x85\ufeff\U0001f600"),
    *(b"AAAA", b"A" * 43 + b"=", b"index 1\n", b"old 0\n", b"extra \n", b"\xed\xa0\x80"),
]


@st.composite
def changed(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """One of these with a few changes: bits turned, pieces cut, doubled or exchanged, lines and
    bytes put in."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        low = draw(st.integers(0, len(data)))
        high = draw(st.integers(low, min(len(data), low + 64)))
        match draw(st.integers(0, 6)):
            case 0 if low < len(data):
                data[low] ^= 1 << draw(st.integers(0, 7))
            case 1:
                del data[low:high]
            case 2:
                data[high:high] = data[low:high]
            case 3:
                data[low:high] = draw(st.sampled_from(TOKENS))
            case 4:
                data[low:high] = draw(st.binary(max_size=8))
            case 5:
                del data[low:]
            case _:
                lines = bytes(data).split(b"\n")
                at = draw(st.integers(0, len(lines) - 1))
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
                data = bytearray(b"\n".join(lines))
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_things(name: str) -> None:
    @settings(max_examples=400, deadline=None)
    @given(changed(SEEDS[name]) | st.binary(max_size=200))
    def run(data: bytes) -> None:
        TARGETS[name](data)

    run()


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_fine(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


def test_make_fuzz_has_every_target() -> None:
    assert list(TARGETS) == list(NAMES)


def alone(data: bytes, folder: Path, key: str = KEY) -> tuple[int, str]:
    """What the checker says as a program, on a terminal that knows only ASCII."""
    (folder / "proof").write_bytes(data)
    done = subprocess.run(
        [sys.executable, str(TOOL), str(folder / "proof"), key],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert not done.stderr
    return done.returncode, done.stdout.decode("ascii")


def test_the_checker_never_ends_in_a_traceback(tmp_path: Path) -> None:
    """What it once fell over: huge numbers, texts that a terminal cannot show, keys of no name."""
    good = SEEDS["proof"][1]
    code, said = alone(good, tmp_path)
    assert (code, said.startswith("PROVEN")) == (0, True)
    assert "\\xe4" in said
    for data in (good.replace(b"index 2", b"index " + b"2" * 5_000), good + b"x" * 2_000_000, b""):
        assert alone(data, tmp_path)[0] == 1
    huge = SIGNER.sign(f"log.example/x\n{'9' * 5_000}\n{'A' * 43}=\n")
    head, gap, _ = good.partition(b"\n\n")
    assert alone(head + gap + huge, tmp_path)[0] == 1
    for key in ("", "+", "a b+00000000+AAAA", "\udcff+00000000+AAAA"):
        assert alone(good, tmp_path, key)[0] == 1


def test_a_cut_file_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    """More than a proof can have is refused, not read in part."""
    good = SEEDS["proof"][1]
    line = "\u2014 w AAAAAAAA\n".encode()
    assert alone(good + line, tmp_path)[0] == 0
    assert alone(good + line * 60_000, tmp_path)[0] == 1
