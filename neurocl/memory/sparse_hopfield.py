"""The Hopfield network for sparse patterns: units 0 and 1, a covariance rule and a threshold.

Weights      W_ij = 1 / (N f (1 - f)) sum_mu (xi_i - f) (xi_j - f), W_ii = 0, for patterns of activity f
Field        h_i = sum_j W_ij s_j - theta; for a stored pattern about 1 - f - theta at a 1, -f - theta at a 0
Energy       E = -sum_ij W_ij s_i s_j / 2 + theta sum_i s_i
Update       s_i <- 1 if h_i > 0, 0 if h_i < 0; one by one in random order, so that E never rises
Source       Tsodyks & Feigel'man (1988), Europhys. Lett. 6:101
"""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.memory._arrays import read_binary
from neurocl.memory._asynchronous import relax
from neurocl.memory._order import streams
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["SparseHopfield"]


class SparseHopfield(Memory):
    """Hopfield network for sparse patterns.

    Parameters
    ----------
    n_units : N.
    activity : f, the share of ones in a pattern, above 0 and below 1.
    threshold : theta. Default 1/2 - f, halfway between the fields of ones and zeros of a stored pattern.

    Examples
    --------
    >>> patterns = np.eye(20, dtype=int).repeat(5, axis=1)[:4]
    >>> memory = SparseHopfield(100, activity=0.05).store(patterns)
    >>> cue = patterns[1] * (np.arange(100) > 5)
    >>> int(cue.sum()), bool((memory.recall(cue).state == patterns[1]).all())
    (4, True)
    """

    SETTINGS = ("n_units", "activity", "threshold")
    ARRAYS = ("patterns",)

    def __init__(self, n_units: int, activity: float, threshold: float | None = None) -> None:
        self.n_units = whole_number("SparseHopfield", "n_units", n_units, at_least=2)
        self.activity = finite_number("SparseHopfield", "activity", activity)
        if not 0.0 < self.activity < 1.0:
            raise NeuroclError(f"SparseHopfield: activity must lie above 0 and below 1, got {self.activity:g}.")
        default = 0.5 - self.activity
        self.threshold = default if threshold is None else finite_number("SparseHopfield", "threshold", threshold)
        self.patterns = np.empty((0, n_units), dtype=np.bool_)

    @property
    def patterns(self) -> NDArray[np.bool_]:
        """The stored patterns, bool [pattern, unit]."""
        return self._patterns

    @patterns.setter
    def patterns(self, rows: NDArray[np.bool_]) -> None:
        self._patterns = rows
        self._weights: NDArray[np.float64] | None = None

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights W, float64 [unit, unit], made when they are first asked for."""
        if self._weights is None:
            deviations = self.patterns - self.activity
            self._weights = deviations.T @ deviations / (self.n_units * self.activity * (1.0 - self.activity))
            np.fill_diagonal(self._weights, 0.0)
        return self._weights

    def store(self, patterns: Any) -> Self:
        """Learn one pattern or a batch; NeuroclError if they do not consist of 0 and 1 or have another size."""
        rows, _ = read_binary("SparseHopfield", "patterns", patterns, self.n_units)
        self.patterns = np.concatenate([self.patterns, rows])
        self._count(len(rows))
        return self

    def forget(self, patterns: Any) -> Self:
        """Take patterns out, each once, as if they had not been stored; NeuroclError for one that is not stored."""
        rows, _ = read_binary("SparseHopfield", "patterns", patterns, self.n_units)
        kept = self.patterns
        for number, row in enumerate(rows):
            found = np.flatnonzero((kept == row).all(axis=1))
            if not found.size:
                raise NeuroclError(f"SparseHopfield: pattern {number} to forget is not stored; forget what was stored.")
            kept = np.delete(kept, found[-1], axis=0)
        self.patterns, self.n_stored = kept, len(kept)
        return self

    def recall(self, cue: Any, *, max_steps: int = 100, seed: int = 0) -> Recall:
        """Let the network run from `cue` until a sweep over all units changes none.

        Parameters
        ----------
        cue : 0 and 1, [unit] or [row, unit].
        max_steps : most sweeps.
        seed : of the orders; the rows of a batch have their own.

        Raises
        ------
        NeuroclError
            If nothing is stored, or an argument is wrong.
        """
        self._require_patterns()
        rows, form = read_binary("SparseHopfield", "cue", cue, self.n_units)
        max_steps = whole_number("SparseHopfield", "max_steps", max_steps, at_least=1)
        seed = whole_number("SparseHopfield", "seed", seed)
        # With s = (1 + sigma) / 2 it is a network of -1 and +1 of half the weights, and with a bias.
        half, bias = self.weights / 2.0, self.weights.sum(axis=1) / 2.0 - self.threshold
        state = np.where(rows, 1, -1).astype(np.int8)
        fields = state @ half
        steps, cycle = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
        for row, start in enumerate(streams(seed, len(rows), "asynchronous")):
            steps[row], cycle[row] = relax(
                half, fields[row], state[row], 1.0, bias, False, np.array([start]), max_steps
            )  # fmt: skip
        found = state > 0
        return self._recalled(form, found, steps, cycle, self._energy(found))

    def energy(self, state: Any) -> Any:
        """E of one state or of each row; recall never raises it."""
        rows, form = read_binary("SparseHopfield", "state", state, self.n_units)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """Random patterns of activity f, N / (2 f |ln f|)."""
        f = min(self.activity, 1.0 - self.activity)
        text = "random patterns are recalled with few wrong units, for small activities and large N"
        return Capacity(self.n_units / (2.0 * f * abs(math.log(f))), text, "Tsodyks & Feigel'man 1988")

    def _energy(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        pairs = np.einsum("bi,bi->b", rows @ self.weights, rows)
        return np.asarray(self.threshold * rows.sum(axis=1) - pairs / 2.0)
