"""The use cases, one file each; the only place where the stations meet disk, clock and keys."""
