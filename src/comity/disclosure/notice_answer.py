"""A recipient's answer to a notice: what became of every copy, signed with the officer's own key.

Bound to the very notice by its digest, and to the moment by the officer's clock, so that it says
nothing about another incident and an older one cannot be played again over a newer one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.canonical import Json
from comity.core.clock import parse_moment, stamp
from comity.core.errors import KeyMaterialError, UsageError
from comity.core.statement import Statement, sign
from comity.disclosure.notice import OpenedNotice

KIND = "recall-answer"
MAX_BYTES = 4 * 1024 * 1024
_MAX_TEXT, _MAX_LIST, _MAX_PACKAGES = 500, 100, 10_000


class Copies(StrEnum):
    """What became of the copies."""

    RETURNED = "returned"
    DESTROYED = "destroyed"
    KEPT = "kept"
    """A copy is still there; `how` says why."""


@dataclass(frozen=True)
class Account:
    """What became of what a package carried: the copies and how (the method, or why one is kept),
    whether it had been opened, in which proceedings it was used, and to whom it was passed on."""

    copies: Copies
    how: str
    opened: bool = True
    used_in: tuple[str, ...] = ()
    passed_on: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "copies": self.copies.value,
            "how": self.how,
            "opened": self.opened,
            "used_in": list(self.used_in),
            "passed_on": list(self.passed_on),
        }


@dataclass(frozen=True)
class NoticeAnswer:
    """A verified form of an answer: by whom, to which notice, when, and the account of each of its
    packages."""

    incident: str
    notice: str
    digest: str
    officer: str
    at: datetime
    packages: Mapping[str, Account]


def checked(account: Account) -> Account:
    """The account with its texts trimmed. Raises UsageError for one that does not hold together."""
    try:
        sound = _account(account.to_json())
    except (TypeError, ValueError) as error:
        raise UsageError(f"The answer is not complete: {error}.") from None
    return sound


def sign_answer(
    notice: OpenedNotice,
    packages: Sequence[str],
    account: Account,
    officer: str,
    key: Ed25519PrivateKey,
    at: datetime,
) -> Statement:
    """The signed answer about these packages of a notice."""
    return sign(
        KIND,
        {
            "incident": notice.cover["incident"],
            "notice": notice.cover["notice"],
            "digest": notice.digest,
            "packages": {name: account.to_json() for name in packages},
            "officer": officer,
            "at": stamp(at),
        },
        key,
    )


def answer_from(statement: Statement) -> NoticeAnswer:
    """What an answer says. Raises KeyMaterialError for any other form."""
    body = statement.body
    try:
        if set(body) != {"incident", "notice", "digest", "packages", "officer", "at"}:
            raise ValueError("its fields are not those of an answer")
        packages = body["packages"]
        if not isinstance(packages, Mapping) or not 0 < len(packages) <= _MAX_PACKAGES:
            raise TypeError("it names no package, or too many")
        return NoticeAnswer(
            _text(body["incident"]),
            _text(body["notice"]),
            _text(body["digest"]),
            _text(body["officer"]),
            parse_moment(_text(body["at"])),
            {_text(name): _account(said) for name, said in packages.items()},
        )
    except (TypeError, ValueError, KeyError):
        raise KeyMaterialError(
            "This is not an answer to a notice.",
            cure="Expected what `comity recall respond` writes.",
        ) from None


def _account(said: Json) -> Account:
    fields = {"copies", "how", "opened", "used_in", "passed_on"}
    if not isinstance(said, Mapping) or set(said) != fields:
        raise TypeError("it has other fields than an account has")
    if not isinstance(said["opened"], bool):
        raise TypeError("whether it was opened is yes or no")
    made = Account(
        Copies(_text(said["copies"])),
        _text(said["how"]),
        said["opened"],
        _texts(said["used_in"]),
        _texts(said["passed_on"]),
    )
    if not made.opened and (made.used_in or made.passed_on):
        raise ValueError("what was never opened was not used or passed on")
    return made


def _texts(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MAX_LIST:
        raise TypeError("a list is not one, or too long")
    return tuple(_text(one) for one in value)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is not one")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in value):
        raise ValueError("a text holds control characters")
    text = " ".join(value.split())
    if not 0 < len(text) <= _MAX_TEXT:
        raise ValueError(f"a text is empty, or longer than {_MAX_TEXT} characters")
    return text
