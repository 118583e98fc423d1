"""Blocks: pieces of a batch file of whole rows, each of which can be read by itself.

They are what a file is handed on in, also to other processes: cutting a file into blocks is quick
and goes in order; reading the rows of a block needs nothing but the block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from comity.request.cells import Cells

BLOCK = 64 * 1024
"""Bytes of text a block, or a little more: some hundreds of rows."""

MAX_LINE = 200_000
"""Bytes a line; a longer one is a malformed row, and is cut after one byte more."""

_BOM = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Some rows of a file as they stand there. `line` is the physical line (in Parquet the row)
    with which they begin."""

    line: int
    data: bytes


class Form(Protocol):
    """How the rows of a block are read. Has no open file, and can be sent to another process."""

    def cells(self, block: Block) -> Iterator[Cells]:
        """The rows of a block, in order."""
        ...


class Rows(Protocol):
    """A batch file: its columns (None where every row names its own), its form, its blocks."""

    @property
    def columns(self) -> tuple[str, ...] | None: ...

    @property
    def form(self) -> Form: ...

    def blocks(self) -> Iterator[Block]:
        """The file from its beginning, cut between rows."""
        ...


def lines_of(block: Block) -> list[bytes]:
    """The physical lines of a block of text, without their line feeds."""
    return block.data.split(b"\n")


def text_blocks(
    pieces: Iterable[bytes], whole: Callable[[list[bytes]], int], *, skip: int = 0
) -> Iterator[Block]:
    """Cut a text file into blocks. `whole` tells how many of the lines so far, from the front, make
    whole rows whatever follows; the first `skip` lines are left out."""
    lines: list[bytes] = []
    number, size = 1, 0
    for more in _lines(pieces):
        lines += more
        size += sum(map(len, more)) + len(more)
        if number <= skip:
            left_out = min(skip + 1 - number, len(lines))
            del lines[:left_out]
            number += left_out
        if size < BLOCK:
            continue
        taken = whole(lines)
        if taken:
            yield Block(number, b"\n".join(lines[:taken]))
            number += taken
            del lines[:taken]
            size = sum(map(len, lines)) + len(lines)
    if lines:
        yield Block(number, b"\n".join(lines))


def _lines(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Physical lines, in lists of those that a piece completes; no byte order mark before the
    first. Of a line that is too long only the beginning is kept, so that memory does not grow."""
    begun = b""
    first = True
    for piece in pieces:
        lines = (begun + (piece.removeprefix(_BOM) if first else piece)).split(b"\n")
        first = False
        begun = lines.pop()[: MAX_LINE + 1]
        yield [line if len(line) <= MAX_LINE else line[: MAX_LINE + 1] for line in lines]
    if begun:
        yield [begun]
