"""Poisson numbers: for one neuron, for a row of neurons with one mean, for a row with a mean each.

All give a neuron the same count: that of `neurocl.core.random.poisson`. A count is the number of cumulative
probabilities below the neuron's uniform number; a mean above POISSON_PART is drawn in equal parts that are summed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.core.random import POISSON_LIMIT, POISSON_PART
from neurocl.engines.numba.kernels import hash_index, step_keys, uniform64
from neurocl.engines.numba.vector_math64 import exp

__all__ = ["poisson", "poisson_each", "poisson_row"]

_INNER: Any = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_U32 = np.uint32
_BLOCK = 64
"""Neurons that advance together; all wait for the largest count among them."""
_VANISHED = 1e-300
"""A probability from which on the search ends: rounding may leave the sum below the largest uniform number."""


@njit(**_INNER)
def poisson(index: int, mean: float, stream: Any, step: int, call: int) -> float:
    """Poisson count of neuron `index`; NaN for a mean that is none."""
    if not 0.0 <= mean < POISSON_LIMIT:
        return math.nan
    parts = max(math.ceil(mean / POISSON_PART), 1)
    share, total = np.float64(mean) / parts, 0.0
    for part in range(parts):
        key0, key1 = step_keys(stream, step, call + 64 * (part + 1))
        u = uniform64(index, key0, key1)
        probability = exp(-share)
        cumulative = probability
        count = 0.0
        while u > cumulative and probability > _VANISHED:
            count += 1.0
            probability *= share / count
            cumulative += probability
        total += count
    return total


@njit(**_INNER)
def poisson_row(first: int, last: int, mean: float, stream: Any, step: int, call: int) -> Any:
    """What `poisson` gives for neurons `first` to `last` - 1, float32 [neuron], where all have one mean.

    The cumulative probabilities are the same for all, so they are compared one after the other with the whole row, in
    vector instructions.
    """
    n = last - first
    counts = np.zeros(n, dtype=np.float32)
    if not 0.0 <= mean < POISSON_LIMIT:
        counts[:] = np.nan
        return counts
    parts = max(math.ceil(mean / POISSON_PART), 1)
    share = np.float64(mean) / parts
    bits = np.empty(n, dtype=np.uint32)
    for part in range(parts):
        key0, key1 = step_keys(stream, step, call + 64 * (part + 1))
        for i in range(n):
            bits[i] = hash_index(first + i, key0, key1)
        probability = exp(-share)
        cumulative, k = probability, 0.0
        # The largest uniform number is 1 - 2^-33.
        while cumulative < 1.0 - 2.0**-33 and probability > _VANISHED:
            least = _U32(math.floor(cumulative * 2.0**32 - 0.5) + 1.0)
            for i in range(n):
                counts[i] += np.float32(1.0) if bits[i] >= least else np.float32(0.0)
            k += 1.0
            probability *= share / k
            cumulative += probability
    return counts


@njit(**_INNER)
def poisson_each(first: int, means: NDArray[np.float64], stream: Any, step: int, call: int) -> Any:
    """What `poisson` gives for the neurons from `first` on, float32 [neuron], where each has its own mean.

    A block of neurons goes through its cumulative probabilities together, in vector instructions, until the last of
    them has its count. Means above POISSON_PART (and what is no mean) are drawn one by one.
    """
    counts = np.zeros(means.size, dtype=np.float32)
    work = np.empty((4, _BLOCK))
    key0, key1 = step_keys(stream, step, call + 64)
    for begin in range(0, means.size, _BLOCK):
        block, out = means[begin : begin + _BLOCK], counts[begin : begin + _BLOCK]
        if _draw_block(first + begin, block, key0, key1, work, out) > 0:
            for i in range(block.size):
                if not 0.0 <= block[i] <= POISSON_PART:
                    out[i] = poisson(first + begin + i, block[i], stream, step, call)
    return counts


@njit(**_INNER)
def _draw_block(first: int, means: Any, key0: Any, key1: Any, work: Any, counts: Any) -> int:
    """Add the counts of one block to zeros, as for a mean of 0 where it must be drawn alone; returns how many must be.

    `work` holds a row each for means, uniform numbers, probabilities and their sums.
    """
    n, alone = means.size, 0
    mean, u, probability, cumulative = work[0][:n], work[1][:n], work[2][:n], work[3][:n]
    for i in range(n):
        is_small = (means[i] >= 0.0) & (means[i] <= POISSON_PART)
        mean[i] = means[i] if is_small else 0.0
        alone += 0 if is_small else 1
        u[i] = uniform64(first + i, key0, key1)
    for i in range(n):
        probability[i] = exp(-mean[i])
        cumulative[i] = probability[i]
    k, left = 0.0, 1
    while left > 0:
        k += 1.0
        left = 0
        # A neuron that has its count goes on in vain: its sum only grows, a vanished probability stays so.
        for i in range(n):
            is_below = (u[i] > cumulative[i]) & (probability[i] > _VANISHED)
            counts[i] += np.float32(1.0) if is_below else np.float32(0.0)
            left += 1 if is_below else 0
            probability[i] *= mean[i] / k
            cumulative[i] += probability[i]
    return alone
