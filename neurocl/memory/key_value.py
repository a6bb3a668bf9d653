"""Key-value memory: values are found by the similarity of a query to their keys.

Linear       W = sum_n v_n k_n^T, v = W q, which is sum_n (k_n q) v_n ("identity")
Kernel       v = sum_n a_n v_n: a = softmax(beta K q) ("softmax"), a softmax over the k most similar keys ("top-k"), or
             a_n = max(k_n q, 0)^n over their sum ("power")
Learning     Hebb, W += v k^T; with a rate, the delta rule W += rate (v - W k) k^T, pair after pair
Energy       of a value and a query, -v v(q): the agreement of the value with what is recalled
Source       Gershman, Fiete & Irie (2025), Neuron, "Key-value memory in the brain"
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.memory._arrays import read
from neurocl.memory._softmax import associate
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["KeyValueMemory"]

SEPARATIONS = ("identity", "softmax", "top-k", "power")


class KeyValueMemory(Memory):
    """Key-value memory.

    Parameters
    ----------
    n_units, n_values : sizes of a key and of a value.
    separation : "identity" (a matrix; default), "softmax", "top-k" or "power", which keep all keys and values.
    beta : of "softmax" and "top-k". Default 1.
    k : of "top-k". Default 8.
    power : of "power". Default 4.

    Examples
    --------
    >>> memory = KeyValueMemory(2, 3, "softmax", beta=20.0).store([[1, 0], [0, 1]], [[1, 2, 3], [4, 5, 6]])
    >>> memory.recall([0.9, 0.1]).state.round(3)
    array([1., 2., 3.])
    """

    SETTINGS = ("n_units", "n_values", "separation", "beta", "k", "power")
    ARRAYS = ("weights", "keys", "values")

    def __init__(
        self,
        n_units: int,
        n_values: int,
        separation: Literal["identity", "softmax", "top-k", "power"] = "identity",
        *,
        beta: float = 1.0,
        k: int = 8,
        power: float = 4.0,
    ) -> None:
        self.n_units = whole_number("KeyValueMemory", "n_units", n_units, at_least=1)
        self.n_values = whole_number("KeyValueMemory", "n_values", n_values, at_least=1)
        if separation not in SEPARATIONS:
            raise NeuroclError(
                f"KeyValueMemory: separation must be one of {', '.join(SEPARATIONS)}, got {shown(separation)}."
            )
        self.separation = separation
        self.beta = positive_number("KeyValueMemory", "beta", beta)
        self.k = whole_number("KeyValueMemory", "k", k, at_least=1)
        self.power = positive_number("KeyValueMemory", "power", power)
        self.weights = np.zeros((n_values, n_units))
        self.keys, self.values = np.empty((0, n_units)), np.empty((0, n_values))

    def store(self, patterns: Any, targets: Any = None, *, rate: float | None = None) -> Self:
        """Learn pairs of a key and a value.

        Parameters
        ----------
        patterns, targets : keys and values, [unit] or [row, unit].
        rate : None for Hebb; a number for the delta rule, which only a memory with "identity" has.

        Raises
        ------
        NeuroclError
            For a missing target, wrong sizes, numbers that are not finite, or a rate that is not meant.
        """
        if targets is None:
            raise NeuroclError("KeyValueMemory: give the targets, the values of the keys.")
        keys = read("KeyValueMemory", "patterns", patterns, self.n_units)[0].astype(np.float64)
        values = read("KeyValueMemory", "targets", targets, self.n_values)[0].astype(np.float64)
        if len(keys) != len(values):
            raise NeuroclError(
                f"KeyValueMemory: there must be one target per pattern, got {len(values)} for {len(keys)}."
            )
        if rate is not None and self.separation != "identity":
            raise NeuroclError("KeyValueMemory: the delta rule changes a matrix; it needs separation='identity'.")
        if self.separation != "identity":
            self.keys, self.values = np.concatenate([self.keys, keys]), np.concatenate([self.values, values])
        elif rate is None:
            self.weights += values.T @ keys
        else:
            step = positive_number("KeyValueMemory", "rate", rate)
            for key, value in zip(keys, values, strict=True):
                self.weights += step * np.outer(value - self.weights @ key, key)
        self._count(len(keys))
        return self

    def recall(self, cue: Any) -> Recall:
        """The value that belongs to a query, or to each row of queries; its dtype is float64."""
        self._require_patterns()
        rows, form = read("KeyValueMemory", "cue", cue, self.n_units)
        found = self._readout(rows.astype(np.float64))
        steps = np.ones(len(rows), dtype=np.int64)
        form = form._replace(dtype=np.dtype(np.float64))
        return self._recalled(form, found, steps, steps.copy(), -(found**2).sum(axis=1))

    def energy(self, state: Any, cue: Any = None) -> Any:
        """Minus the scalar product of the value `state` with the one that the query `cue` recalls."""
        if cue is None:
            raise NeuroclError("KeyValueMemory: the energy belongs to a value and a query; give energy(state, cue).")
        self._require_patterns()
        values, form = read("KeyValueMemory", "state", state, self.n_values)
        rows, _ = read("KeyValueMemory", "cue", cue, self.n_units)
        return form.of(-(values * self._readout(rows.astype(np.float64))).sum(axis=1))

    def capacity(self) -> Capacity:
        """Pairs with random unit keys at a signal-to-noise ratio of 1; a matrix has its size, a softmax far more."""
        if self.separation == "identity":
            text = "random unit keys recall their values with as much signal as noise"
            return Capacity(float(self.n_units), text, "crosstalk variance n / d")
        text = "no number of keys is too large as such: what counts is how far a key is from its neighbours"
        return Capacity(float("inf"), text, "Ramsauer et al. 2021")

    def _readout(self, queries: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.separation == "identity":
            return np.asarray(queries @ self.weights.T)
        if self.separation == "softmax":
            return associate(queries, self.keys, self.values, self.beta)
        scores = queries @ self.keys.T
        if self.separation == "top-k":
            least = np.partition(scores, max(scores.shape[1] - self.k, 0), axis=1)[
                :, [max(scores.shape[1] - self.k, 0)]
            ]
            kept = np.where(scores >= least, self.beta * (scores - scores.max(axis=1, keepdims=True)), -np.inf)
            shares = np.exp(kept)
        else:
            shares = np.maximum(scores / np.abs(scores).max(axis=1, keepdims=True).clip(1e-300), 0.0) ** self.power
        # A query that is similar to no key recalls nothing.
        total = shares.sum(axis=1, keepdims=True)
        return np.asarray((shares / np.where(total > 0.0, total, 1.0)) @ self.values)
