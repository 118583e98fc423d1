"""A sealed payload opens with its own key, for its own entry, and not otherwise."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.canonical import canonical
from comity.core.errors import KeyMaterialError
from comity.ledger.entry import commitment
from comity.store.sealing import (
    SealedPayloads,
    in_order,
    new_data_key,
    new_salt,
    seal,
    seal_many,
    unseal,
    unwrap_data_key,
)

KEK = bytes(32)


def test_round_trip() -> None:
    made, salt = new_data_key(KEK), new_salt()
    sealed = seal(made.key, salt, b'{"name":"Made Up"}', context="b0001/1#7")
    opened = unwrap_data_key(KEK, made.wrapped)
    assert unseal(opened.key, sealed, context="b0001/1#7") == (salt, {"name": "Made Up"})
    assert b"Made Up" not in sealed
    assert made.key not in made.wrapped


def test_another_entry_s_context_does_not_open_it() -> None:
    made = new_data_key(KEK)
    sealed = seal(made.key, new_salt(), b'{"v":1}', context="b0001/1#7")
    with pytest.raises(KeyMaterialError):
        unseal(made.key, sealed, context="b0001/1#8")


def test_every_flipped_byte_is_noticed() -> None:
    made = new_data_key(KEK)
    sealed = seal(made.key, new_salt(), b'{"v":1}', context="c")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(KeyMaterialError):
            unseal(made.key, bytes(changed), context="c")


def test_another_exchange_s_key_does_not_unwrap() -> None:
    with pytest.raises(KeyMaterialError):
        unwrap_data_key(b"\x01" * 32, new_data_key(KEK).wrapped)


def rows(sealed: SealedPayloads) -> list[tuple[int, str, bytes, bytes, str]]:
    columns = (sealed.numbers, sealed.names, sealed.wrapped, sealed.sealed, sealed.commitments)
    return list(zip(*columns, strict=True))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=8))
def test_what_is_sealed_in_bulk_opens_one_by_one(words: list[str]) -> None:
    payloads = [canonical({"word": word}) for word in words]
    names = [f"b000001/{row}" for row in range(1, len(words) + 1)]
    made = seal_many(KEK, range(7, 7 + len(words)), names, payloads)
    assert len(made) == len(words)
    for (number, name, wrapped, sealed, committed), payload in zip(
        rows(made), payloads, strict=True
    ):
        key = unwrap_data_key(KEK, wrapped)
        salt, opened = unseal(key.key, sealed, context=f"{name}#{number}")
        assert opened == json.loads(payload)
        assert committed == commitment(salt, payload)
        with pytest.raises(KeyMaterialError):
            unwrap_data_key(b"\x01" * 32, wrapped)
        for other in (f"{name}#{number + 1}", f"{name}0#{number}"):
            with pytest.raises(KeyMaterialError):
                unseal(key.key, sealed, context=other)


def test_equal_payloads_share_nothing_that_shows() -> None:
    """No key, salt or nonce is used twice: of equal payloads, nothing sealed is equal."""
    count = 300
    made = seal_many(KEK, [1] * count, ["b000001/1"] * count, [b'{"v":1}'] * count)
    keys = [unwrap_data_key(KEK, wrapped).key for wrapped in made.wrapped]
    opened = zip(keys, made.sealed, strict=True)
    salts = [unseal(key, sealed, context="b000001/1#1")[0] for key, sealed in opened]
    nonces = [sealed[:12] for sealed in made.sealed]
    for column in (keys, salts, nonces, made.wrapped, made.sealed, made.commitments):
        assert len(set(column)) == count
    # Nor does one of them stand in another: keys, salts and nonces are cut from one draw.
    drawn = b"".join(keys) + b"".join(salts) + b"".join(nonces)
    pieces = [drawn[at : at + 4] for at in range(0, len(drawn), 4)]
    assert len(pieces) - len(set(pieces)) < 5


def test_columns_of_different_length_are_refused() -> None:
    for columns in (([1], ["a", "b"], [b"{}"]), ([1], ["a"], [b"{}", b"{}"]), ([], ["a"], [b"{}"])):
        with pytest.raises(ValueError):
            seal_many(KEK, *columns)


@given(st.permutations(range(12)), st.integers(0, 12))
def test_parts_come_together_in_the_order_of_the_entries(order: list[int], cut: int) -> None:
    def part(numbers: list[int]) -> SealedPayloads:
        words = [str(number) for number in numbers]
        return seal_many(KEK, numbers, words, [word.encode() for word in words])

    whole = in_order(pickle.loads(pickle.dumps([part(order[:cut]), part(order[cut:])])))
    assert list(whole.numbers) == list(range(12))
    for number, name, wrapped, sealed, committed in rows(whole):
        key = unwrap_data_key(KEK, wrapped).key
        salt, opened = unseal(key, sealed, context=f"{name}#{number}")
        assert (str(opened), name) == (str(number), str(number))
        assert committed == commitment(salt, name.encode())
