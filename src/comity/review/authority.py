"""May this officer do this, now? Asked of the Cedar policies beside this file.

Deny by default: what no policy permits is refused, an error while judging is a refusal. The
answer to a refusal is in words, because an officer must learn what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

import cedarpy

from comity.agreement.roster import Officer
from comity.core.errors import AuthorizationError

AUTHORITIES = (
    "prepare",
    "sign-request",
    "submit",
    "approve",
    "disclose",
    "stay",
    "incident",
    "account",
    "dispose",
    "operate",
    "roster",
    "sign-agreement",
)
"""The authorities that an appointment or delegation can carry."""

DECIDES = "approve"
"""The authority of whoever decides on a case."""

_NEEDED = {
    "submit": "submit",
    "approve": DECIDES,
    "deny": DECIDES,
    "view": DECIDES,
    "disclose": "disclose",
    "stay": "stay",
    "lift": "stay",
    "hold": "stay",
    "lift-hold": "stay",
    "dispose": "dispose",
    "destroy": "dispose",
    "recall": "incident",
    "tell": "incident",
    "close": "incident",
    "account": "account",
    "adopt": "operate",
    "safeguards": "operate",
    "registry": "operate",
    "roster": "roster",
}

_WORDS = {
    "view": "look at request {}",
    "stay": "impose a stay",
    "lift": "lift this stay",
    "hold": "impose a hold",
    "lift-hold": "lift this hold",
    "dispose": "order the disposal of batch {}",
    "destroy": "carry out the disposal of batch {}",
    "recall": "call disclosures back",
    "tell": "say what became of the notices of incident {}",
    "adopt": "adopt an agreement",
    "safeguards": "record the requester's safeguard standing",
    "registry": "build the registry",
    "account": "take out the accounting of requests",
    "roster": "change the roster of {}",
}
"""Acts that are not said by their name and what they are done to; `{}` is the target's id."""

_FORBIDDEN = {
    "preparer-never-decides": "who submitted, prepared or signed a request never decides on it",
    "one-decision-each": "each officer decides once on a request",
    "imposer-never-lifts-alone": "who imposed it does not lift it; another officer must",
    "orderer-never-destroys-alone": "who ordered a disposal does not carry it out; another must",
    "opener-never-closes": "who opened an incident does not close it; another officer must",
    "no-certain-person": "no one person is certain for this request, so it can only be denied",
}


@dataclass(frozen=True)
class Actor:
    """An officer acting for a party at a moment."""

    officer: Officer
    party: str
    at: datetime


@dataclass(frozen=True)
class Target:
    """What is acted upon: its Cedar type, its id and the attributes that policies read."""

    kind: str
    id: str
    attributes: Mapping[str, str | bool | frozenset[str]]


def authorize(actor: Actor, action: str, target: Target) -> None:
    """Raise AuthorizationError, saying why, unless the policies permit the act."""
    held = sorted(a for a in AUTHORITIES if actor.officer.holds(a, actor.at))
    entities = [
        _entity("Officer", actor.officer.id, {"party": actor.party, "authorities": held})
        | {"parents": []},
        _entity(target.kind, target.id, dict(target.attributes)) | {"parents": []},
    ]
    request = {
        "principal": _uid("Officer", actor.officer.id),
        "action": _uid("Action", action),
        "resource": _uid(target.kind, target.id),
        "context": {},
    }
    text, names = _policies()
    answer = cedarpy.is_authorized(request, text, entities)
    if answer.allowed and not answer.diagnostics.errors:
        return
    because = [_FORBIDDEN[names[r]] for r in answer.diagnostics.reasons if names[r] in _FORBIDDEN]
    raise AuthorizationError(
        f"Officer {actor.officer.id} may not {_act(action, target)}: "
        + ("; ".join(because) or _missing(actor, action, held))
        + "."
    )


def _act(action: str, target: Target) -> str:
    """An act in words: `approve request b000001/3`, `build the exchange's registry`."""
    kind = target.kind.lower()
    named = f"a {kind}" if target.id == "new" else f"{kind} {target.id}"
    return _WORDS.get(action, f"{action} {named}").format(target.id)


def _missing(actor: Actor, action: str, held: list[str]) -> str:
    needed = _NEEDED.get(action)
    if needed is not None and needed not in held:
        return f"no appointment or delegation in force today gives the authority `{needed}`"
    return f"it is not for officers of {actor.party}, or not for this one"


def _uid(kind: str, name: str) -> str:
    return f"{kind}::{json.dumps(name)}"


def _entity(kind: str, name: str, attributes: dict[str, object]) -> dict[str, object]:
    plain = {k: sorted(v) if isinstance(v, frozenset) else v for k, v in attributes.items()}
    return {"uid": {"__entity": {"type": kind, "id": name}}, "attrs": plain | {"id": name}}


@cache
def _policies() -> tuple[str, dict[str, str]]:
    """The policy text, and the @id of each policy by the name that Cedar gives it."""
    text = files("comity.review").joinpath("policies.cedar").read_text("utf-8")
    parsed = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    return text, {name: policy["annotations"]["id"] for name, policy in parsed.items()}
