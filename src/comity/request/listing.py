"""A list of requests to decide on, each with a reason: CSV with the columns `request, reason`."""

from __future__ import annotations

import csv
from pathlib import Path

from comity.core.errors import UsageError

COLUMNS = ("request", "reason")
MAX_BYTES = 64 * 1024 * 1024


def read_reasons(path: Path) -> dict[str, str]:
    """The reason by request, in the order of the file.

    Raises UsageError, naming the line, for a file that cannot be read, other columns, a row that
    lacks one of the two, or a request that stands twice."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _fault(path, 1, "The list is larger than 64 MiB.")
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _fault(path, 1, "The list is not UTF-8 text.") from None
    except OSError as error:
        raise UsageError(
            f"The list cannot be read ({error.strerror}).",
            where=str(path),
            cure="Check the path and that you may read it.",
        ) from None
    reader = csv.reader(text.splitlines(keepends=True))
    reasons: dict[str, str] = {}
    try:
        if tuple(cell.strip() for cell in next(reader, [])) != COLUMNS:
            raise _fault(path, 1, "Its columns are not `request,reason`.")
        for row in reader:
            if not row:
                continue
            if len(row) != len(COLUMNS) or not all(cell.strip() for cell in row):
                raise _fault(path, reader.line_num, "The row has not both a request and a reason.")
            request, reason = (cell.strip() for cell in row)
            if request in reasons:
                raise _fault(path, reader.line_num, "The request stands in the list already.")
            reasons[request] = reason
    except csv.Error:
        raise _fault(path, reader.line_num, "Its quotation marks are out of order.") from None
    return reasons


def _fault(path: Path, line: int, what: str) -> UsageError:
    return UsageError(
        what, where=f"{path}:{line}", cure="Write `request,reason` and a row for each request."
    )
