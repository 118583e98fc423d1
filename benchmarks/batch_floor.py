"""The floor under a batch: its very payloads, merely hashed, encrypted and inserted."""

from __future__ import annotations

import secrets
import sqlite3
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.exchange.opening import Exchange

_SAMPLE = 100_000


def floor(exchange: Exchange, rows: int, seconds: float) -> None:
    """Measure on a sample of what was stored, and print it beside the whole way, a row each."""
    with sqlite3.connect(exchange.directory / "comity.db") as database:
        query = (
            "SELECT p.entry, p.key_name, p.sealed, p.commitment, k.wrapped, e.body FROM payloads p "
            "JOIN data_keys k ON k.name = p.key_name JOIN entries e ON e.number = p.entry LIMIT ?"
        )
        sample = database.execute(query, (_SAMPLE,)).fetchall()
    begun = time.perf_counter()
    for row in sample:
        sha256(row[2]).digest()
    hashed = time.perf_counter()
    nonce = bytes(12)
    for row in sample:
        AESGCM(secrets.token_bytes(32)).encrypt(nonce, row[2], None)
    encrypted = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="comity-floor-", dir=exchange.directory) as scratch:
        plain = sqlite3.connect(Path(scratch) / "plain.db")
        plain.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        plain.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b, c, d, e, f)")
        inserting = time.perf_counter()
        for at in range(0, len(sample), 10_000):
            with plain:
                plain.executemany("INSERT INTO t VALUES (?,?,?,?,?,?)", sample[at : at + 10_000])
        inserted = time.perf_counter()
        plain.close()
    print(f"\n{'the floor, one process':<58}{'us a row':>9}")
    parts = {
        "SHA-256 of the same payloads": hashed - begun,
        "AES-256-GCM of the same payloads, a key each": encrypted - hashed,
        "SQLite, one table without an index, the same bytes": inserted - inserting,
    }
    for name, taken in parts.items():
        print(f"{name:<58}{taken / len(sample) * 1e6:>9.1f}")
    print(f"{'together':<58}{sum(parts.values()) / len(sample) * 1e6:>9.1f}")
    print(f"{'the whole way (wall clock)':<58}{seconds / rows * 1e6:>9.1f}")
