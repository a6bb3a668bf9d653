"""The Hopfield network: bipolar units, pairwise weights, stored patterns as attractors.

Field        h_i = sum_{j != i} W_ij s_j + b_i
Energy       E = -sum_{i != j} W_ij s_i s_j / 2 - sum_i b_i s_i
Update       s_i <- sgn(h_i), a field of 0 keeps the unit; at temperature T: P(s_i = +1) = 1 / (1 + exp(-2 h_i / T));
             asynchronous: units one by one in random order, E never rises; synchronous: all at once, which ends at
             rest or in a cycle of two
Weights      Hebb: W = X^T X / N with zero diagonal. Storkey, projection: see `_rules`
Source       Hopfield (1982), PNAS 79:2554; Little (1974), Math. Biosci. 19:101; Amit, Gutfreund & Sompolinsky (1987)
"""

from __future__ import annotations

import math
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import flag, non_negative_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.memory._arrays import read_bipolar
from neurocl.memory._asynchronous import relax, sample
from neurocl.memory._hebbian import HebbianPatterns
from neurocl.memory._order import streams
from neurocl.memory._rules import learn_projection, learn_storkey
from neurocl.memory._synchronous import glauber_steps, parallel_steps
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["Hopfield"]

RULES = ("hebb", "storkey", "projection")


