"""The 32-bit Mersenne Twister with the conventions of the HTM reference library.

Numbers     x = raw 32-bit number;  below(m) = x mod m;  real = x / 4294967295
Shuffle     for i = n - 1 down to 1: swap x[i] and x[below(i + 1)]
Sample      the first k of a shuffled copy
Source      Matsumoto & Nishimura (1998), ACM TOMACS 8:3; conventions: htm-community/htm.core

The spatial pooler and the temporal memory draw all their numbers from it, in the reference's order, so that their
trajectories can be compared step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.sdr._saving import Saved

__all__ = ["MersenneTwister", "below", "next_word", "real", "seeded", "shuffle", "uniform"]

_N, _M = 624, 397


@njit(cache=True)
def seeded(seed: int) -> NDArray[np.uint32]:
    """A new state [625]: 624 words, and the place of the next one."""
    state = np.empty(_N + 1, dtype=np.uint32)
    word = np.uint64(seed) & np.uint64(0xFFFFFFFF)
    state[0] = np.uint32(word)
    for i in range(1, _N):
        word = (np.uint64(1812433253) * (word ^ (word >> np.uint64(30))) + np.uint64(i)) & np.uint64(0xFFFFFFFF)
        state[i] = np.uint32(word)
    state[_N] = _N
    return state


@njit(cache=True)
def _refill(state: NDArray[np.uint32]) -> None:
    for i in range(_N):
        mixed = (state[i] & np.uint32(0x80000000)) | (state[(i + 1) % _N] & np.uint32(0x7FFFFFFF))
        word = state[(i + _M) % _N] ^ (mixed >> np.uint32(1))
        if mixed & np.uint32(1):
            word ^= np.uint32(0x9908B0DF)
        state[i] = word
    state[_N] = 0


@njit(cache=True)
def next_word(state: NDArray[np.uint32]) -> np.int64:
    """The next raw number, 0 to 2**32 - 1."""
    if state[_N] >= _N:
        _refill(state)
    word = np.uint32(state[state[_N]])
    state[_N] += np.uint32(1)
    word ^= word >> np.uint32(11)
    word ^= (word << np.uint32(7)) & np.uint32(0x9D2C5680)
    word ^= (word << np.uint32(15)) & np.uint32(0xEFC60000)
    word ^= word >> np.uint32(18)
    return np.int64(word)


@njit(cache=True)
def below(state: NDArray[np.uint32], limit: int) -> np.int64:
    """A whole number from 0 to `limit` - 1."""
    return next_word(state) % limit


@njit(cache=True)
def real(state: NDArray[np.uint32]) -> float:
    """A number in [0, 1], float64."""
    return np.float64(next_word(state)) / 4294967295.0


@njit(cache=True)
def uniform(state: NDArray[np.uint32], low: np.float32, high: np.float32) -> np.float32:
    """A number in [low, high], rounded to float32 as the reference does."""
    width = np.float32(high - low)
    return np.float32(low + np.float32(np.float64(width) * real(state)))


@njit(cache=True)
def shuffle(state: NDArray[np.uint32], values: NDArray[np.int64]) -> None:
    """Shuffle in place."""
    for i in range(values.size - 1, 0, -1):
        j = below(state, i + 1)
        values[i], values[j] = values[j], values[i]


class MersenneTwister(Saved):
    """A generator whose numbers equal those of the HTM reference library.

    Parameters
    ----------
    seed : whole number from 0 to 2**32 - 1.

    Attributes
    ----------
    state : uint32 array [625], which the compiled functions of this module advance.
    """

    def __init__(self, seed: int) -> None:
        number = whole_number("MersenneTwister", "seed", seed)
        if number >= 2**32:
            raise NeuroclError(f"MersenneTwister: seed must be below 2**32, got {seed}.")
        self.state = seeded(number)

    def below(self, limit: int = 2**32 - 1) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(below(self.state, whole_number("MersenneTwister", "limit", limit, at_least=1)))

    def real(self) -> float:
        """A number in [0, 1]."""
        return float(real(self.state))

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high], computed in float32."""
        return float(uniform(self.state, np.float32(low), np.float32(high)))

    def shuffle(self, values: NDArray[Any] | list[Any]) -> None:
        """Shuffle a list or a one-dimensional array in place."""
        order = np.arange(len(values))
        shuffle(self.state, order)
        values[:] = [values[k] for k in order]

    def sample(self, population: NDArray[np.integer], k: int) -> NDArray[np.int64]:
        """Draw `k` of the population without replacement, in the order drawn."""
        shuffled = np.array(population, dtype=np.int64)
        if whole_number("MersenneTwister", "k", k) > shuffled.size:
            raise NeuroclError(f"MersenneTwister: cannot draw {k} of {shuffled.size} without replacement.")
        shuffle(self.state, shuffled)
        return shuffled[:k]

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {}, {"state": self.state}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> MersenneTwister:
        twister = cls(0)
        twister.state = arrays["state"]
        if twister.state.shape != (_N + 1,) or twister.state.dtype != np.uint32 or twister.state[_N] > _N:
            raise ValueError("the state is not one of this generator")
        return twister
