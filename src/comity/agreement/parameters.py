"""The parameters of rules, in words: how the plain-English page says what a number means."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from comity.agreement.model import Parameter


def parameter_sentence(name: str, value: Parameter) -> str:
    """One sentence for a parameter's value; '' where it changes nothing worth saying."""
    if name in _SENTENCES:
        return _SENTENCES[name](value)
    return f"{name.replace('_', ' ')}: {_listed(value) or 'none'}."


def known_parameters() -> frozenset[str]:
    """The names that have a sentence of their own."""
    return frozenset(_SENTENCES)


def _listed(value: Parameter) -> str:
    if isinstance(value, tuple | list):
        return "; ".join(_listed(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)


def _offices(value: Parameter) -> str:
    listed = _listed(value)
    return f"Who may sign: {listed or 'the offices that sign this agreement for the requester'}."


def _delegate(value: Parameter) -> str:
    return "A delegate may sign." if value else "No delegate may sign."


def _own_offices(value: Parameter) -> str:
    listed = _listed(value)
    return f"Offices of the requester that are nobody's residence: {listed}." if listed else ""


def _flags(value: Parameter) -> str:
    listed = _listed(value).replace("_", " ")
    return f"Flags that hold a record: {listed}." if listed else "Any flag holds a record."


def _counted(before: str, one: str, many: str, after: str = "") -> Callable[[Parameter], str]:
    def sentence(value: Parameter) -> str:
        return f"{before} {_listed(value)} {one if value == 1 else many}{after}."

    return sentence


_SENTENCES: Mapping[str, Callable[[Parameter], str]] = {
    "offices": _offices,
    "allow_delegate": _delegate,
    "requester_offices": _own_offices,
    "max_periods": _counted("At most", "tax period", "tax periods"),
    "min_days_since_order": _counted("The order is more than", "day", "days", " old"),
    "ground_within": lambda value: f"The ground of removal lies within {_listed(value)}.",
    "ground_classes": lambda value: f"Its classes are 1 to {_listed(value)}." if value else "",
    "min_characters": _counted("At least", "character", "characters"),
    "min_own_words": _counted(
        "At least", "word", "words", " of its own, beside the statute's and those of every request"
    ),
    "max_same": _counted("The same reason stands on at most", "row", "rows", " of a batch"),
    "max_open_requests": _counted(
        "One officer is named in at most", "open request", "open requests"
    ),
    "max_persons": _counted("One case number stands for at most", "person", "persons"),
    "flags": _flags,
    "opinion": lambda value: f"Looser reading under the recorded opinion {value}." if value else "",
}
