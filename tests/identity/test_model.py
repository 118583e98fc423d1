"""The weight model: complete, self-consistent, and never another one unnoticed."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from math import log2
from typing import Any

import pytest

from comity.core.canonical import digest
from comity.core.errors import RegistryError
from comity.identity import codes
from comity.identity.doubts import FAMILY, GIVEN
from comity.identity.model import CURRENT, LEVELS, TERMS, load_model, read_model

MODELS = ("model-0", "model-1")


def raw(name: str = CURRENT) -> dict[str, Any]:
    text = files("comity.identity").joinpath(f"data/{name}.json").read_text("utf-8")
    value: dict[str, Any] = json.loads(text)
    return value


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("model-0", "sha256:e7a8aca809fa9126c7b87358f68f40d2eb513b539e224239182f23eb72e00bf8"),
        ("model-1", "sha256:496819720a97ae8f97ffbed609c35dd16b5ad03e5e2c48fc4b757d636ef10a95"),
    ],
)
def test_a_model_that_was_used_is_never_altered(name: str, known: str) -> None:
    """Evidence names the model by this digest; a better model gets the next number."""
    assert load_model(name).digest == known == digest(raw(name))
    assert load_model(name).name == name


@pytest.mark.parametrize("name", MODELS)
def test_every_level_that_is_compared_has_a_weight(name: str) -> None:
    weights = load_model(name).weights()
    assert {field: set(known) for field, known in weights.items()} == {
        field: set(known) for field, known in LEVELS.items()
    }
    assert all(type(worth) is int for known in weights.values() for worth in known.values())


def test_the_levels_are_those_of_the_comparison() -> None:
    compared = dict((*codes.NAME_FIELDS, *codes.PLACE_FIELDS))
    compared |= {"dob": codes.DOB, "number": codes.NUMBER}
    assert {name: set(known) for name, known in LEVELS.items()} == {
        name: set(known) for name, known in compared.items()
    }
    assert set(GIVEN) <= set(LEVELS["given"])
    assert set(FAMILY) <= set(LEVELS["family"])


def test_weights_are_those_of_their_probabilities() -> None:
    for field, known in load_model().fields.items():
        for level, worth in known.items():
            if worth.m is None or worth.u is None:
                assert worth.weight == 0, (field, level)
            else:
                assert worth.weight == round(1000 * log2(worth.m / worth.u)), (field, level)
                assert 0 < worth.m <= 1, (field, level)
                assert 0 < worth.u <= 1, (field, level)
    for field in TERMS:
        assert load_model().fields[field]["exact"].u == 1


def test_the_probabilities_of_a_field_make_about_one_whole() -> None:
    """Each level is one of the things that can happen to a true pair, and to a chance one."""
    for field, known in load_model().fields.items():
        assert 0.9 < sum(worth.m or 0.0 for worth in known.values()) < 1.1, field
        if field not in TERMS:
            assert 0.9 < sum(worth.u or 0.0 for worth in known.values()) < 1.1, field


def test_how_it_was_trained_is_told() -> None:
    told = load_model().trained_with
    assert told["splink"] == "5.0.0"
    assert told["pairs"] > 100_000
    assert "without labels" in told["how"]


def altered(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(raw()) | changes


def without(field: str, level: str = "") -> dict[str, Any]:
    value = altered()
    if level:
        del value["fields"][field][level]
    else:
        del value["fields"][field]
    return value


def weighing(weight: Any) -> dict[str, Any]:
    value = altered()
    value["fields"]["dob"]["equal"]["weight"] = weight
    return value


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (altered(format=2), "format 1 is read"),
        (without("suffix"), "fields"),
        (without("given", "typo"), "levels of given"),
        (weighing(14.1), "whole number"),
        (weighing(True), "whole number"),
        (weighing(10**6), "whole number"),
        (altered(fields=[]), "no weight model"),
        ({}, "no weight model"),
        ([], "no weight model"),
        (None, "no weight model"),
        ("model", "no weight model"),
    ],
)
def test_what_is_no_model_is_refused_in_words(value: object, what: str) -> None:
    with pytest.raises(RegistryError, match=what) as error:
        read_model(value, where="some.json")
    assert error.value.where == "some.json"
    assert error.value.cure


def test_another_weight_is_another_digest() -> None:
    assert read_model(weighing(1)).digest != load_model().digest


def test_a_model_that_is_not_there() -> None:
    with pytest.raises(RegistryError, match="weight model is not there"):
        load_model("model-none")
