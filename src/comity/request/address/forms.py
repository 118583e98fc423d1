"""Delivery lines that are no street: boxes, routes, general delivery, military posts.

Publication 28: 22 (general delivery, 2.4), rural and highway contract routes (2.3.4, 2.3.5), post
office boxes (2.3.6), military and diplomatic posts (2.5), Puerto Rico (2.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.request.address.model import Form
from comity.request.address.words import word_set

_ID = r"(?P<box>\d[0-9A-Z-]{0,14}|[A-Z]{1,2}-?\d{0,8}[A-Z]?)"
_BOX = rf"(?: (?:BOX|BX|#|NO)(?: (?:NO|NUMBER|#))* ?{_ID})"
_PO_BOX = re.compile(
    r"(?:^|(?<= ))(?:(?:P ?O|POST OFFICE|POSTAL|U ?S ?P ?O)"
    r" ?(?:LOCK ?BOX|BOX|BX|DRAWER|BIN|CALLER|B(?!O?X)|#)"
    r"|P ?O ?B(?:OX|(?!OX))|APARTADO(?: POSTAL)?|APDO(?: POSTAL)?|CASILLA)"
    rf"(?: (?:NO|NUM|NUMBER|#))*(?: ?{_ID}(?= |$)|$)"
)
_BARE_BOX = re.compile(
    r"^(?:(?:LOCK ?)?BOX|DRAWER|CALLER(?: BOX)?|FIRM CALLER|PO)(?: (?:NO|NUM|NUMBER|#))* ?(?=\d)"
    rf"{_ID}(?= |$)"
)
_RURAL = re.compile(
    r"^(?:(?:(?P<sure>RURAL (?:ROUTE|RTE|RT|DELIVERY)|R ?R|R F D|RFD(?: (?:ROUTE|RTE|RT))?)"
    r"|ROUTE|RTE|RT|RD|R|STAR ROUTE)[ -]?(?:NO |# ?)?(?P<route>\d{1,4}[A-Z]?)?"
    rf"{_BOX}?(?P<rest>(?: .*)?))$"
)
_CONTRACT = re.compile(
    r"^(?:H ?C ?R?|HIGHWAY CONTRACT(?: (?:ROUTE|RTE|RT))?|HWY CONTRACT(?: (?:ROUTE|RTE|RT))?"
    r"|STAR (?:ROUTE|RTE|RT)|S R)[ -]?(?:NO |# ?)?(?P<route>\d{1,4}[A-Z]?)?"
    rf"{_BOX}?(?P<rest>(?: .*)?)$"
)
_GENERAL = re.compile(
    r"^(?:GENERAL|GEN) (?:DELIVERY|DELIV|DEL|DLV)\b.*|^G ?D$|^POSTE RESTANTE$|^LISTA DE CORREOS$"
    r"|^ENTREGA GENERAL$"
)
_POST = re.compile(
    r"\b(?P<kind>PSC|CMR|UMR|OMC|MSC|MARU|UNIT|UNT) ?(?:NO |# ?)?(?P<route>\d{1,7}[A-Z]?)\b"
)
_POST_BOX = re.compile(rf"\b(?:BOX|BX) ?(?:# ?)?{_ID}(?= |$)")
_SHIP = re.compile(r"\b(?:USS|USNS|USCGC|USCG|USMC|HMM|VMM|SHIP)\b.+")
_SHIP_NAME = re.compile(
    r"\b(?:USS|USNS|USCGC|USCG|SHIP) [A-Z][A-Z .-]*?(?= (?:PSC|CMR|UNIT|UNT|BOX|BX)\b|$)"
)
"""A ship beside her unit's number: mail for her crew may have no box."""

STARTERS: frozenset[str] = word_set(
    "PO P POB POBOX POST POSTAL BOX BX DRAWER CALLER FIRM LOCK LOCKBOX APARTADO APDO CASILLA "
    "PSC CMR GENERAL GEN GD G LISTA POSTE ENTREGA RR R RURAL RFD HC HCR H HWY HIGHWAY STAR US "
    "U"
)
"""Words without which none of these forms is written (military posts aside)."""


@dataclass(frozen=True)
class Special:
    """A delivery line of one of these forms. `before` and `after` are what else stood there."""

    form: Form
    name: str
    box: str = ""
    route: str = ""
    before: str = ""
    after: str = ""


def read_special(line: str) -> Special | None:
    """The special form of a delivery line, or None where it is a street."""
    if found := _PO_BOX.search(line) or _BARE_BOX.search(line):
        before, after = line[: found.start()].strip(), line[found.end() :].strip()
        return Special(Form.PO_BOX, "PO BOX", _number(found["box"]), "", before, after)
    if (found := _CONTRACT.match(line)) and (found["route"] or found["box"]):
        return _routed(Form.HIGHWAY_CONTRACT, "HC", found)
    if (found := _RURAL.match(line)) and (found["box"] or (found["sure"] and found["route"])):
        return _routed(Form.RURAL_ROUTE, "RR", found)
    if _GENERAL.match(line):
        return Special(Form.GENERAL_DELIVERY, "GENERAL DELIVERY")
    return None


def read_post(line: str, *, diplomatic: bool) -> Special | None:
    """The military or diplomatic post in a delivery line, or None where it names none."""
    form = Form.DIPLOMATIC if diplomatic else Form.MILITARY
    post, box = _POST.search(line), _POST_BOX.search(line)
    number = _number(box["box"]) if box else ""
    if post:
        kind = "UNIT" if post["kind"] == "UNT" else post["kind"]
        route = post["route"].lstrip("0") or "0"
        aboard = _SHIP_NAME.search(line)
        return Special(form, f"{kind} {route}", number, route, aboard[0] if aboard else "")
    if ship := _SHIP.search(line):
        return Special(
            form, ship[0][: box.start() - ship.start()].strip() if box else ship[0], number
        )
    return Special(form, "", number) if box else None


def _routed(form: Form, kind: str, found: re.Match[str]) -> Special:
    route = (found["route"] or "").lstrip("0")
    name = f"{kind} {route}".strip()
    return Special(form, name, _number(found["box"]), route, "", found["rest"].strip())


def _number(box: str | None) -> str:
    """A box number without leading zeros and without the dash before a letter."""
    text = re.sub(r"(?<=\d)-(?=[A-Z])|(?<=[A-Z])-(?=\d)", "", box or "")
    return text.lstrip("0") or text
