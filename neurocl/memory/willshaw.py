"""Willshaw's memory: binary connections between sparse binary patterns.

Store        W_ij <- 1 where output i and input j are 1 in a pair of patterns
Recall       y_i = 1 if sum_j W_ij x_j >= theta, theta = number of ones of the cue (right for a part of a pattern)
Energy       E = -sum_ij W_ij y_i x_j, of an auto-association -sum_{i < j} W_ij x_i x_j: -k (k - 1) / 2 for a stored
             pattern of k ones, as low as any k ones can be. One step does not necessarily lower it
Source       Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960; Palm (1980), Biol. Cybern. 36:19
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.memory._arrays import read_binary
from neurocl.memory._bits import common_ones, pack, unpack
from neurocl.memory._cliques import or_rows
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall
from neurocl.memory.theory.binary import willshaw_capacity

__all__ = ["Willshaw"]


class Willshaw(Memory):
    """Willshaw's memory.

    Parameters
    ----------
    n_units : units of the cue.
    n_active : ones of a pattern, on which the capacity depends; patterns may have other numbers.
    n_outputs : units of what is recalled, by default the pattern itself (auto-association).

    Examples
    --------
    >>> memory = Willshaw(6, n_active=3).store([[1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0]])
    >>> memory.recall([1, 1, 0, 0, 0, 0]).state
    array([1, 1, 1, 0, 0, 0])
    """

    SETTINGS = ("n_units", "n_active", "n_outputs")
    ARRAYS = ("_matrix",)

    def __init__(self, n_units: int, n_active: int, n_outputs: int | None = None) -> None:
        self.n_units = whole_number("Willshaw", "n_units", n_units, at_least=1)
        self.n_active = whole_number("Willshaw", "n_active", n_active, at_least=1)
        if n_active > n_units:
            raise NeuroclError(f"Willshaw: n_active must be at most n_units = {n_units}, got {n_active}.")
        self.n_outputs = n_outputs
        outputs = n_units if n_outputs is None else whole_number("Willshaw", "n_outputs", n_outputs, at_least=1)
        self._matrix = np.zeros((outputs, -(-n_units // 64)), dtype=np.uint64)

    @property
    def connections(self) -> NDArray[np.bool_]:
        """W, bool [output, unit]."""
        return unpack(self._matrix, self.n_units)

    @connections.setter
    def connections(self, matrix: NDArray[np.bool_]) -> None:
        self._matrix = pack(np.asarray(matrix, dtype=np.bool_))

    @property
    def density(self) -> float:
        """Share of ones in W; recall is good up to about 1/2."""
        return float(self.connections.mean())

    def store(self, patterns: Any, targets: Any = None) -> Self:
        """Learn one pattern or a batch, with what is to be recalled for each if that is another one.

        Raises
        ------
        NeuroclError
            If they do not consist of 0 and 1, have other sizes, or targets are missing or not meant.
        """
        rows, _ = read_binary("Willshaw", "patterns", patterns, self.n_units)
        if (targets is None) != (self.n_outputs is None):
            raise NeuroclError("Willshaw: give targets if, and only if, the memory was made with n_outputs.")
        goals = rows if targets is None else read_binary("Willshaw", "targets", targets, self.n_outputs)[0]
        if len(goals) != len(rows):
            raise NeuroclError(f"Willshaw: there must be one target per pattern, got {len(goals)} for {len(rows)}.")
        starts = np.concatenate([[0], np.cumsum(goals.sum(axis=1))])
        or_rows(self._matrix, starts, np.nonzero(goals)[1], pack(rows))
        self._count(len(rows))
        return self

    def recall(self, cue: Any, *, threshold: int | None = None) -> Recall:
        """One step from a part of a pattern (or from one with wrong ones, and a lower threshold).

        Parameters
        ----------
        cue : 0 and 1, [unit] or [row, unit].
        threshold : theta; by default the number of ones of each cue.

        Raises
        ------
        NeuroclError
            If nothing is stored, or an argument is wrong.
        """
        self._require_patterns()
        rows, form = read_binary("Willshaw", "cue", cue, self.n_units)
        least = rows.sum(axis=1) if threshold is None else whole_number("Willshaw", "threshold", threshold)
        sums = self._sums(rows)
        state = sums >= np.broadcast_to(least, len(rows))[:, None]
        energy = self._energy(state) if self.n_outputs is None else -(sums * state).sum(axis=1)
        steps = np.ones(len(rows), dtype=np.int64)
        return self._recalled(form, state, steps, steps.copy(), energy)

    def energy(self, state: Any) -> Any:
        """E of one state or of each row; for an auto-association only.

        Raises
        ------
        NeuroclError
            For a memory with other outputs, whose energy belongs to a pair: it is in what `recall` returns.
        """
        if self.n_outputs is not None:
            raise NeuroclError("Willshaw: with n_outputs the energy belongs to cue and output; see recall(cue).energy.")
        rows, form = read_binary("Willshaw", "state", state, self.n_units)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """Random patterns of `n_active` ones that fill half of the connections."""
        text = "half of the connections are set, and recall still has few wrong ones if n_active >= log2(n_units)"
        return Capacity(willshaw_capacity(self.n_units, self.n_active), text, "Willshaw et al. 1969, Palm 1980")

    def _sums(self, rows: NDArray[np.bool_]) -> NDArray[np.int32]:
        sums = np.empty((len(rows), len(self._matrix)), dtype=np.int32)
        for cue, line in zip(pack(rows), sums, strict=True):
            common_ones(self._matrix, cue, line)
        return sums

    def _energy(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        own = rows @ np.diagonal(self.connections).astype(np.int64)
        return np.asarray(-((self._sums(rows) * rows).sum(axis=1) - own) / 2.0)
