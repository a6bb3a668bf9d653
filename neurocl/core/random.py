"""Random numbers: Philox streams for building, and a counter-based generator for the run.

Building     a NumPy Philox generator keyed by (seed, name): connectivity, initial values, weights.
Running      the number for (stream, step, call, neuron) is a keyed 32-bit hash of the neuron index, so it depends
             on nothing else: not on the engine, the thread count, or how a run is split. A step's two 32-bit keys
             come from splitmix64 of (stream, step, call); the hash is three multiply-xorshift rounds with the
             second key added after the first (constants of C. Wellons' *triple32*, 2018).
Uniform      (u + 1/2) / 2**32 in float64, (u >> 9 + 1/2) / 2**23 in float32: inside (0, 1).
Normal       Box-Muller on two hashes, sqrt(-2 ln u1) cos(2 pi u2).
Fast normal  the sum of the eight 16-bit halves of four hashes, less its mean, over its standard deviation
             (Irwin-Hall): excess kurtosis -0.15, never beyond +-4.9.
Poisson      inversion of one uniform; a mean above 16 is split into equal parts that are summed.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["build_generator", "fast_normal", "hash_uniform", "normal", "poisson", "step_keys", "stream_key", "uniform"]

GOLDEN = 0x9E3779B97F4A7C15
CALL = 0xD1B54A32D192ED03
POISSON_LIMIT = 1e6
"""Means from here on (and negative ones) have no Poisson count; the number is NaN, which a run reports."""
POISSON_PART = 16.0
"""Largest mean drawn by one inversion: exp(-mean) stays far from underflow and the search short."""
FAST_NORMAL_MEAN = 262140
"""Mean of the sum of eight whole numbers, uniform from 0 to 65535."""
FAST_NORMAL_SD = (8 * (2**32 - 1) / 12) ** 0.5
"""Standard deviation of this sum."""
_MASK = (1 << 64) - 1


def build_generator(seed: int, *names: str) -> np.random.Generator:
    """A Philox generator that depends only on `seed` and `names`."""
    digest = hashlib.blake2b("\x1f".join([str(seed), *names]).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def stream_key(seed: int, name: str, trial: int = 0) -> int:
    """64-bit key of one population's (or projection's) numbers during a run; `trial` numbers the presentation."""
    digest = hashlib.blake2b(f"run\x1f{seed}\x1f{name}\x1f{trial}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def step_keys(stream: int, step: int, call: int) -> tuple[int, int]:
    """Two 32-bit keys for one call in one step (splitmix64 finaliser)."""
    z = (stream + (step + 1) * GOLDEN + (call + 1) * CALL) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    z ^= z >> 31
    return z & 0xFFFFFFFF, z >> 32


def hash_uniform(index: NDArray[np.uint32], key0: int, key1: int) -> NDArray[np.uint32]:
    """Keyed 32-bit hash of `index`; for fixed keys a permutation of the 32-bit integers."""
    x = index.astype(np.uint32) + np.uint32(key0)
    x ^= x >> np.uint32(17)
    x *= np.uint32(0xED5AD4BB)
    x += np.uint32(key1)
    x ^= x >> np.uint32(11)
    x *= np.uint32(0xAC4C1B51)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x31848BAB)
    x ^= x >> np.uint32(14)
    return x


def uniform(index: NDArray[np.uint32], stream: int, step: int, call: int) -> NDArray[np.float64]:
    """Uniform numbers in (0, 1) for the neurons `index`."""
    return (hash_uniform(index, *step_keys(stream, step, call)).astype(np.float64) + 0.5) * 2.0**-32


def normal(index: NDArray[np.uint32], stream: int, step: int, call: int) -> NDArray[np.float64]:
    """Standard normal numbers (Box-Muller on sub-calls 2*call and 2*call + 1 of the complemented stream)."""
    u1 = uniform(index, ~stream & _MASK, step, 2 * call)
    u2 = uniform(index, ~stream & _MASK, step, 2 * call + 1)
    return np.sqrt(-2.0 * np.log(u1)) * np.cos(2.0 * np.pi * u2)


def fast_normal(index: NDArray[np.uint32], stream: int, step: int, call: int) -> NDArray[np.float64]:
    """Nearly normal numbers (sub-calls 4*call to 4*call + 3 of the complemented stream)."""
    total = np.zeros(index.shape, dtype=np.int64)
    for k in range(4):
        bits = hash_uniform(index, *step_keys(~stream & _MASK, step, 4 * call + k))
        total += (bits & np.uint32(0xFFFF)).astype(np.int64) + (bits >> np.uint32(16))
    return (total - FAST_NORMAL_MEAN).astype(np.float64) * (1.0 / FAST_NORMAL_SD)


def poisson(
    index: NDArray[np.uint32], mean: NDArray[np.float64] | float, stream: int, step: int, call: int
) -> NDArray[np.float64]:
    """Poisson counts with the given mean, one per neuron; NaN where the mean is negative or not below POISSON_LIMIT."""
    means = np.broadcast_to(np.asarray(mean, dtype=np.float64), index.shape)
    is_mean = (means >= 0) & (means < POISSON_LIMIT)
    means = np.where(is_mean, means, 0.0)
    parts = np.maximum(np.ceil(means / POISSON_PART), 1.0).astype(np.int64)
    total = np.zeros(index.shape)
    for part in range(int(parts.max(initial=0))):
        chosen = parts > part
        keys = step_keys(stream, step, call + 64 * (part + 1))
        u = (hash_uniform(index[chosen], *keys).astype(np.float64) + 0.5) * 2.0**-32
        total[chosen] += _invert(u, (means / parts)[chosen])
    total[~is_mean] = np.nan
    return total


def _invert(u: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    count = np.zeros(u.shape)
    probability = np.exp(-mean)
    cumulative = probability.copy()
    active = u > cumulative
    while active.any():
        count[active] += 1.0
        probability = probability * np.where(active, mean / np.maximum(count, 1.0), 1.0)
        cumulative = cumulative + np.where(active, probability, 0.0)
        # Rounding may leave the sum below the largest u; a vanished term ends the search.
        active &= (u > cumulative) & (probability > 1e-300)
    return count
