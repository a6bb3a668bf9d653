"""Multitasking Hebbian network: diluted patterns of -1, 0 and +1, several of which are recalled at once.

Weights      J_ij = sum_mu xi_i^mu xi_j^mu / N, zero diagonal. From M noisy examples eta = xi chi of each pattern:
             supervised, products of the examples' means; unsupervised, the mean of the examples' products
Energy       E = -sum_{i != j} J_ij s_i s_j / 2, s = -1 or +1
Update       as in the Hopfield network, one by one; a unit without field is set by a fair coin, for it belongs to no
             pattern and must stay free
Overlaps     m_mu = sum_i xi_i^mu s_i / N. Hierarchical state: (1 - d) d^(mu - 1)
Fields       N h_i = sum_mu xi_i^mu (N m_mu) - sum_mu (xi_i^mu)^2 s_i: K operations, and no matrix
Source       Agliari et al. (2012), Phys. Rev. Lett. 109:268101
"""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.core._checks import flag, non_negative_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.memory._arrays import read_bipolar
from neurocl.memory._order import draw, shuffle, streams
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["MultitaskHopfield"]


class MultitaskHopfield(Memory):
    """Multitasking Hebbian network.

    Parameters
    ----------
    n_units : N.

    Examples
    --------
    >>> memory = MultitaskHopfield(6).store([[1, -1, 1, 0, 0, 0], [0, 0, 0, -1, 1, 1]])
    >>> memory.overlaps(memory.recall([1, -1, 1, -1, 1, -1]).state)
    array([0.5, 0.5])
    """

    SETTINGS = ("n_units",)
    ARRAYS = ("_factors",)

    def __init__(self, n_units: int) -> None:
        self.n_units = whole_number("MultitaskHopfield", "n_units", n_units, at_least=2)
        self._factors = np.empty((0, n_units))

    @property
    def weights(self) -> NDArray[np.float64]:
        """J, float64 [unit, unit]."""
        matrix = self._factors.T @ self._factors / self.n_units
        np.fill_diagonal(matrix, 0.0)
        return np.asarray(matrix)

    def store(self, patterns: Any) -> Self:
        """Learn one pattern or a batch of -1, 0 and +1."""
        rows, _ = read_bipolar("MultitaskHopfield", "patterns", patterns, self.n_units, zero=True)
        self._factors = np.concatenate([self._factors, rows])
        self._count(len(rows))
        return self

    def store_examples(self, examples: Any, *, supervised: bool = True) -> Self:
        """Learn one pattern from noisy examples of it, [example, unit] of -1, 0 and +1.

        Parameters
        ----------
        examples : each entry is that of the pattern, or its negative.
        supervised : whether the network knows that the examples belong together, and learns their mean.
        """
        rows, _ = read_bipolar("MultitaskHopfield", "examples", examples, self.n_units, zero=True)
        known = flag("MultitaskHopfield", "supervised", supervised)
        learned = rows.mean(axis=0, keepdims=True) if known else rows / math.sqrt(len(rows))
        self._factors = np.concatenate([self._factors, learned])
        self._count(1)
        return self

    def forget(self, patterns: Any) -> Self:
        """Take patterns out, each once; NeuroclError for one that is not stored."""
        rows, _ = read_bipolar("MultitaskHopfield", "patterns", patterns, self.n_units, zero=True)
        kept = self._factors
        for number, row in enumerate(rows):
            found = np.flatnonzero((kept == row).all(axis=1))
            if not found.size:
                raise NeuroclError(
                    f"MultitaskHopfield: pattern {number} to forget is not stored; forget what was stored."
                )
            kept = np.delete(kept, found[-1], axis=0)
        self._factors = kept
        self.n_stored -= len(rows)
        return self

    def recall(self, cue: Any, *, temperature: float = 0.0, max_steps: int = 100, seed: int = 0) -> Recall:
        """Let the network run from `cue`, one unit after the other in random order.

        Parameters
        ----------
        cue : -1 and +1, [unit] or [row, unit].
        temperature : T. Above 0 exactly `max_steps` sweeps are made, and no state is final.
        max_steps : most sweeps over all units.
        seed : of orders, coins and noise; the rows of a batch have their own streams.

        Returns
        -------
        Recall
            It has converged when no unit with a field has changed in a sweep.
        """
        self._require_patterns()
        rows, form = read_bipolar("MultitaskHopfield", "cue", cue, self.n_units)
        temperature = non_negative_number("MultitaskHopfield", "temperature", temperature)
        max_steps = whole_number("MultitaskHopfield", "max_steps", max_steps, at_least=1)
        seed = whole_number("MultitaskHopfield", "seed", seed)
        columns, state = np.ascontiguousarray(self._factors.T), rows.copy()
        sums = rows @ columns
        beta = 1.0 / (self.n_units * temperature) if temperature > 0.0 else math.inf
        steps, cycle = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
        for row, start in enumerate(streams(seed, len(rows), "multitask")):
            steps[row], cycle[row] = _run(columns, sums[row], state[row], beta, np.array([start]), max_steps)
        return self._recalled(form, state, steps, cycle, self._energy(state))

    def overlaps(self, state: Any) -> Any:
        """m of each stored pattern, [pattern] or [row, pattern]."""
        rows, form = read_bipolar("MultitaskHopfield", "state", state, self.n_units)
        return form.of(rows @ self._factors.T / self.n_units)

    def hierarchical_state(self, seed: int = 0) -> NDArray[np.int8]:
        """The state whose units follow the first pattern that has an entry for them, and a coin where none has."""
        self._require_patterns()
        start = streams(whole_number("MultitaskHopfield", "seed", seed), 1, "hierarchical")[0]
        state = np.random.Generator(np.random.Philox(int(start))).choice(np.array([-1, 1], dtype=np.int8), self.n_units)
        for factor in self._factors[::-1]:
            state = np.where(factor != 0.0, np.sign(factor).astype(np.int8), state)
        return np.asarray(state)

    def energy(self, state: Any) -> Any:
        """E of one state or of each row; recall at temperature 0 never raises it."""
        rows, form = read_bipolar("MultitaskHopfield", "state", state, self.n_units)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """ln N, the number of patterns up to which the theory of low storage is meant."""
        text = "with random diluted patterns several are recalled at once (the number may grow as ln N)"
        return Capacity(math.log(self.n_units), text, "Agliari et al. 2012")

    def _energy(self, rows: NDArray[np.int8]) -> NDArray[np.float64]:
        sums = rows @ self._factors.T
        return np.asarray(-((sums**2).sum(axis=1) - (self._factors**2).sum()) / (2.0 * self.n_units))


@njit(cache=True, nogil=True)
def _run(columns: Any, sums: Any, state: Any, beta: float, stream: Any, max_sweeps: int) -> tuple[int, bool]:
    """Sweeps until no unit with a field changes; at finite beta, in units of 1 / (N h), all sweeps."""
    order = np.arange(state.size)
    for sweep in range(max_sweeps):
        shuffle(order, stream)
        changes = 0
        for i in order:
            column, own = columns[i], np.float64(state[i])
            field = 0.0
            for mu in range(column.size):
                field += column[mu] * (sums[mu] - column[mu] * own)
            if beta < np.inf:
                wanted = 1.0 if draw(stream) < 0.5 + 0.5 * np.tanh(beta * field) else -1.0
            elif field == 0.0:
                wanted = 1.0 if draw(stream) < 0.5 else -1.0
            else:
                wanted = 1.0 if field > 0.0 else -1.0
            if wanted != own:
                changes += field != 0.0
                state[i] = -state[i]
                for mu in range(column.size):
                    sums[mu] += 2.0 * wanted * column[mu]
        if beta == np.inf and changes == 0:
            return sweep + 1, True
    return max_sweeps, False
