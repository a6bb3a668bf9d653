"""Compiled kernels of binary memories: connections as packed rows, set by OR and read by counting.

Clusters are padded to whole words, so that "is any unit of cluster b connected and active" is a few ANDs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from neurocl.memory._bits import ones

__all__ = ["decode", "or_rows", "store_cliques"]


@njit(cache=True, nogil=True)
def or_rows(matrix: Any, starts: Any, units: Any, rows: Any) -> None:
    """matrix[i] |= rows[p] for the units i = units[starts[p]:starts[p + 1]] of each pattern p; all packed."""
    for p in range(rows.shape[0]):
        for k in range(starts[p], starts[p + 1]):
            for word in range(rows.shape[1]):
                matrix[units[k], word] |= rows[p, word]


@njit(cache=True, nogil=True)
def store_cliques(matrix: Any, messages: Any, words: int) -> None:
    """Connect the chosen units of all pairs of clusters; `matrix` [cluster, unit, word], `words` per cluster."""
    clusters = messages.shape[1]
    for m in range(messages.shape[0]):
        for a in range(clusters):
            for b in range(clusters):
                if a != b:
                    unit = messages[m, b]
                    bit = np.uint64(1) << np.uint64(unit % 64)
                    matrix[a, messages[m, a], b * words + unit // 64] |= bit


@njit(cache=True, nogil=True)
def decode(
    matrix: Any, active: Any, words: int, self_memory: float, count_all: bool, max_steps: int
) -> tuple[int, bool]:
    """Keep in each cluster the units with the largest score until nothing changes; `active` [cluster, unit] is changed.

    The score of a unit is the number of other clusters with an active neighbour (with `count_all`: the number of active
    neighbours), plus `self_memory` if it is active. Returns rounds, and whether the last one changed nothing.
    """
    clusters, units = active.shape
    packed = np.zeros(clusters * words, dtype=np.uint64)
    score = np.empty(units)
    for step in range(max_steps):
        packed[:] = 0
        for a in range(clusters):
            for u in range(units):
                if active[a, u]:
                    packed[a * words + u // 64] |= np.uint64(1) << np.uint64(u % 64)
        changed = False
        for a in range(clusters):
            for u in range(units):
                score[u] = self_memory if active[a, u] else 0.0
                for b in range(clusters):
                    if b != a:
                        found = 0
                        for k in range(b * words, (b + 1) * words):
                            found += ones(matrix[a, u, k] & packed[k])
                        score[u] += found if count_all else min(found, 1)
            best = score.max()
            for u in range(units):
                stays = score[u] == best
                changed |= stays != active[a, u]
                active[a, u] = stays
        if not changed:
            return step + 1, True
    return max_steps, False
