"""Gaussian numbers of a run, exact or fast: those of `neurocl.core.random`, `normal` and `fast_normal`.

Each kind has a function that makes the keys of one call in one step, and one that makes a neuron's number from them;
a loop over neurons is vectorised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from neurocl.core.random import FAST_NORMAL_MEAN, FAST_NORMAL_SD
from neurocl.engines.numba import vector_math32, vector_math64
from neurocl.engines.numba.kernels import hash_index, step_keys, uniform32, uniform64

__all__ = ["exact32", "exact64", "exact_keys", "fast32", "fast64", "fast_keys"]

_U32 = np.uint32
_LOW, _HALF = np.uint32(0xFFFF), np.uint32(16)
_SCALE = 1.0 / FAST_NORMAL_SD


@njit(inline="always")
def exact_keys(stream: Any, step: int, call: int) -> Any:
    """Keys of the two uniform numbers of each neuron."""
    return (*step_keys(~stream, step, 2 * call), *step_keys(~stream, step, 2 * call + 1))


@njit(inline="always")
def exact64(index: int, keys: Any) -> Any:
    """A Gaussian number by Box and Muller, float64."""
    return vector_math64.normal(uniform64(index, keys[0], keys[1]), uniform64(index, keys[2], keys[3]))


@njit(inline="always")
def exact32(index: int, keys: Any) -> Any:
    """A Gaussian number by Box and Muller, float32."""
    return vector_math32.normal(uniform32(index, keys[0], keys[1]), uniform32(index, keys[2], keys[3]))


@njit(inline="always")
def fast_keys(stream: Any, step: int, call: int) -> Any:
    """Keys of the four hashes of each neuron."""
    first, second = step_keys(~stream, step, 4 * call), step_keys(~stream, step, 4 * call + 1)
    third, fourth = step_keys(~stream, step, 4 * call + 2), step_keys(~stream, step, 4 * call + 3)
    return (*first, *second, *third, *fourth)


@njit(inline="always")
def _halves(index: int, key0: Any, key1: Any) -> Any:
    """Sum of the two halves of one hash; every intermediate is cast, for Numba would widen it to 64 bits."""
    bits = hash_index(index, key0, key1)
    return _U32(_U32(bits & _LOW) + _U32(bits >> _HALF))


@njit(inline="always")
def _sum_of_uniforms(index: int, keys: Any) -> Any:
    """Sum of eight uniform numbers of 16 bits, less its mean, int32."""
    left = _U32(_halves(index, keys[0], keys[1]) + _halves(index, keys[2], keys[3]))
    right = _U32(_halves(index, keys[4], keys[5]) + _halves(index, keys[6], keys[7]))
    return np.int32(np.int32(_U32(left + right)) - np.int32(FAST_NORMAL_MEAN))


@njit(inline="always")
def fast64(index: int, keys: Any) -> Any:
    """A nearly Gaussian number, float64."""
    return np.float64(_sum_of_uniforms(index, keys)) * _SCALE


@njit(inline="always")
def fast32(index: int, keys: Any) -> Any:
    """A nearly Gaussian number, float32."""
    return np.float32(_sum_of_uniforms(index, keys)) * np.float32(_SCALE)
