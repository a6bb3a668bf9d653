"""Bipolar patterns packed into bits: overlaps and nearest patterns in one pass over memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.memory._arrays import read_bipolar
from neurocl.memory._bits import distances, pack

__all__ = ["PackedPatterns"]


class PackedPatterns:
    """Patterns of -1 and +1, one bit per unit.

    Parameters
    ----------
    patterns : [row, unit], NumPy or torch.

    Examples
    --------
    >>> packed = PackedPatterns([[1, 1, -1, -1], [1, -1, 1, -1]])
    >>> packed.overlaps([1, 1, -1, 1])
    array([ 2, -2])
    """

    def __init__(self, patterns: Any) -> None:
        rows, _ = read_bipolar("PackedPatterns", "patterns", patterns)
        self.n_patterns, self.n_units = rows.shape
        self._words = pack(rows > 0)

    def overlaps(self, cue: Any) -> Any:
        """Sum over units of pattern times cue, [pattern] or [row, pattern]."""
        rows, form = read_bipolar("PackedPatterns", "cue", cue, self.n_units)
        return form.of(self.n_units - 2 * self._distances(rows).astype(np.int64))

    def nearest(self, cue: Any, k: int = 1) -> Any:
        """Numbers of the `k` patterns that differ from the cue in the fewest units, nearest first; equals in order.

        Raises
        ------
        NeuroclError
            If `k` is not between 1 and the number of patterns.
        """
        k = whole_number("PackedPatterns", "k", k, at_least=1)
        if k > self.n_patterns:
            raise NeuroclError(f"PackedPatterns: k must be at most {self.n_patterns}, the number of patterns, got {k}.")
        rows, form = read_bipolar("PackedPatterns", "cue", cue, self.n_units)
        # The number of the pattern breaks ties, so that a partial sort is enough and the order is certain.
        order = self._distances(rows).astype(np.int64) * self.n_patterns + np.arange(self.n_patterns)
        best = np.sort(np.partition(order, k - 1, axis=1)[:, :k], axis=1) % self.n_patterns
        return form.of(best)

    def _distances(self, rows: NDArray[np.int8]) -> NDArray[np.int32]:
        result = np.empty((rows.shape[0], self.n_patterns), dtype=np.int32)
        for cue, line in zip(pack(rows > 0), result, strict=True):
            distances(self._words, cue, line)
        return result
