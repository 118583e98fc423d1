"""The peer of `benchmarks/identity.py`: Splink 5 on the same standard fields, keys and caps.

`prepare` writes persons and requests of an index into a DuckDB file and trains a model on a sample,
once and unmeasured; `predict` is measured, in a process of its own. What is done so that Splink has
its best honest chance:

- its tables stand in DuckDB's own format and have been read once; its keys are precomputed whole
  numbers, the very ones of the index, without those that are too common for the index's tables;
- where a family name has several sounds it blocks on one of them, so it has fewer pairs to look at;
- model and term frequencies are there beforehand; it returns no more columns than ids and weight,
  and only pairs of a match probability of 0.9 or more;
- it predicts in the plain way and by registered pairs (which read only the rows that occur in a
  pair); the faster counts;
- the same threads, and all the memory it asks for up to a limit that it may spill beyond.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import splink.comparison_level_library as cll
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.population import CHUNK, Population
from comity.identity.columns import standardise_columns
from comity.identity.keys import CAP

THREADS = 2
THRESHOLD = 0.9

_KEYS = {
    "number": ("number <> ''", "number"),
    "address": ("core <> '' AND postal <> ''", "house, core, postal"),
    "address_city": ("core <> '' AND city <> ''", "house, core, city, state"),
    "family_sound": (
        "sounds[1] <> '' AND given <> '' AND postal <> ''",
        "sounds[1], left(given, 1), postal",
    ),
    "house_given": (
        "given <> '' AND house <> '' AND postal <> ''",
        "house, split_part(given, ' ', 1), postal",
    ),
    "family_dob": ("sounds[1] <> '' AND dob IS NOT NULL", "sounds[1], dob"),
    "given_dob": ("given <> '' AND dob IS NOT NULL", "split_part(given, ' ', 1), dob"),
}
"""The texts of `comity.identity.keys.KEYS`, written for one row a person and address."""
_FIELDS = "given middle family suffix house line unit city postal number".split()  # noqa: SIM905


def _keyed(fields: str) -> str:
    """One row a person and address with its keys; `row` numbers them."""
    texts = ", ".join(f"nullif({field}, '') AS {field}" for field in _FIELDS)
    keys = ", ".join(
        f"CASE WHEN {where} THEN md5_number_lower(concat_ws('|', {of})) END AS key_{kind}"
        for kind, (where, of) in _KEYS.items()
    )
    return f"SELECT row AS unique_id, {texts}, CAST(dob AS VARCHAR) AS dob, {keys} FROM {fields}"


def _without_common(database: duckdb.DuckDBPyConnection, table: str) -> str:
    """The rows of a table without the keys that too many persons of the registry have."""
    for kind in _KEYS:
        database.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS common_{kind} AS SELECT key_{kind} AS key "
            f"FROM made WHERE key_{kind} IS NOT NULL GROUP BY key HAVING count(*) > {CAP}"
        )
    kept = ", ".join(
        f"CASE WHEN key_{kind} NOT IN (FROM common_{kind}) THEN key_{kind} END AS key_{kind}"
        for kind in _KEYS
    )
    return f"SELECT * REPLACE ({kept}) FROM {table}"


def _exact(column: str, *, frequency: bool = False) -> Any:
    return cll.ExactMatchLevel(column, term_frequency_adjustments=frequency)


def _near(column: str, distance: int = 1) -> Any:
    return cll.DamerauLevenshteinLevel(column, distance)


def _compared(column: str, *levels: Any) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[cll.NullLevel(column), *levels, cll.ElseLevel()],
    )


def settings(persons: int) -> SettingsCreator:
    """Blocking rules and comparisons of the fineness of the index's own."""
    initial = cll.CustomLevel("left(middle_l, 1) = left(middle_r, 1)", "initial")
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            _compared(
                "given",
                _exact("given", frequency=True),
                _near("given"),
                cll.JaroWinklerLevel("given", 0.88),
            ),
            _compared(
                "family",
                _exact("family", frequency=True),
                _near("family"),
                cll.JaroWinklerLevel("family", 0.88),
            ),
            _compared("middle", _exact("middle"), initial),
            _compared("suffix", _exact("suffix")),
            _compared("house", _exact("house"), _near("house")),
            _compared("line", _exact("line"), _near("line"), cll.JaroWinklerLevel("line", 0.88)),
            _compared("unit", _exact("unit")),
            _compared("postal", _exact("postal"), _exact("city"), _near("postal")),
            _compared("dob", _exact("dob"), _near("dob")),
            _compared("number", _exact("number"), _near("number")),
        ],
        blocking_rules_to_generate_predictions=[block_on(f"key_{kind}") for kind in _KEYS],
        probability_two_random_records_match=1 / persons,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def prepare(
    persons: int, seed: int, requests: list[str], database: str, model: str
) -> dict[str, Any]:
    """Write the tables `persons` and `requests_<rows>` and the trained model."""
    population = Population(persons, seed)
    with duckdb.connect(database, config={"threads": THREADS, "memory_limit": "6GB"}) as peer:
        peer.execute("SET preserve_insertion_order = false")
        rows = 0
        for begin in range(0, persons, CHUNK):
            chunk = population.registry(begin, min(begin + CHUNK, persons))
            _add(peer, "made", chunk, rows)
            rows += chunk.num_rows
        peer.execute(f"CREATE TABLE persons AS {_without_common(peer, 'made')}")
        for file in requests:
            batch = pq.read_table(file)
            name = f"requests_{batch.num_rows}"
            _add(peer, "asked", batch, 0)
            peer.execute(f"CREATE TABLE {name} AS {_without_common(peer, 'asked')}")
            peer.execute("DROP TABLE asked")
        peer.execute("DROP TABLE made")
        met = " UNION ".join(
            f"SELECT p.unique_id FROM persons p SEMI JOIN q USING (key_{kind})" for kind in _KEYS
        )
        peer.execute(f"CREATE TEMP TABLE q AS SELECT * FROM {name} USING SAMPLE 20000 ROWS")
        peer.execute(
            f"CREATE TEMP TABLE p AS SELECT * FROM persons WHERE unique_id IN ({met}) "
            f"OR hash(unique_id) % {max(persons // 200_000, 1)} = 0"
        )
        p, q = (peer.execute(f"FROM {name}").to_arrow_table() for name in ("p", "q"))
    _train(p, q, rows).misc.save_model_to_json(model, overwrite=True)
    return {"rows": rows}


