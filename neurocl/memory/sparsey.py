"""Sparsey: sparse codes that are chosen by familiarity, learned in a single trial, and alike for like inputs.

Macrocolumn  Q modules of K binary cells; a code is one winner per module. Weights from features to cells are 0 or 1
Support      U = (active features with a set weight) / (active features); in a sequence H, the same from the code before
             V = (U H)^exponent
Familiarity  G = mean over the modules of max V
Learning     eta = 1 + (max(0, G - G_min) / (1 - G_min))^chi gamma K;
             mu = (eta - 1) / (1 + (0.1 exp(-4 (V - 1)))^8) + 1; each module draws its winner with probability
             mu / sum mu, so that a new input gets a random code and a known one its old code; the weights from what is
             active to the winners are set, once, until a share `freeze` of them is set
Recognition  the largest V in each module, equals by lot
Recall       features that at least 3/4 of the winners have a weight from
Energy       E = -G
Source       Rinkus (2010), Front. Neuroanat. 4:17; Rinkus (2014), Front. Comput. Neurosci. 8:160
"""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import finite_number, positive_number, probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.random import stream_key, uniform
from neurocl.memory._arrays import Array, Form, read_binary
from neurocl.memory._sparsey_kernels import add_support, associate, best_code, draw_code, familiarity
from neurocl.memory.memory import Memory
from neurocl.memory.recall import Capacity, Recall

__all__ = ["Sparsey"]

FULL = 0.3
"""Share of set weights up to which random patterns are recalled with less than 1 % wrong winners."""
SUPPORT = 0.75
"""Share of the winners that must have a weight from a feature that is recalled."""