class Hopfield(Memory):
    """Hopfield network.

    Parameters
    ----------
    n_units : N.
    rule : "hebb" (local, patterns can be forgotten), "storkey" (local, larger capacity), or "projection" (not local,
        any N - 1 independent patterns).
    diagonal : keep the diagonal of the projection matrix, so that W xi = xi exactly. Default False: the basins are
        larger without it.
    bias : b, a number or one per unit. Default 0.

    Examples
    --------
    >>> memory = Hopfield(6).store([1, -1, 1, -1, 1, -1])
    >>> memory.recall([1, -1, 1, -1, -1, -1]).state
    array([ 1, -1,  1, -1,  1, -1])
    """

    SETTINGS = ("n_units", "rule", "diagonal")
    ARRAYS = ("patterns", "bias", "_learned")

    def __init__(
        self,
        n_units: int,
        rule: Literal["hebb", "storkey", "projection"] = "hebb",
        diagonal: bool = False,
        bias: ArrayLike = 0.0,
    ) -> None:
        self.n_units = whole_number("Hopfield", "n_units", n_units, at_least=2)
        if rule not in RULES:
            raise NeuroclError(f"Hopfield: rule must be one of {', '.join(RULES)}, got {shown(rule)}.")
        self.rule = rule
        self.diagonal = flag("Hopfield", "diagonal", diagonal)
        if diagonal and rule != "projection":
            raise NeuroclError(
                "Hopfield: only the projection rule may keep its diagonal; with others it binds any state."
            )
        offset = np.asarray(bias, dtype=np.float64)
        if offset.shape not in ((), (self.n_units,)) or not np.isfinite(offset).all():
            raise NeuroclError(f"Hopfield: bias must be a finite number or {self.n_units} of them, got {shown(bias)}.")
        self.bias = np.array(np.broadcast_to(offset, self.n_units))
        self._hebbian = HebbianPatterns(self.n_units)
        size = 0 if rule == "hebb" else self.n_units
        self._learned: NDArray[np.float64] = np.zeros((size, size))

    @property
    def patterns(self) -> NDArray[np.int8]:
        """The stored patterns, int8 [pattern, unit]."""
        return self._hebbian.patterns

    @patterns.setter
    def patterns(self, rows: NDArray[np.int8]) -> None:
        self._hebbian = HebbianPatterns(self.n_units, rows)

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights W, float64 [unit, unit]."""
        if self.rule == "hebb":
            return self._hebbian.weights / self.n_units
        matrix = self._learned.copy()
        if not self.diagonal:
            np.fill_diagonal(matrix, 0.0)
        return matrix

    def store(self, patterns: Any) -> Self:
        """Learn one pattern or a batch, in order.

        Raises
        ------
        NeuroclError
            If they do not consist of -1 and +1 or have another number of units.
        """
        rows, _ = read_bipolar("Hopfield", "patterns", patterns, self.n_units)
        self._hebbian.add(rows)
        if self.rule != "hebb":
            learn = learn_storkey if self.rule == "storkey" else learn_projection
            for row in rows:
                learn(self._learned, row)
        self._count(len(rows))
        return self

    def forget(self, patterns: Any) -> Self:
        """Take patterns out, as if they had not been stored; for the rules "hebb" and "projection".

        Raises
        ------
        NeuroclError
            For a pattern that is not stored, and for the Storkey rule, which depends on the order of the patterns.
        """
        if self.rule == "storkey":
            return super().forget(patterns)
        rows, _ = read_bipolar("Hopfield", "patterns", patterns, self.n_units)
        self._hebbian.remove("Hopfield", rows)
        if self.rule == "projection":
            self._learned[:] = 0.0
            for row in self.patterns:
                learn_projection(self._learned, row)
        self.n_stored -= len(rows)
        return self

    def energy(self, state: Any) -> Any:
        """E of one state or of each row; the diagonal does not count."""
        rows, form = read_bipolar("Hopfield", "state", state, self.n_units)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """Patterns of random bits that can be stored, by the criterion usual for the rule."""
        n = self.n_units
        if self.rule == "hebb":
            text = "with random patterns each is recalled with at most 1.6 % wrong bits (load 0.138)"
            return Capacity(0.1379055665 * n, text, "Amit, Gutfreund & Sompolinsky 1987")
        if self.rule == "storkey":
            text = "with random patterns each is a fixed point without wrong bits, N / sqrt(2 ln N)"
            return Capacity(n / math.sqrt(2.0 * math.log(n)), text, "Storkey & Valabregue 1999")
        # With all N directions stored every state is a fixed point, so that the last one is not counted.
        return Capacity(n - 1, "linearly independent patterns are fixed points", "Personnaz, Guyon & Dreyfus 1986")

    def recall(
        self,
        cue: Any,
        *,
        update: Literal["asynchronous", "synchronous"] = "asynchronous",
        temperature: float = 0.0,
        max_steps: int = 100,
        seed: int = 0,
    ) -> Recall:
        """Let the network run from `cue`.

        Parameters
        ----------
        cue : -1 and +1, [unit] or [row, unit].
        update : "asynchronous", a step is a sweep over all units in random order; or "synchronous".
        temperature : T. Above 0 exactly `max_steps` steps are made, and no state is final.
        max_steps : most steps.
        seed : of the orders and of the noise; the rows of a batch have their own streams.

        Raises
        ------
        NeuroclError
            If nothing is stored, or an argument is wrong.
        """
        self._require_patterns()
        rows, form = read_bipolar("Hopfield", "cue", cue, self.n_units)
        temperature = non_negative_number("Hopfield", "temperature", temperature)
        max_steps = whole_number("Hopfield", "max_steps", max_steps, at_least=1)
        seed = whole_number("Hopfield", "seed", seed)
        if update == "asynchronous":
            state, steps, cycle = self._one_by_one(rows, temperature, max_steps, seed)
        elif update != "synchronous":
            raise NeuroclError(f"Hopfield: update must be 'asynchronous' or 'synchronous', got {shown(update)}.")
        elif temperature == 0.0:
            state, steps, cycle = parallel_steps(self._fields, rows, max_steps)
        else:
            keys = streams(seed, len(rows), "synchronous")
            generators = [np.random.Generator(np.random.Philox(int(key))) for key in keys]
            state = glauber_steps(self._fields, rows, 1.0 / temperature, generators, max_steps)
            steps, cycle = np.full(len(rows), max_steps), np.zeros(len(rows), dtype=np.int64)
        return self._recalled(form, state, steps, cycle, self._energy(state))

    def _one_by_one(self, rows: NDArray[np.int8], temperature: float, max_steps: int, seed: int) -> Any:
        hebb = self.rule == "hebb"
        weights: Any = self._hebbian.weights if hebb else self.weights
        fields = self._hebbian.fields(rows) if hebb else rows @ weights
        scale = 1.0 / self.n_units if hebb else 1.0
        state = rows.copy()
        steps, cycle = np.full(len(rows), max_steps), np.zeros(len(rows), dtype=np.int64)
        for row, start in enumerate(streams(seed, len(rows), "asynchronous")):
            stream = np.array([start])
            if temperature > 0.0:
                sample(weights, fields[row], state[row], scale, self.bias, 1.0 / temperature, stream, max_steps)
            else:
                options = (scale, self.bias, False, stream, max_steps)
                steps[row], cycle[row] = relax(weights, fields[row], state[row], *options)
        return state, steps, cycle

    def _fields(self, rows: NDArray[np.int8]) -> Any:
        if self.rule == "hebb":
            return self._hebbian.fields(rows) / self.n_units + self.bias
        fields = rows @ self._learned
        if not self.diagonal:
            fields -= rows * np.diagonal(self._learned)
        return fields + self.bias

    def _energy(self, rows: NDArray[np.int8]) -> NDArray[np.float64]:
        if self.rule == "hebb":
            pairs = self._hebbian.pairs(rows) / self.n_units
        else:
            pairs = np.einsum("bi,bi->b", rows @ self._learned, rows) - np.trace(self._learned)
        return np.asarray(-0.5 * pairs - rows @ self.bias)