def _add(database: duckdb.DuckDBPyConnection, table: str, rows: Any, begin: int) -> None:
    """Put rows of a source or batch, in standard form and with their keys, behind a table's."""
    plain = rows.cast(pa.schema([(name, pa.string()) for name in rows.column_names]))
    numbers = pa.array(range(begin, begin + rows.num_rows), pa.int64())
    standard = standardise_columns(plain).append_column("row", numbers)
    database.register("standard", standard)
    keyed = _keyed("standard")
    database.execute(f"CREATE TABLE IF NOT EXISTS {table} AS {keyed} LIMIT 0")
    database.execute(f"INSERT INTO {table} {keyed}")
    database.unregister("standard")


def _train(persons: Any, requests: Any, count: int) -> Linker:
    api = DuckDBAPI()
    tables = [
        api.register(persons, dataset_display_name="persons"),
        api.register(requests, dataset_display_name="requests"),
    ]
    linker = Linker(tables, settings(count), log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for keys in (("number",), ("given", "family", "dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*keys))
    return linker


def predict(
    database: str, requests: str, model: str, memory: str, spill: str, way: str
) -> dict[str, Any]:
    """Predict once; seconds from the call to the table of results, and what came out."""
    connection = duckdb.connect(
        config={"threads": THREADS, "memory_limit": memory, "temp_directory": spill}
    )
    connection.execute(f"ATTACH '{database}' AS peer (READ_ONLY)")
    tables = {"registered": "persons", "asked": requests}
    for name, table in tables.items():
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM peer.{table}")
        connection.execute(f"SELECT count(COLUMNS(*)) FROM {name}").fetchall()
    api = DuckDBAPI(connection)
    registered = [api.register(name, dataset_display_name=name) for name in tables]
    linker = Linker(registered, model, log_level=None)
    for column in ("given", "family"):
        linker.table_management.compute_tf_table(column)
    begun, used = time.perf_counter(), time.process_time()
    if way == "registered pairs":
        pairs = linker.inference.compute_blocked_pairs_for_predict()
        linker.table_management.register_blocked_pairs_for_predict(pairs)
    blocked = time.perf_counter() - begun
    result = linker.inference.predict(threshold_match_probability=THRESHOLD, warning_mode="never")
    seconds, processor = time.perf_counter() - begun, time.process_time() - used
    found = connection.execute(f"SELECT count(*) FROM {result.physical_name}").fetchall()[0][0]
    return {
        "seconds": seconds,
        "processor": processor,
        "blocking": blocked,
        "over_threshold": found,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def pairs(database: str, requests: str) -> dict[str, int]:
    """Pairs of request and row of a person that Splink scores, and distinct persons among them."""
    rows = " UNION ".join(
        f"SELECT r.unique_id AS r, p.unique_id AS u FROM {requests} r JOIN persons p "
        f"USING (key_{kind})"
        for kind in _KEYS
    )
    with duckdb.connect(database, read_only=True, config={"threads": THREADS}) as peer:
        count = peer.execute(f"SELECT count(*) FROM ({rows})").fetchall()[0][0]
    return {"pairs": count}


def main() -> None:
    """`peer_speed.py ACT ARGUMENTS`, as `identity.py` calls it: the last line is JSON."""
    act = {"prepare": prepare, "predict": predict, "pairs": pairs}[sys.argv[1]]
    print(json.dumps(act(**json.loads(sys.argv[2]))))  # type: ignore[operator]


if __name__ == "__main__":
    main()
