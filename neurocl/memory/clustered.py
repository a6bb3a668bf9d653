"""Gripon and Berrou's memory: a message chooses one unit in each cluster, and its units form a clique.

Store        connect the chosen units of all pairs of clusters
Recall       an unknown cluster starts with all units active. Then, until nothing changes, each cluster keeps the units
             with the largest score: the number of other clusters in which they have an active neighbour
             ("sum-of-max"; "sum-of-sum" counts the neighbours), plus gamma if they are active
Energy       E = -number of connections among the chosen units: -c (c - 1) / 2 for a stored message, the lowest there is
Source       Gripon & Berrou (2011), IEEE Trans. Neural Netw. 22:1087; Yao, Gripon & Rabbat (2014), arXiv:1308.4506
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import non_negative_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.memory._arrays import read_whole
from neurocl.memory._bits import pack, unpack
from neurocl.memory._cliques import decode, store_cliques
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["UNKNOWN", "ClusteredMemory"]

UNKNOWN = -1
"""In a cue: this cluster is erased. In what is recalled: several units are left."""


class ClusteredMemory(Memory):
    """Gripon and Berrou's clique memory.

    Parameters
    ----------
    n_clusters : c, at least 2.
    n_units : l, units per cluster, at least 2. A message is c whole numbers from 0 to l - 1.
    rule : "sum-of-max" (default) or "sum-of-sum".
    self_memory : gamma. Default 1.

    Examples
    --------
    >>> memory = ClusteredMemory(4, 16).store([[3, 7, 1, 15], [3, 2, 8, 0]])
    >>> memory.recall([3, 7, -1, -1]).state
    array([ 3,  7,  1, 15])
    """

    SETTINGS = ("n_clusters", "n_units", "rule", "self_memory")
    ARRAYS = ("_matrix",)

    def __init__(
        self,
        n_clusters: int,
        n_units: int,
        rule: Literal["sum-of-max", "sum-of-sum"] = "sum-of-max",
        self_memory: float = 1.0,
    ) -> None:
        self.n_clusters = whole_number("ClusteredMemory", "n_clusters", n_clusters, at_least=2)
        self.n_units = whole_number("ClusteredMemory", "n_units", n_units, at_least=2)
        if rule not in ("sum-of-max", "sum-of-sum"):
            raise NeuroclError(f"ClusteredMemory: rule must be 'sum-of-max' or 'sum-of-sum', got {shown(rule)}.")
        self.rule = rule
        self.self_memory = non_negative_number("ClusteredMemory", "self_memory", self_memory)
        self._words = -(-n_units // 64)
        self._matrix = np.zeros((n_clusters, n_units, n_clusters * self._words), dtype=np.uint64)

    @property
    def connections(self) -> NDArray[np.bool_]:
        """Which units are connected, bool [cluster, unit, cluster, unit]."""
        c, l = self.n_clusters, self.n_units
        return unpack(self._matrix.reshape(c * l * c, self._words), l).reshape(c, l, c, l)

    @connections.setter
    def connections(self, matrix: NDArray[np.bool_]) -> None:
        rows = np.asarray(matrix, dtype=np.bool_).reshape(-1, self.n_units)
        self._matrix = pack(rows).reshape(self._matrix.shape)

    @property
    def density(self) -> float:
        """Share of the possible connections that exist."""
        c, l = self.n_clusters, self.n_units
        return float(self.connections.sum() / (c * (c - 1) * l * l))

    def store(self, patterns: Any) -> Self:
        """Learn one message or a batch, whole numbers [row, cluster] from 0 to n_units - 1."""
        rows, _ = read_whole("ClusteredMemory", "patterns", patterns, self.n_clusters, 0, self.n_units - 1)
        store_cliques(self._matrix, rows, self._words)
        self._count(len(rows))
        return self

    def recall(self, cue: Any, *, max_steps: int = 20) -> Recall:
        """Complete or correct a message.

        Parameters
        ----------
        cue : whole numbers, [cluster] or [row, cluster]; -1 for an erased cluster.
        max_steps : most rounds.

        Returns
        -------
        Recall
            Its state has -1 where more than one unit is left.

        Raises
        ------
        NeuroclError
            If nothing is stored, or an argument is wrong.
        """
        self._require_patterns()
        rows, form = read_whole("ClusteredMemory", "cue", cue, self.n_clusters, UNKNOWN, self.n_units - 1)
        max_steps = whole_number("ClusteredMemory", "max_steps", max_steps, at_least=1)
        state = np.empty_like(rows)
        steps, cycle = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
        for row, message in enumerate(rows):
            active = (np.arange(self.n_units) == message[:, None]) | (message == UNKNOWN)[:, None]
            options = (self._words, self.self_memory, self.rule == "sum-of-sum", max_steps)
            steps[row], cycle[row] = decode(self._matrix, active, *options)
            state[row] = np.where(active.sum(axis=1) == 1, active.argmax(axis=1), UNKNOWN)
        return self._recalled(form, state, steps, cycle, self._energy(state))

    def energy(self, state: Any) -> Any:
        """E of one message or of each row; an erased cluster (-1) has no connections."""
        rows, form = read_whole("ClusteredMemory", "state", state, self.n_clusters, UNKNOWN, self.n_units - 1)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """Random messages of which one with half of its clusters erased is restored in one round in 9 of 10 cases."""
        c, l = self.n_clusters, self.n_units
        erased = c // 2
        # P_e = 1 - (1 - d^(c - e))^((l - 1) e) = 0.1, solved for the density and then for the number of messages.
        density = (-np.expm1(np.log(0.9) / ((l - 1) * erased))) ** (1.0 / (c - erased))
        text = f"a random message with {erased} of {c} clusters erased is restored in one round in 9 of 10 cases"
        return Capacity(float(np.log1p(-density) / np.log1p(-1.0 / l**2)), text, "Gripon & Berrou 2011")

    def _energy(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        links, c = self.connections, np.arange(self.n_clusters)
        result = np.empty(len(rows))
        for k, message in enumerate(rows):
            known = (message[:, None] != UNKNOWN) & (message != UNKNOWN)
            result[k] = -(links[c[:, None], message[:, None], c, message] & known).sum() / 2.0
        return result
