"""Train the weight model without labels, with Splink, and write it as a model file.

    python benchmarks/train_model.py model-1 [--persons 100000] [--requests 40000] [--worlds 2]

The worlds are the ordinary kinds of `adversarial`: people as they are, with relatives, namesakes
and every kind of error, but not chosen to mislead. `u` is counted, field by field, over random
pairs of a request and a person of another world, none of which is true. `m` comes from Splink's
expectation maximisation over the candidates that the registry finds, in three sessions (pairs of
one number; of one birth date; of one address and family name), each of which trains the fields that
it does not hold equal. Levels seldom seen lean on the weights set by hand. Beside each `m` the
table prints what the truth would have given, which the training never sees.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import splink
from splink import DuckDBAPI, Linker

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.adversarial import World, make, write
from benchmarks.identity_accuracy import FIELDS, subjects
from comity.agreement.model import IdentityPolicy
from comity.identity.compare import compare_dates, compare_numbers, compare_places
from comity.identity.compare_names import InUse, compare_names
from comity.identity.model import FORMAT, LEVELS, TERMS, load_model, read_model
from comity.identity.names import Name
from comity.identity.record import Standard, Subject, standardise
from comity.identity.registry import Registry
from comity.identity.source import COLUMNS
from comity.identity.vocabulary import in_use

ORDINARY = (
    (0.40, "plain"),
    (0.15, "household"),
    (0.05, "nickname"),
    (0.02, "initial"),
    (0.04, "compound"),
    (0.02, "married"),
    (0.01, "swapped_fields"),
    (0.08, "moved"),
    (0.02, "spelling"),
    (0.01, "variant"),
    (0.02, "misrecorded"),
    (0.02, "parent_child"),
    (0.01, "twins"),
    (0.02, "apartments"),
    (0.03, "spouse_absent"),
    (0.05, "moved_unknown"),
    (0.05, "unknown"),
)
NOISE = 0.05
SILENT = {
    **dict.fromkeys(("middle", "dob", "number"), ("not_given", "not_recorded")),
    **dict.fromkeys(("given", "family", "house", "street"), ("missing",)),
}
"""Levels that compare nothing, and so weigh nothing."""
LEAN = 100
"""Observations that the weight set by hand counts for."""
RAREST = 2.0**-20
"""No chance agreement is taken to be rarer than one in a million, as for the rarest name."""
SESSIONS = {
    "number": ("number",),
    "birth date": ("dob",),
    "address and family name": ("house", "street", "area", "family"),
}
"""What is held equal in each session of training; every field is free in two of them. The family
name is held with the address, or households would be taken for one person."""


@dataclass
class Pairs:
    """Levels of candidates as columns of numbers (positions in LEVELS), and the truth of each."""

    levels: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in LEVELS})
    true: list[bool] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--worlds", type=int, default=2)
    parser.add_argument("--chance", type=int, default=1_000_000, help="random pairs a world")
    parser.add_argument("--out", type=Path, default=Path())
    args = parser.parse_args()
    pairs = Pairs()
    seen: dict[str, Counter[str]] = {name: Counter() for name in LEVELS}
    asked = make(args.persons, args.requests, 1000, NOISE, ORDINARY).requests
    for seed in range(1001, 1001 + args.worlds):
        world = make(args.persons, args.requests, seed, NOISE, ORDINARY)
        _candidates(world, pairs)
        _chance(asked, world.registry, args.chance, seed, seen)
    trained = _trained(pairs, _chances(seen))
    model = {
        "format": FORMAT,
        "name": args.name,
        "trained_with": {
            "how": "u from random pairs, m by Splink's expectation maximisation, without labels",
            "splink": splink.__version__,
            "data": "benchmarks/adversarial.py, the ordinary kinds",
            "noise": NOISE,
            "worlds": args.worlds,
            "persons": args.persons,
            "requests": args.requests,
            "pairs": len(pairs.true),
            "random_pairs": args.chance * args.worlds,
        },
        "fields": _fields(trained, pairs, seen),
    }
    read_model(model)
    _print(model["fields"], pairs)
    out = args.out / f"{args.name}.json"
    out.write_text(written(model), "utf-8")
    print(f"\n{out}: {read_model(model).digest}")


def _candidates(world: World, into: Pairs) -> None:
    """The levels of everybody whom the registry finds for each request, nearest twenty."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "registry.csv"
        write(world.registry, COLUMNS, source)
        Registry.build(source, Path(folder) / "index")
        with Registry.open(Path(folder) / "index") as registry:
            matches = registry.verify(subjects(world.requests), IdentityPolicy())
    number = {name: {level: i for i, level in enumerate(known)} for name, known in LEVELS.items()}
    for match in matches:
        candidates: Any = match.evidence["candidates"]
        for one in candidates:
            levels = {**one["name"], **one["place"], "dob": one["dob"], "number": one["number"]}
            for name, column in into.levels.items():
                column.append(number[name][levels[name]])
            into.true.append(one["person_id"] == world.truth[match.key][1])


