"""Decisions are believed for their signed statements, not for rows of a database.

Whoever can write to the database but not sign for an officer can therefore not approve anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import sqlalchemy as sa

from comity.core.clock import parse_moment, stamp
from comity.core.errors import AuthorizationError, ComityError
from comity.core.statement import Statement, decode_public_key
from comity.exchange.officers import parsed_roster
from comity.exchange.opening import Exchange
from comity.review.authority import DECIDES
from comity.review.decision import KIND, Verdict
from comity.store import acts, parties
from comity.store.cases import Case, Given


class Prover:
    """Checks the statements of one exchange's holder, at the keys and offices of their time."""

    def __init__(self, exchange: Exchange, connection: sa.Connection) -> None:
        self._connection = connection
        self._keys = exchange.keys
        self._party = exchange.settings.holder
        self._rosters = parties.roster_texts(connection, self._party)

    def proven(self, case: Case, given: Sequence[Given]) -> list[Verdict]:
        """The verdicts on a case. Raises AuthorizationError if one of them is not borne out."""
        determination = acts.commitment_of(self._connection, case.entry)
        for one in given:
            if not self._holds(case, determination, one):
                raise AuthorizationError(
                    f"A decision on request {case.request} is not borne out by a signed statement "
                    f"of officer {one.officer}.",
                    cure="The database was changed; nothing goes out. Tell the inspector.",
                )
        return [Verdict(one.verdict) for one in given]

    def _holds(self, case: Case, determination: str, given: Given) -> bool:
        try:
            sealed = acts.payload(self._connection, self._keys, given.entry, case.request)
            statement = Statement.from_json(sealed, kind=KIND)
            body = statement.body
            at = parse_moment(str(body["at"]))
            place = bisect_right([added for added, _ in self._rosters], stamp(at))
            roster = parsed_roster(self._rosters[place - 1][1], f"roster of {self._party}")
            officer = roster.officer(given.officer)
            if officer is None or not place:
                return False
            statement.verify(decode_public_key(officer.signing_key))
        except (ComityError, KeyError, ValueError, IndexError):
            return False
        said = (body["request"], body["determination"], body["verdict"], body["officer"])
        meant = (case.request, determination, given.verdict, given.officer)
        return said == meant and officer.holds(DECIDES, at)
