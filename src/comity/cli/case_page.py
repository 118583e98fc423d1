"""A case on a terminal, as an officer reads it: the request, what was found, who was compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console

from comity.cli.output import table
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.identity.explanation import CandidateExplanation, FieldExplanation
from comity.identity.explanation_text import signed, standing_words
from comity.identity.explanation_words import Standing, visible
from comity.identity.match import Match

_REQUEST = (
    *("request_id", "case_number", "statute", "proceeding", "reason", "recipients", "tax_periods"),
    *("first_name", "middle_name", "last_name", "suffix", "date_of_birth", "tin"),
    *("street", "unit", "city", "state", "postal_code", "country"),
)
_SHOWN = 4
"""Candidates set side by side; `--json` has all that were kept."""
_COMPARED: Mapping[str, tuple[str, ...]] = {
    "name": ("given", "middle", "family", "suffix", "order"),
    "date_of_birth": ("dob",),
    "number": ("number",),
    "street": ("house", "street"),
    "unit": ("unit",),
    "area": ("area",),
}
"""A line of the comparison, and the fields that stand in it."""
_QUIET = frozenset({"not_given", "agrees", "equal"})
"""Levels of which nothing is said, not even that they are not compared."""


def show_case(console: Console, found: Mapping[str, Json]) -> None:
    """Print a case."""
    request, determination = _mapping(found["request"]), _mapping(found["determination"])
    console.print(f"Outcome: {determination['outcome']}\n", markup=False)
    rows = [(name, _text(request.get(name))) for name in _REQUEST]
    rows += [(name, _text(value)) for name, value in _mapping(request["facts"]).items()]
    console.print(table(("request", ""), [row for row in rows if row[1]]))
    findings = [_mapping(one) for one in _list(determination["findings"])]
    unmet = [one for one in findings if one["verdict"] != "met"]
    console.print()
    if unmet:
        heads = ("rule", "verdict", "found", "citation")
        cells = [(f["rule"], f["verdict"], f["reason"], f["citation"]) for f in unmet]
        console.print(table(heads, cells))
    console.print(f"{len(findings) - len(unmet)} rules are met.", markup=False)
    if found["match"] is not None:
        _show_match(console, _mapping(found["match"]))


def _show_match(console: Console, match: Mapping[str, Json]) -> None:
    console.print(f"\nIdentity: {match['decision']}. {match['reason']}", markup=False)
    try:
        explained = Match.from_json("", match).explain()
    except UsageError as error:
        console.print(error.message, markup=False)
        return
    needed = [f"What would have been needed: {one}" for one in explained.needed]
    for sentence in (*explained.remarks, *needed):
        console.print(visible(sentence), markup=False)
    if not explained.candidates:
        return
    shown = explained.candidates[:_SHOWN]
    heads = (
        "compared",
        "in the request",
        *(f"person {visible(one.person_id)} ({one.role.value})" for one in shown),
    )
    rows = [
        (line, _asked(shown[0], fields), *(_cell(one, fields) for one in shown))
        for line, fields in _COMPARED.items()
    ]
    rows.append(("flags", "", *(visible(" ".join(one.flags)) for one in shown)))
    rows.append(("weight", "", *(f"{signed(one.weight)} bits" for one in shown)))
    rows.append(("why", "", *(visible(one.why) for one in shown)))
    console.print(table(heads, rows))
    if (more := len(explained.candidates) - len(shown)) > 0:
        console.print(f"{more} more were compared; see --json.", markup=False)


def _asked(candidate: CandidateExplanation, fields: tuple[str, ...]) -> str:
    values = {one.field: one.asked for one in candidate.fields}
    return visible(" ".join(values[name] for name in fields if values.get(name)))


def _cell(candidate: CandidateExplanation, fields: tuple[str, ...]) -> str:
    """A candidate's value, and in brackets every field in which it is not plainly the same."""
    found = {one.field: one for one in candidate.fields}
    kept = [found[name] for name in fields if name in found]
    value = visible(" ".join(one.recorded for one in kept if one.recorded))
    notes = [standing_words(one) for one in kept if _is_told(one)]
    return f"{value} ({'; '.join(notes)})".strip() if notes else value


def _is_told(field: FieldExplanation) -> bool:
    if field.standing is Standing.NOT_COMPARED:
        return field.level not in _QUIET and bool(field.asked or field.recorded)
    return field.standing is not Standing.AGREES


def _text(value: Json) -> str:
    if isinstance(value, list | tuple):
        return " ".join(_parts(value))
    return "" if value is None else str(value)


def _parts(values: Sequence[Json]) -> Iterator[str]:
    return (str(value) for value in values if value not in (None, ""))


def _mapping(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping)
    return value


def _list(value: Json) -> Sequence[Json]:
    assert isinstance(value, list)
    return value
