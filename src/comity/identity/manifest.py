"""What an index says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from comity.core.canonical import Json
from comity.core.errors import RegistryError
from comity.identity import storage

SCHEMA_VERSION = 3
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
class Delta:
    """What updates changed since an index was built, in the folder `folder` beside it.

    `base` and `base_items` are the digests of the files that stay as they were built, `index`,
    `items` and `rows` those of the delta's. `base_persons` and `base_addresses` count what was
    built, `persons` those that the delta brings, `gone` those of the base that it hides (changed or
    removed). The rest is of the last update alone: its source's rows as in RegistryManifest, and of
    its list of removed persons how many it named and how many of them were not there."""

    number: int
    base: str
    base_items: str
    index: str
    items: str
    rows_digest: str
    base_persons: int
    base_addresses: int
    base_common_keys: Mapping[str, int]
    persons: int
    gone: int
    rows: int
    removed: int
    not_there: int
    exclusions: Mapping[str, int]
    warnings: Mapping[str, int]
    remarks: tuple[Remark, ...]
    source_digest: str

    @property
    def folder(self) -> str:
        """Where its files lie, seen from the index."""
        return delta_folder(self.number)


def delta_folder(number: int) -> str:
    """The folder of an index's n-th update."""
    return f"delta-{number:06d}"


@dataclass(frozen=True)
class RegistryManifest:
    """An index's contents in figures, without personal data.

    `rows` of the source = rows used + the sum of `exclusions`. `common_keys` counts, by kind of
    key, the keys under which more than `cap` persons stand: such a key brings no candidates, and
    `Match.evidence` says so where it mattered. `digest` is SHA-256 over `index.duckdb`,
    `items_digest` over `items.duckdb`. After an update (`delta`) `persons`, `addresses` and
    `common_keys` count what stands now, rows and remarks are still those of the build, and the two
    digests are over those of the base's file and of the delta's."""

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
    delta: Delta | None = None

    @property
    def excluded(self) -> int:
        """Rows of the source that are not in the index."""
        return sum(self.exclusions.values())

    def index_files(self) -> dict[str, str]:
        """The files that a search reads, from the index's folder, with their digests."""
        if self.delta is None:
            return {storage.INDEX: self.digest}
        return {
            storage.INDEX: self.delta.base,
            f"{self.delta.folder}/{storage.INDEX}": self.delta.index,
        }

    def item_digests(self) -> dict[str, str]:
        """The folders (`.` is the index's own) that hold items, with the digest of each one's."""
        if self.delta is None:
            return {".": self.items_digest}
        return {".": self.delta.base_items, self.delta.folder: self.delta.items}

    def to_json(self) -> dict[str, Json]:
        return cast(
            "dict[str, Json]",
            asdict(self)
            | {"remarks": [asdict(r) for r in self.remarks]}
            | {"delta": self.delta and _delta_to_json(self.delta)},
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
                cure="Build it again from its source: comity registry build SOURCE --out DIR.",
            )
        try:
            remarks = tuple(Remark(**remark) for remark in value["remarks"])
            delta = _delta_from_json(value["delta"])
            manifest = cls(**{**value, "remarks": remarks, "delta": delta})
            if not _sound(manifest):
                raise _damaged(file)
            return manifest
        except (KeyError, TypeError, AttributeError):
            raise _damaged(file) from None


def _delta_to_json(delta: Delta) -> dict[str, Any]:
    return asdict(delta) | {"remarks": [asdict(remark) for remark in delta.remarks]}


def _delta_from_json(value: dict[str, Any] | None) -> Delta | None:
    if value is None:
        return None
    return Delta(**{**value, "remarks": tuple(Remark(**one) for one in value["remarks"])})


def _sound(manifest: RegistryManifest) -> bool:
    """Whether the digests of the whole are those of the parts that it names, so that a digest
    recorded elsewhere vouches for the manifest's choice of files."""
    delta = manifest.delta
    return delta is None or (
        manifest.digest == storage.digest_of((delta.base, delta.index))
        and manifest.items_digest == storage.digest_of((delta.base_items, delta.items))
        and isinstance(delta.number, int)
    )


def _damaged(file: Path) -> RegistryError:
    return RegistryError(
        "The manifest of the index cannot be read.",
        where=str(file),
        cure="Build the index again from its source.",
    )
