"""Random numbers inside the compiled recalls: one SplitMix64 stream per cue, so that a batch does not mix them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.core.random import build_generator

__all__ = ["draw", "shuffle", "streams"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def streams(seed: int, rows: int, *names: str) -> NDArray[np.uint64]:
    """Start of each row's stream; the numbers of a row do not depend on how many rows follow."""
    return build_generator(seed, "memory", *names).integers(0, 2**64, size=rows, dtype=np.uint64)


@njit(cache=True, nogil=True)
def draw(stream: Any) -> Any:
    """A uniform number in (0, 1); `stream` is an array of one word that is advanced."""
    stream[0] += _GOLDEN
    z = stream[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (np.float64(z >> np.uint64(12)) + 0.5) * 2.0**-52


@njit(cache=True, nogil=True)
def shuffle(order: Any, stream: Any) -> None:
    """Put `order` into a random order."""
    for k in range(order.size - 1, 0, -1):
        other = int(draw(stream) * (k + 1))
        order[k], order[other] = order[other], order[k]
