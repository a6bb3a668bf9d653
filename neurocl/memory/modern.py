"""Modern Hopfield network: continuous states, retrieval by a softmax over the stored patterns.

Energy       E(xi) = -ln(sum_i exp(beta x_i xi)) / beta + xi^2 / 2 + ln(N) / beta + M^2 / 2, M the largest norm;
             0 <= E <= 2 M^2
Update       xi <- X^T softmax(beta X xi), X [pattern, unit]; E never rises. beta = 1 / sqrt(d) is attention
Fixed points one pattern where it is well separated, a metastable average of close ones, or the average of all
Source       Ramsauer et al. (2021), ICLR, "Hopfield networks is all you need"
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import non_negative_number, positive_number, probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.memory._rows import Rows
from neurocl.memory._softmax import log_sum_exp, score_blocks
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall
from neurocl.memory.theory.modern import exponential_storage, separation_threshold

__all__ = ["ModernHopfield"]

FAILURE = 0.001
"""Failure probability of the storage theorem that `capacity` quotes."""


class ModernHopfield(Memory):
    """Modern Hopfield network.

    Parameters
    ----------
    n_units : d.
    beta : inverse temperature; the larger, the fewer patterns a state is an average of. Default 1.
    dtype : of the patterns and the arithmetic, "float32" (default) or "float64".
    device : None for NumPy, or a torch device such as "cuda".

    Examples
    --------
    >>> memory = ModernHopfield(3, beta=8.0).store([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    >>> memory.recall([0.9, 0.2, 0.1]).state.round(2)
    array([1., 0., 0.])
    """

    SETTINGS = ("n_units", "beta", "dtype", "device")
    ARRAYS = ("patterns",)

    def __init__(self, n_units: int, beta: float = 1.0, dtype: str = "float32", device: str | None = None) -> None:
        self.n_units = whole_number("ModernHopfield", "n_units", n_units, at_least=1)
        self.beta = positive_number("ModernHopfield", "beta", beta)
        self._rows = Rows("ModernHopfield", dtype, device)
        self.dtype, self.device = dtype, device
        self._patterns = self._rows.place(np.empty((0, self.n_units)))

    @property
    def patterns(self) -> NDArray[Any]:
        """The stored patterns, [pattern, unit]."""
        return self._rows.numpy(self._patterns)

    @patterns.setter
    def patterns(self, rows: NDArray[Any]) -> None:
        self._patterns = self._rows.place(rows)

    @property
    def largest_norm(self) -> float:
        """M, the largest norm of a stored pattern; 0 for an empty memory."""
        return float(np.linalg.norm(self.patterns.astype(np.float64), axis=1).max(initial=0.0))

    def store(self, patterns: Any) -> Self:
        """Learn one pattern or a batch; NeuroclError if they are not finite numbers of `n_units` units."""
        rows, _ = self._rows.read("patterns", patterns, self.n_units)
        self._patterns = self._rows.join(self._patterns, rows)
        self.n_stored += len(rows)
        return self

    def forget(self, patterns: Any) -> Self:
        """Take patterns out, each once; NeuroclError for one that is not stored."""
        rows, _ = self._rows.read("patterns", patterns, self.n_units)
        kept = self.patterns
        for number, row in enumerate(self._rows.numpy(rows)):
            found = np.flatnonzero((kept == row).all(axis=1))
            if not found.size:
                raise NeuroclError(f"ModernHopfield: pattern {number} to forget is not stored; forget what was stored.")
            kept = np.delete(kept, found[-1], axis=0)
        self.patterns, self.n_stored = kept, len(kept)
        return self

    def update(self, state: Any) -> Any:
        """One update of a state or of each row, and nothing else: the fastest way to retrieve."""
        self._require_patterns()
        rows, form = self._rows.read("state", state, self.n_units)
        return self._rows.give(self._step(rows), form)

    def recall(self, cue: Any, *, max_steps: int = 100, tolerance: float = 1e-5) -> Recall:
        """Update until a step is shorter than `tolerance` times the largest norm of a pattern.

        Parameters
        ----------
        cue : real numbers, [unit] or [row, unit]. A row that has come to rest is not updated further.
        max_steps : most updates.
        tolerance : default 1e-5.

        Raises
        ------
        NeuroclError
            If nothing is stored, or an argument is wrong.
        """
        self._require_patterns()
        rows, form = self._rows.read("cue", cue, self.n_units)
        max_steps = whole_number("ModernHopfield", "max_steps", max_steps, at_least=1)
        least = non_negative_number("ModernHopfield", "tolerance", tolerance) * self.largest_norm
        state = rows + 0
        steps, cycle = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
        running = np.arange(len(rows))
        for _ in range(max_steps):
            if not running.size:
                break
            old = state[running]
            new = self._step(old)
            state[running] = new
            rest = self._rows.distances(new, old) <= least
            steps[running] += 1
            cycle[running] = rest
            running = running[~rest]
        energy = self._energy(state)
        results = (form.of(values) for values in (steps, cycle == 1, energy, cycle))
        return Recall(self._rows.give(state, form), *results)

    def energy(self, state: Any) -> Any:
        """E of one state or of each row."""
        self._require_patterns()
        rows, form = self._rows.read("state", state, self.n_units)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """Random patterns on a sphere that are surely stored; a lower bound that is far too low for small d."""
        d = max(self.n_units, 2)
        scale = (self.largest_norm or float(d) ** 0.5) / float(d - 1) ** 0.5
        text = f"at least so many random patterns of one norm are fixed points with probability {1 - FAILURE}"
        return Capacity(
            exponential_storage(d, self.beta, scale, FAILURE).patterns, text, "Ramsauer et al. 2021, theorem 3"
        )

    def separation(self) -> NDArray[np.float64]:
        """Delta_i = x_i x_i - max_{j != i} x_i x_j of each pattern; infinite for a single one."""
        x = self.patterns
        result = np.empty(len(x))
        for some, scores in score_blocks(x, x, 1.0):
            own = np.arange(len(scores)), np.arange(len(x))[some]
            squares = scores[own]
            scores[own] = -np.inf
            result[some] = squares - scores.max(axis=1)
        return result

    def well_separated(self) -> NDArray[np.bool_]:
        """Which patterns are separated enough for a fixed point close to each, by the theorem's condition."""
        if self.n_stored < 2:
            return np.ones(self.n_stored, dtype=bool)
        return np.asarray(self.separation() >= separation_threshold(self.n_stored, self.beta, self.largest_norm))

    def patterns_in(self, state: Any, mass: float = 0.9) -> Any:
        """Smallest number of patterns that carry the share `mass` of the softmax: more than 1 if metastable."""
        self._require_patterns()
        mass = probability("ModernHopfield", "mass", mass)
        rows, form = self._rows.read("state", state, self.n_units)
        result = np.empty(len(rows), dtype=np.int64)
        for some, scores in score_blocks(self._rows.numpy(rows), self.patterns, self.beta):
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares = np.cumsum(-np.sort(-weights, axis=1), axis=1) / weights.sum(axis=1, keepdims=True)
            # Rounding may leave the sum of all a little below 1.
            result[some] = np.minimum((shares < mass).sum(axis=1) + 1, self.n_stored)
        return form.of(result)

    def _step(self, rows: Any) -> Any:
        return self._rows.associate(rows, self._patterns, self._patterns, self.beta)

    def _energy(self, rows: Any) -> NDArray[np.float64]:
        states = self._rows.numpy(rows)
        sums = log_sum_exp(states, self.patterns, self.beta)
        squares = (states.astype(np.float64) ** 2).sum(axis=1)
        return np.asarray((np.log(self.n_stored) - sums) / self.beta + (squares + self.largest_norm**2) / 2.0)
