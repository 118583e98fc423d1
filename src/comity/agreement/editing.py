"""Changing an agreement's text by as little as the change needs, and nothing else.

People compare agreements line by line, so a signature or an amendment never reformats the file.
Every edit is checked: the result is read again, and must be exactly the agreement intended.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping

from comity.agreement.loading import LoadedAgreement, parse_agreement
from comity.agreement.model import Agreement, Amendment, Signature
from comity.agreement.signing import amended
from comity.core.errors import AgreementError, ConflictError

_EMPTY_LIST = re.compile(r"(signatures[\"']?\s*:)\s*\[\s*\]")
_VERSION = re.compile(r"([\"']?version[\"']?\s*:\s*)\d+")


def with_signature(text: str, name: str, signature: Signature) -> str:
    """The agreement's YAML with a signature added, and no other byte changed (but for an empty
    `[]`, which gives way to the list).

    Raises ConflictError if the party has signed already, AgreementError where `signatures` stands
    in a form that cannot be added to."""
    loaded = parse_agreement(text, name)
    if any(one.party == signature.party for one in loaded.agreement.signatures):
        raise ConflictError(
            f"{signature.party} has signed this agreement already.",
            where=name,
            cure="A signature that no longer verifies is taken out of the file by hand first.",
        )
    lines = _lines(text)
    if ("signatures",) in loaded.positions:
        first, last = _block(lines, loaded, "signatures")
        lines[first] = _EMPTY_LIST.sub(r"\1", lines[first], count=1)
    else:
        last = len(lines)
        lines.append(f"{_margin(loaded)}signatures:{_newline(text)}")
        last += 1
    dash = _dash(lines, loaded)
    item = [
        f"{dash}- party: {json.dumps(signature.party)}",
        f"{dash}  officer: {json.dumps(signature.officer)}",
        f"{dash}  envelope: {json.dumps(signature.envelope)}",
    ]
    lines[last:last] = [line + _newline(text) for line in item]
    expected = dataclasses.replace(
        loaded.agreement, signatures=(*loaded.agreement.signatures, signature)
    )
    return _checked(
        "".join(lines),
        name,
        expected,
        "The signature cannot be added to the file as it is laid out.",
        "Write `signatures:` as a list of indented items at the end of the file.",
    )


def with_amendment(text: str, name: str, author: str, approver: str, reason: str) -> str:
    """The text of the next version: the number raised, `amends` set to name the version in `text`
    by its digest, signatures taken out, the rest as it stands.

    Raises AgreementError, also where author and approver are one, or one of the three is empty."""
    loaded = parse_agreement(text, name)
    for said, words in (("author", author), ("approver", approver), ("reason", reason)):
        if not words.strip():
            raise AgreementError(f"The amendment's {said} is empty.", cure=f"Say it: --{said}.")
    if author.strip() == approver.strip():
        raise AgreementError(
            "Who writes an amendment does not approve it.",
            cure="Name somebody else as its approver: --approver.",
        )
    expected = amended(loaded.agreement, author, approver, reason)
    assert expected.amends is not None
    lines = _lines(text)
    # from the last line to the first, so that no edit moves the place of the next
    edits: dict[int, tuple[int, list[str]]] = {}
    for key in ("signatures", "amends"):
        if (key,) in loaded.positions:
            first, last = _block(lines, loaded, key)
            edits[first] = (last, [])
    at = loaded.positions[("version",)][0] - 1
    raised = _VERSION.sub(rf"\g<1>{expected.version}", lines[at], count=1)
    edits[at] = (at + 1, [raised, *_amends(loaded, expected.amends, _newline(text))])
    for first in sorted(edits, reverse=True):
        last, put = edits[first]
        lines[first:last] = put
    return _checked(
        "".join(lines),
        name,
        expected,
        "The next version cannot be made from the file as it is laid out.",
        "Write `version`, `amends` and `signatures` each on lines of their own.",
    )


def _amends(loaded: LoadedAgreement, amends: Amendment, newline: str) -> list[str]:
    margin = _margin(loaded)
    values: Mapping[str, str] = dataclasses.asdict(amends)
    block = [f"{margin}amends:"]
    block += [f"{margin}  {key}: {json.dumps(v, ensure_ascii=False)}" for key, v in values.items()]
    return [line + newline for line in block]


def _lines(text: str) -> list[str]:
    """Lines with their ends, as YAML counts them; the last one gets an end if it has none."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    if lines and lines[-1][-1] not in "\r\n":
        lines[-1] += _newline(text)
    return lines


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _margin(loaded: LoadedAgreement) -> str:
    """What stands before every key of the document: nothing, in most files."""
    return " " * (loaded.positions[("id",)][1] - 1)


def _block(lines: list[str], loaded: LoadedAgreement, key: str) -> tuple[int, int]:
    """The lines (from, before) of a key and its value; comments before the next key are its."""
    first = loaded.positions[(key,)][0] - 1
    tops = [place[0] - 1 for path, place in loaded.positions.items() if len(path) == 1]
    last = min((line for line in tops if line > first), default=len(lines))
    while last > first + 1 and not lines[last - 1].partition("#")[0].strip():
        last -= 1
    return first, last


def _dash(lines: list[str], loaded: LoadedAgreement) -> str:
    """What stands before the dash of a signature."""
    place = loaded.positions.get(("signatures", 0))
    if place is None:
        return _margin(loaded) + "  "
    return lines[place[0] - 1].partition("-")[0]


def _checked(made: str, name: str, expected: Agreement, what: str, cure: str) -> str:
    try:
        sound = parse_agreement(made, name).agreement == expected
    except AgreementError as error:
        raise AgreementError(f"{what} ({error.what})", where=name, cure=cure) from None
    if not sound:
        raise AgreementError(what, where=name, cure=cure)
    return made
