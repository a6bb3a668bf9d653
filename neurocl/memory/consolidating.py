"""A binary memory that learns from noisy presentations under an energy limit, by consolidated Hebbian learning.

Presentation   of a pattern: an active unit is erased with probability e, an inactive one inserted with probability i
Energy limit   at most E units stay active, or one per cluster: those with the largest recurrent support plus external
               drive (1 if active); equals by lot
Trace          C_ij += 1 for units that are active together; C_ij <- max(0, C_ij - delta) at each presentation
Consolidation  W_ij becomes 1, for ever, when C_ij >= theta_c
Recall         as in Willshaw's memory, or in the clique memory if there are clusters, with the connections W
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.core._checks import non_negative_number, probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.random import build_generator
from neurocl.memory._arrays import read_binary
from neurocl.memory.clustered import ClusteredMemory
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall
from neurocl.memory.willshaw import Willshaw

__all__ = ["ConsolidatingMemory"]


class ConsolidatingMemory(Memory):
    """Binary memory that learns through noise.

    Parameters
    ----------
    n_units : n.
    n_active : ones of a pattern, and E, the most units that stay active.
    n_clusters : None, or clusters of equal size with one active unit in each; then it is equal to `n_active`.
    erasure, insertion : e and i. Default 0.
    decay : delta per presentation. Default 0.
    threshold : theta_c, at least 1. Default 3.

    Examples
    --------
    >>> memory = ConsolidatingMemory(6, n_active=3, erasure=0.1, insertion=0.01)
    >>> memory.store([1, 1, 1, 0, 0, 0], presentations=20).recall([1, 1, 0, 0, 0, 0]).state
    array([1, 1, 1, 0, 0, 0])
    """

    SETTINGS = ("n_units", "n_active", "n_clusters", "erasure", "insertion", "decay", "threshold")
    ARRAYS = ("connections", "trace", "_seen", "_now")

    def __init__(
        self,
        n_units: int,
        n_active: int,
        n_clusters: int | None = None,
        *,
        erasure: float = 0.0,
        insertion: float = 0.0,
        decay: float = 0.0,
        threshold: int = 3,
    ) -> None:
        owner = "ConsolidatingMemory"
        self.n_units = whole_number(owner, "n_units", n_units, at_least=1)
        self.n_active = whole_number(owner, "n_active", n_active, at_least=1)
        self.n_clusters = n_clusters
        if n_clusters is not None and (n_clusters != n_active or n_units % n_clusters or n_units // n_clusters < 2):
            raise NeuroclError(
                f"{owner}: n_clusters must be equal to n_active and divide n_units into clusters of at least 2, "
                f"got {n_clusters} with n_active={n_active} and n_units={n_units}."
            )
        self.erasure, self.insertion = (
            probability(owner, "erasure", erasure),
            probability(owner, "insertion", insertion),
        )
        self.decay = non_negative_number(owner, "decay", decay)
        self.threshold = whole_number(owner, "threshold", threshold, at_least=1)
        self.connections = np.zeros((n_units, n_units), dtype=np.bool_)
        self.trace = np.zeros((n_units, n_units))
        self._seen = np.zeros((n_units, n_units), dtype=np.int64)
        self._now = np.zeros(1, dtype=np.int64)

    def store(self, patterns: Any, *, presentations: int = 10, seed: int = 0) -> Self:
        """Present each pattern `presentations` times in a row, through the noise.

        Raises
        ------
        NeuroclError
            If they do not consist of 0 and 1, have another number of units, or not one active unit per cluster.
        """
        rows, _ = self._read("patterns", patterns, complete=True)
        presentations = whole_number("ConsolidatingMemory", "presentations", presentations, at_least=1)
        # The count goes into the name, so that a second call with the same seed has noise of its own.
        rng = build_generator(whole_number("ConsolidatingMemory", "seed", seed), "memory", "noise", str(self._now[0]))
        for row in rows:
            for _ in range(presentations):
                noisy = np.where(
                    row, rng.random(self.n_units) >= self.erasure, rng.random(self.n_units) < self.insertion
                )
                units = self._limited(np.flatnonzero(noisy), rng)
                self._now += 1
                _learn(self.trace, self._seen, self.connections, units, self._now[0], self.decay, float(self.threshold))
        self._count(len(rows))
        return self

    def recall(self, cue: Any) -> Recall:
        """What is associated with a part of a pattern; with clusters, one without an active unit is unknown.

        Raises
        ------
        NeuroclError
            If nothing is stored, or the cue is wrong.
        """
        self._require_patterns()
        rows, form = self._read("cue", cue)
        reader = self._reader()
        found = reader.recall(self._messages(rows) if isinstance(reader, ClusteredMemory) else rows)
        state = self._units(found.state) if isinstance(reader, ClusteredMemory) else found.state
        return self._recalled(form, state, found.steps, found.cycle, self._energy(rows=state))

    def energy(self, state: Any) -> Any:
        """-sum_{i < j} W_ij s_i s_j of one state or of each row: -k (k - 1) / 2 for a pattern that is fully learned."""
        rows, form = self._read("state", state)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """That of the memory without noise, by which it is read."""
        return self._reader().capacity()

    def _read(self, name: str, values: Any, complete: bool = False) -> Any:
        rows, form = read_binary("ConsolidatingMemory", name, values, self.n_units)
        if self.n_clusters is not None:
            active = rows.reshape(len(rows), self.n_clusters, -1).sum(axis=2)
            if (active > 1).any() or (complete and (active == 0).any()):
                wanted = "one active unit" if complete else "at most one active unit"
                raise NeuroclError(
                    f"ConsolidatingMemory: {name} must have {wanted} in each of {self.n_clusters} clusters."
                )
        return rows, form

    def _limited(self, units: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """The active units that stay active under the energy limit."""
        if units.size <= self.n_active and self.n_clusters is None:
            return units
        support = self.connections[np.ix_(units, units)].sum(axis=1)
        # Largest support first; a random order before a stable sort decides between equals. The drive of all is 1.
        lot = rng.permutation(units.size)
        order = lot[np.argsort(-support[lot], kind="stable")]
        if self.n_clusters is None:
            return units[order[: self.n_active]]
        size = self.n_units // self.n_clusters
        return units[order[np.unique(units[order] // size, return_index=True)[1]]]

    def _reader(self) -> Willshaw | ClusteredMemory:
        if self.n_clusters is None:
            flat = Willshaw(self.n_units, self.n_active)
            flat.connections, flat.n_stored = self.connections, self.n_stored
            return flat
        c, l = self.n_clusters, self.n_units // self.n_clusters
        cliques = ClusteredMemory(c, l)
        links = self.connections.reshape(c, l, c, l).copy()
        links[np.arange(c), :, np.arange(c)] = False
        cliques.connections, cliques.n_stored = links, self.n_stored
        return cliques

    def _messages(self, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        clusters = rows.reshape(len(rows), self.n_active, -1)
        return np.where(clusters.any(axis=2), clusters.argmax(axis=2), -1)

    def _units(self, messages: NDArray[np.int64]) -> NDArray[np.bool_]:
        size = self.n_units // self.n_active
        return np.asarray(messages[:, :, None] == np.arange(size)).reshape(len(messages), self.n_units)

    def _energy(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        links = self.connections.astype(np.float64)
        np.fill_diagonal(links, 0.0)
        return np.asarray(-np.einsum("bi,bi->b", rows @ links, rows) / 2.0)


@njit(cache=True, nogil=True)
def _learn(trace: Any, seen: Any, connections: Any, units: Any, now: int, decay: float, threshold: float) -> None:
    """One presentation. A trace decays when it is next used, by `decay` for each presentation since `seen`."""
    for i in units:
        for j in units:
            trace[i, j] = max(0.0, trace[i, j] - decay * (now - seen[i, j])) + 1.0
            seen[i, j] = now
            if trace[i, j] >= threshold:
                connections[i, j] = True
