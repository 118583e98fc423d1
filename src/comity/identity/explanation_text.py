"""An explanation as plain text, for a terminal or a pipe. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells

from comity.identity.explanation import CandidateExplanation, Explanation
from comity.identity.explanation_fields import FieldExplanation
from comity.identity.explanation_words import FIELDS, Standing, visible

_NARROWEST = 60
_HEADS = ("field", "in the request", "on record", "how they stand", "bits")
_BITS = 7
_LONGEST = max(map(len, FIELDS.values()))


def render_text(explanation: Explanation, width: int) -> str:
    """The explanation in lines of at most `width` columns."""
    return "\n".join(line.rstrip() for line in _lines(explanation, max(width, _NARROWEST)))


def _lines(one: Explanation, width: int) -> Iterator[str]:
    conflict = " (a conflict)" if one.conflict else ""
    yield from _fold(f"Request {visible(one.key)}: {one.decision.value}{conflict}", width)
    yield ""
    for sentence in (one.reason, one.meaning, *one.remarks):
        yield from _fold(visible(sentence), width, "  ")
    if one.candidates:
        yield from _fold(_figures(one), width, "  ")
        yield from _fold(f"Policy {one.policy}", width, "  ")
    yield from _listed("What would have been needed", one.needed, width)
    yield from _listed(
        "So many persons share these that not all of them were looked at", one.cut, width
    )
    for place, candidate in enumerate(one.candidates, 1):
        yield ""
        yield from _person(place, candidate, width)


def _figures(one: Explanation) -> str:
    compared = "1 person" if one.compared == 1 else f"{one.compared:,} persons"
    after = "" if one.runner_up_weight is None else f", the next one's {one.runner_up_weight:.1f}"
    return f"Compared: {compared}. Weight {one.weight:.1f} bits{after}."


def _listed(heading: str, items: Sequence[str], width: int) -> Iterator[str]:
    if items:
        yield ""
        yield f"{heading}:"
        for item in items:
            yield from _fold(visible(item), width, "  - ", "    ")


def _person(place: int, one: CandidateExplanation, width: int) -> Iterator[str]:
    head = f"{place}. Person {visible(one.person_id)}: {one.role.value}, {one.weight:.1f} bits"
    yield from _fold(head, width, "", "   ")
    yield from _fold(visible(one.why), width, "   ")
    yield from _fold(f"{agreement_words(one)}.", width, "   ")
    if one.flags:
        yield from _fold(f"Flags: {', '.join(map(visible, one.flags))}", width, "   ")
    yield ""
    yield from _table(one, width - 3)


def agreement_words(one: CandidateExplanation) -> str:
    """What of a candidate agrees, in one line: `Name agrees; address does not; …`."""
    said = {True: "agrees", False: "does not agree", None: "not compared"}
    parts = (
        f"name {said[one.name_agrees]}",
        f"address {'left aside' if one.address_agrees is None else said[one.address_agrees]}",
        f"birth date {said[one.dob_agrees]}",
        f"number {said[one.tin_agrees]}",
    )
    return "; ".join(parts).capitalize()


def standing_words(field: FieldExplanation) -> str:
    """How a field stands, in words: the kind of agreement, and what it is."""
    match field.standing:
        case Standing.AGREES:
            return field.words
        case Standing.DOUBT:
            return f"{field.doubt.name.lower()} doubt: {field.words}"
        case _:
            return f"{field.standing.value}: {field.words}"


def bits_by_field(one: CandidateExplanation) -> dict[str, str]:
    """What stands in the column of bits, by field. Where only the sum of two is known it stands
    with the first, and `″` with the other."""
    cells: dict[str, str] = {}
    for part in one.contributions:
        first, *others = part.fields
        cells[first] = signed(part.bits)
        cells |= dict.fromkeys(others, "″")
    return cells


def signed(bits: float) -> str:
    """`+6.0`, `−2.5`, `0.0`, with a true minus sign."""
    return f"{bits:+.1f}".replace("-", "−") if round(bits, 1) else "0.0"


def _table(one: CandidateExplanation, width: int) -> Iterator[str]:
    bits = bits_by_field(one)
    rows = [
        _HEADS,
        *(
            (
                field.label,
                visible(field.asked),
                visible(field.recorded),
                standing_words(field),
                bits.get(field.field, "0.0" if bits else ""),
            )
            for field in one.fields
        ),
    ]
    free = width - _LONGEST - _BITS - 2 * 4
    asked, recorded = (
        min(max(cell_len(row[column]) for row in rows), free * 3 // 10) for column in (1, 2)
    )
    widths = (_LONGEST, asked, recorded, free - asked - recorded, _BITS)
    for row in rows:
        yield from _row(row, widths)
    if any(len(part.fields) > 1 for part in one.contributions):
        yield from _fold("″: counted together with the given name", width + 3, "   ")


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    columns = [list(_fold(cell, wide)) or [""] for cell, wide in zip(cells, widths, strict=True)]
    for line in range(max(map(len, columns))):
        parts = [column[line] if line < len(column) else "" for column in columns]
        *left, last = parts
        padded = [
            text + " " * (wide - cell_len(text)) for text, wide in zip(left, widths, strict=False)
        ]
        yield "   " + "  ".join([*padded, " " * (widths[-1] - cell_len(last)) + last])


def _fold(text: str, width: int, first: str = "", rest: str | None = None) -> Iterator[str]:
    """Text broken into lines at spaces, and within a word only where it is wider than a line."""
    indent = first if rest is None else rest
    room = width - cell_len(indent)
    line, lead = "", first
    for word in text.split(" "):
        for piece in chop_cells(word, room) or [""]:
            if line and cell_len(line) + 1 + cell_len(piece) > room:
                yield lead + line
                line, lead = piece, indent
            else:
                line = f"{line} {piece}" if line else piece
    if line:
        yield lead + line
