"""What an index says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from comity.core.canonical import Json
from comity.core.errors import RegistryError

SCHEMA_VERSION = 1
"""Of the index's tables, keys and standard forms. Another version needs another build."""
LISTED = 10_000
"""How many remarks are listed one by one; the counts are always whole."""


@dataclass(frozen=True)
class Remark:
    """A row that was left out (`excluded`) or taken with something absent, by line and reason."""

    line: int
    reason: str
    excluded: bool


@dataclass(frozen=True)
class RegistryManifest:
    """An index's contents in figures, without personal data.

    `rows` of the source = rows used + the sum of `exclusions`. `common_keys` counts, by kind of
    key, the keys under which more than `cap` persons stand: such a key brings no candidates, and
    `Match.evidence` says so where it mattered. `digest` is SHA-256 over `index.duckdb`,
    `items_digest` over `items.duckdb`."""

    persons: int
    addresses: int
    rows: int
    exclusions: Mapping[str, int]
    warnings: Mapping[str, int]
    remarks: tuple[Remark, ...]
    common_keys: Mapping[str, int]
    cap: int
    encrypted: bool
    digest: str
    items_digest: str
    source_digest: str
    built_with: Mapping[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def excluded(self) -> int:
        """Rows of the source that are not in the index."""
        return sum(self.exclusions.values())

    def to_json(self) -> dict[str, Json]:
        return cast(
            "dict[str, Json]", asdict(self) | {"remarks": [asdict(r) for r in self.remarks]}
        )

    @classmethod
    def read(cls, file: Path) -> RegistryManifest:
        """Read `manifest.json`. Raises RegistryError with what to do."""
        try:
            value: dict[str, Any] = json.loads(file.read_text("utf-8"))
            version = value["schema_version"]
        except FileNotFoundError:
            raise RegistryError(
                "There is no registry index here.",
                where=str(file.parent),
                cure="Build one: comity registry build SOURCE --out DIR.",
            ) from None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise _damaged(file) from None
        if version != SCHEMA_VERSION:
            raise RegistryError(
                f"The index has schema version {version!r:.20}, not {SCHEMA_VERSION}.",
                where=str(file),
                cure="Build the index again with this version from its source.",
            )
        try:
            remarks = tuple(Remark(**remark) for remark in value["remarks"])
            return cls(**{**value, "remarks": remarks})
        except (KeyError, TypeError):
            raise _damaged(file) from None


def _damaged(file: Path) -> RegistryError:
    return RegistryError(
        "The manifest of the index cannot be read.",
        where=str(file),
        cure="Build the index again from its source.",
    )
