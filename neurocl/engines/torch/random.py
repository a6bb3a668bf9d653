"""The counter-based random numbers of `neurocl.core.random` on tensors: the same numbers, to the bit in float64.

Each member of a batch has a stream of its own. The two 32-bit keys of a (stream, step, call) are computed on the host
for many steps at once; what a step does is the hash of the neuron (or synapse) numbers, in int32, whose arithmetic
wraps around as that of uint32 does.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.core.random import CALL, GOLDEN, POISSON_LIMIT, POISSON_PART

__all__ = ["draw_keys", "keys_of", "normal", "poisson", "poisson_keys", "poisson_parts", "uniform"]

_U = np.uint64


def draw_keys(streams: NDArray[np.uint64], steps: NDArray[np.int64], call: int) -> NDArray[np.int32]:
    """The two keys of one call, int32 [step, 2, member]; `streams` has one entry per member."""
    with np.errstate(over="ignore"):
        z = streams[None, :] + (steps.astype(np.uint64) + _U(1))[:, None] * _U(GOLDEN) + _U(call + 1) * _U(CALL)
        z = (z ^ (z >> _U(30))) * _U(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> _U(27))) * _U(0x94D049BB133111EB)
        z = z ^ (z >> _U(31))
    halves = np.stack([z & _U(0xFFFFFFFF), z >> _U(32)], axis=1).astype(np.uint32)
    return halves.view(np.int32)


def _hash(index: torch.Tensor, key0: torch.Tensor, key1: torch.Tensor) -> torch.Tensor:
    """Keyed 32-bit hash; the masks make arithmetic shifts logical ones, the factors are those of core.random."""
    x = index + key0
    x ^= (x >> 17) & 0x7FFF
    x *= 0xED5AD4BB - 2**32
    x += key1
    x ^= (x >> 11) & 0x1FFFFF
    x *= 0xAC4C1B51 - 2**32
    x ^= (x >> 15) & 0x1FFFF
    x *= 0x31848BAB
    x ^= (x >> 14) & 0x3FFFF
    return x


def uniform(index: torch.Tensor, keys: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Uniform numbers in (0, 1) for the numbers `index`; `keys` are the two keys."""
    x = _hash(index, keys[0], keys[1])
    if dtype == torch.float32:
        return (((x >> 9) & 0x7FFFFF).to(dtype) + 0.5) * 2.0**-23
    # Flipping the sign bit takes an int32 to the uint32 of the same bits, less 2^31.
    return ((x ^ -(2**31)).to(dtype) + (2.0**31 + 0.5)) * 2.0**-32


def normal(index: torch.Tensor, keys: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Standard normal numbers (Box-Muller); `keys` are the four keys of the two hashes."""
    radius = torch.sqrt(-2.0 * torch.log(uniform(index, keys[:2], dtype)))
    return radius * torch.cos(2.0 * math.pi * uniform(index, keys[2:], dtype))


def poisson_parts(mean: Any) -> int:
    """In how many parts counts of this mean (a number or array) are drawn at most."""
    means = np.asarray(mean, dtype=np.float64)
    means = means[(means >= 0) & (means < POISSON_LIMIT)]  # the others have no count
    return max(int(np.ceil(means.max(initial=0.0) / POISSON_PART)), 1)


def poisson_keys(streams: NDArray[np.uint64], step: int, call: int, mean: torch.Tensor) -> torch.Tensor:
    """Keys [2 * part, member, 1] for all parts that the largest mean needs; the host waits for that mean."""
    parts = poisson_parts(mean.detach().max().item()) if mean.numel() else 1
    keys = [draw_keys(streams, np.array([step]), call + 64 * (part + 1))[0] for part in range(parts)]
    return torch.from_numpy(np.concatenate(keys))[:, :, None].to(mean.device)


def keys_of(keys: torch.Tensor, member: torch.Tensor | None) -> torch.Tensor:
    """Keys [key, event] of the members of some events, from keys [key, member, 1]."""
    return keys[:, :, 0] if member is None else keys[:, :, 0].index_select(1, member)


def poisson(index: torch.Tensor, mean: Any, keys: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Poisson counts; NaN where the mean has none.

    Parameters
    ----------
    index : int32, numbers of the neurons.
    mean : a number, or a tensor that broadcasts with `index`.
    keys : two keys for each part, one after the other; at least as many parts as the largest mean needs.
    """
    if not isinstance(mean, torch.Tensor):
        return _poisson_of_number(index, float(mean), keys, dtype)
    means = mean.to(torch.float64)
    is_mean = (means >= 0) & (means < POISSON_LIMIT)
    means = torch.where(is_mean, means, 0.0)
    parts = torch.clamp_min(torch.ceil(means / POISSON_PART), 1.0)
    total: Any = 0.0
    for part in range(len(keys) // 2):
        u = uniform(index, keys[2 * part : 2 * part + 2], torch.float64)
        total = total + torch.where(parts > part, _invert(u, means / parts), 0.0)
    return torch.where(is_mean, total, math.nan).to(dtype)


def _poisson_of_number(index: torch.Tensor, mean: float, keys: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Where all have one mean, a count is the number of cumulative probabilities below the uniform number."""
    if not 0.0 <= mean < POISSON_LIMIT:
        return torch.full((), math.nan, dtype=dtype, device=index.device)
    parts = poisson_parts(mean)
    table = _cumulative(mean / parts, index.device)
    total: Any = 0
    for part in range(parts):
        u = uniform(index, keys[2 * part : 2 * part + 2], torch.float64)
        total = total + torch.bucketize(u, table)
    return torch.as_tensor(total).to(dtype)


@cache  # a captured step reads a table by its address, so none is ever given up
def _cumulative(mean: float, device: torch.device) -> torch.Tensor:
    return torch.tensor(_cumulative_sums(mean), dtype=torch.float64, device=device)


def _cumulative_sums(mean: float) -> list[float]:
    """Cumulative probabilities up to the first beyond the largest uniform number, 1 - 2^-33."""
    probability = math.exp(-mean)
    sums, count = [probability], 0
    while sums[-1] < 1.0 - 2.0**-33 and probability > 1e-300:
        count += 1
        probability *= mean / count
        sums.append(sums[-1] + probability)
    return sums


_LARGEST_COUNT = len(_cumulative_sums(POISSON_PART))


def _invert(u: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Counts of means up to POISSON_PART; as many terms as the largest of them can need, so that none is asked for."""
    probability = torch.exp(-mean)
    cumulative = probability
    count = torch.zeros_like(u)
    for k in range(1, _LARGEST_COUNT + 1):
        count = count + (u > cumulative)
        probability = probability * (mean / k)
        cumulative = cumulative + probability
    return count
