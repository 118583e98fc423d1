"""The append-only Merkle log: entries, tiles, signed checkpoints, verification."""
