"""How far apart two words are by typing."""

from __future__ import annotations

from rapidfuzz.distance import OSA

MOST = 3
"""Where counting stops: whatever is farther apart is this far."""


def typing_distance(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).

    Counts to MOST: whatever is farther apart, or longer than any name, is that."""
    if len(a) > 200 or len(b) > 200:
        return 0 if a == b else MOST
    return OSA.distance(a, b, score_cutoff=MOST - 1)


def is_transposition(a: str, b: str) -> bool:
    """Whether two neighbouring characters changed places and nothing else."""
    if len(a) != len(b):
        return False
    at = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return len(at) == 2 and at[1] == at[0] + 1 and a[at[0]] == b[at[1]] and a[at[1]] == b[at[0]]
