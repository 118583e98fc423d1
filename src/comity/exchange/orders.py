"""Orders that one officer imposes and another lifts: stays of disclosure, holds on disposal.

Both are signed statements, kept in a table of their own; who records them says under which type.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.core.errors import UsageError
from comity.core.statement import sign
from comity.determination.stay import Scope, Stay
from comity.exchange.officers import Credentials
from comity.exchange.opening import Exchange
from comity.exchange.record import Recorder
from comity.store import parties


@dataclass(frozen=True)
class Register:
    """Where orders of one kind stand; `noun` (`stay`, `hold`) gives their ids the first letter."""

    noun: str
    table: sa.Table


def impose(
    exchange: Exchange,
    recorder: Recorder,
    register: Register,
    scope: Scope,
    value: str,
    order: str,
    credentials: Credentials,
) -> tuple[Stay, Json]:
    """Write an order down, in force from now on; returns it and the officer's signed statement."""
    number = len(parties.all_stays(recorder.connection, register.table)) + 1
    name, at = f"{register.noun[0]}{number:04d}", exchange.clock.now()
    body: dict[str, Json] = {register.noun: name, "scope": scope.value, "value": value}
    body |= {"order": order, "officer": credentials.officer, "at": stamp(at)}
    envelope = sign(register.noun, body, credentials.key).to_json()
    row = {"id": name, "scope": scope.value, "value": value, "order": order}
    row |= {"imposed": stamp(at), "imposed_by": credentials.officer}
    parties.add(recorder.connection, register.table, row | {"imposing": json.dumps(envelope)})
    return Stay(name, scope, value, at), envelope


def imposer(exchange: Exchange, register: Register, name: str) -> str:
    """Who imposed an order that is in force. Raises UsageError if there is none of this id."""
    table = register.table
    with exchange.database.reading() as connection:
        query = sa.select(table.c.imposed_by, table.c.lifted).where(table.c.id == name)
        found = connection.execute(query).one_or_none()
    if found is None or found.lifted is not None:
        raise UsageError(
            f"No {register.noun} of this id is in force.",
            cure=f"See `comity {register.noun} list`.",
        )
    return str(found.imposed_by)


def lift(
    exchange: Exchange,
    recorder: Recorder,
    register: Register,
    name: str,
    reason: str,
    credentials: Credentials,
) -> Json:
    """Write down that an order ends; returns the officer's signed statement."""
    at = stamp(exchange.clock.now())
    body: dict[str, Json] = {register.noun: name, "reason": reason}
    body |= {"officer": credentials.officer, "at": at}
    envelope = sign(f"{register.noun}-lifted", body, credentials.key).to_json()
    ended = {"lifted": at, "lifted_by": credentials.officer, "lifting": json.dumps(envelope)}
    recorder.connection.execute(
        sa.update(register.table).where(register.table.c.id == name).values(**ended)
    )
    return envelope
