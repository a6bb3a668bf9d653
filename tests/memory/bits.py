"""Random patterns of the memory tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bipolar(rows: int, units: int, seed: int = 0) -> NDArray[np.int8]:
    """Random -1 and +1, [row, unit]."""
    return (2 * np.random.default_rng(seed).integers(0, 2, (rows, units)) - 1).astype(np.int8)


def flipped(patterns: NDArray[np.int8], share: float, seed: int = 1) -> NDArray[np.int8]:
    """The patterns with a share of the bits of each row turned round."""
    rng, cues = np.random.default_rng(seed), patterns.copy()
    for row in cues:
        row[rng.permutation(row.size)[: round(share * row.size)]] *= -1
    return cues


def overlaps(states: NDArray[np.int8], patterns: NDArray[np.int8]) -> NDArray[np.float64]:
    """Overlap of each state with its pattern."""
    return (states.astype(float) * patterns).mean(axis=1)