def _chance(
    requests: list[dict[str, str]],
    registry: list[dict[str, str]],
    count: int,
    seed: int,
    seen: dict[str, Counter[str]],
) -> None:
    """Count the levels of random pairs of a request and a row of the registry."""
    asked, recorded = _standards(requests), _standards(registry)
    bearers = {
        kind: Counter(getattr(one.name, kind) for one in recorded) for kind in ("given", "family")
    }
    houses = Counter({(one.place.postal, one.place.line, one.place.house) for one in recorded})
    streets = Counter((postal, line) for postal, line, _ in houses)
    persons = len({row["person_id"] for row in registry})
    used = {
        kind: {
            word: in_use(word, kind, bearers[kind][word], persons)
            for word in {getattr(one.name, kind) for one in (*asked, *recorded)}
        }
        for kind in ("given", "family")
    }
    draw = np.random.default_rng(seed)
    left, right = draw.integers(0, len(asked), count), draw.integers(0, len(recorded), count)
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        a, b = asked[i], recorded[j]
        given = (used["given"][a.name.given], used["given"][b.name.given])
        family = (used["family"][a.name.family], used["family"][b.name.family])
        ways = tuple(streets[p.postal, p.line] > 1 for p in (a.place, b.place))
        name = compare_names(a.name, b.name, InUse(given, family))
        place = compare_places(a.place, b.place, (ways[0], ways[1]))
        for of, level in {**vars(name), **vars(place)}.items():
            seen[of][level] += 1
        seen["dob"][compare_dates(a.dob, b.dob)] += 1
        seen["number"][compare_numbers(a.number, b.number)] += 1
    seen["order"] = _orders([one.name for one in asked], [one.name for one in recorded])


def _orders(asked: list[Name], recorded: list[Name]) -> Counter[str]:
    """Straight and crossed agreements of whole names, as often as their words would bring them
    about by chance: an order says something only of names that agree."""
    given, family = (
        [Counter(getattr(name, kind) for name in side if name) for side in (asked, recorded)]
        for kind in ("given", "family")
    )

    def agreeing(one: Counter[str], other: Counter[str]) -> int:
        return sum(count * other[word] for word, count in one.items() if word)

    straight = agreeing(given[0], given[1]) * agreeing(family[0], family[1])
    crossed = agreeing(given[0], family[1]) * agreeing(family[0], given[1])
    one_way = round(1e6 * crossed / (straight + crossed) / (len(LEVELS["order"]) - 1))
    counts = Counter(dict.fromkeys(LEVELS["order"], one_way))
    counts["straight"] = round(1e6 * straight / (straight + crossed))
    return counts


def _standards(rows: list[dict[str, str]]) -> list[Standard]:
    return [
        standardise(Subject("", **{name: row.get(name, "") for name in FIELDS})) for row in rows
    ]


def _chances(seen: Mapping[str, Counter[str]]) -> dict[str, dict[str, float]]:
    """u of each level that compares anything."""
    chances = {}
    for name, known in LEVELS.items():
        counts = {level: seen[name][level] for level in known if level not in SILENT.get(name, ())}
        whole = sum(counts.values())
        chances[name] = {level: max(n / whole, RAREST) for level, n in counts.items()}
    return chances


