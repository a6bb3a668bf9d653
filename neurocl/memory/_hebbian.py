"""Hebbian weights in whole numbers: N W = X^T X with zero diagonal, and their fields without the matrix.

Fields   N h = X^T (X s) - P s, 2 P N operations where the matrix takes N^2. A batch takes two matrix products; few cues
         take overlaps on packed bits and a sum of int8 rows, which reads an eighth of the bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.memory._bits import distances, pack, weighted_sum

__all__ = ["HebbianPatterns"]

FEW = 8
"""Up to so many cues the packed kernels are faster than matrix products."""
EXACT32 = 2**24
"""Whole numbers below this one are exact in float32."""


class HebbianPatterns:
    """Patterns [pattern, unit] of -1 and +1, packed, and the matrix of their sums of products once it is asked for."""

    def __init__(self, n_units: int, patterns: NDArray[np.int8] | None = None) -> None:
        self.n_units = n_units
        self.patterns: Any = np.empty((0, n_units), dtype=np.int8) if patterns is None else patterns
        self._words = pack(self.patterns > 0)
        self._matrix: Any = None

    def add(self, rows: NDArray[np.int8]) -> None:
        """Append patterns."""
        self.patterns = np.concatenate([self.patterns, rows])
        self._words = np.concatenate([self._words, pack(rows > 0)])
        self._matrix = None

    def remove(self, owner: str, rows: NDArray[np.int8]) -> None:
        """Take each row out once; NeuroclError, begun by `owner`, if one is not stored (then none is taken out)."""
        keep = np.ones(len(self.patterns), dtype=bool)
        for number, row in enumerate(rows):
            found = np.flatnonzero((self.patterns == row).all(axis=1) & keep)
            if not found.size:
                raise NeuroclError(f"{owner}: pattern {number} to forget is not stored; forget only what was stored.")
            keep[found[-1]] = False
        self.patterns, self._words, self._matrix = self.patterns[keep], self._words[keep], None

    @property
    def weights(self) -> Any:
        """N W, int16 [unit, unit] (int32 from 32768 patterns on), made when it is first asked for."""
        if self._matrix is None:
            count = len(self.patterns)
            # Sums of up to 2^24 ones are exact in float32, where the matrix product is fastest.
            x = self.patterns.astype(np.float32 if count < EXACT32 else np.float64)
            self._matrix = (x.T @ x).astype(np.int16 if count < 2**15 else np.int32)
            np.fill_diagonal(self._matrix, 0)
        return self._matrix

    def overlaps(self, states: NDArray[np.int8]) -> NDArray[np.int32]:
        """X s of each row, int32 [row, pattern]."""
        if len(states) > FEW:
            # Never beyond N, hence exact in float32.
            return np.asarray((states.astype(np.float32) @ self.patterns.T.astype(np.float32)), dtype=np.int32)
        result = np.empty((len(states), len(self.patterns)), dtype=np.int32)
        for cue, line in zip(pack(states > 0), result, strict=True):
            distances(self._words, cue, line)
        return np.asarray(self.n_units - 2 * result)

    def fields(self, states: NDArray[np.int8]) -> Any:
        """N h of each row, whole numbers [row, unit]."""
        overlaps, count = self.overlaps(states), len(self.patterns)
        small = self.n_units * count < EXACT32
        if len(states) > FEW or self.n_units * count >= 2**31:
            dtype: Any = np.float32 if small else np.float64
            factors: Any = overlaps.astype(dtype)
            sums = (factors @ self.patterns.astype(dtype)).astype(np.int64)
        else:
            sums = np.empty(states.shape, dtype=np.int32)
            for weights, line in zip(overlaps, sums, strict=True):
                weighted_sum(weights, self.patterns, line)
        return sums - count * states.astype(sums.dtype)

    def pairs(self, states: NDArray[np.int8]) -> NDArray[np.int64]:
        """s^T N W s of each row."""
        squares = (self.overlaps(states).astype(np.int64) ** 2).sum(axis=1)
        return np.asarray(squares - self.n_units * len(self.patterns))
