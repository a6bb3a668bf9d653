"""Dense associative memory: bipolar units, an energy that falls steeply around each stored pattern.

Energy       E = -sum_mu F(sum_i xi_i^mu s_i), F(x) = x^n ("polynomial"), max(x, 0)^n ("rectified") or exp(x)
Update       s_i <- sgn(sum_mu [F(xi_i + S) - F(-xi_i + S)]), S = sum_{j != i} xi_j s_j; a field of 0 keeps the unit
             asynchronous: E never rises. n = 2 is the Hopfield network with Hebbian weights
Numbers      of F = exp the energy is given as -ln sum_mu exp(...), which orders states alike and does not overflow
Source       Krotov & Hopfield (2016), NeurIPS 29; Demircigil et al. (2017), J. Stat. Phys. 168:288
"""

from __future__ import annotations

import math
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.memory._arrays import read_bipolar
from neurocl.memory._dense_kernels import relax_dense, step_dense
from neurocl.memory._hebbian import HebbianPatterns
from neurocl.memory._order import streams
from neurocl.memory._synchronous import parallel_steps
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall
from neurocl.memory.theory.dense import dense_capacity, exponential_load

__all__ = ["DenseHopfield"]

KINDS = ("polynomial", "rectified", "exponential")


class DenseHopfield(Memory):
    """Dense associative memory.

    Parameters
    ----------
    n_units : N.
    degree : n, at least 2. Default 3. Not used by "exponential".
    energy_function : F: "polynomial" (even n takes a pattern and its negative for the same), "rectified" or
        "exponential".

    Examples
    --------
    >>> memory = DenseHopfield(5, degree=4).store([[1, -1, 1, -1, 1], [1, 1, 1, -1, -1]])
    >>> memory.recall([1, -1, 1, -1, -1]).converged
    True
    """

    SETTINGS = ("n_units", "degree", "energy_function")
    ARRAYS = ("patterns",)

    def __init__(
        self,
        n_units: int,
        degree: int = 3,
        energy_function: Literal["polynomial", "rectified", "exponential"] = "polynomial",
    ) -> None:
        self.n_units = whole_number("DenseHopfield", "n_units", n_units, at_least=2)
        self.degree = whole_number("DenseHopfield", "degree", degree, at_least=2)
        if energy_function not in KINDS:
            raise NeuroclError(
                f"DenseHopfield: energy_function must be one of {', '.join(KINDS)}, got {shown(energy_function)}."
            )
        self.energy_function = energy_function
        if energy_function != "exponential" and self.degree * math.log10(self.n_units + 1) > 280:
            raise NeuroclError(
                f"DenseHopfield: {self.n_units}^{self.degree} is beyond floating point; take a smaller degree or "
                "energy_function='exponential'."
            )
        self._table = self._differences()
        self.patterns = np.empty((0, self.n_units), dtype=np.int8)

    @property
    def patterns(self) -> NDArray[np.int8]:
        """The stored patterns, int8 [pattern, unit]."""
        return np.asarray(self._kept.patterns)

    @patterns.setter
    def patterns(self, rows: NDArray[np.int8]) -> None:
        self._kept = HebbianPatterns(self.n_units, rows)
        self._columns = np.ascontiguousarray(self._kept.patterns.T)

    def store(self, patterns: Any) -> Self:
        """Learn one pattern or a batch.

        Raises
        ------
        NeuroclError
            If they do not consist of -1 and +1 or have another number of units.
        """
        rows, _ = read_bipolar("DenseHopfield", "patterns", patterns, self.n_units)
        self.patterns = np.concatenate([self.patterns, rows])
        self._count(len(rows))
        return self

    def forget(self, patterns: Any) -> Self:
        """Take patterns out, as if they had not been stored; NeuroclError for one that is not stored."""
        rows, _ = read_bipolar("DenseHopfield", "patterns", patterns, self.n_units)
        self._kept.remove("DenseHopfield", rows)
        self.patterns = self._kept.patterns
        self.n_stored -= len(rows)
        return self

    def energy(self, state: Any) -> Any:
        """E of one state or of each row."""
        rows, form = read_bipolar("DenseHopfield", "state", state, self.n_units)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """Random patterns of which a given one is recalled exactly."""
        if self.energy_function == "exponential":
            text = "random patterns are fixed points (2^(N/2) as N grows)"
            # Where the number itself is beyond floating point, so is any number of patterns.
            return Capacity(math.exp(min(self.n_units * exponential_load(), 700.0)), text, "Demircigil et al. 2017")
        text = f"a given random pattern is recalled without wrong bits, N^{self.degree - 1} / (2 (2n-3)!! ln N)"
        return Capacity(dense_capacity(self.n_units, self.degree), text, "Krotov & Hopfield 2016")

    def recall(
        self,
        cue: Any,
        *,
        update: Literal["asynchronous", "synchronous"] = "asynchronous",
        max_steps: int = 100,
        seed: int = 0,
    ) -> Recall:
        """Let the network run from `cue`.

        Parameters
        ----------
        cue : -1 and +1, [unit] or [row, unit].
        update : "asynchronous", a step is a sweep over all units in random order; or "synchronous".
        max_steps : most steps.
        seed : of the orders; the rows of a batch have their own streams.

        Raises
        ------
        NeuroclError
            If nothing is stored, or an argument is wrong.
        """
        self._require_patterns()
        rows, form = read_bipolar("DenseHopfield", "cue", cue, self.n_units)
        max_steps = whole_number("DenseHopfield", "max_steps", max_steps, at_least=1)
        seed = whole_number("DenseHopfield", "seed", seed)
        if update == "synchronous":
            state, steps, cycle = parallel_steps(self._fields, rows, max_steps)
            return self._recalled(form, state, steps, cycle, self._energy(state))
        if update != "asynchronous":
            raise NeuroclError(f"DenseHopfield: update must be 'asynchronous' or 'synchronous', got {shown(update)}.")
        state, overlaps, relative = rows.copy(), self._kept.overlaps(rows), self.energy_function == "exponential"
        steps, cycle = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
        for row, start in enumerate(streams(seed, len(rows), "asynchronous")):
            steps[row], cycle[row] = relax_dense(
                self._columns, overlaps[row], state[row], self._table, relative, np.array([start]), max_steps
            )
        return self._recalled(form, state, steps, cycle, self._energy(state))

    def _fields(self, rows: NDArray[np.int8]) -> NDArray[np.float64]:
        overlaps, fields = self._kept.overlaps(rows), np.empty(rows.shape)
        for row in range(len(rows)):
            step_dense(
                self._columns, overlaps[row], rows[row], self._table, self.energy_function == "exponential", fields[row]
            )
        return fields

    def _energy(self, rows: NDArray[np.int8]) -> NDArray[np.float64]:
        overlaps = self._kept.overlaps(rows).astype(np.float64)
        if self.energy_function == "exponential":
            return np.asarray(-logsumexp(overlaps, axis=1))
        if self.energy_function == "rectified":
            overlaps = np.maximum(overlaps, 0.0)
        return np.asarray(-(overlaps**self.degree).sum(axis=1))

    def _differences(self) -> NDArray[np.float64]:
        """F(S + 1) - F(S - 1) for S = -N..N, formed in whole numbers; of exp for S counted down from its largest."""
        if self.energy_function == "exponential":
            return np.exp(-np.arange(2.0 * self.n_units + 1))
        least, n = (0 if self.energy_function == "rectified" else -self.n_units - 1), self.degree
        sums = range(-self.n_units, self.n_units + 1)
        return np.array([float(max(s + 1, least) ** n - max(s - 1, least) ** n) for s in sums])