def _trained(pairs: Pairs, u: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """m of each level, by Splink's expectation maximisation in SESSIONS."""
    number = pa.array(range(len(pairs.true)))
    table = pa.table({"unique_id": number, "pair": number, **pairs.levels})
    api = DuckDBAPI()
    # Splink joins two tables; here each row meets itself alone, and its columns are the levels
    sides = [api.register(table, dataset_display_name=name) for name in ("asked", "recorded")]
    comparisons = [_comparison(name, chances) for name, chances in u.items()]
    settings = {
        "link_type": "link_only",
        "probability_two_random_records_match": 0.5,
        "blocking_rules_to_generate_predictions": ["l.pair = r.pair"],
        "comparisons": comparisons,
        "max_iterations": 100,
    }
    linker = Linker(sides, settings, log_level=logging.ERROR)
    for held in SESSIONS.values():
        equal = " AND ".join(f"l.{name} = 0 AND r.{name} = 0" for name in held)
        linker.training.estimate_parameters_using_expectation_maximisation(
            f"l.pair = r.pair AND {equal}"
        )
    found: dict[str, dict[str, float]] = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        levels = (
            level for level in comparison["comparison_levels"] if "is_null_level" not in level
        )
        found[comparison["output_column_name"]] = {
            level["label_for_charts"]: level.get("m_probability", 0.0) for level in levels
        }
    return found


def _comparison(name: str, chances: Mapping[str, float]) -> dict[str, Any]:
    known = LEVELS[name]
    silent = ", ".join(str(known.index(level)) for level in SILENT.get(name, ())) or "-1"
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": f'"{name}_l" IN ({silent})',
            "label_for_charts": "silent",
            "is_null_level": True,
        }
    ]
    for level, chance in chances.items():
        condition = f'"{name}_l" = {known.index(level)}'
        levels.append(
            {"sql_condition": condition, "label_for_charts": level, "u_probability": chance}
        )
    levels[-1]["sql_condition"] = "ELSE"
    return {"output_column_name": name, "comparison_levels": levels}


def _fields(
    trained: Mapping[str, Mapping[str, float]], pairs: Pairs, seen: Mapping[str, Counter[str]]
) -> dict[str, Any]:
    """The fields of the model file, each weight leaning on the one set by hand as far as its level
    was seldom seen."""
    hand = load_model("model-0").fields
    matches = _matches(pairs)
    u = _chances(seen)
    fields: dict[str, Any] = {}
    for name, known in LEVELS.items():
        fields[name] = {}
        for level in known:
            if level not in u[name]:
                fields[name][level] = {"weight": 0}
                continue
            chance = 1.0 if name in TERMS and level == "exact" else u[name][level]
            often = trained[name][level] * matches
            by_hand = hand[name][level].weight / 1000
            by_training = log2(max(trained[name][level], 0.5 / matches) / chance)
            lean = LEAN / (LEAN + often + seen[name][level])
            bits = lean * by_hand + (1 - lean) * by_training
            if by_hand < 0 < bits:  # relatives and twins, taken for one person, have misled it
                bits = by_hand
            m, chance = _short(min(chance * 2**bits, 1.0)), _short(chance)
            fields[name][level] = {"m": m, "u": chance, "weight": round(1000 * log2(m / chance))}
    return fields


def _matches(pairs: Pairs) -> int:
    """About how many true pairs there are: those whose number is equal."""
    equal = LEVELS["number"].index("equal")
    return sum(level == equal for level in pairs.levels["number"])


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _print(fields: Mapping[str, Any], pairs: Pairs) -> None:
    true = np.array(pairs.true)
    print(f"{'field':<8}{'level':<22}{'m':>10}{'truth':>10}{'u':>12}{'millibits':>11}")
    for name, known in LEVELS.items():
        of = np.array(pairs.levels[name])[true]
        silent = [known.index(level) for level in SILENT.get(name, ())]
        spoken = of[~np.isin(of, silent)]
        for i, level in enumerate(known):
            one = fields[name][level]
            if "m" in one:
                truth = float(np.mean(spoken == i))
                print(
                    f"{name:<8}{level:<22}{one['m']:>10.2g}{truth:>10.2g}{one['u']:>12.2g}"
                    f"{one['weight']:>11}"
                )


def written(model: Mapping[str, Any]) -> str:
    """A model's JSON with a line a level, so that a difference between two models can be read."""
    head = {name: value for name, value in model.items() if name != "fields"}
    lines = [f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    fields = [
        f"  {json.dumps(name)}: {{\n"
        + ",\n".join(f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in levels.items())
        + "\n  }"
        for name, levels in model["fields"].items()
    ]
    return "\n".join(["{", *lines, ' "fields": {', ",\n".join(fields), " }", "}"]) + "\n"


if __name__ == "__main__":
    main()
