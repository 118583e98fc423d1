"""A case on a terminal, as an officer reads it: the request, what was found, who was compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console

from comity.cli.output import table
from comity.core.canonical import Json

_REQUEST = (
    *("request_id", "case_number", "statute", "proceeding", "reason", "recipients", "tax_periods"),
    *("first_name", "middle_name", "last_name", "suffix", "date_of_birth", "tin"),
    *("street", "unit", "city", "state", "postal_code", "country"),
)
_SHOWN = 4
"""Candidates set side by side; `--json` has all that were kept."""
_COMPARED: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("name", "name", ("given", "family", "middle", "suffix", "order")),
    ("date_of_birth", "dob", ()),
    ("number", "number", ()),
    ("street", "place", ("house", "street")),
    ("unit", "place", ("unit",)),
    ("area", "place", ("area",)),
)
"""A field as compared, where its levels stand in the evidence, and which of them."""
_PLAIN = frozenset({"exact", "equal", "agrees", "straight", "not_given"})


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
    evidence = _mapping(match["evidence"])
    kept = [_mapping(one) for one in _list(evidence["candidates"])]
    console.print(f"\nIdentity: {match['decision']}. {match['reason']}", markup=False)
    if not kept:
        return
    shown = kept[:_SHOWN]
    asked = _mapping(evidence["asked"])
    heads = ("compared", "in the request", *(f"person {one['person_id']}" for one in shown))
    rows = [
        (field, _text(asked[field]), *(_cell(one, field, where, which) for one in shown))
        for field, where, which in _COMPARED
    ]
    rows.append(("flags", "", *(_text(one["flags"]) for one in shown)))
    console.print(table(heads, rows))
    if len(kept) > len(shown):
        console.print(f"{len(kept) - len(shown)} more were compared; see --json.", markup=False)


def _cell(candidate: Mapping[str, Json], field: str, where: str, which: tuple[str, ...]) -> str:
    """A candidate's value, and in brackets every level at which it is not plainly the same."""
    levels = candidate[where]
    if isinstance(levels, Mapping):
        notes = [f"{name}: {_words(levels[name])}" for name in which if levels[name] not in _PLAIN]
    else:
        notes = [] if levels in _PLAIN else [_words(levels)]
    value = _text(_mapping(candidate["fields"])[field])
    return f"{value} ({', '.join(notes)})".strip() if notes else value


def _words(level: Json) -> str:
    return str(level).replace("_", " ")


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
