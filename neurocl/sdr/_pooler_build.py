"""Wiring of the spatial pooler: neighbourhoods, potential synapses, first permanences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.sdr.mersenne import real, shuffle, uniform

__all__ = ["Synapses", "bump", "connect_column", "draw_synapses", "neighbours", "raise_to_threshold"]

EPSILON = np.float32(1e-6)
_INITIALLY_CONNECTED = 0.5


class Synapses(NamedTuple):
    """Potential synapses in rows (CSR), and the connected ones as bits.

    Column c has the synapses from ``start[c]`` to ``start[c + 1]``, ascending by input. Its bits are the words from
    ``word_start[c]`` on, which cover the inputs from 64 * ``first_word[c]`` on.
    """

    start: NDArray[np.int64]
    inputs: NDArray[np.int32]
    permanence: NDArray[np.float32]
    word_start: NDArray[np.int64]
    first_word: NDArray[np.int64]
    words: NDArray[np.uint64]


@njit(cache=True)
def neighbours(center: int, radius: int, dimensions: NDArray[np.int64], wrap: bool, found: NDArray[np.int64]) -> int:
    """Write the places within `radius` of `center` (itself included) into `found`; return how many.

    The order is row-major from -radius upwards in each dimension. On a ring each place comes once.
    """
    n = dimensions.size
    first, length, stride = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    rest, step, total = center, 1, 1
    for d in range(n - 1, -1, -1):
        place = rest % dimensions[d]
        rest //= dimensions[d]
        stride[d] = step
        step *= dimensions[d]
        if wrap:
            first[d] = place - radius
            length[d] = min(2 * radius + 1, dimensions[d])
        else:
            first[d] = max(place - radius, 0)
            length[d] = min(place + radius, dimensions[d] - 1) - first[d] + 1
        total *= length[d]
    for k in range(total):
        rest, flat = k, 0
        for d in range(n - 1, -1, -1):
            flat += ((first[d] + rest % length[d]) % dimensions[d]) * stride[d]
            rest //= length[d]
        found[k] = flat
    return total


@njit(cache=True)
def draw_synapses(
    state: NDArray[np.uint32], centers: NDArray[np.int64], dimensions: NDArray[np.int64], radius: int, wrap: bool,
    fraction: float, connected: np.float32,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:  # fmt: skip
    """Draw the potential synapses of all columns and their permanences, half of them connected."""
    room = np.empty(np.prod(dimensions), dtype=np.int64)
    m = centers.size
    start = np.zeros(m + 1, dtype=np.int64)
    for c in range(m):
        start[c + 1] = start[c] + int(np.floor(neighbours(centers[c], radius, dimensions, wrap, room) * fraction + 0.5))
    inputs = np.empty(start[m], dtype=np.int32)
    permanence = np.empty(start[m], dtype=np.float32)
    for c in range(m):
        n = neighbours(centers[c], radius, dimensions, wrap, room)
        shuffle(state, room[:n])
        chosen = np.sort(room[: start[c + 1] - start[c]])
        for k in range(chosen.size):
            inputs[start[c] + k] = chosen[k]
            if real(state) <= _INITIALLY_CONNECTED:
                permanence[start[c] + k] = uniform(state, connected, np.float32(1.0))
            else:
                permanence[start[c] + k] = uniform(state, np.float32(0.0), connected)
    return start, inputs, permanence


@njit(cache=True)
def connect_column(synapses: Synapses, c: int, limit: np.float32) -> int:
    """Write the bits of column `c` anew; return the number of connected synapses."""
    low, high = synapses.word_start[c], synapses.word_start[c + 1]
    synapses.words[low:high] = np.uint64(0)
    offset = low - synapses.first_word[c]
    total = 0
    for k in range(synapses.start[c], synapses.start[c + 1]):
        if synapses.permanence[k] >= limit:
            place = np.int64(synapses.inputs[k])
            synapses.words[offset + (place >> 6)] |= np.uint64(1) << np.uint64(place & 63)
            total += 1
    return total


@njit(cache=True)
def bump(synapses: Synapses, c: int, amount: np.float32) -> None:
    """Add `amount` to all permanences of column `c`, within 0 to 1."""
    for k in range(synapses.start[c], synapses.start[c + 1]):
        synapses.permanence[k] = min(max(np.float32(synapses.permanence[k] + amount), np.float32(0.0)), np.float32(1.0))


@njit(cache=True)
def raise_to_threshold(synapses: Synapses, c: int, limit: np.float32, threshold: int, connected: int) -> None:
    """Strengthen all synapses of column `c` alike until `threshold` of them are connected."""
    n = synapses.start[c + 1] - synapses.start[c]
    if connected >= threshold or n == 0:
        return
    own = np.sort(synapses.permanence[synapses.start[c] : synapses.start[c + 1]])
    amount = np.float32(limit - own[n - min(threshold, n)])
    if amount > 0:
        bump(synapses, c, amount)
        connect_column(synapses, c, limit)
