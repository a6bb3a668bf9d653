"""The spatial pooler: columns that learn to share the work of representing their input.

Overlap     number of a column's connected synapses (permanence >= connected_permanence) on active inputs
Boost       overlap * exp(beta (target - duty cycle)): rarely active columns win more easily
Compete     the best `density` of all columns, or of each neighbourhood
Learn       a winner's synapses gain on active inputs and lose on silent ones; columns that hardly ever overlap with
            the input gain everywhere
Source      Cui, Ahmad & Hawkins (2017), Front. Comput. Neurosci. 11:111; steps, order of random numbers and float32
            arithmetic are those of the library htm.core, so that both can be compared step by step
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import flag, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.sdr._checks import batch_of_size, dimensions_of, parameters_of, sdr_of_size
from neurocl.sdr._pooler_build import EPSILON, Synapses, connect_column, draw_synapses, raise_to_threshold
from neurocl.sdr._pooler_kernels import Constants, Duty, inhibition_radius, run
from neurocl.sdr._saving import Saved
from neurocl.sdr.batch import SDRBatch
from neurocl.sdr.mersenne import MersenneTwister
from neurocl.sdr.pooler_parameters import PoolerParameters
from neurocl.sdr.sdr import SDR

__all__ = ["SpatialPooler"]

_NUMBERS_AT_ONCE = 2**22


class SpatialPooler(Saved):
    """A spatial pooler.

    Parameters
    ----------
    inputs, columns : dimensions of the input and of the columns, equally many.
    parameters : default those of `PoolerParameters`.
    seed : of the wiring; nothing is random afterwards.

    Attributes
    ----------
    overlap_duty_cycle, active_duty_cycle, boost : one number per column, float32.
    iteration : steps so far.
    inhibition_radius : in columns.

    Examples
    --------
    >>> pooler = SpatialPooler(100, 200, PoolerParameters(potential_radius=100))
    >>> pooler.compute(SDR.random(100, 0.1, rng=1), learn=True).n_active
    10
    """

    def __init__(
        self, inputs: int | Sequence[int], columns: int | Sequence[int], parameters: PoolerParameters | None = None,
        *, seed: int = 1,
    ) -> None:  # fmt: skip
        self.input_dimensions = dimensions_of("SpatialPooler", "inputs", inputs)
        self.column_dimensions = dimensions_of("SpatialPooler", "columns", columns)
        if len(self.input_dimensions) != len(self.column_dimensions):
            raise NeuroclError(
                f"SpatialPooler: inputs {self.input_dimensions} and columns {self.column_dimensions} must have equally"
                " many dimensions."
            )
        self.parameters = parameters_of("SpatialPooler", parameters, PoolerParameters)
        self._constants = _constants(self.parameters, self.input_dimensions, self.column_dimensions)
        self._synapses = self._wire(MersenneTwister(seed))
        m = math.prod(self.column_dimensions)
        overlap, active, least = np.zeros((3, m), dtype=np.float32)
        counters = np.array([0, inhibition_radius(self._synapses, self._constants)], dtype=np.int64)
        self._duty = Duty(overlap, active, least, np.ones(m, dtype=np.float32), counters)

    def _wire(self, rng: MersenneTwister) -> Synapses:
        p, n = self.parameters, np.array(self.input_dimensions, dtype=np.int64)
        m = np.array(self.column_dimensions, dtype=np.int64)
        places = np.array(np.unravel_index(np.arange(m.prod()), m))
        centers = np.floor((places + 0.5) * n[:, None] / m[:, None]).astype(np.int64)
        flat = np.ravel_multi_index(tuple(centers), self.input_dimensions)
        radius = min(p.potential_radius, int(n.prod()))
        connected, limit = self._constants.connected, self._constants.limit
        arrays = draw_synapses(rng.state, flat, n, radius, p.wrap_around, p.potential_fraction, connected)
        synapses = _with_words(*arrays)
        for c in range(flat.size):
            raise_to_threshold(synapses, c, limit, p.stimulus_threshold, connect_column(synapses, c, limit))
        return synapses

    def compute(self, sdr: SDR, learn: bool = True) -> SDR:
        """The winning columns for one input; with `learn`, the synapses adapt afterwards."""
        given = sdr_of_size("SpatialPooler.compute", "sdr", sdr, math.prod(self.input_dimensions))
        return self.run(SDRBatch.of([given]), learn)[0]

    def run(self, batch: SDRBatch, learn: bool = True) -> SDRBatch:
        """The winning columns for each row of a batch, one after the other."""
        batch_of_size("SpatialPooler.run", "batch", batch, math.prod(self.input_dimensions))
        learn = flag("SpatialPooler.run", "learn", learn)
        m = math.prod(self.column_dimensions)
        most = max(1, _NUMBERS_AT_ONCE // m)
        lengths, winners = [np.zeros(1, dtype=np.int64)], [np.zeros(0, dtype=np.uint32)]
        for row in range(0, len(batch), most):
            rows = batch.start[row : row + most + 1]
            room = np.empty((rows.size - 1) * m, dtype=np.int64)
            found = run(self._synapses, self._duty, self._constants, rows, batch.indices, learn, room)
            lengths.append(np.diff(found))
            winners.append(room[: found[-1]].astype(np.uint32))
        return SDRBatch(self.column_dimensions, np.cumsum(np.concatenate(lengths)), np.concatenate(winners))

    @property
    def iteration(self) -> int:
        """Inputs seen so far."""
        return int(self._duty.counters[0])

    @property
    def inhibition_radius(self) -> int:
        """How far columns compete."""
        return int(self._duty.counters[1])

    @property
    def boost(self) -> NDArray[np.float32]:
        """Factor on each column's overlap; a copy."""
        return self._duty.boost.copy()

    @property
    def active_duty_cycle(self) -> NDArray[np.float32]:
        """Running fraction of steps in which each column was active; a copy."""
        return self._duty.active.copy()

    @property
    def overlap_duty_cycle(self) -> NDArray[np.float32]:
        """Running fraction of steps in which each column overlapped with the input; a copy."""
        return self._duty.overlap.copy()

    def permanences(self, column: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Inputs of a column's potential synapses, and their permanences; copies."""
        m = math.prod(self.column_dimensions)
        if whole_number("SpatialPooler.permanences", "column", column) >= m:
            raise NeuroclError(f"SpatialPooler.permanences: column must be below the {m} columns, got {column}.")
        own = slice(self._synapses.start[column], self._synapses.start[column + 1])
        return self._synapses.inputs[own].copy(), self._synapses.permanence[own].copy()

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        text = {
            "inputs": list(self.input_dimensions), "columns": list(self.column_dimensions),
            "parameters": dataclasses.asdict(self.parameters),
        }  # fmt: skip
        s = self._synapses
        arrays = {"start": s.start, "inputs": s.inputs, "permanence": s.permanence}
        return text, {**arrays, **{f"duty_{name}": array for name, array in self._duty._asdict().items()}}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> SpatialPooler:
        pooler = cls.__new__(cls)
        pooler.input_dimensions, pooler.column_dimensions = tuple(text["inputs"]), tuple(text["columns"])
        pooler.parameters = PoolerParameters(**text["parameters"])
        pooler._constants = _constants(pooler.parameters, pooler.input_dimensions, pooler.column_dimensions)
        n, m = math.prod(pooler.input_dimensions), math.prod(pooler.column_dimensions)
        start, inputs = arrays["start"], arrays["inputs"]
        fits = start.shape == (m + 1,) and start[0] == 0 and start[-1] == inputs.size == arrays["permanence"].size
        if not fits or (np.diff(start) < 0).any() or not ((inputs >= 0) & (inputs < n)).all():
            raise ValueError("the synapses do not fit the dimensions")
        pooler._synapses = _with_words(start, inputs, arrays["permanence"])
        for c in range(m):
            connect_column(pooler._synapses, c, pooler._constants.limit)
        pooler._duty = Duty(*(arrays[f"duty_{name}"] for name in Duty._fields))
        if any(a.shape != (m,) for a in pooler._duty[:4]) or pooler._duty.counters.shape != (2,):
            raise ValueError("the duty cycles do not fit the dimensions")
        return pooler


def _constants(p: PoolerParameters, inputs: tuple[int, ...], columns: tuple[int, ...]) -> Constants:
    single = np.float32
    return Constants(
        np.array(columns, dtype=np.int64), np.array(inputs, dtype=np.int64), p.global_inhibition, p.wrap_around,
        single(p.density), p.active_per_area, p.stimulus_threshold, single(p.permanence_decrement),
        single(p.permanence_increment), single(p.connected_permanence), single(p.connected_permanence) - EPSILON,
        single(p.least_duty_cycle), p.duty_cycle_period, single(p.boost_strength),
    )  # fmt: skip


def _with_words(start: NDArray[np.int64], inputs: NDArray[np.int32], permanence: NDArray[np.float32]) -> Synapses:
    """Add room for the connected synapses as bits, from the word of each column's first input to that of its last."""
    has_any = np.diff(start) > 0
    padded = np.append(inputs, 0)
    first = np.where(has_any, padded[start[:-1]] >> 6, 0).astype(np.int64)
    last = np.where(has_any, padded[np.maximum(start[1:] - 1, 0)] >> 6, -1)
    word_start = np.concatenate([[0], np.cumsum(np.where(has_any, last - first + 1, 0))]).astype(np.int64)
    return Synapses(start, inputs, permanence, word_start, first, np.zeros(word_start[-1], dtype=np.uint64))