class Sparsey(Memory):
    """One macrocolumn of Sparsey.

    Parameters
    ----------
    n_units : binary features of the input.
    n_active : ones of a pattern, on which the capacity depends; patterns may have other numbers.
    n_modules : Q. Default 24.
    n_cells : K. Default 8.
    g_min : familiarity up to which an input counts as new. Default 0.1.
    chi, gamma : shape and size of the expansivity. Default 2 and 100.
    exponent : of the support. Default 1.
    freeze : share of set weights at which learning ends. Default 0.5.
    seed : of the winners that are drawn; a code depends on how many patterns were learned before, and on nothing else.

    Attributes
    ----------
    weights : from features to cells, uint8 [unit, Q K].
    horizontal : from the cells of one moment to those of the next, uint8 [Q K, Q K].

    Examples
    --------
    >>> memory = Sparsey(8, n_active=3).store([[1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 0]])
    >>> memory.recall([1, 1, 0, 0, 0, 0, 0, 0]).state
    array([1, 1, 1, 0, 0, 0, 0, 0])
    """

    SETTINGS = ("n_units", "n_active", "n_modules", "n_cells", "g_min", "chi", "gamma", "exponent", "freeze", "seed")
    ARRAYS = ("weights", "horizontal")

    def __init__(
        self, n_units: int, n_active: int, n_modules: int = 24, n_cells: int = 8, *, g_min: float = 0.1,
        chi: float = 2.0, gamma: float = 100.0, exponent: float = 1.0, freeze: float = 0.5, seed: int = 0,
    ) -> None:  # fmt: skip
        self.n_units = whole_number("Sparsey", "n_units", n_units, at_least=1)
        self.n_active = whole_number("Sparsey", "n_active", n_active, at_least=1)
        if n_active > n_units:
            raise NeuroclError(f"Sparsey: n_active must be at most n_units = {n_units}, got {n_active}.")
        self.n_modules = whole_number("Sparsey", "n_modules", n_modules, at_least=1)
        self.n_cells = whole_number("Sparsey", "n_cells", n_cells, at_least=2)
        self.g_min = finite_number("Sparsey", "g_min", g_min)
        if not 0.0 <= self.g_min < 1.0:
            raise NeuroclError(f"Sparsey: g_min must be at least 0 and below 1, got {g_min:g}.")
        self.chi, self.gamma = positive_number("Sparsey", "chi", chi), positive_number("Sparsey", "gamma", gamma)
        self.exponent = positive_number("Sparsey", "exponent", exponent)
        self.freeze = probability("Sparsey", "freeze", freeze)
        self.seed = whole_number("Sparsey", "seed", seed)
        cells = n_modules * n_cells
        self.weights: NDArray[np.uint8] = np.zeros((n_units, cells), dtype=np.uint8)
        self.horizontal: NDArray[np.uint8] = np.zeros((cells, cells), dtype=np.uint8)

    @property
    def density(self) -> float:
        """Share of set weights from features to cells; codes are alike for like inputs up to about 0.3."""
        return float(self.weights.mean())

    def store(self, patterns: Any) -> Self:
        """Learn one pattern or a batch, each in a single trial and by itself.

        Parameters
        ----------
        patterns : 0 and 1, [unit] or [row, unit], with at least one 1 each.

        Raises
        ------
        NeuroclError
            If they are something else.
        """
        for row in self._read("patterns", patterns)[0]:
            self._learn(np.flatnonzero(row), np.empty(0, dtype=np.int64))
        return self

    def store_sequence(self, frames: Any) -> NDArray[np.int64]:
        """Learn a sequence in a single trial; each frame is associated with the one before it, too.

        Parameters
        ----------
        frames : 0 and 1, [time, unit].

        Returns
        -------
        int64 [time, Q]
            The codes: one frame has different codes after different pasts.

        Raises
        ------
        NeuroclError
            If they are something else.
        """
        rows, _ = self._read("frames", frames)
        codes, before = np.empty((len(rows), self.n_modules), dtype=np.int64), np.empty(0, dtype=np.int64)
        for k, row in enumerate(rows):
            codes[k] = self._learn(np.flatnonzero(row), before)
            before = self._cells(codes[k])
        return codes

    def recall(self, cue: Any) -> Recall:
        """The input whose code is the best match for `cue`.

        Parameters
        ----------
        cue : 0 and 1, [unit] or [row, unit], with at least one 1 each.

        Raises
        ------
        NeuroclError
            If nothing is stored, or the cue is something else.
        """
        self._require_patterns()
        rows, form = self._read("cue", cue)
        state = self.decode(self._recognised(rows))
        ones = np.ones(len(rows), dtype=np.int64)
        return self._recalled(form, state, ones, ones.copy(), self._energy(state))

    def recall_sequence(self, frames: Any, steps: int = 0) -> NDArray[np.bool_]:
        """Follow a sequence that may be incomplete or noisy, and go on from its end by itself.

        Parameters
        ----------
        frames : 0 and 1, [time, unit]; the beginning of a sequence, for instance one frame.
        steps : frames to recall beyond `frames`, from the codes alone. Default 0.

        Returns
        -------
        bool [time + steps, unit]

        Raises
        ------
        NeuroclError
            If nothing is stored, or the frames are something else.
        """
        self._require_patterns()
        rows, _ = self._read("frames", frames)
        steps = whole_number("Sparsey", "steps", steps)
        before, codes = np.empty(0, dtype=np.int64), []
        empty = np.empty(0, dtype=np.int64)
        for k in range(len(rows) + steps):
            active = np.flatnonzero(rows[k]) if k < len(rows) else empty
            code = np.empty(self.n_modules, dtype=np.int64)
            best_code(self._support(active, before), self._lots("recognise", k), code)
            before = self._cells(code)
            codes.append(code)
        return self.decode(np.stack(codes))

    def codes(self, patterns: Any) -> NDArray[np.int64]:
        """Codes of one pattern or of each row, as they are recognised; int64 [row, Q], cells from 0 to K - 1."""
        return self._recognised(self._read("patterns", patterns)[0])

    def decode(self, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Features that belong to codes [row, Q]; bool [row, unit]."""
        found = [self.weights[:, self._cells(code)].sum(axis=1) >= SUPPORT * self.n_modules for code in codes]
        return np.asarray(found)

    def familiarity(self, patterns: Any) -> Any:
        """G of one pattern or of each row: 0 for a new one, 1 for one that is stored."""
        rows, form = self._read("patterns", patterns)
        return form.of(-self._energy(rows))

    def energy(self, state: Any) -> Any:
        """-G of one state or of each row; 0 for one without active units."""
        rows, form = read_binary("Sparsey", "state", state, self.n_units)
        return form.of(self._energy(rows))

    def capacity(self) -> Capacity:
        """Random patterns of `n_active` ones that set 30 % of the weights."""
        per_pattern = self.n_active / (self.n_units * self.n_cells)
        patterns = math.log(1.0 - FULL) / math.log1p(-per_pattern) if per_pattern < 1.0 else 1.0
        text = "30 % of the weights are set, and up to there random patterns find all but 1 % of their winners"
        return Capacity(patterns, text, "measured; the freezing of learning is Rinkus 2014")

    def _read(self, name: str, values: Any) -> tuple[Array, Form]:
        rows, form = read_binary("Sparsey", name, values, self.n_units)
        if not rows.any(axis=1).all():
            raise NeuroclError(f"Sparsey: each row of {name} must have at least one active unit.")
        return rows, form

    def _cells(self, code: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of the winners among all cells."""
        return np.asarray(code + self.n_cells * np.arange(self.n_modules))

    def _lots(self, purpose: str, number: int) -> NDArray[np.float64]:
        return uniform(np.arange(self.n_modules, dtype=np.uint32), stream_key(self.seed, purpose), number, 0)

    def _support(self, active: NDArray[np.int64], before: NDArray[np.int64]) -> NDArray[np.float32]:
        support = np.ones(self.weights.shape[1], dtype=np.float32)
        add_support(self.weights, active, support)
        add_support(self.horizontal, before, support)
        return support if self.exponent == 1.0 else np.asarray(support ** np.float32(self.exponent))

    def _learn(self, active: NDArray[np.int64], before: NDArray[np.int64]) -> NDArray[np.int64]:
        support = self._support(active, before)
        g, code = familiarity(support, self.n_modules), np.empty(self.n_modules, dtype=np.int64)
        lots = self._lots("learn", self.n_stored)
        draw_code(support, lots, g, self.g_min, self.chi, self.gamma, code)
        if self.density < self.freeze:
            associate(self.weights, active, code)
            associate(self.horizontal, before, code)
        self._count(1)
        return code

    def _recognised(self, rows: Array) -> NDArray[np.int64]:
        codes = np.empty((len(rows), self.n_modules), dtype=np.int64)
        nothing = np.empty(0, dtype=np.int64)
        for k, row in enumerate(rows):
            best_code(self._support(np.flatnonzero(row), nothing), self._lots("recognise", 0), codes[k])
        return codes

    def _energy(self, rows: Array) -> NDArray[np.float64]:
        nothing = np.empty(0, dtype=np.int64)
        found = [
            -familiarity(self._support(np.flatnonzero(row), nothing), self.n_modules) if row.any() else 0.0
            for row in rows
        ]
        return np.array(found, dtype=np.float64)
