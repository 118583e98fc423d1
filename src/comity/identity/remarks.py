"""What is counted and remarked while the rows of a source go by: left out, or taken with a lack.

Never quotes a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from comity.identity.manifest import LISTED, Remark
from comity.identity.names import MAX_LENGTH

NO_PERSON_ID = "no person_id"
ODD_PERSON_ID = "a person_id that is too long or has control characters"
INCONSISTENT = "the rows of this person differ in birth date or number; can never be confirmed"


@dataclass
class Tally:
    """Counts of rows, of the reasons why some were left out and of warnings; the first LISTED of
    both one by one."""

    rows: int = 0
    exclusions: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Rows that were not left out."""
        return self.rows - self.exclusions.total()

    def note(
        self, left_out: Iterable[tuple[int, str]], warned: Mapping[str, tuple[int, list[int]]]
    ) -> None:
        """Rows left out, by line and reason; and by warning, how many rows it stands for and the
        lines of the first LISTED of them."""
        remarks = [Remark(line, reason, excluded=True) for line, reason in left_out]
        self.exclusions.update(remark.reason for remark in remarks)
        for reason, (count, lines) in warned.items():
            self.warnings[reason] += count
            remarks += [Remark(line, reason, excluded=False) for line in lines]
        remarks.sort(key=lambda remark: remark.line)
        self.remarks += remarks[: LISTED - len(self.remarks)]


def unusable(person_ids: pa.Array) -> dict[int, str]:
    """The rows whose person_id cannot be used, by position, with the reason."""
    plain = pc.match_substring_regex(person_ids, "^[ -~]{1,200}$")
    found: dict[int, str] = {}
    for row in pc.indices_nonzero(pc.invert(plain)).to_pylist():
        value = person_ids[row].as_py()
        if not value:
            found[row] = NO_PERSON_ID
        elif len(value) > 200 or not value.isprintable():
            found[row] = ODD_PERSON_ID
    return found


def lacking(
    cells: pa.Table, standard: pa.Table, dates_sound: pa.Array, known_flags: pa.Array
) -> dict[str, pa.Array]:
    """What is wrong with rows that are kept all the same: by warning, which rows it is true of.

    `cells` are the rows as read (`source.COLUMNS`), `standard` the same in standard form."""

    def has(column: str) -> pa.Array:
        return pc.not_equal(cells.column(column), "")

    def lacks(column: str) -> pa.Array:
        return pc.equal(standard.column(column), "")

    too_long = pa.repeat(False, cells.num_rows)
    for column in cells.columns:
        too_long = pc.or_(too_long, pc.greater(pc.utf8_length(column), MAX_LENGTH))
    no_dob = pc.is_null(standard.column("dob"))
    nowhere = pc.and_(lacks("city"), lacks("postal"))
    return {
        "no name that can be compared; can never be confirmed": pc.and_(
            lacks("given"), lacks("family")
        ),
        "impossible birth date, taken as absent": pc.and_(has("date_of_birth"), no_dob),
        "malformed or placeholder number, taken as absent": pc.and_(has("tin"), lacks("number")),
        "no address that can be compared": pc.or_(lacks("line"), nowhere),
        f"a field longer than {MAX_LENGTH} characters, taken as absent": too_long,
        "impossible address dates": pc.invert(dates_sound),
        "unknown flag, kept": pc.invert(known_flags),
    }


def counted(lacks: Mapping[str, pa.Array], lines: pa.Array) -> dict[str, tuple[int, list[int]]]:
    """Of each warning how many rows it is true of, and the lines of the first LISTED."""
    found: dict[str, tuple[int, list[int]]] = {}
    for reason, mask in lacks.items():
        if count := pc.sum(mask).as_py() or 0:
            first = pc.indices_nonzero(mask).slice(0, LISTED)
            found[reason] = (count, lines.take(first).to_pylist())
    return found
