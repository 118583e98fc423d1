"""The peer in accuracy: Splink 5 with the comparisons that it recommends, trained without labels.

What is done so that Splink has its best honest chance:

- it gets Comity's standard form of both sides (case, punctuation, abbreviations of streets and
  units, numbers without separators), so it need not clean anything;
- its out-of-the-box comparisons, as its documentation and its febrl4 example use them:
  `ForenameSurnameComparison` on given and family name with term frequencies of the whole name (on
  these sets better than two `NameComparison`s), `NameComparison` of the middle name,
  `DateOfBirthComparison`, `DamerauLevenshteinAtThresholds` of number and postal code, `ExactMatch`
  of house number, unit and suffix, Jaro-Winkler of the street, all places with term frequencies;
- eight blocking rules for prediction, so that hardly a true pair is missed;
- u by random sampling, m by expectation maximisation in three sessions, on the very set it is
  measured on;
- of each request the person of the greatest weight counts, at every threshold.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from comity.identity.columns import standardise_columns

_BLOCKS: list[Any] = [
    block_on("number"),
    block_on("full_name"),
    "l.given = r.family and l.family = r.given",
    block_on("dob"),
    block_on("house", "line"),
    block_on("postal", "family"),
    block_on("postal", "given"),
    block_on("line", "family"),
]
_CERTAIN: list[Any] = [block_on("number"), block_on("full_name", "dob")]
_SESSIONS = [block_on("dob"), block_on("number"), block_on("postal", "line")]
_FIELDS = (
    *("given", "middle", "family", "suffix", "number", "house", "line", "unit", "postal"),
    "full_name",
)
_SUBJECT = (
    *("first_name", "middle_name", "last_name", "suffix", "date_of_birth", "tin"),
    *("street", "unit", "city", "state", "postal_code"),
)


@dataclass(frozen=True)
class Sides:
    """Requests and registry rows in standard form, as Splink reads them; `ref` names the request or
    the person."""

    asked: pa.Table
    recorded: pa.Table


def sides(requests: Sequence[Mapping[str, str]], registry: Sequence[Mapping[str, str]]) -> Sides:
    """Both tables, from rows."""
    return Sides(_table(requests, "request_id"), _table(registry, "person_id"))


def _table(rows: Sequence[Mapping[str, str]], ref: str) -> pa.Table:
    raw = pa.table({name: [row.get(name, "") for row in rows] for name in _SUBJECT})
    standard = standardise_columns(raw)
    columns: dict[str, Any] = {
        name: standard[name].to_pylist() for name in _FIELDS if name != "full_name"
    }
    names = zip(columns["given"], columns["family"], strict=True)
    columns["full_name"] = [f"{one} {other}" if one and other else "" for one, other in names]
    dobs = [dob.isoformat() if dob else None for dob in standard["dob"].to_pylist()]
    return pa.table(
        {
            "unique_id": list(range(len(rows))),
            "ref": [row[ref] for row in rows],
            "dob": pa.array(dobs, pa.string()),
        }
        | {
            # Splink reads NULL as nothing to compare
            name: pa.array([value or None for value in values], pa.string())
            for name, values in columns.items()
        }
    )


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=_BLOCKS,
        comparisons=[
            cl.ForenameSurnameComparison(
                "given", "family", forename_surname_concat_col_name="full_name"
            ),
            cl.NameComparison("middle"),
            cl.ExactMatch("suffix"),
            cl.DateOfBirthComparison(
                "dob", input_is_string=True, datetime_format="%Y-%m-%d", invalid_dates_as_null=True
            ),
            cl.DamerauLevenshteinAtThresholds("number", [1, 2]),
            cl.ExactMatch("house").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("line", [0.92, 0.88]).configure(
                term_frequency_adjustments=True
            ),
            cl.ExactMatch("unit"),
            cl.DamerauLevenshteinAtThresholds("postal", [1, 2]).configure(
                term_frequency_adjustments=True
            ),
        ],
        retain_matching_columns=False,
        additional_columns_to_retain=["ref"],
    )


def train(data: Sides, *, max_pairs: float = 5e6) -> dict[str, Any]:
    """A trained model as Splink's settings; which can predict on other tables of the same kind."""
    linker = _linker(data, _settings())
    training = linker.training
    training.estimate_probability_two_random_records_match(_CERTAIN, recall=0.8)
    training.estimate_u_using_random_sampling(max_pairs=max_pairs, seed=1)
    for rule in _SESSIONS:
        training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    return dict(linker.misc.save_model_to_json())


def best(data: Sides, model: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    """Request, the person of the greatest weight, and that weight, where there is any pair."""
    linker = _linker(data, dict(model))
    found = linker.inference.predict(threshold_match_weight=-5)
    nearest = found.query_sql(
        "SELECT ref_l, arg_max(ref_r, match_weight) AS ref_r, max(match_weight) AS weight "
        "FROM {this} GROUP BY ref_l"
    )
    return [(row["ref_l"], row["ref_r"], row["weight"]) for row in nearest.as_record_list()]


def _linker(data: Sides, settings: Any) -> Linker:
    api = DuckDBAPI()
    # in this order: of a pair, the left one is the request
    asked = api.register(data.asked, dataset_display_name="a_asked")
    recorded = api.register(data.recorded, dataset_display_name="b_recorded")
    return Linker([asked, recorded], settings, log_level=logging.ERROR)
