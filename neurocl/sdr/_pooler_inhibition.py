"""Competition of columns: the K best of all, or of each neighbourhood; and how far the neighbourhood reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.sdr._pooler_build import EPSILON, Synapses, neighbours

__all__ = ["connected_span", "inhibit_globally", "inhibit_locally", "local_extremes"]


@njit(cache=True)
def inhibit_globally(boosted: NDArray[np.float32], n_winners: int, threshold: int) -> NDArray[np.int64]:
    """The columns with the largest overlaps, ascending; of equals the later ones win."""
    m = boosted.size
    if n_winners == 0:
        return np.empty(0, dtype=np.int64)
    # Bits of floats >= 0 are ordered as the floats are, so overlap and index make one distinct key.
    keys = np.empty(m, dtype=np.int64)
    bits = boosted.view(np.int32)
    for c in range(m):
        keys[c] = (np.int64(bits[c]) << 32) | c
    limit = np.partition(keys, m - n_winners)[m - n_winners]
    winners, n = np.empty(n_winners, dtype=np.int64), 0
    for c in range(m):
        if keys[c] >= limit and boosted[c] >= threshold:
            winners[n] = c
            n += 1
    return winners[:n]


@njit(cache=True)
def inhibit_locally(
    boosted: NDArray[np.float32], dimensions: NDArray[np.int64], radius: int, wrap: bool, density: np.float32,
    threshold: int,
) -> NDArray[np.int64]:  # fmt: skip
    """The columns that lose to fewer than their neighbourhood's share of winners; columns before them win ties."""
    m = boosted.size
    selected = np.zeros(m, dtype=np.bool_)
    room = np.empty(m, dtype=np.int64)
    for c in range(m):
        if boosted[c] < threshold:
            continue
        n = neighbours(c, radius, dimensions, wrap, room)
        wanted = int(np.float32(0.5) + density * np.float32(n))
        lost = 0
        for k in range(n):
            q = room[k]
            if q != c and (boosted[q] > boosted[c] or (boosted[q] == boosted[c] and selected[q])):
                lost += 1
                if lost >= wanted:
                    break
        selected[c] = lost < wanted
    return np.flatnonzero(selected)


@njit(cache=True)
def local_extremes(
    values: NDArray[np.float32], dimensions: NDArray[np.int64], radius: int, wrap: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Largest value and mean value in the neighbourhood of each column, itself included."""
    largest, mean = np.empty_like(values), np.empty_like(values)
    room = np.empty(values.size, dtype=np.int64)
    for c in range(values.size):
        n = neighbours(c, radius, dimensions, wrap, room)
        total: Any = np.float32(0.0)
        most = values[c]
        for k in range(n):
            total += values[room[k]]
            most = max(most, values[room[k]])
        largest[c], mean[c] = most, np.float32(total / np.float32(n))
    return largest, mean


@njit(cache=True)
def connected_span(synapses: Synapses, dimensions: NDArray[np.int64], connected: np.float32) -> float:
    """Extent of a column's connected inputs, averaged over dimensions and columns."""
    limit = np.float32(connected + EPSILON)
    total = 0.0
    for c in range(synapses.start.size - 1):
        low, high = np.full(dimensions.size, np.int64(2**40)), np.full(dimensions.size, np.int64(-1))
        for k in range(synapses.start[c], synapses.start[c + 1]):
            if synapses.permanence[k] >= limit:
                rest = np.int64(synapses.inputs[k])
                for d in range(dimensions.size - 1, -1, -1):
                    place = rest % dimensions[d]
                    rest //= dimensions[d]
                    low[d], high[d] = min(low[d], place), max(high[d], place)
        if high[0] >= 0:
            total += np.mean(high - low + 1)
    return total / (synapses.start.size - 1)
