"""A file as it was when it was digested: whatever is read of it later is what was digested then.

A batch is read more than once, and is known by its digest; were it changed between two readings,
what was judged would not be what was received. So every piece is digested for itself as well, and
no reader ever sees a piece that is not the one of the first reading.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from comity.core.errors import IntakeError

PIECE = 64 * 1024
"""Bytes that are digested together; they cost 32 bytes of memory each."""


class DigestedFile:
    """A file's digest, and its content by pieces that are compared with it.

    Raises OSError where the file cannot be read, IntakeError where it is not what it was."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._pieces: list[bytes] = []
        whole = sha256()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                whole.update(piece)
                self._pieces.append(sha256(piece).digest())
                self.size += len(piece)
        self.digest = "sha256:" + whole.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """The content from the beginning to the end."""
        with self.path.open("rb") as file:
            for number in range(len(self._pieces)):
                yield self._checked(number, file.read(PIECE))
            if file.read(1):
                raise self._changed()

    def head(self, length: int) -> bytes:
        """The first bytes; at most a piece."""
        return next(self.pieces(), b"")[:length]

    def open(self) -> io.RawIOBase:
        """The content as a file to seek in."""
        return _Seekable(self)

    def piece(self, number: int, file: io.BufferedReader) -> bytes:
        """Piece `number` of the open file."""
        file.seek(number * PIECE)
        return self._checked(number, file.read(PIECE))

    def _checked(self, number: int, piece: bytes) -> bytes:
        if sha256(piece).digest() != self._pieces[number]:
            raise self._changed()
        return piece

    def _changed(self) -> IntakeError:
        return IntakeError(
            "The file changed while it was read.",
            where=str(self.path),
            cure="Submit a file that nobody is writing to.",
        )


class _Seekable(io.RawIOBase):
    """For a format that is not read from the front (Parquet)."""

    def __init__(self, content: DigestedFile) -> None:
        super().__init__()
        self._content = content
        self._file = content.path.open("rb")
        self._at = 0
        self._held = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._content.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._content.size - self._at)
        wanted = left if size < 0 else min(size, left)
        parts: list[bytes] = []
        while wanted:
            number, start = divmod(self._at, PIECE)
            if self._held[0] != number:
                self._held = (number, self._content.piece(number, self._file))
            part = self._held[1][start : start + wanted]
            parts.append(part)
            self._at += len(part)
            wanted -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        self._file.close()
        super().close()
