"""Why disclosures are called back, as the call names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from comity.agreement.loading import LoadedAgreement, load_agreement
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.determination.stay import Stay
from comity.examination.engine import compile_agreement
from comity.examination.rule import RULES
from comity.exchange.handed import read_handed
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.oversight.incident import Cause
from comity.oversight.objections import IDENTITY
from comity.store import parties

ABOUT_PERSONS = ("subject.protected", "identity.conflict", IDENTITY)
"""What is judged on the registry. The log does not show these: with the notices, which name
requests, they would tell whose record bears a flag."""
_MAX_PERSONS = 16 * 1024 * 1024


@dataclass(frozen=True)
class Mended:
    """Rules that were mended in this release, all or these (and `identity`, the decision about the
    person); or a corrected `agreement`."""

    rules: tuple[str, ...] = ()
    agreement: LoadedAgreement | None = None

    @property
    def cause(self) -> Cause:
        return Cause.RULES if self.agreement is None else Cause.AGREEMENT

    def to_json(self) -> dict[str, Json]:
        corrected = self.agreement
        about: dict[str, Json] = {"cause": self.cause.value, "rules": list(self.rules)}
        if corrected is not None:
            about["agreement"] = corrected.agreement.id
            about["digest"] = corrected.digest
        return about


@dataclass(frozen=True)
class WrongRecords:
    """Records of the registry that were wrong, by the ids of their persons."""

    persons: frozenset[str]
    cause = Cause.RECORD
    rules: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {"cause": self.cause.value, "persons": sorted(self.persons)}


@dataclass(frozen=True)
class RegistryNow:
    """The registry as it served: each match is repeated against the one that serves now."""

    cause = Cause.REGISTRY
    rules: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {"cause": self.cause.value}


@dataclass(frozen=True)
class Retroactive:
    """A stay that reaches back to a day (UTC)."""

    stay: Stay
    since: date
    cause = Cause.STAY
    rules: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "cause": self.cause.value,
            "stay": self.stay.id,
            "since": self.since.isoformat(),
        }


Wrong = Mended | WrongRecords | RegistryNow | Retroactive


def named_cause(
    exchange: Exchange,
    *,
    rules: bool = False,
    only: Sequence[str] = (),
    agreement: str | None = None,
    persons: Path | None = None,
    registry: bool = False,
    stay: str | None = None,
    since: date | None = None,
) -> Wrong:
    """The one cause that a call names. Raises UsageError for none, several, or one that names
    nothing: a slip would call back nothing, and nobody would notice."""
    given = [rules, agreement is not None, persons is not None, registry, stay is not None]
    if sum(given) != 1:
        raise UsageError(
            "A recall has one cause.",
            cure="Give one of --rules, --agreement, --persons, --registry, --stay.",
        )
    if only and not (rules or agreement is not None):
        raise UsageError("Only rules and agreements are narrowed with --rule.")
    for name in only:
        if name not in RULES and name not in ABOUT_PERSONS:
            raise UsageError(
                "No rule has this id.",
                where="--rule",
                cure=f"See docs/reference/rules.md; `{IDENTITY}` is the decision about the person.",
            )
    if (stay is None) != (since is None):
        raise UsageError("A stay reaches back to a day.", cure="Give --stay ID and --from DATE.")
    if persons is not None:
        return WrongRecords(_persons(persons))
    if stay is not None and since is not None:
        return _retroactive(exchange, stay, since)
    if registry:
        return RegistryNow()
    return Mended(tuple(only), None if agreement is None else _corrected(exchange, agreement))


def _corrected(exchange: Exchange, named: str) -> LoadedAgreement:
    """A file, or the newest adopted version of an id."""
    path = Path(named)
    if not path.exists():
        return adopted_agreement(exchange, named)
    loaded = load_agreement(path)
    compile_agreement(loaded.agreement, loaded.positions, named)
    adopted_agreement(exchange, loaded.agreement.id)
    return loaded


def _persons(path: Path) -> frozenset[str]:
    """Ids of persons, one a line; from a file, since command lines are seen and kept."""
    try:
        lines = read_handed(path, "list of persons", _MAX_PERSONS).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = []
    found = frozenset(line.strip() for line in lines if line.strip())
    if not found:
        raise UsageError(
            "The list names no person.", where=str(path), cure="One person_id a line, in UTF-8."
        )
    return found


def _retroactive(exchange: Exchange, name: str, since: date) -> Retroactive:
    with exchange.database.reading() as connection:
        stay = next((one for one in parties.all_stays(connection) if one.id == name), None)
    if stay is None:
        raise UsageError("No stay of this id was imposed.", cure="See `comity stay list`.")
    return Retroactive(stay, since)
