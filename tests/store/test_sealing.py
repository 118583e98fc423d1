"""A sealed payload opens with its own key, for its own entry, and not otherwise."""

import pytest

from comity.core.errors import KeyMaterialError
from comity.store.sealing import new_data_key, new_salt, seal, unseal, unwrap_data_key

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
