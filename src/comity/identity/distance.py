"""How far apart two words are by typing."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=262144)
def typing_distance(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).

    Counts to 3 at most: whatever is farther apart is 3."""
    if a == b:
        return 0
    if abs(len(a) - len(b)) > 2 or len(a) > 200 or len(b) > 200:
        return 3
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > 2 and min(above) > 2:
            return 3
        before = above
    return min(row[-1], 3)


def is_transposition(a: str, b: str) -> bool:
    """Whether two neighbouring characters changed places and nothing else."""
    if len(a) != len(b):
        return False
    at = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return len(at) == 2 and at[1] == at[0] + 1 and a[at[0]] == b[at[1]] and a[at[1]] == b[at[0]]
