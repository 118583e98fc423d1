"""The fields of names and addresses in standard form, as columns of the index's tables."""

from __future__ import annotations

NAME_FIELDS: tuple[str, ...] = ("given", "middle", "family", "suffix")
STREET_FIELDS: tuple[str, ...] = ("line", "core", "pre", "street_suffix", "post")
AREA_FIELDS: tuple[str, ...] = ("city", "state", "postal")
PLACE_FIELDS: tuple[str, ...] = ("house", *STREET_FIELDS, "unit", *AREA_FIELDS)
"""In the order of `place.Place`."""
