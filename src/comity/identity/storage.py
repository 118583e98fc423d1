"""The files of an index: where they lie, how they are encrypted, how DuckDB opens them.

An index is a directory of three files:

- `index.duckdb`: standardised fields and key tables, which the search reads;
- `items.duckdb`: the disclosable mailing addresses as recorded (table `address`, see ITEMS_TABLE).
  Building writes it; nothing in `comity.identity` ever reads it. Its only reader is
  `comity.disclosure.items`;
- `manifest.json`: counts, digests, what was excluded; no personal data.

An update leaves these two databases as they are and adds a folder `delta-NNNNNN` with an index and
items of their own, and `rows.duckdb`: the changed persons' rows, from which alone, with its own
source, the next update makes its delta. `manifest.before.json` is the manifest before it.

With a key all databases are encrypted by DuckDB itself (AES-256-GCM), each kind under its own key,
derived by HKDF-SHA-256 (RFC 5869), so that whoever opens the index cannot open the items with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import duckdb
import duckdb_extension_httpfs
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.core.errors import RegistryError

INDEX, ITEMS, MANIFEST = "index.duckdb", "items.duckdb", "manifest.json"
ROWS, BEFORE = "rows.duckdb", "manifest.before.json"
ITEMS_TABLE = """
CREATE TABLE address (
  person_id VARCHAR NOT NULL,
  street VARCHAR NOT NULL, unit VARCHAR NOT NULL, city VARCHAR NOT NULL,
  state VARCHAR NOT NULL, postal_code VARCHAR NOT NULL,
  address_from DATE,          -- NULL: not recorded
  address_to DATE,            -- NULL: current, if dates_sound
  dates_sound BOOLEAN NOT NULL -- false: the source's dates are impossible; never call it current
)
"""
"""The disclosable addresses as recorded, one row an address of the source, in person order."""


def items_path(registry: Path) -> Path:
    """Where an index keeps the disclosable items."""
    return registry / ITEMS


def database_key(key: bytes, file: str) -> str:
    """The key of one database file (`index.duckdb` or `items.duckdb`), derived from the 32-byte key
    of the registry, in hex as DuckDB takes it."""
    if len(key) != 32:
        raise RegistryError(
            "A registry key has 32 bytes.", cure="Give the exchange's registry key."
        )
    return HKDF(SHA256(), 32, None, b"comity registry " + file.encode()).derive(key).hex()


MEMORY = "4GB"
"""What DuckDB may hold while it builds, before it goes to its encrypted temporary files."""
ROW_GROUP = 8192
"""Rows stored together. The smaller, the less is read for one person or key, and the larger the
file: on 4 million rows 20 persons cost 25 ms by 122,880 (DuckDB's default) and 4 ms by 8,192, one
key 0.4 ms by either; the file grew by a fifth, and full scans were as fast."""
SCANNED_ROW_GROUP = 122_880
"""Rows stored together where a table is only ever read as a whole."""
STORAGE_VERSION = "v1.5.0"
"""Of DuckDB's files. The one before compressed small row groups five times as slowly."""


def connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An empty in-memory DuckDB that fetches no extension and spills nothing in the clear.

    `spill` is a directory for encrypted temporary files, which bounds memory to MEMORY; without
    one, work stays in memory."""
    database = duckdb.connect(config={"allow_unsigned_extensions": "false"})
    database.execute("SET autoinstall_known_extensions = false")
    database.execute("SET autoload_known_extensions = false")
    database.execute("SET temp_file_encryption = true")
    if spill:
        load_encryption(database)  # for the temporary files, also of an index without a key
        database.execute(f"SET memory_limit = '{MEMORY}'")
    else:
        database.execute("SET preserve_insertion_order = false")
    _quietly(database, "SET temp_directory = ?", str(spill) if spill else "")
    return database


def attach(
    database: duckdb.DuckDBPyConnection,
    file: Path,
    alias: str,
    key: bytes | None,
    *,
    read_only: bool,
    row_group: int = ROW_GROUP,
) -> None:
    """Attach one of the database files; a new one is made with `row_group`.

    Raises RegistryError: wrong key, no key, not a database."""
    if read_only:
        options = ["READ_ONLY"]
    else:
        options = [f"ROW_GROUP_SIZE {row_group}", f"STORAGE_VERSION '{STORAGE_VERSION}'"]
    if key is not None:
        load_encryption(database)
        options.append(f"ENCRYPTION_KEY '{database_key(key, file.name)}'")
    listed = f" ({', '.join(options)})" if options else ""
    path = str(file).replace("'", "''")
    try:
        database.execute(f"ATTACH '{path}' AS {alias}{listed}")
    except duckdb.Error as error:
        text = str(error).lower()
        if "encrypt" in text or "key" in text:
            what = "The index is encrypted and this is not its key."
            cure = "Give the key that it was built with." if key else "Give its key."
            if "not encrypted" in text:
                what, cure = "The index is not encrypted.", "Open it without a key."
        else:
            what, cure = "The index cannot be opened.", "Build it again from its source."
        raise RegistryError(what, where=str(file), cure=cure) from None


def seal(database: duckdb.DuckDBPyConnection) -> None:
    """Shut the door behind the attached files: no other file, no network, no change of settings."""
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")


def load_encryption(database: duckdb.DuckDBPyConnection) -> None:
    """Load OpenSSL's AES from the installed package `duckdb-extension-httpfs`: DuckDB writes
    encrypted files only with it. Nothing is fetched."""
    package = Path(duckdb_extension_httpfs.__file__).parent
    found = package / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    path = str(found).replace("'", "''")
    try:
        database.execute(f"LOAD '{path}'")
    except duckdb.Error:
        raise RegistryError(
            "DuckDB's encryption cannot be loaded.",
            cure="Install duckdb and duckdb-extension-httpfs in the same version.",
        ) from None


def digest_of(digests: Iterable[str]) -> str:
    """One digest of several files, from theirs."""
    return "sha256:" + hashlib.sha256("\n".join(digests).encode()).hexdigest()


def file_digest(file: Path) -> str:
    """`sha256:` and the hex digest over a file's bytes."""
    try:
        with file.open("rb") as data:
            return "sha256:" + hashlib.file_digest(data, "sha256").hexdigest()
    except OSError:
        raise RegistryError(
            "A file of the index is missing or cannot be read.",
            where=str(file),
            cure="Restore it, or build the index again from its source.",
        ) from None


def _quietly(database: duckdb.DuckDBPyConnection, statement: str, value: str) -> None:
    text = value.replace("'", "''")
    database.execute(statement.replace("?", f"'{text}'"))
